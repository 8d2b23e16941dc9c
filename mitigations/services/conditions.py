"""Conditions of an approval in principle: saying that one is met, reminding, bringing back what fell due (CLM-07)."""

from __future__ import annotations

from datetime import date
from typing import IO

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Process, Standing
from awarding.audit.services import record
from awarding.files.content import recognise
from awarding.files.services import store_file
from awarding.notices.services import notify_roles
from awarding.workflow.services import StalePageError, TransitionError, apply_transition
from mitigations.models import Claim, PanelCondition
from mitigations.queries.cases import panel_settings
from mitigations.queries.claims import claim_url
from mitigations.queries.conditions import HeldRow, as_rule, held_in_principle, held_rows, latest_decision
from mitigations.rules.conditions import next_due, reminder_due
from mitigations.services.telling import tell_of_move
from mitigations.workflow import CENTRE, CLAIM

CLOCK = Process("panel clock")


class ConditionError(TransitionError):
    """A condition cannot be marked like this; the text says what is missing."""


def _lock_condition(actor: Standing, condition: PanelCondition) -> PanelCondition:
    claim = Claim.objects.select_for_update(of=("self",)).get(pk=condition.decision.claim_id)
    actor.require(Permission.CLAIMS_FILL, claim.centre_id)
    latest = latest_decision(claim)
    if claim.state != "approved_in_principle" or latest is None or latest.pk != condition.decision_id:
        raise StalePageError(_("This claim no longer waits for its conditions. Nothing of yours was saved."))
    locked: PanelCondition = PanelCondition.objects.select_for_update(of=("self",)).get(pk=condition.pk)
    return locked


@transaction.atomic
def meet_condition(
    *, actor: Standing, condition: PanelCondition, note: str = "", handle: IO[bytes] | None = None, name: str = "",
    size: int = 0,
) -> PanelCondition:  # fmt: skip
    """The centre says that a condition is met, with a file or in words where the evidence lies; saying it again changes it.

    Raises ConditionError without either, UnacceptableFileError for a file that may not be stored, StalePageError once the
    claim has moved on.
    """
    locked = _lock_condition(actor, condition)
    if not note.strip() and handle is None and locked.file_id is None:
        raise ConditionError(_("Choose a file, or say where the evidence lies."))
    if handle is not None:
        media_type = recognise(handle, name, max_bytes=settings.EVIDENCE_MAX_BYTES, size=size)
        locked.file = store_file(actor=actor, purpose="conditions", name=name, content=handle, media_type=media_type)
    locked.note, locked.met_at, locked.met_by = note.strip(), timezone.now(), actor.person
    locked.save(update_fields=["note", "met_at", "met_by", "file"])
    digest = locked.file.sha256 if locked.file else ""
    record("panel.condition_met", actor=actor, target=locked, data={"note": locked.note, "sha256": digest})
    return locked


@transaction.atomic
def reopen_condition(*, actor: Standing, condition: PanelCondition) -> PanelCondition:
    """Takes back that a condition is met. What was said and sent stays with it until it is said anew."""
    locked = _lock_condition(actor, condition)
    if locked.met_at is not None:
        locked.met_at, locked.met_by = None, None
        locked.save(update_fields=["met_at", "met_by"])
        record("panel.condition_reopened", actor=actor, target=locked)
    return locked


def bring_back(*, claim_id: int, today: date) -> bool:
    """Moves one claim whose approval in principle has expired back before the panel, to its old place in the queue.

    Answers whether it did. Twice, late, or beside another run it moves once: the row is locked and looked at again.
    """
    with transaction.atomic():
        claim = Claim.objects.select_for_update(of=("self",)).select_related("ao", "centre").get(pk=claim_id)
        decision = latest_decision(claim)
        expired = decision is not None and decision.expires_on is not None and decision.expires_on < today
        if claim.state != "approved_in_principle" or decision is None or not expired:
            return False
        conditions = list(decision.conditions.all())
        still_open = [condition.what for condition in conditions if condition.met_at is None]
        data = {"decision": decision.pk, "conditions": len(conditions), "open": still_open}
        moved = apply_transition(CLAIM, claim, "fall_due", actor=CLOCK, data=data)
        body = _("The approval in principle of eRAC %(number)s expired on %(day)s. The panel looks at it again.") % {
            "number": moved.number,
            "day": date_format(decision.expires_on, "j F Y") if decision.expires_on else "",
        }
        tell_of_move(actor=CLOCK, claim=moved, move="fall_due", body=body, page="case")
        return True


def remind_of_conditions(today: date) -> int:
    """Reminds centres of the next day of their approvals in principle, as many days before as the AO says.

    Answers how many claims it reminded of. The key names the decision, the day and the distance: no reminder goes out
    twice, and after a missed run only the most pressing one does.
    """
    days_before = panel_settings().reminder_days
    reminded = 0
    for row in held_rows(list(held_in_principle().select_related("ao", "centre"))):
        due = next_due([as_rule(condition) for condition in row.conditions], row.expires_on, today)
        distance = reminder_due(due, days_before, today)
        if due is not None and distance is not None:
            _remind(row, due, distance)
            reminded += 1
    return reminded


def _remind(row: HeldRow, due: date, distance: int) -> None:
    claim = row.claim
    words = {"number": claim.number, "day": date_format(due, "j F Y")}
    body = [_("eRAC %(number)s is approved in principle. The next day that matters is %(day)s.") % words]
    body += ["– " + condition.what for condition in row.conditions if condition.met_at is None]
    if not row.open:
        body.append(_("Every condition is met: say on the claim’s page that the missing evidence is there."))
    notify_roles(
        roles=set(CENTRE), centre_id=claim.centre_id, key=f"conditions-{claim.decision_id}-{due.isoformat()}-{distance}",  # type: ignore[attr-defined]
        subject=_("%(number)s: due on %(day)s") % words, body="\n\n".join(body), url=claim_url(claim, "conditions"),
        target=claim,
    )  # fmt: skip
