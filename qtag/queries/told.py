"""Who was told which evidence is used, and of how much of it (QTG-21)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import QuerySet

from awarding.accounts.standing import Standing
from centres.models import Cohort
from qtag.models import BankedUnit, EvidenceRecord, Judgement, Submission
from qtag.queries.submissions import judgement_rows
from qtag.queries.visibility import visible_judgements


@dataclass(slots=True)
class ToldRow:
    """One learner: the pieces and the banked results that count, each with whether the learner was told of it."""

    judgement: Judgement
    pieces: list[tuple[EvidenceRecord | BankedUnit, bool]] = field(default_factory=list)

    @property
    def is_told_all(self) -> bool:
        return self.judgement.told_on is not None and all(heard for _piece, heard in self.pieces)


def words_of(piece: EvidenceRecord | BankedUnit, labels: Mapping[str, str]) -> str:
    """What the piece is and what it covers; `labels` are those of the framework's types of evidence, by code."""
    if isinstance(piece, BankedUnit):
        return f"{piece.get_kind_display()}: {piece.unit.title}"
    return f"{labels.get(piece.type, piece.type)}: {piece.covers}"


def cohorts_of(standing: Standing, submission: Submission) -> list[Cohort]:
    """The cohorts of the learners whom this person sees, by name."""
    seen = visible_judgements(standing).filter(submission=submission)
    return list(Cohort.objects.filter(pk__in=seen.values("registration__cohort_id")).order_by("name", "id"))


def told_list(standing: Standing, submission: Submission, cohort_id: int | None = None) -> QuerySet[Judgement]:
    """The visible learners of one cohort, or of all."""
    rows = judgement_rows(standing, submission)
    return rows if cohort_id is None else rows.filter(registration__cohort=cohort_id)


def told_rows(judgements: Iterable[Judgement]) -> list[ToldRow]:
    """What each of them was told of. Two queries."""
    rows = {row.pk: ToldRow(row) for row in judgements}
    of_registration = {row.judgement.registration_id: row for row in rows.values()}
    by_learner: dict[int, list[EvidenceRecord]] = defaultdict(list)
    for piece in EvidenceRecord.objects.filter(judgement__in=list(rows), set_aside_at=None).order_by("pk"):
        by_learner[piece.judgement_id].append(piece)
    for pk, row in rows.items():
        heard = row.judgement.told_evidence
        told = row.judgement.told_on is not None
        row.pieces = [(piece, told and (heard is None or piece.pk in heard)) for piece in by_learner[pk]]
    units = BankedUnit.objects.filter(registration__in=list(of_registration), set_aside_at=None).order_by("pk")
    for unit in units.select_related("unit"):
        row = of_registration[unit.registration_id]
        heard = row.judgement.told_banked
        row.pieces.append((unit, row.judgement.told_on is not None and (heard is None or unit.pk in heard)))
    return list(rows.values())


def not_told_yet(standing: Standing, submission: Submission, cohort_id: int | None = None) -> list[int]:
    """Ids of the open judgements with evidence of which the learner was not told in full."""
    rows = told_rows(told_list(standing, submission, cohort_id).filter(state="open"))
    return [row.judgement.pk for row in rows if row.pieces and not row.is_told_all]
