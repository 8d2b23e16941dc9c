"""How far centres are with their Q-TAGs, for the AO: counts and dates, never a grade (QTG-17)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from awarding.frameworks.models import Adoption
from centres.models import Centre, Registration
from qtag.models import DeclarationPart, Judgement, Submission
from qtag.queries.concerns import unsigned_submissions
from qtag.queries.expected import expected
from qtag.queries.not_begun import not_begun as learners_not_begun

ROWS_PER_PAGE = 50
# What a centre's qualification can be asked for; "" is everything that has begun.
ONLY = ("", "not_begun", "unsent", "open", "late", "unsigned")


@dataclass(frozen=True)
class Filters:
    """What the AO looks at. `words` are of a qualification's number or title, or of a centre's name or number.

    `under` is the id of an adoption other than the newest, as it stands in the address.
    """

    under: str = ""
    only: str = ""
    sector: str = ""
    words: str = ""
    first: date | None = None
    last: date | None = None

    @property
    def asked(self) -> dict[str, str]:
        """As they stand in an address, empty ones left out."""
        dates = {"from": self.first.isoformat() if self.first else "", "to": self.last.isoformat() if self.last else ""}
        said = {"under": self.under, "only": self.only, "sector": self.sector, "q": self.words} | dates
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True)
class ProgressRow:
    """One qualification at one centre. `submission_id` is None where its learners have no Q-TAG begun.

    `is_since` says that they were registered after the others' had begun.
    """

    centre: str
    qualification: str
    submission_id: int | None
    learners: int
    submitted: int = 0
    late: int = 0
    is_signed: bool = False
    is_since: bool = False


@dataclass
class Tally:
    """One qualification or sector over all centres. `not_begun` counts qualifications at centres, `waiting` their learners."""

    key: str
    label: str
    books: int = 0
    learners: int = 0
    submitted: int = 0
    late: int = 0
    unsigned: int = 0
    not_begun: int = 0
    waiting: int = 0


def begun(adoption: Adoption, filters: Filters) -> QuerySet[Submission]:
    """The submissions that fit, whatever page they stand on."""
    rows = _fitting(Submission.objects.filter(adoption=adoption), filters)
    sent = Judgement.objects.filter(submission=OuterRef("pk"), state="submitted")
    if filters.first is not None and filters.last is not None:
        in_days = sent.filter(submitted_at__date__gte=filters.first, submitted_at__date__lte=filters.last)
        rows = rows.filter(Exists(in_days))
    if filters.only == "unsent":
        rows = rows.filter(~Exists(sent))
    elif filters.only == "open":
        waiting = expected(Judgement.objects.exclude(state="submitted"), [adoption])
        rows = rows.filter(Exists(waiting.filter(submission=OuterRef("pk"))))
    elif filters.only == "late":
        rows = rows.filter(Exists(Judgement.objects.filter(submission=OuterRef("pk"), is_late=True)))
    elif filters.only == "unsigned":
        rows = rows.filter(pk__in=unsigned_submissions(adoption).values("pk"))
    return rows


def not_begun(adoption: Adoption, filters: Filters) -> QuerySet[Registration]:
    """The learners without a Q-TAG of whom one is expected, that fit."""
    return _fitting(learners_not_begun(adoption), filters)


def _fitting(rows: QuerySet[Any], filters: Filters) -> QuerySet[Any]:
    if filters.sector:
        rows = rows.filter(qualification__sector=filters.sector)
    for word in filters.words.split()[:6]:
        number = word.replace("/", "")
        fits = Q(qualification__title__icontains=word) | Q(qualification__qan__istartswith=number)
        rows = rows.filter(fits | Q(centre__name__icontains=word) | Q(centre__number__istartswith=word))
    return rows


def progress_page(adoption: Adoption, number: int | str | None, filters: Filters) -> tuple[Page, list[ProgressRow]]:
    """One page of qualifications at centres, by centre, in a fixed number of queries."""
    if filters.only == "not_begun":
        return _page_not_begun(adoption, number, filters)
    rows: Any = (
        begun(adoption, filters)
        .select_related("centre", "qualification")
        .annotate(
            learners=Count("judgements", filter=Q(judgements__in=expected(Judgement.objects.all(), [adoption]))),
            submitted=Count("judgements", filter=Q(judgements__state="submitted")),
            late=Count("judgements", filter=Q(judgements__is_late=True)),
        )
        .order_by("centre__name", "qualification__title", "id")
    )
    page = Paginator(rows, ROWS_PER_PAGE).get_page(number)
    covering = DeclarationPart.objects.filter(state="covering", submission__in=[row.pk for row in page])
    signed = set(covering.values_list("submission_id", flat=True))
    shown = [
        ProgressRow(
            row.centre.name, str(row.qualification), row.pk, row.learners, row.submitted, row.late, row.pk in signed
        )
        for row in page
    ]
    return page, shown


def _page_not_begun(adoption: Adoption, number: int | str | None, filters: Filters) -> tuple[Page, list[ProgressRow]]:
    rows = (
        not_begun(adoption, filters)
        .values("centre_id", "qualification_id", "centre__name", "qualification__qan", "qualification__title")
        .annotate(learners=Count("pk"))
        .order_by("centre__name", "qualification__title", "centre_id", "qualification_id")
    )
    page = Paginator(rows, ROWS_PER_PAGE).get_page(number)
    pairs = Submission.objects.filter(adoption=adoption, centre__in={row["centre_id"] for row in page})
    there = set(pairs.values_list("centre_id", "qualification_id"))
    shown = []
    for row in page:
        qan = row["qualification__qan"]
        name = f"{qan[:3]}/{qan[3:7]}/{qan[7:]} {row['qualification__title']}"
        is_since = (row["centre_id"], row["qualification_id"]) in there
        shown.append(ProgressRow(row["centre__name"], name, None, row["learners"], is_since=is_since))
    return page, shown


def progress_by(adoption: Adoption, by: str, filters: Filters) -> list[Tally]:
    """Every qualification or sector that has something, in four queries; `by` is "qualification" or "sector"."""
    path = "qualification__sector" if by == "sector" else "qualification_id"
    found: dict[Any, Tally] = {}

    def at(key: Any) -> Tally:
        return found.setdefault(key, Tally(str(key), str(key)))

    fitting = begun(adoption, filters)
    learners: QuerySet[Any] = expected(Judgement.objects.filter(submission__in=fitting.values("pk")), [adoption])
    counts = learners.values(key=F(f"submission__{path}"))
    for row in counts.annotate(
        learners=Count("pk"), submitted=Count("pk", filter=Q(state="submitted")), late=Count("pk", filter=Q(is_late=True)),
        books=Count("submission", distinct=True),
    ).order_by():  # fmt: skip
        held = at(row["key"])
        held.learners, held.submitted, held.late = row["learners"], row["submitted"], row["late"]
        held.books = row["books"]
    open_books = unsigned_submissions(adoption).filter(pk__in=fitting.values("pk"))
    for row in open_books.values(key=F(path)).annotate(n=Count("pk")).order_by():
        at(row["key"]).unsigned = row["n"]
    if filters.only in ("", "not_begun") and filters.first is None:
        pairs = not_begun(adoption, filters).values("centre_id", "qualification_id", key=F(path))
        for row in pairs.annotate(n=Count("pk")).order_by():
            held = at(row["key"])
            held.not_begun, held.waiting = held.not_begun + 1, held.waiting + row["n"]
    if by == "qualification":
        _name(found)
    return sorted(found.values(), key=lambda held: held.label)


def _name(found: dict[Any, Tally]) -> None:
    from awarding.catalogue.models import Qualification

    for qualification in Qualification.objects.filter(pk__in=list(found)):
        held = found[qualification.pk]
        held.label, held.key = str(qualification), qualification.qan


def submitted_by_day(adoption: Adoption, filters: Filters) -> dict[date, int]:
    """How many Q-TAGs were submitted on each day of London's. Of one that was reopened and sent again, the last time."""
    rows = Judgement.objects.filter(submission__in=begun(adoption, filters).values("pk"), state="submitted")
    days = rows.annotate(day=TruncDate("submitted_at")).values("day").annotate(n=Count("pk")).order_by("day")
    return {row["day"]: row["n"] for row in days if row["day"] is not None}


def state_counts_of(adoption: Adoption, filters: Filters) -> dict[str, int]:
    """Learners by the state of their Q-TAG, without those who get none."""
    rows = expected(Judgement.objects.filter(submission__in=begun(adoption, filters).values("pk")), [adoption])
    return dict(rows.values_list("state").annotate(count=Count("pk")).order_by())


def sectors_of(adoption: Adoption) -> list[str]:
    """The sectors in which anything has begun or could begin."""
    held = Submission.objects.filter(adoption=adoption).values_list("qualification__sector", flat=True).distinct()
    could = not_begun(adoption, Filters()).values_list("qualification__sector", flat=True).distinct()
    return sorted(set(_texts(held.order_by())) | set(_texts(could.order_by())))


def _texts(values: Iterable[Any]) -> list[str]:
    return [str(value) for value in values if value]


def matching_centres(adoption: Adoption, filters: Filters) -> list[Centre]:
    """The centres of everything that fits, over all pages, by name: whom a message to "just those" reaches."""
    rows: QuerySet[Any] = not_begun(adoption, filters) if filters.only == "not_begun" else begun(adoption, filters)
    return list(Centre.objects.filter(pk__in=rows.values("centre_id")).order_by("name", "pk"))
