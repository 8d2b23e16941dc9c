"""What of earlier results is loaded, and what was recorded about centres and qualifications, for the AO's pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet, Sum

from awarding.accounts.models import User
from awarding.jobs.models import Job
from qtag.models import CentreChange, PastGroupResults, PastResults, Principle, QualificationChange, SeriesChoice
from qtag.queries.sense_figures import series_name
from qtag.rules.series import PUBLISHED

# Kinds of job: a file is checked by one and loaded by another.
CHECK_JOB = "history_check"
LOAD_JOB = "history_load"


@dataclass(frozen=True)
class LoadedSeries:
    """One series as it was loaded: how much of it there is, and what it is to the check. `name` is the series in words."""

    series: str
    name: str
    principle: str
    centres: int
    learners: int
    role: str
    weeks: int


def loaded_series() -> list[LoadedSeries]:
    """By series and principle, oldest first. Two queries."""
    chosen = {row.series: row for row in SeriesChoice.objects.all()}
    roles = dict(SeriesChoice.Role.choices)
    principles = dict(Principle.choices)
    rows = (
        PastResults.objects.values("series", "principle")
        .annotate(centres=Count("centre", distinct=True), learners=Sum("count"))
        .order_by("series", "principle")
    )
    found = []
    for row in rows:
        choice = chosen.get(row["series"])
        role = choice.role if choice else PUBLISHED.get(row["series"], SeriesChoice.Role.LEFT_OUT)
        found.append(
            LoadedSeries(
                row["series"], series_name(row["series"]), str(principles[row["principle"]]), row["centres"],
                row["learners"], str(roles[role]),
                choice.weeks if choice else 52,
            )
        )  # fmt: skip
    return found


@dataclass(frozen=True)
class LoadedGroups:
    """Earlier results of one characteristic: at how many centres, of how many series and groups."""

    characteristic: str
    centres: int
    series: int
    groups: int


def loaded_groups() -> list[LoadedGroups]:
    """By characteristic. One query."""
    counted = {name: Count(name, distinct=True) for name in ("centre", "series", "value")}
    rows = PastGroupResults.objects.values("characteristic").annotate(
        centres=counted["centre"], years=counted["series"], groups=counted["value"]
    )
    return [
        LoadedGroups(row["characteristic"], row["centres"], row["years"], row["groups"])
        for row in rows.order_by("characteristic")
    ]


def open_check(person: User) -> Job | None:
    """The person's newest check of a file that has not been loaded since."""
    check = Job.objects.filter(kind=CHECK_JOB, started_by=person).order_by("-id").first()
    if check is None or Job.objects.filter(kind=LOAD_JOB, key=f"{LOAD_JOB}-{check.parameters['file']}").exists():
        return None
    return check


def checks(person: User) -> QuerySet[Job]:
    return Job.objects.filter(kind=CHECK_JOB, started_by=person)


def recorded_changes() -> tuple[QuerySet[CentreChange], QuerySet[QualificationChange]]:
    """Everything recorded, withdrawn ones too, newest first."""
    people: Any = ("recorded_by", "withdrawn_by")
    of_centres = CentreChange.objects.select_related("from_centre", "to_centre", *people).order_by(
        "-effective_on", "-id"
    )
    of_qualifications = QualificationChange.objects.select_related("from_qualification", "to_qualification", *people)
    return of_centres, of_qualifications.order_by("-effective_on", "-id")
