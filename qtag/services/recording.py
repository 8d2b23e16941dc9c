"""Recording what belongs to one learner's judgement: facts, evidence, rationale, circumstances, what they were told."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record, record_alike
from awarding.catalogue.models import Grade, Unit
from awarding.findings.wording import day_in_words
from awarding.workflow.services import ReasonMissingError, StalePageError, TransitionError
from qtag.models import BankedUnit, Circumstance, EvidenceRecord, Judgement, Submission
from qtag.queries.facts import counting_evidence, standing_units
from qtag.queries.visibility import visible_judgements
from qtag.services.locking import lock_open, lock_rows, locked_message


class AlreadyBankedError(TransitionError):
    """Another result of the same unit and kind stands; the text says which."""


CONFIRMED = ("is_authentic", "is_reachable")
FACTS = ("is_certificating", "is_top_up", "is_apprenticeship", "was_absent", "ready_on")


def _lock_many(actor: Standing, submission: Submission, judgement_ids: Iterable[int]) -> list[Judgement]:
    """The visible ones of these judgements of one submission, locked. Raises PermissionMissingError."""
    actor.require(Permission.QTAGS_JUDGE, submission.centre_id)
    keys = visible_judgements(actor).filter(submission=submission, pk__in=list(judgement_ids))
    return list(lock_rows(actor, submission.pk, keys.values_list("row_key", flat=True)).values())


@transaction.atomic
def save_facts(*, actor: Standing, judgement_id: int, expected_version: int, facts: dict[str, Any]) -> Judgement:
    """What decides whether the learner may have a Q-TAG (QTG-02 to -04, -06). `facts` holds some of `FACTS`.

    Raises StalePageError when somebody changed them since the page was made, and what `lock_open` raises.
    """
    judgement = lock_open(actor, judgement_id)
    if judgement.facts_version != expected_version:
        raise StalePageError(_("Somebody else changed these facts meanwhile. Nothing of yours was saved; look again."))
    before = {name: getattr(judgement, name) for name in FACTS}
    for name in FACTS:
        if name in facts:
            setattr(judgement, name, facts[name])
    judgement.facts_version += 1
    judgement.save(update_fields=[*FACTS, "facts_version"])
    changed = {name: str(getattr(judgement, name)) for name in FACTS if getattr(judgement, name) != before[name]}
    record("judgement.facts_saved", actor=actor, target=judgement, data=changed)
    return judgement


@transaction.atomic
def save_going_many(
    *, actor: Standing, submission: Submission, versions: dict[int, int], is_certificating: bool, is_top_up: bool
) -> tuple[int, dict[int, str]]:
    """Whether many learners finish this summer (QTG-02); answers how many, and by id why the others were not.

    `versions` are those of the facts that the page showed; learners out of sight are passed over.
    """
    rows = _lock_many(actor, submission, versions)
    refused, changed = {}, []
    for row in rows:
        if row.state != "open":
            refused[row.pk] = locked_message(row)
        elif row.facts_version != versions[row.pk]:
            refused[row.pk] = _("Somebody else changed these facts meanwhile. Look at them before you say it again.")
        else:
            row.is_certificating, row.is_top_up = is_certificating, is_top_up
            row.facts_version += 1
            changed.append(row)
    Judgement.objects.bulk_update(changed, ["is_certificating", "is_top_up", "facts_version"], batch_size=500)
    data = {"is_certificating": str(is_certificating), "is_top_up": str(is_top_up)}
    record_alike("judgement.facts_saved", actor=actor, targets=changed, data=data)
    return len(changed), refused


@transaction.atomic
def confirm_piece(*, actor: Standing, piece: EvidenceRecord, what: str) -> EvidenceRecord:
    """That a piece is the learner's own work (`what` is_authentic, QTG-07) or can be reached (is_reachable, QTG-19) after all.

    KeyError for anything else.
    """
    if what not in CONFIRMED:
        raise KeyError(what)
    judgement = lock_open(actor, piece.judgement_id)
    rows = EvidenceRecord.objects.filter(pk=piece.pk, set_aside_at=None, **{what: False})
    if rows.update(**{what: True}):
        record("judgement.evidence_confirmed", actor=actor, target=judgement, data={"evidence": piece.pk, "what": what})
    piece.refresh_from_db()
    return piece


@transaction.atomic
def record_evidence(
    *, actor: Standing, judgement_id: int, type: str, covers: str, control: str, dated_on: dt.date,
    shows_grade: Grade | None = None, is_authentic: bool, is_reachable: bool, kept_at: str = "",
) -> EvidenceRecord:  # fmt: skip
    """Adds one piece of evidence to an open judgement; its files are attached to it by `attach_file`."""
    judgement = lock_open(actor, judgement_id)
    piece = EvidenceRecord.objects.create(
        judgement=judgement, type=type, covers=covers.strip(), control=control, dated_on=dated_on, shows_grade=shows_grade,
        is_authentic=is_authentic, is_reachable=is_reachable, kept_at=kept_at.strip(), recorded_by=actor.person,
    )  # fmt: skip
    record("judgement.evidence_recorded", actor=actor, target=judgement, data={"evidence": piece.pk, "type": type})
    return piece


@transaction.atomic
def record_evidence_many(
    *, actor: Standing, submission: Submission, shows: dict[int, Grade | None], type: str, covers: str, control: str,
    dated_on: dt.date, is_authentic: bool, is_reachable: bool, kept_at: str = "",
) -> tuple[int, dict[int, str]]:  # fmt: skip
    """A piece of the same work for many learners; `shows` has the grade that each one's shows, by judgement id.

    Answers how many, and by id why the others were not. Learners out of sight are passed over. Who has such a piece already
    gets no second one, so that a form sent twice records once.
    """
    rows = _lock_many(actor, submission, shows)
    said = {"type": type, "covers": covers.strip(), "control": control, "dated_on": dated_on}
    have = EvidenceRecord.objects.filter(judgement__in=[row.pk for row in rows], set_aside_at=None, **said)
    has_it = set(have.values_list("judgement_id", flat=True))
    refused, pieces = {}, []
    for row in rows:
        if row.state != "open":
            refused[row.pk] = locked_message(row)
        elif row.pk in has_it:
            refused[row.pk] = _("This piece is recorded already: same kind, same work, same day.")
        else:
            pieces.append(
                EvidenceRecord(
                    judgement=row,
                    shows_grade=shows[row.pk],
                    is_authentic=is_authentic,
                    is_reachable=is_reachable,
                    kept_at=kept_at.strip(),
                    recorded_by=actor.person,
                    **said,
                )
            )
    for piece in EvidenceRecord.objects.bulk_create(pieces, batch_size=500):
        data = {"evidence": piece.pk, "type": type}
        record("judgement.evidence_recorded", actor=actor, target=piece.judgement, data=data)
    return len(pieces), refused


@transaction.atomic
def set_evidence_aside(*, actor: Standing, piece: EvidenceRecord, reason: str) -> EvidenceRecord:
    """A piece recorded by mistake no longer counts; it stays, with the reason (QTG-19)."""
    if not reason.strip():
        raise ReasonMissingError(_("Say why this piece is set aside."))
    judgement = lock_open(actor, piece.judgement_id)
    rows = EvidenceRecord.objects.filter(pk=piece.pk, set_aside_at=None)
    rows.update(set_aside_at=timezone.now(), set_aside_by=actor.person, set_aside_reason=reason.strip())
    record("judgement.evidence_set_aside", actor=actor, target=judgement, data={"evidence": piece.pk})
    piece.refresh_from_db()
    return piece


@transaction.atomic
def write_rationale(*, actor: Standing, judgement_id: int, rationale: str) -> Judgement:
    """Why the grade stands although the evidence shows less (QTG-08). Emptying it takes it away."""
    judgement = lock_open(actor, judgement_id)
    judgement.rationale = rationale.strip()
    judgement.save(update_fields=["rationale"])
    record("judgement.rationale_written", actor=actor, target=judgement)
    return judgement


@transaction.atomic
def record_told(*, actor: Standing, judgement_id: int, told_on: dt.date) -> Judgement:
    """That the learner was told which evidence is used, without the grade (QTG-21). What counts now is what they heard of."""
    judgement = lock_open(actor, judgement_id)
    _tell([judgement], actor, told_on, _counting([judgement]))
    return judgement


@transaction.atomic
def record_told_many(
    *, actor: Standing, submission: Submission, judgement_ids: Iterable[int], told_on: dt.date
) -> tuple[int, dict[int, str]]:
    """`record_told` for many learners of a submission; answers how many, and by id why the others were not (QTG-21).

    Learners out of sight are passed over. Who has no evidence that counts cannot have been told of any.
    """
    rows = _lock_many(actor, submission, judgement_ids)
    counting = _counting(rows)
    refused, told = {}, []
    for row in rows:
        if row.state != "open":
            refused[row.pk] = locked_message(row)
        elif not any(counting[row.pk]):
            refused[row.pk] = _("No evidence is recorded yet: there is nothing to tell this learner of.")
        else:
            told.append(row)
    _tell(told, actor, told_on, counting)
    return len(told), refused


def _counting(judgements: Sequence[Judgement]) -> dict[int, tuple[list[int], list[int]]]:
    """By judgement id, the ids of the pieces and of the banked results that count. Two queries."""
    pieces = counting_evidence([row.pk for row in judgements])
    banked: dict[int, list[int]] = defaultdict(list)
    for unit in standing_units(registration__in=[row.registration_id for row in judgements]):
        banked[unit.registration_id].append(unit.pk)
    return {row.pk: (pieces.get(row.pk, []), banked[row.registration_id]) for row in judgements}


def _tell(
    judgements: Sequence[Judgement], actor: Standing, told_on: dt.date, counting: dict[int, tuple[list[int], list[int]]]
) -> None:
    for row in judgements:
        row.told_on, row.told_by = told_on, actor.person
        row.told_evidence, row.told_banked = counting[row.pk]
    fields = ["told_on", "told_by", "told_evidence", "told_banked"]
    Judgement.objects.bulk_update(judgements, fields, batch_size=500)
    record_alike("judgement.learner_told", actor=actor, targets=judgements, data={"on": told_on.isoformat()})


@transaction.atomic
def record_circumstance(
    *, actor: Standing, judgement_id: int, kind: str, what: str, taken_into_account: str
) -> Circumstance:
    """An adjustment or circumstance that was taken into account (QTG-18). The audit names the kind and no more."""
    judgement = lock_open(actor, judgement_id)
    actor.require(Permission.QTAGS_CIRCUMSTANCES, judgement.centre_id)
    made = Circumstance.objects.create(
        judgement=judgement, kind=kind, what=what.strip(), taken_into_account=taken_into_account.strip(),
        recorded_by=actor.person,
    )  # fmt: skip
    record("judgement.circumstance_recorded", actor=actor, target=judgement)
    return made


@transaction.atomic
def bank_unit(
    *, actor: Standing, judgement_id: int, unit: Unit, grade: Grade, kind: str, achieved_on: dt.date
) -> BankedUnit:
    """A unit grade that stands as evidence (QTG-14). The very same again is banked once.

    AlreadyBankedError for another grade or day of the same unit and kind: the one that stands is set aside first.
    """
    judgement = lock_open(actor, judgement_id)
    banked, is_new = BankedUnit.objects.get_or_create(
        registration=judgement.registration, unit=unit, kind=kind, set_aside_at=None,
        defaults={"grade": grade, "achieved_on": achieved_on, "recorded_by": actor.person},
    )  # fmt: skip
    if (banked.grade_id, banked.achieved_on) != (grade.pk, achieved_on):
        said = {"grade": banked.grade.code, "day": day_in_words(banked.achieved_on)}
        raise AlreadyBankedError(
            _("This unit is banked already, with %(grade)s of %(day)s. If that is wrong, set it aside first.") % said
        )
    if is_new:
        record("judgement.unit_banked", actor=actor, target=judgement, data={"unit": unit.reference, "kind": kind})
    return banked


@transaction.atomic
def set_banked_aside(*, actor: Standing, judgement_id: int, banked: BankedUnit, reason: str) -> BankedUnit:
    """A banked result that does not reflect the learner no longer counts, with the reason (QTG-22)."""
    if not reason.strip():
        raise ReasonMissingError(_("Say why this result does not reflect the learner."))
    judgement = lock_open(actor, judgement_id)
    rows = BankedUnit.objects.filter(pk=banked.pk, registration=judgement.registration_id, set_aside_at=None)
    rows.update(set_aside_at=timezone.now(), set_aside_by=actor.person, set_aside_reason=reason.strip())
    record("judgement.unit_set_aside", actor=actor, target=judgement, data={"unit": banked.unit.reference})
    banked.refresh_from_db()
    return banked
