"""What external verification puts on people's My work."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.tenancy.prepared import prepared
from awarding.worklist.registry import WorkItem, work_source
from qa_sampling.models import EvidenceFile, SamplePick
from qa_sampling.queries import claims_to_allocate, open_allocations

AT_MOST = 10


@work_source
def verification_work(standing: Standing) -> list[WorkItem]:
    """Claims to verify, claims to allocate, evidence to send. At most four queries."""
    items: list[WorkItem] = []
    slug = standing.ao.slug
    if standing.can(Permission.VERIFICATION_DECIDE):
        row: Any
        for row in open_allocations(standing)[:AT_MOST]:
            items.append(
                WorkItem(
                    title=_("%(number)s, %(centre)s") % {"number": row.claim.number, "centre": row.claim.centre.name},
                    action=_("Verify"),
                    url=reverse("qa_sampling:sample", kwargs={"ao": slug, "claim_id": row.claim_id}),
                    since=row.allocated_at,
                    due=row.due_on,
                    detail=_how_far(row.decided, row.pieces),
                    urgency=3,
                )
            )
    if standing.can(Permission.VERIFICATION_ALLOCATE):
        waiting = claims_to_allocate().aggregate(n=Count("pk"), since=Min("state_since"))
        if waiting["n"]:
            items.append(
                WorkItem(
                    title=ngettext("%(n)s claim waits for a verifier", "%(n)s claims wait for a verifier", waiting["n"])
                    % {"n": waiting["n"]},
                    action=_("Allocate"),
                    url=reverse("qa_sampling:unallocated", kwargs={"ao": slug}),
                    since=waiting["since"],
                    count=waiting["n"],
                    urgency=4,
                )
            )
    items += _evidence_to_send(standing)
    return items


def _how_far(decided: int, pieces: int) -> str:
    """A count of nothing tells nothing: at first it says what to do."""
    if not pieces:
        return _("Pick a sample first")
    return ngettext("%(decided)s of %(pieces)s piece decided", "%(decided)s of %(pieces)s pieces decided", pieces) % {
        "decided": decided,
        "pieces": pieces,
    }


def _evidence_to_send(standing: Standing) -> list[WorkItem]:
    if not standing.reach(Permission.EVIDENCE_UPLOAD):
        return []
    return [
        WorkItem(
            title=ngettext(
                "%(number)s: evidence for %(n)s piece", "%(number)s: evidence for %(n)s pieces", row["pieces"]
            )
            % {"number": row["claim__number"], "n": row["pieces"]},
            action=_("Send evidence"),
            url=reverse("qa_sampling:evidence", kwargs={"ao": standing.ao.slug, "claim_id": row["claim_id"]}),
            since=row["since"],
            due=row["due"],
            urgency=2,
        )
        for row in _pieces_asked_for(standing=standing)
    ]


@prepared
def _pieces_asked_for(*, standing: Standing) -> QuerySet[SamplePick, dict[str, Any]]:
    files = EvidenceFile.objects.filter(pick=OuterRef("pk"), removed_at=None)
    picks = SamplePick.objects.exclude(Exists(files)).filter(
        claim__centre_id__in=standing.reach(Permission.EVIDENCE_UPLOAD) or frozenset(),
        verdict=SamplePick.Verdict.OPEN,
        requested_at__isnull=False,
        claim__state="allocated",
    )
    rows = picks.values("claim_id", "claim__number")
    return rows.annotate(pieces=Count("pk"), due=Min("due_on"), since=Min("requested_at")).order_by("due", "claim_id")[
        :AT_MOST
    ]
