"""Internal verification: signed off by the centre's verifier, or moved on by the AO when it is confirmed (CLM-13)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.findings.finding import Finding, Severity, blocking
from awarding.workflow.queries import history
from awarding.workflow.services import GuardedError, ReasonMissingError, apply_transition
from mitigations.models import Claim, InternalSignOff
from mitigations.queries.claims import visible_claims
from mitigations.queries.findings import claim_facts
from mitigations.queries.verification import own_work
from mitigations.rules.claim import check_claim
from mitigations.rules.evidence import panel_reasons
from mitigations.rules.verification import own_work_findings
from mitigations.services.submission import findings_data, rules_of
from mitigations.services.telling import tell_of_move
from mitigations.workflow import CLAIM


@transaction.atomic
def sign_off_claim(*, actor: Standing, claim: Claim, note: str, expected_version: int) -> Claim:
    """The internal verifier's signature; the claim goes on to the panel or to external verification at once.

    Refused (GuardedError) for whoever teaches the cohort or entered its grades, and where a check blocks by now.
    Raises Claim.DoesNotExist for a claim out of sight, ReasonMissingError without a note of what was done.
    """
    actor.require(Permission.CLAIMS_VERIFY_INTERNALLY, claim.centre_id)
    locked = _lock(actor, claim)
    _refuse_own_work(actor, locked)
    if not note.strip():
        raise ReasonMissingError(_("Say what you looked at: it is kept with the claim."))
    moved = _pass_on(actor, locked, "sign_off", note, {}, expected_version)
    _write(actor, moved, InternalSignOff.Means.SIGNED, str(actor.person), timezone.localdate(), note)
    return moved


@transaction.atomic
def send_back_claim(*, actor: Standing, claim: Claim, reason: str, expected_version: int) -> Claim:
    """The internal verifier sends the claim back to be mended, with reasons."""
    actor.require(Permission.CLAIMS_VERIFY_INTERNALLY, claim.centre_id)
    locked = _lock(actor, claim)
    _refuse_own_work(actor, locked)
    moved = apply_transition(
        CLAIM, locked, "return_by_iv", actor=actor, reason=reason, expected_version=expected_version
    )
    body = _("Reasons: %(reasons)s") % {"reasons": reason.strip()}
    tell_of_move(actor=actor, claim=moved, move="return_by_iv", body=body)
    return moved


@transaction.atomic
def move_on_claim(
    *, actor: Standing, claim: Claim, confirmed_by: str, means: str, confirmed_on: dt.date, note: str,
    expected_version: int,
) -> Claim:  # fmt: skip
    """The AO moves a claim on whose internal verifier is unavailable (CLM-13): who confirmed that the work was done, how, when.

    Raises ReasonMissingError without a name or the circumstances, GuardedError for a day to come or where a check blocks,
    else as `apply_transition`.
    """
    actor.require(Permission.CLAIMS_UNSTICK, claim.centre_id)
    locked = _lock(actor, claim)
    if not confirmed_by.strip() or not note.strip():
        raise ReasonMissingError(_("Say who confirmed the internal verification, and why the verifier could not sign."))
    how = InternalSignOff.Means(means)
    if how is InternalSignOff.Means.SIGNED:
        raise ValueError(means)
    if confirmed_on > timezone.localdate():
        what, fix = _("The day of the confirmation lies in the future."), _("Enter the day on which it was confirmed.")
        raise GuardedError([Finding("CLM-13", Severity.BLOCKS, _("Confirmation"), what, fix, "confirmed_later")])
    facts = {"confirmed_by": confirmed_by.strip(), "means": how.value, "confirmed_on": confirmed_on.isoformat()}
    reason = _("Internal verification confirmed by %(who)s (%(how)s, %(day)s). %(note)s") % {
        "who": confirmed_by.strip(), "how": how.label, "day": date_format(confirmed_on, "j F Y"), "note": note.strip(),
    }  # fmt: skip
    moved = _pass_on(actor, locked, "move_on", reason, facts, expected_version)
    _write(actor, moved, how, confirmed_by, confirmed_on, note)
    return moved


def _lock(actor: Standing, claim: Claim) -> Claim:
    if not visible_claims(actor).filter(pk=claim.pk).exists():
        raise Claim.DoesNotExist
    claims = Claim.objects.select_for_update(of=("self",))
    locked: Claim = claims.select_related("centre", "qualification", "adoption__framework", "ao").get(pk=claim.pk)
    return locked


def _refuse_own_work(actor: Standing, claim: Claim) -> None:
    found = own_work_findings("CLM-13", own_work(actor.person.pk, claim))
    if found:
        raise GuardedError(found)


def _pass_on(
    actor: Standing, claim: Claim, move: str, reason: str, data: dict[str, Any], expected_version: int
) -> Claim:
    """To the panel or to external verification, by what the checks say now (CLM-10)."""
    facts = claim_facts(claim)
    findings = check_claim(facts)
    # A stale page is told so by the move itself, and not that something blocks.
    if claim.state == "with_iv" and claim.version == expected_version and (stopping := blocking(findings)):
        raise GuardedError(stopping)
    reasons = panel_reasons(facts)
    # What came back from an approval in principle returns to the panel whatever it looks like now (CLM-07).
    came_from = next((event.source for event in reversed(history(claim)) if event.transition == "send_to_iv"), "")
    to_panel = bool(reasons) or came_from == "approved_in_principle"
    name = f"{move}_to_panel" if to_panel else f"{move}_to_verifier"
    changes: dict[str, Any] = {"finding_rules": rules_of(findings)}
    if to_panel and claim.queued_at is None:
        changes["queued_at"] = timezone.now()
    because = {"panel_because": [str(reason) for reason in reasons]}
    moved = apply_transition(
        CLAIM, claim, name, actor=actor, reason=reason, expected_version=expected_version, changes=changes,
        data=findings_data(findings) | because | data,
    )  # fmt: skip
    body = _("%(centre)s: eRAC %(number)s is internally verified.\n\n%(reason)s") % {
        "centre": moved.centre.name, "number": moved.number, "reason": reason.strip(),
    }  # fmt: skip
    tell_of_move(actor=actor, claim=moved, move=name, body=body, page="case" if to_panel else "claim")
    return moved


def _write(actor: Standing, claim: Claim, means: str, confirmed_by: str, confirmed_on: dt.date, note: str) -> None:
    InternalSignOff.objects.create(
        claim=claim, means=means, confirmed_by=confirmed_by.strip()[:200], confirmed_on=confirmed_on, note=note.strip(),
        recorded_by=actor.person,
    )  # fmt: skip
