"""Claims of direct-claims centres: the verifier's record, and the claims that the panel leaves with that verifier (CLM-11)."""

from __future__ import annotations

from typing import IO

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.files.content import recognise
from awarding.files.services import store_file
from awarding.workflow.services import GuardedError, ReasonMissingError, StalePageError, apply_transition, write_event
from centres.queries.direct_claims import has_direct_claims
from mitigations.models import Claim, ClaimCell, VerifierRecord
from mitigations.queries.verification import own_work
from mitigations.rules.verification import own_work_findings
from mitigations.services.telling import tell_of_move
from mitigations.workflow import CLAIM, EDITABLE_STATES, refuse_without_direct_claims


@transaction.atomic
def sign_record(
    *, actor: Standing, claim: Claim, decision: str, standards: str, reasons: str, handle: IO[bytes] | None = None,
    name: str = "", size: int = 0,
) -> VerifierRecord:  # fmt: skip
    """The direct-claims verifier's record (QA5) of the claim as it stands; a later one takes its place (CLM-11).

    Refused (GuardedError) for whoever teaches the cohort or entered its grades, and where the centre holds no direct
    claims; StalePageError while the claim is not with its centre; UnacceptableFileError for a file that cannot be kept.
    """
    actor.require(Permission.DIRECT_CLAIMS_VERIFY, claim.centre_id)
    locked = _lock(claim)
    if locked.state not in EDITABLE_STATES:
        raise StalePageError(
            _("eRAC %(number)s is now “%(state)s”: its record can no longer be changed.")
            % {"number": locked.number, "state": CLAIM.state(locked.state).label}
        )
    if not has_direct_claims(locked.centre_id, locked.qualification_id):
        raise GuardedError(refuse_without_direct_claims(locked))
    _refuse_own_work(actor, locked)
    if not standards.strip() or not reasons.strip():
        raise ReasonMissingError(_("Say which standards you looked at, and your reasons."))
    stored = None
    if handle is not None:
        media_type = recognise(handle, name, max_bytes=settings.EVIDENCE_MAX_BYTES, size=size)
        stored = store_file(actor=actor, purpose="verifier_record", name=name, content=handle, media_type=media_type)
    signed = VerifierRecord.objects.create(
        claim=locked, decision=VerifierRecord.Decision(decision), standards=standards.strip(), reasons=reasons.strip(),
        file=stored, signed_by=actor.person,
    )  # fmt: skip
    reason = f"{signed.get_decision_display()}. {signed.reasons}"
    facts = {"record": signed.pk, "decision": decision}
    write_event(locked, "sign_record", locked.state, actor=actor, reason=reason, data=facts)
    return signed


@transaction.atomic
def confirm_direct_claim(*, actor: Standing, claim: Claim, reasons: str, expected_version: int) -> Claim:
    """The direct-claims verifier confirms what the panel left with them: it is verified without an external verifier.

    Refused (GuardedError) once the status is not granted any more, and for whoever teaches the cohort or entered its
    grades. Every claimed cell that nobody returned counts as accepted.
    """
    actor.require(Permission.DIRECT_CLAIMS_VERIFY, claim.centre_id)
    locked = _lock(claim)
    _refuse_own_work(actor, locked)
    moved = apply_transition(
        CLAIM, locked, "confirm_direct", actor=actor, reason=reasons, expected_version=expected_version
    )
    cells = ClaimCell.objects.filter(claim=moved, verdict=ClaimCell.Verdict.OPEN).exclude(value="")
    cells.update(verdict=ClaimCell.Verdict.ACCEPTED)
    body = _("%(who)s confirmed the claim: %(why)s") % {"who": actor.person, "why": reasons.strip()}
    tell_of_move(actor=actor, claim=moved, move="confirm_direct", body=body)
    return moved


@transaction.atomic
def return_direct_claim(*, actor: Standing, claim: Claim, reasons: str, expected_version: int) -> Claim:
    """The direct-claims verifier sends a claim that was left with them back to be mended; it is then submitted again."""
    actor.require(Permission.DIRECT_CLAIMS_VERIFY, claim.centre_id)
    locked = _lock(claim)
    _refuse_own_work(actor, locked)
    moved = apply_transition(
        CLAIM, locked, "return_by_dcv", actor=actor, reason=reasons, expected_version=expected_version
    )
    body = _("Reasons: %(reasons)s") % {"reasons": reasons.strip()}
    tell_of_move(actor=actor, claim=moved, move="return_by_dcv", body=body)
    return moved


@transaction.atomic
def call_in_claim(*, actor: Standing, claim: Claim, reason: str, expected_version: int) -> Claim:
    """The AO takes a claim from its direct-claims verifier for moderation: they do not answer, or the status was frozen."""
    actor.require(Permission.CLAIMS_UNSTICK, claim.centre_id)
    moved = apply_transition(
        CLAIM, claim, "call_in", actor=actor, reason=reason, expected_version=expected_version
    )  # fmt: skip
    body = _("An external verifier moderates it. Reasons: %(reasons)s") % {"reasons": reason.strip()}
    tell_of_move(actor=actor, claim=moved, move="call_in", body=body)
    return moved


def _lock(claim: Claim) -> Claim:
    claims = Claim.objects.select_for_update(of=("self",)).select_related("centre", "qualification", "ao")
    locked: Claim = claims.get(pk=claim.pk)
    return locked


def _refuse_own_work(actor: Standing, claim: Claim) -> None:
    found = own_work_findings("CLM-11", own_work(actor.person.pk, claim))
    if found:
        raise GuardedError(found)
