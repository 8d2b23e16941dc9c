"""Reads of delayed assessments: whom to ask, what they answered, which dates are published."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification
from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.queries import adopted_document
from centres.models import Centre, CohortStaff, Registration
from mitigations.models import AssessmentDate, DelayQuestion, Outcome
from mitigations.queries.impact import impacted_registrations

MOST_COLUMNS = 12
WEEK, MONTH = "week", "month"


def delayed_kinds(document: FrameworkDocument) -> list[str]:
    """The framework's outcomes under which assessment may come later."""
    return [code for code, outcome in document.outcomes.items() if outcome.allows("later_assessment")]


def delayed_outcomes(document: FrameworkDocument) -> QuerySet[Outcome]:
    """The outcomes in force that put an assessment off."""
    rows = Outcome.objects.filter(framework_code=document.id, superseded_at=None, kind__in=delayed_kinds(document))
    return rows.select_related("qualification").order_by("qualification__title", "pk")


def delayed_registrations(document: FrameworkDocument) -> QuerySet[Registration]:
    """Impacted registrations of qualifications whose assessment waits."""
    waiting = delayed_outcomes(document).order_by().values("qualification_id")
    return impacted_registrations(document).filter(qualification_id__in=waiting)


def pairs_to_ask(document: FrameworkDocument) -> list[tuple[int, int, int]]:
    """(centre id, qualification id, impacted learners) of those who have not been asked yet. One query."""
    asked = DelayQuestion.objects.filter(
        centre_id=OuterRef("centre_id"), qualification_id=OuterRef("qualification_id"), framework_code=document.id
    )
    rows = delayed_registrations(document).filter(~Exists(asked)).order_by("centre_id", "qualification_id")
    return list(rows.values_list("centre_id", "qualification_id").annotate(learners=Count("pk")))


def most_sitting(question: DelayQuestion) -> int:
    """How many learners an answer can name: those impacted when the centre was asked, or now if that is more. One query."""
    document = adopted_document(question.adoption)
    rows = impacted_registrations(document).filter(
        centre_id=question.centre_id, qualification_id=question.qualification_id
    )
    return max(question.learners, rows.count())


def visible_questions(standing: Standing) -> QuerySet[DelayQuestion]:
    """The questions this person may see: the AO's people all, a centre's people their centre's."""
    reach = standing.reach(Permission.IMPACT_VIEW)
    rows = DelayQuestion.objects.select_related("centre", "qualification", "adoption__framework", "answered_by", "ao")
    return rows if reach is None else rows.filter(centre_id__in=reach)


def list_questions(standing: Standing, *, state: str = "", words: str = "") -> QuerySet[DelayQuestion]:
    """Visible questions, those that wait first. `state` may be "late": unanswered after its day."""
    rows = visible_questions(standing)
    if state == "late":
        rows = rows.filter(state="asked", answer_by__lt=timezone.localdate())
    elif state:
        rows = rows.filter(state=state)
    for word in words.split():
        number = word.replace("/", "").upper()
        rows = rows.filter(
            Q(centre__name__icontains=word) | Q(qualification__title__icontains=word) | Q(qualification__qan=number)
        )
    return rows.order_by("-state", "centre__name", "qualification__title", "pk")


def count_questions(standing: Standing) -> dict[str, int]:
    """{"asked", "answered", "late", "sitting"}: questions by state, and the learners who will sit. One query."""
    late = Q(state="asked", answer_by__lt=timezone.localdate())
    facts = visible_questions(standing).order_by().aggregate(
        asked=Count("pk", filter=Q(state="asked")), answered=Count("pk", filter=Q(state="answered")),
        late=Count("pk", filter=late), sitting=Sum("sitting"),
    )  # fmt: skip
    return {key: value or 0 for key, value in facts.items()}


# --- the answers as a calendar -----------------------------------------------------------------


@dataclass
class CalendarCell:
    """How many learners, of how many centres, can sit in one week or month."""

    learners: int = 0
    centres: int = 0


@dataclass
class CalendarRow:
    """One qualification's cells, one for each column, and whether it has published dates."""

    qualification: Qualification
    cells: list[CalendarCell] = field(default_factory=list)
    needs: int = 0
    dates: list[AssessmentDate] = field(default_factory=list)


@dataclass
class Calendar:
    """When learners can sit: qualifications down, weeks or months across. `earlier` and `later` begin other pages."""

    columns: list[tuple[dt.date, str]]
    rows: list[CalendarRow]
    earlier: dt.date | None = None
    later: dt.date | None = None


def _first_of(day: dt.date, by: str) -> dt.date:
    return day - dt.timedelta(days=day.weekday()) if by == WEEK else day.replace(day=1)


def _next(day: dt.date, by: str) -> dt.date:
    return day + dt.timedelta(days=7) if by == WEEK else (day + dt.timedelta(days=32)).replace(day=1)


def _back(day: dt.date, by: str) -> dt.date:
    for _step in range(MOST_COLUMNS):
        day = _first_of(day - dt.timedelta(days=1), by)
    return day


def calendar_of(standing: Standing, *, by: str = MONTH, start: dt.date | None = None) -> Calendar:
    """The answers as a calendar (MIT-16), at most twelve weeks or months from `start` (the first answer's, unless said).

    An answer counts in every week or month that it touches. Three queries.
    """
    rows = visible_questions(standing).filter(state="answered", can_sit_from__isnull=False, sitting__gt=0)
    # The filter has left out those without days.
    answers: list[Any] = list(rows.order_by("qualification__title", "qualification_id", "pk"))
    if not answers:
        return Calendar([], [])
    first = min(_first_of(answer.can_sit_from, by) for answer in answers)
    last = max(answer.can_sit_until for answer in answers)
    begin = max(_first_of(start, by), first) if start else first
    columns: list[dt.date] = []
    day = begin
    while day <= last and len(columns) < MOST_COLUMNS:
        columns.append(day)
        day = _next(day, by)
    found: dict[int, CalendarRow] = {}
    for answer in answers:
        row = found.get(answer.qualification_id)
        if row is None:
            row = CalendarRow(answer.qualification, [CalendarCell() for _column in columns])
            found[answer.qualification_id] = row
        row.needs += bool(answer.needs)
        for place, column in enumerate(columns):
            if answer.can_sit_from < _next(column, by) and answer.can_sit_until >= column:
                row.cells[place].learners += answer.sitting
                row.cells[place].centres += 1
    for published in open_dates(found):
        found[published.qualification_id].dates.append(published)
    titles = [(column, _column_title(column, by)) for column in columns]
    return Calendar(
        titles, list(found.values()), _back(begin, by) if begin > first else None, day if day <= last else None
    )


def _column_title(day: dt.date, by: str) -> str:
    if by == MONTH:
        return date_format(day, "F Y")
    return _("week of %(day)s") % {"day": date_format(day, "j M Y")}


# --- published dates ---------------------------------------------------------------------------


def open_dates(qualification_ids: Iterable[int]) -> list[AssessmentDate]:
    """The published dates of these qualifications that stand, soonest first. One query."""
    rows = AssessmentDate.objects.filter(qualification_id__in=list(qualification_ids), ended_at=None)
    return list(rows.select_related("qualification", "adoption__framework").order_by("starts_on", "pk"))


def all_dates() -> QuerySet[AssessmentDate]:
    """Every published date of the open AO that stands, soonest first."""
    rows = AssessmentDate.objects.filter(ended_at=None).select_related("qualification", "published_by")
    return rows.order_by("starts_on", "pk")


def dates_at(centre: Centre, today: dt.date) -> list[AssessmentDate]:
    """The dates still to come that concern a centre: it has registrations for the qualification. One query."""
    registered = Registration.objects.filter(centre=centre, qualification_id=OuterRef("qualification_id"))
    rows = AssessmentDate.objects.filter(ended_at=None, ends_on__gte=today)
    rows = rows.filter(Exists(registered.exclude(status=Registration.Status.WITHDRAWN)))
    return list(rows.select_related("qualification").order_by("starts_on", "pk")[:20])


def visible_dates(standing: Standing) -> QuerySet[AssessmentDate]:
    """The dates that stand and concern this person's centres; for the AO's people all."""
    reach = standing.reach(Permission.IMPACT_VIEW)
    if reach is None:
        return all_dates()
    registered = Registration.objects.filter(centre_id__in=reach, qualification_id=OuterRef("qualification_id"))
    return all_dates().filter(Exists(registered))


def answered_without_dates() -> QuerySet[Qualification]:
    """The qualifications for which a centre has answered and no date is published: the AO's turn."""
    answered = DelayQuestion.objects.filter(qualification_id=OuterRef("pk"), state="answered", sitting__gt=0)
    dated = AssessmentDate.objects.filter(qualification_id=OuterRef("pk"), ended_at=None)
    return Qualification.objects.filter(Exists(answered), ~Exists(dated))


def staff_concerned(qualification_id: int, centre_ids: Iterable[int]) -> dict[int, set[int]]:
    """{centre id: ids of the teachers and internal verifiers whose cohorts take the qualification}. One query."""
    rows = CohortStaff.objects.filter(
        cohort__qualification_id=qualification_id, cohort__centre_id__in=list(centre_ids), person__is_active=True
    )
    found: dict[int, set[int]] = defaultdict(set)
    for centre_id, person_id in rows.values_list("cohort__centre_id", "person_id"):
        found[centre_id].add(person_id)
    return found
