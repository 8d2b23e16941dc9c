"""What external verification says on a claim's page: the evidence that the centre is asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.tenancy.prepared import prepared
from awarding.workflow.queries import Turn, turn
from mitigations.models import Claim
from mitigations.parts import ClaimPart, claim_part
from mitigations.workflow import CLAIM
from qa_sampling.models import EvidenceFile, SamplePick


@claim_part
def evidence_part(claim: Claim, standing: Standing) -> ClaimPart | None:
    """The way to send files, and how many are still owed. One query while the claim is with its verifier, else none."""
    if claim.state != "allocated" or not standing.can(Permission.EVIDENCE_UPLOAD, claim.centre_id):
        return None
    asked = list(asked_pieces(claim_id=claim.pk))
    url = reverse("qa_sampling:evidence", kwargs={"ao": standing.ao.slug, "claim_id": claim.pk})
    if not asked:
        return ClaimPart(_("Evidence for the verifier’s sample"), url, _("Nothing is asked for yet"))
    owed = sum(not piece.has_file for piece in asked)
    status = ngettext("%(count)s file to send", "%(count)s files to send", owed) % {"count": owed}
    title, shown = _("Evidence for the verifier’s sample"), evidence_turn(claim, standing, asked)
    if not owed:
        return ClaimPart(title, url, _("Every piece has a file"), turn=shown)
    return ClaimPart(title, url, status, "yellow", shown)


@prepared
def asked_pieces(*, claim_id: int) -> QuerySet[SamplePick, Any]:
    """The pieces of a claim that are asked for and not decided: (requested_at, due_on, has_file)."""
    files = EvidenceFile.objects.filter(pick=OuterRef("pk"), removed_at=None)
    picks = SamplePick.objects.filter(claim_id=claim_id, verdict=SamplePick.Verdict.OPEN, requested_at__isnull=False)
    picks = picks.annotate(has_file=Exists(files)).order_by("pk")
    return picks.values_list("requested_at", "due_on", "has_file", named=True)


def evidence_turn(claim: Claim, standing: Standing, asked: list[Any]) -> Turn:
    """Whose turn it is while pieces are asked for: the centre's as long as one of them has no file."""
    of_claim = turn(CLAIM, claim, standing)
    owed = [piece for piece in asked if not piece.has_file]
    if claim.state != "allocated" or not asked:
        return of_claim
    if not owed:
        return replace(of_claim, next=_("Every piece has a file: the verifier looks at them and decides"))
    text = ngettext("Send a file for %(count)s piece", "Send a file for each of %(count)s pieces", len(owed))
    return Turn(
        of_claim.state, of_claim.colour, _("The centre"), min(piece.requested_at for piece in owed),
        text % {"count": len(owed)}, due=min((piece.due_on for piece in owed if piece.due_on), default=None), is_yours=True,
    )  # fmt: skip
