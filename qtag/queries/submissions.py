"""Reads of submissions: the list by qualification, one book with its counts, its steps, its window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, Max, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.catalogue.models import Grade
from awarding.frameworks.models import Adoption
from awarding.frameworks.parts import Window
from awarding.frameworks.queries import adopted_document, open_adoptions
from awarding.tenancy.prepared import prepared
from awarding.ui.templatetags.ui import london_date
from qtag.models import BankedUnit, EvidenceRecord, Judgement, StepRecord, Submission
from qtag.queries.visibility import visible_judgements, visible_submissions
from qtag.rules.eligibility import OUTCOME
from qtag.rules.judgement import evidence_codes
from qtag.workflow import JUDGEMENT

SUBMISSIONS_PER_PAGE = 40
LEARNERS_PER_PAGE = 50
# A grid is one page for all but the largest: a block copied from a spreadsheet is pasted whole.
GRID_LEARNERS_PER_PAGE = 500


@dataclass(frozen=True)
class SubmissionRow:
    """One qualification of the list: how many of its learners stand in each state."""

    submission: Submission
    counts: dict[str, int]
    learners: int
    window: Window


def qtag_adoptions() -> list[Adoption]:
    """The AO's adoptions in force under which teachers judge whole qualifications, newest first."""
    return [adoption for adoption in open_adoptions() if OUTCOME in adopted_document(adoption).outcomes]


def running_adoptions() -> list[Adoption]:
    """Those under which Q-TAGs stand or begin: the ones in force, then those that were replaced after some had begun.

    What was begun stays under its adoption (`docs/architecture/frameworks.md`); it is still reminded of, signed for and seen.
    """
    replaced = [row for row in _replaced() if OUTCOME in adopted_document(row).outcomes]
    return [*qtag_adoptions(), *replaced]


def adoption_words(adoption: Adoption) -> str:
    """The framework and since when it holds, or that it was replaced: for whoever sees several."""
    if adoption.superseded_at is None:
        return str(adoption.framework)
    day = london_date(adoption.superseded_at)
    return _("%(framework)s, as it was until %(day)s") % {"framework": adoption.framework, "day": day}


@prepared
def _replaced() -> QuerySet[Adoption]:
    begun = Submission.objects.filter(adoption=OuterRef("pk"))
    rows = Adoption.objects.exclude(superseded_at=None).filter(Exists(begun))
    return rows.select_related("framework").order_by("-adopted_at", "-id")


def state_counts(judgements: QuerySet[Judgement]) -> dict[int, dict[str, int]]:
    """By submission id, how many judgements stand in each state. One query."""
    found: dict[int, dict[str, int]] = {}
    rows = judgements.values("submission_id", "state").annotate(count=Count("pk")).order_by()
    for row in rows:
        found.setdefault(row["submission_id"], {})[row["state"]] = row["count"]
    return found


def list_submissions(standing: Standing, number: int | str | None) -> tuple[Page, list[SubmissionRow]]:
    """One page of the visible submissions, by centre and qualification, in a fixed number of queries."""
    rows = visible_submissions(standing).order_by("centre__name", "qualification__title", "id")
    page = Paginator(rows, SUBMISSIONS_PER_PAGE).get_page(number)
    shown = list(page)
    counts = state_counts(visible_judgements(standing).filter(submission__in=[row.pk for row in shown]))
    held = open_adoptions()
    return page, [
        SubmissionRow(
            row, counts.get(row.pk, {}), sum(counts.get(row.pk, {}).values()),
            current_window(row.adoption, "submission", held),
        )
        for row in shown
    ]  # fmt: skip


def submission_window(submission: Submission) -> Window:
    """The days on which Q-TAGs are submitted, as the AO applies them now (QTG-10)."""
    return current_window(submission.adoption, "submission")


def current_window(adoption: Adoption, code: str, open_ones: Sequence[Adoption] | None = None) -> Window:
    """A window by the days that hold now. No query while the adoption is in force.

    What decides a Q-TAG stays pinned to the adoption that it was begun under. Days do not: an AO that gives everybody more
    time gives it to those who have begun.
    """
    newest = adoption
    if adoption.superseded_at is not None:
        held = open_adoptions() if open_ones is None else open_ones
        same = [row for row in held if row.framework.code == adoption.framework.code]
        newest = next((row for row in same if code in adopted_document(row).windows), adoption)
    return adopted_document(newest).window(code)


def latest_steps(submission: Submission) -> dict[str, StepRecord]:
    """By step code, the newest record (QTG-12)."""
    rows = StepRecord.objects.filter(submission=submission).select_related("recorded_by").order_by("id")
    return {row.step: row for row in rows}


def missing_steps(submission: Submission) -> list[str]:
    """Labels of the framework's steps that nobody has recorded yet, in order."""
    document = adopted_document(submission.adoption)
    done = latest_steps(submission)
    return [step.label for code, step in document.steps.items() if code not in done]


def judgement_rows(standing: Standing, submission: Submission) -> QuerySet[Judgement]:
    """The submission's judgements that this person sees, by learner."""
    rows = visible_judgements(standing).filter(submission=submission)
    return rows.select_related("registration__learner", "registration__cohort", "grade", "proposed_by").order_by(
        "registration__learner__name_key", "id"
    )


@prepared
def _grid_rows(*, standing: Standing, submission_id: int) -> QuerySet[Any, Any]:
    rows = visible_judgements(standing).filter(submission_id=submission_id)
    return rows.order_by("registration__learner__name_key", "pk").values_list(
        "pk", "row_key", "state", "grade__code", "grade_version", "registration__learner__given_names",
        "registration__learner__family_name", "registration__learner__uln", named=True,
    )  # fmt: skip


def grid_page(standing: Standing, submission: Submission, number: int | str | None) -> Page:
    """One page of the grid: the visible judgements by learner, as named rows of just what a grid shows."""
    rows = _grid_rows.listing(standing=standing, submission_id=submission.pk)
    return Paginator(rows, GRID_LEARNERS_PER_PAGE).get_page(number)


@prepared
def scale_of(*, submission_id: int) -> QuerySet[Submission, tuple[int | None, str | None]]:
    """Numbers and codes of the grades that a submission's learners can get, lowest first; one row of nothing without a scale."""
    grades = "qualification__scale__grades"
    rows = Submission.objects.filter(pk=submission_id).order_by(f"{grades}__rank")
    return rows.values_list(f"{grades}__pk", f"{grades}__code")


def scale_grades(scale_id: int | None) -> list[Grade]:
    """A scale's grades, lowest first (QTG-09); none where the AO has given no scale."""
    return list(Grade.objects.filter(scale_id=scale_id).order_by("rank")) if scale_id else []


@dataclass(frozen=True, slots=True)
class EvidenceCount:
    """How many pieces and banked results count for a learner, and the rank of the best grade that any shows."""

    pieces: int
    rank: int | None


def evidence_counts(submission: Submission) -> dict[int, EvidenceCount]:
    """By judgement id, where there is any evidence that counts (QTG-06); a predicted grade is none (QTG-07). Two queries."""
    kinds = tuple(sorted(evidence_codes(adopted_document(submission.adoption))))
    found = {pk: EvidenceCount(n, rank) for pk, n, rank in _pieces(submission_id=submission.pk, kinds=kinds)}
    for pk, n in _banked(submission_id=submission.pk):
        known = found.get(pk, EvidenceCount(0, None))
        found[pk] = EvidenceCount(known.pieces + n, known.rank)
    return found


@prepared
def _pieces(*, submission_id: int, kinds: tuple[str, ...]) -> QuerySet[EvidenceRecord, tuple[int, int, int | None]]:
    rows = EvidenceRecord.objects.filter(judgement__submission_id=submission_id, set_aside_at=None, type__in=kinds)
    return rows.order_by().values_list("judgement_id").annotate(Count("pk"), Max("shows_grade__rank"))


@prepared
def _banked(*, submission_id: int) -> QuerySet[BankedUnit, tuple[int, int]]:
    rows = BankedUnit.objects.filter(registration__judgements__submission_id=submission_id, set_aside_at=None)
    return rows.order_by().values_list("registration__judgements").annotate(Count("pk"))


def learners_page(standing: Standing, submission: Submission, number: int | str | None) -> Page:
    return Paginator(judgement_rows(standing, submission), LEARNERS_PER_PAGE).get_page(number)


def can_move(standing: Standing, judgement: Judgement, transition: str) -> bool:
    """Whether state and role allow a move; its guards are asked when it is made."""
    move = JUDGEMENT.transition(transition)
    allowed = move.permission is not None and standing.can(move.permission, judgement.centre_id)
    return allowed and judgement.state in move.sources


def moves_of(standing: Standing, submission: Submission) -> list[str]:
    """The bulk moves that the person's roles allow in this submission's centre, in the order of the workflow."""
    names = ("propose", "endorse_lead", "endorse_department", "agree", "submit")
    permissions = {name: JUDGEMENT.transition(name).permission for name in names}
    return [name for name, need in permissions.items() if need is not None and standing.can(need, submission.centre_id)]


def may_judge(standing: Standing, submission: Submission) -> bool:
    return standing.can(Permission.QTAGS_JUDGE, submission.centre_id)


def submission_url(submission: Submission, name: str = "submission") -> str:
    """The address of a submission's page, for notices and redirects."""
    return reverse(f"qtag:{name}", kwargs={"ao": submission.ao.slug, "submission_id": submission.pk})
