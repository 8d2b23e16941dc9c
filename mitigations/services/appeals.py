"""Appeals: lodging, answering stage by stage, going on, ending (CLM-15)."""

from __future__ import annotations

from datetime import date
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission, Role
from awarding.accounts.standing import PermissionMissingError, Process, Standing
from awarding.audit.services import record
from awarding.files.content import recognise
from awarding.files.services import store_file
from awarding.notices.models import Urgency
from awarding.notices.services import notify_roles
from awarding.tenancy.services import mint_number
from awarding.workflow.services import (
    GuardedError,
    ReasonMissingError,
    StalePageError,
    apply_transition,
    write_event,
)
from awarding.working_days import add_working_days
from mitigations.models import Appeal, AppealFile, AppealRound, AppealStage, Claim, PanelDecision
from mitigations.queries.appeals import late_finding, stage_after, stages_in_order, way_to_appeal
from mitigations.services.telling import tell_moved, tell_of_move
from mitigations.workflow import APPEAL, CLAIM

MOVES = {
    AppealRound.Answer.UPHELD: "uphold",
    AppealRound.Answer.PARTLY: "uphold_in_part",
    AppealRound.Answer.NOT_UPHELD: "not_uphold",
}
CLOCK = Process("appeals")


@transaction.atomic
def lodge_appeal(*, actor: Standing, decision: PanelDecision, grounds: str) -> Appeal:
    """Lodges an appeal against a released decision at the AO's first stage.

    Raises GuardedError with the finding when it is late, appealed already or has no way open; ReasonMissingError without
    grounds. The claim stays where it is.
    """
    actor.require(Permission.APPEALS_LODGE, decision.claim.centre_id)
    _require_grounds(grounds)
    # The claim's lock makes a second click wait, and then find the first one's appeal.
    claim: Claim = Claim.objects.select_for_update(of=("self",)).get(pk=decision.claim_id)
    way = way_to_appeal(decision)
    if way.findings or way.stage is None:
        raise GuardedError(way.findings)
    year, due = timezone.localdate().year, add_working_days(timezone.localdate(), way.stage.answer_days)
    appeal = Appeal.objects.create(
        number=f"APL-{year}-{mint_number(f'appeal-{year}'):06d}", claim=claim, centre_id=claim.centre_id,
        decision=decision, stage=way.stage, due_on=due, state=APPEAL.initial,
    )  # fmt: skip
    _open_round(actor, appeal, 1, way.stage, grounds, due)
    write_event(appeal, "lodge", "", actor=actor, reason=grounds, data={"stage": way.stage.name})
    _tell_admins(actor, appeal, "lodge", grounds)
    return appeal


@transaction.atomic
def add_appeal_file(*, actor: Standing, appeal: Appeal, handle: IO[bytes], name: str, size: int) -> AppealFile:
    """Adds a file to the grounds while the appeal waits for its answer. The same bytes twice are kept once.

    Raises UnacceptableFileError with the remedy, StalePageError once it is answered.
    """
    locked = _lock(appeal)
    actor.require(Permission.APPEALS_LODGE, locked.centre_id)
    if locked.state != "lodged":
        raise StalePageError(_("The appeal was answered meanwhile: no file can be added at this stage."))
    media_type = recognise(handle, name, max_bytes=settings.EVIDENCE_MAX_BYTES, size=size)
    current = locked.rounds.order_by("-number").first()
    stored = store_file(actor=actor, purpose="appeal", name=name, content=handle, media_type=media_type)
    same = AppealFile.objects.filter(round=current, file__sha256=stored.sha256).first()
    if same is not None:
        stored.delete()
        return same
    made = AppealFile.objects.create(round=current, file=stored, uploaded_by=actor.person)
    locked.version += 1
    locked.save(update_fields=["version"])
    record("appeal.file_added", actor=actor, target=locked, data={"name": stored.name, "sha256": stored.sha256})
    return made


@transaction.atomic
def answer_appeal(*, actor: Standing, appeal: Appeal, answer: str, reasons: str, expected_version: int) -> Appeal:
    """Answers an appeal at its stage, with reasons, by somebody who took no part (CLM-15) and has no interest (CLM-08).

    Upheld, wholly or in part, it sends the claim back to the panel if the claim is with its centre. What is not wholly upheld
    can go to the next stage, until a day that is counted from now; at the last stage the appeal ends.
    """
    chosen = AppealRound.Answer(answer)
    # The claim first, then its appeal: everybody who moves both takes the locks in this order.
    Claim.objects.select_for_update(of=("self",)).get(pk=appeal.claim_id)
    locked = _lock(appeal)
    following = stage_after(locked.stage, stages_in_order())
    goes_on = chosen is not AppealRound.Answer.UPHELD and following is not None
    lodge_by = add_working_days(timezone.localdate(), following.lodge_days) if goes_on and following else None
    moved = apply_transition(
        APPEAL, locked, MOVES[chosen], actor=actor, reason=reasons, expected_version=expected_version,
        changes={"due_on": None, "next_lodge_by": lodge_by}, data={"stage": locked.stage.name},
    )  # fmt: skip
    current = moved.rounds.select_for_update().order_by("-number").first()
    assert current is not None  # noqa: S101 - an appeal begins with a round
    current.answer, current.reasons = chosen.value, reasons.strip()
    current.decided_by, current.decided_at = actor.person, timezone.now()
    current.save(update_fields=["answer", "reasons", "decided_by", "decided_at"])
    if chosen is not AppealRound.Answer.NOT_UPHELD:
        _send_back(actor, moved, reasons)
    body = reasons.strip()
    if lodge_by is not None and following is not None:
        words = {"stage": following.name, "day": date_format(lodge_by, "j F Y")}
        body += "\n\n" + _("You can take it to “%(stage)s” until %(day)s.") % words
    _tell(actor, moved, MOVES[chosen], body, Urgency.URGENT)
    if moved.state != "upheld" and not goes_on:
        moved = apply_transition(APPEAL, moved, "end", actor=CLOCK)
    return moved


@transaction.atomic
def take_to_next_stage(*, actor: Standing, appeal: Appeal, grounds: str, expected_version: int) -> Appeal:
    """Takes an answered appeal to the AO's next stage. GuardedError after its last day or where there is none (CLM-15)."""
    locked = _lock(appeal)
    actor.require(Permission.APPEALS_LODGE, locked.centre_id)
    _require_grounds(grounds)
    following = stage_after(locked.stage, stages_in_order())
    if following is None:
        raise StalePageError(_("There is no further stage: the last answer stands."))
    if locked.next_lodge_by is not None and timezone.localdate() > locked.next_lodge_by:
        raise GuardedError([late_finding(locked.number, locked.next_lodge_by)])
    due = add_working_days(timezone.localdate(), following.answer_days)
    moved = apply_transition(
        APPEAL, locked, "go_on", actor=actor, reason=grounds, expected_version=expected_version,
        changes={"stage": following, "due_on": due, "next_lodge_by": None}, data={"stage": following.name},
    )  # fmt: skip
    _open_round(actor, moved, moved.rounds.count() + 1, following, grounds, due)
    _tell(actor, moved, "go_on", grounds)
    return moved


@transaction.atomic
def accept_answer(*, actor: Standing, appeal: Appeal, expected_version: int) -> Appeal:
    """The centre accepts the answer: the appeal ends before its time."""
    moved = apply_transition(
        APPEAL, appeal, "accept", actor=actor, expected_version=expected_version, changes={"next_lodge_by": None}
    )
    _tell(actor, moved, "accept", _("The centre accepts the answer."))
    return moved


@transaction.atomic
def withdraw_appeal(*, actor: Standing, appeal: Appeal, reason: str, expected_version: int) -> Appeal:
    """The centre takes its appeal back before it is answered, with a reason. It cannot be lodged again."""
    moved = apply_transition(
        APPEAL, appeal, "withdraw", actor=actor, reason=reason, expected_version=expected_version,
        changes={"due_on": None},
    )  # fmt: skip
    _tell(actor, moved, "withdraw", reason)
    return moved


def end_lapsed_appeals(today: date) -> int:
    """Ends every answered appeal whose next stage was not taken in time. Safe to run twice; answers how many ended."""
    ended = 0
    for appeal in Appeal.objects.filter(state__in=APPEAL.transition("end").sources, next_lodge_by__lt=today):
        with transaction.atomic():
            locked = _lock(appeal)
            if locked.state in APPEAL.transition("end").sources and locked.next_lodge_by == appeal.next_lodge_by:
                apply_transition(APPEAL, locked, "end", actor=CLOCK)
                ended += 1
    return ended


@transaction.atomic
def save_stage(
    *, actor: Standing, name: str, position: int, lodge_days: int, answer_days: int, stage: AppealStage | None = None
) -> AppealStage:
    """Adds a stage to the AO's procedure or changes one. Days that run already stay as they were told."""
    actor.require(Permission.AO_SETTINGS)
    row = AppealStage.objects.select_for_update().get(pk=stage.pk) if stage is not None else AppealStage()
    before = [row.name, row.position, row.lodge_days, row.answer_days] if stage is not None else []
    row.name, row.position, row.lodge_days, row.answer_days = name.strip(), position, lodge_days, answer_days
    row.save()
    record("appeal_stage.saved", actor=actor, target=row, data={"before": before, "name": row.name})
    return row


@transaction.atomic
def drop_stage(*, actor: Standing, stage: AppealStage) -> None:
    """Takes a stage out of the procedure; appeals that are at it are answered there. Twice changes nothing."""
    actor.require(Permission.AO_SETTINGS)
    if AppealStage.objects.filter(pk=stage.pk, dropped_at=None).update(dropped_at=timezone.now()):
        record("appeal_stage.dropped", actor=actor, target=stage, data={"name": stage.name})


def _lock(appeal: Appeal) -> Appeal:
    rows = Appeal.objects.select_for_update(of=("self",)).select_related("stage", "decision__case", "centre", "claim")
    locked: Appeal = rows.get(pk=appeal.pk)
    return locked


def _open_round(
    actor: Standing, appeal: Appeal, number: int, stage: AppealStage, grounds: str, due: date
) -> AppealRound:
    return AppealRound.objects.create(
        appeal=appeal, number=number, stage_name=stage.name, grounds=grounds.strip(), lodged_by=actor.person, due_on=due
    )


def _send_back(actor: Standing, appeal: Appeal, reasons: str) -> None:
    """Back to the panel, in its old place; a claim that has moved on meanwhile stays where it is, which is recorded."""
    claim = Claim.objects.select_related("centre", "ao").get(pk=appeal.claim_id)
    if claim.state not in CLAIM.transition("reconsider").sources:
        record("appeal.claim_moved_on", actor=actor, target=appeal, data={"claim": claim.number, "state": claim.state})
        return
    because = _("Appeal %(number)s: %(reasons)s") % {"number": appeal.number, "reasons": reasons.strip()}
    changes: dict[str, Any] = {"opened_by": None, "opened_at": None}
    moved = apply_transition(CLAIM, claim, "reconsider", actor=actor, reason=because, changes=changes)
    body = _("An appeal was upheld. The panel decides eRAC %(number)s again.") % {"number": claim.number}
    tell_of_move(actor=actor, claim=moved, move="reconsider", body=body, page="case")


def _require_grounds(grounds: str) -> None:
    if not grounds.strip():
        raise ReasonMissingError(_("Give the grounds: which reason of the decision is wrong, and what shows it."))


def require_sight(standing: Standing, appeal: Appeal) -> None:
    """PermissionMissingError for somebody who may not see the appeal."""
    if not (standing.can(Permission.APPEALS_DECIDE) or standing.can(Permission.APPEALS_LODGE, appeal.centre_id)):
        raise PermissionMissingError(_("This appeal is not yours to see."))


def _tell(actor: Standing, appeal: Appeal, move: str, body: str, urgency: Urgency = Urgency.GENERAL) -> None:
    title = f"{appeal.number}: {APPEAL.event_label(move)}"
    tell_moved(
        actor=actor, workflow=APPEAL, subject=appeal, move=move, title=title, body=body, url=_url(actor, appeal),
        urgency=urgency,
    )  # fmt: skip


def _tell_admins(actor: Standing, appeal: Appeal, move: str, body: str) -> None:
    notify_roles(
        roles={Role.AO_ADMIN}, centre_id=None, key=f"appeal-{appeal.pk}-{move}", target=appeal, besides=actor.person,
        subject=f"{appeal.number}: {APPEAL.event_label(move)}", body=body, url=_url(actor, appeal),
        urgency=Urgency.URGENT,
    )  # fmt: skip


def _url(actor: Standing, appeal: Appeal) -> str:
    return reverse("mitigations:appeal", kwargs={"ao": actor.ao.slug, "appeal_id": appeal.pk})
