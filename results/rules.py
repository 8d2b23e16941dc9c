"""Working out a qualification's grade from units, and when results leave. Pure functions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from awarding.catalogue.rules.points import grade_reached, total_points
from awarding.findings.finding import Finding, Severity
from awarding.frameworks.parts import Release


@dataclass(frozen=True, slots=True)
class ScaleGrade:
    """One grade of a scale: points per credit on a unit scale, points from which it is reached on the other."""

    code: str
    rank: int
    is_achieved: bool = True
    points: int | None = None


@dataclass(frozen=True, slots=True)
class AchievedUnit:
    """A unit that a learner has, with the grade recorded for it; `came_by` is "CT" or "RPL" where it was not assessed here."""

    unit_id: int
    reference: str
    title: str
    grade: str
    credits: int
    came_by: str = ""


@dataclass(frozen=True, slots=True)
class GradeWorkedOut:
    """A grade with what it was worked out from; `basis` is stored with the result (RES-04)."""

    code: str
    basis: dict[str, Any]


class GradeHeldError(Exception):
    """No grade can be given yet; `finding` says why and who mends it."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(str(finding.what))


def work_out_grade(
    units: Sequence[AchievedUnit], unit_scale: Iterable[ScaleGrade], scale: Iterable[ScaleGrade], *, where: str
) -> GradeWorkedOut:
    """The qualification's grade of a learner who meets its rules of combination.

    A scale with a single achieved grade gives that grade. Otherwise each unit's points per credit, times its credits, add
    up, and the highest grade whose points are reached is given. Raises GradeHeldError when the scales do not say enough
    or the points reach no grade (QTG-09: a certificated grade is always one of the qualification's own scale).
    """
    achieved = sorted((grade for grade in scale if grade.is_achieved), key=lambda grade: grade.rank)
    credits = sum(unit.credits for unit in units)
    basis: dict[str, Any] = {
        "credits": credits,
        "units": [_as_basis(unit) for unit in units],
    }
    if not achieved:
        raise GradeHeldError(
            _held(
                where,
                _("This qualification has no grade scale yet, so no grade can be given."),
                _("Choose its grade scale on the qualification’s page, then process the claim again."),
                "no_scale",
            )
        )
    if len(achieved) == 1:
        return GradeWorkedOut(achieved[0].code, basis | {"how": "single_grade"})
    _refuse_ungraded(units, where)
    per_credit = {grade.code: grade.points for grade in unit_scale}
    if any(grade.points is None for grade in achieved) or any(per_credit.get(unit.grade) is None for unit in units):
        raise GradeHeldError(
            _held(
                where,
                _("No thresholds are set: it is not known how many points each grade needs or each unit grade gives."),
                _("Enter the points of both grade scales on the qualification’s page, then process the claim again."),
                "no_thresholds",
            )
        )
    points = total_points((unit.credits, per_credit[unit.grade] or 0) for unit in units)
    reached = grade_reached(points, ((grade.code, grade.points or 0) for grade in achieved))
    if reached is None:
        raise GradeHeldError(
            _held(
                where,
                _("%(points)s points reach no grade; the lowest needs %(lowest)s.")
                % {"points": points, "lowest": achieved[0].points},
                _(
                    "Look at the unit grades and at the points of the grade scale; both are on the qualification’s page."
                ),
                "below_lowest",
            )
        )
    code, from_points = reached
    return GradeWorkedOut(code, basis | {"how": "points", "points": points, "from_points": from_points})


def _refuse_ungraded(units: Sequence[AchievedUnit], where: str) -> None:
    """A unit that came by transfer without a grade adds no points: GradeHeldError names it (MIT-12)."""
    ungraded = [unit.reference for unit in units if unit.came_by and not unit.grade]
    if ungraded:
        what = _("The grade is worked out from unit grades, and these units come by transfer without one: %(units)s.")
        raise GradeHeldError(
            Finding(
                "MIT-12", Severity.WARNS, where, what % {"units": ", ".join(ungraded)},
                _("The centre takes the record back and enters it with its grade, or the unit is assessed and claimed."),
                "transfer_ungraded",
            )
        )  # fmt: skip


def _as_basis(unit: AchievedUnit) -> dict[str, Any]:
    kept = {"reference": unit.reference, "title": unit.title, "grade": unit.grade, "credits": unit.credits}
    return kept | ({"came_by": unit.came_by} if unit.came_by else {})


def refuse_without_rules(where: str) -> None:
    """MIT-12: without rules of combination nobody's units make a qualification. Raises GradeHeldError, always."""
    raise GradeHeldError(
        Finding(
            rule="MIT-12",
            severity=Severity.WARNS,
            where=where,
            what=_("This qualification has no rules of combination yet, so it is not known when it is complete."),
            fix=_("Enter what its groups need on the qualification’s page, then process the claim again."),
            code="no_rules",
        )
    )


def _held(where: str, what: str, fix: str, code: str) -> Finding:
    return Finding(rule="QTG-09", severity=Severity.WARNS, where=where, what=what, fix=fix, code=code)


@dataclass(frozen=True, slots=True)
class ReleaseInstants:
    """From when a centre, and from when anybody else, may see a result."""

    to_centres: dt.datetime
    to_learners: dt.datetime


def release_instants(releases: Iterable[Release], now: dt.datetime) -> ReleaseInstants:
    """RES-01: the latest instant that any release of the level sets; those in the past, or none at all, mean now.

    A centre sees results earlier than learners only where the release names an instant for centres.
    """
    learners, centres = [now], [now]
    for release in releases:
        if release.to_learners is not None:
            learners.append(release.to_learners)
            centres.append(release.to_centres or release.to_learners)
    to_learners = max(learners)
    return ReleaseInstants(min(max(centres), to_learners), to_learners)


def release_findings(releases: Iterable[tuple[str, Release]], level: str) -> list[Finding]:
    """RES-01: a level whose release is not dated yet cannot be processed. Takes (framework's name, release) pairs."""
    return [
        Finding(
            rule="RES-01",
            severity=Severity.BLOCKS,
            where=framework,
            what=_("The day on which %(level)s results are released is not set yet.") % {"level": level},
            fix=_("Set the release date of “%(release)s” where the framework is adopted, then process the claim.")
            % {"release": release.label},
            code="release_undated",
        )
        for framework, release in releases
        if release.to_learners is None
    ]
