"""Invented results of earlier years, and this year's beside them: one difference explained, one that waits, one too small."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from awarding.accounts.queries import find_standing, holders
from awarding.accounts.roles import Role
from awarding.accounts.standing import Standing
from awarding.catalogue.models import Grade, Qualification
from awarding.tenancy.scope import current_ao
from centres.models import Centre, Learner
from qtag.models import (
    DifferenceReason,
    LearnerCharacteristic,
    PastGroupResults,
    PastResults,
    SenseRow,
    SeriesChoice,
    Submission,
)
from qtag.queries.sense_gate import open_rows
from qtag.services.asking import ask_for_sense_check
from qtag.services.changes import choose_series, record_qualification_change
from qtag.services.characteristic_uploads import receive_characteristics
from qtag.services.differences import record_reason

THIS_YEAR = "2021-summer"
SERIES = (("2018-summer", "exam"), ("2019-summer", "exam"), ("2020-summer", "calculated"), (THIS_YEAR, "exam"))
# Learners of a group in a usual year, spread over the grades from the lowest to the highest.
USUAL, FEW = 96, 4
# Where a group's learners stand, in percent, the lowest grade first: usually, and where a centre was generous. A scale with
# one grade is compared by how many achieve.
SHAPES = {1: (100,), 3: (40, 38, 22)}
GENEROUS = {1: (280,), 3: (6, 24, 70)}
# Of each grade, the lowest first, so many in a hundred are learners with free school meals: usually, and at the centre where the
# distance between the two groups has moved this year.
MEALS = "Free school meals"
WITH_MEALS = (45, 38, 30)
MOVED = (88, 38, 4)
MOVED_PLACE = 0


def seed_history(admin: Standing, centres: Sequence[Centre], qualifications: Sequence[Qualification]) -> None:
    """Loads the series and asks for a whole run. The last centre has no past, the one before it few learners.

    One centre awarded far more than ever before, another far higher grades. This year's results were judged outside the
    portal, so that nobody's Q-TAGs are touched; a qualification that a centre judges in the portal is left out there.
    """
    begun = set(Submission.objects.values_list("centre_id", "qualification_id"))
    rows: list[PastResults] = []
    left = dict.fromkeys(SHAPES, 1)
    for award in qualifications:
        grades = list(Grade.objects.filter(scale_id=award.scale_id, is_achieved=True).order_by("rank"))
        by_volume = len(grades) == 1
        if not left.get(len(grades)) or (by_volume and (centres[0].pk, award.pk) in begun):
            continue
        left[len(grades)] -= 1
        for place, centre in enumerate(centres):
            if (centre.pk, award.pk) not in begun:
                rows += _group(centre, award, [grade.code for grade in grades], place, len(centres))
    PastResults.objects.bulk_create(rows)
    PastGroupResults.objects.bulk_create(_by_meals(rows, centres))
    if rows:
        record_qualification_change(
            actor=admin, kind="discontinued", from_qualification=qualifications[-1], to_qualification=None,
            effective_on=dt.date(2020, 9, 1), reason="Nobody has registered for it since 2018 (synthetic).",
        )  # fmt: skip
        choose_series(actor=admin, series=THIS_YEAR, role=SeriesChoice.Role.THIS_YEAR)
        ask_for_sense_check(actor=admin, whole=True)


def _group(centre: Centre, award: Qualification, codes: list[str], place: int, centres: int) -> list[PastResults]:
    """One centre's learners on one qualification, by series and grade."""
    is_new, is_small = place == centres - 1, place == centres - 2
    generous_place = 0 if len(codes) == 1 else 1
    rows = []
    for number, (series, principle) in enumerate(SERIES):
        if is_new and series != THIS_YEAR:
            continue
        is_generous = place == generous_place and series == THIS_YEAR
        shape = (GENEROUS if is_generous else SHAPES)[len(codes)]
        learners = FEW if is_small else USUAL + 3 * ((place + number) % 3)
        counts = [learners * share // 100 for share in shape]
        if len(codes) > 1:
            counts[(place + number) % len(codes)] += learners - sum(counts)
        rows += [
            PastResults(centre=centre, qualification=award, series=series, principle=principle, grade=code, count=count)
            for code, count in zip(codes, counts, strict=True)
        ]
    return rows


def _by_meals(rows: Sequence[PastResults], centres: Sequence[Centre]) -> list[PastGroupResults]:
    """The same learners by whether they have free school meals, of qualifications with several grades."""
    by_series: dict[tuple[int, int, str], list[PastResults]] = {}
    for row in rows:
        by_series.setdefault((row.centre_id, row.qualification_id, row.series), []).append(row)
    found = []
    for (centre_id, _qualification, series), grades in by_series.items():
        if len(grades) != len(WITH_MEALS):
            continue
        has_moved = centre_id == centres[MOVED_PLACE].pk and series == THIS_YEAR
        for row, share in zip(grades, MOVED if has_moved else WITH_MEALS, strict=True):
            some = row.count * share // 100
            found += [
                PastGroupResults(
                    centre_id=row.centre_id, qualification_id=row.qualification_id, series=series, principle=row.principle,
                    grade=row.grade, count=count, characteristic=MEALS, value=value,
                )
                for value, count in (("Yes", some), ("No", row.count - some))
            ]  # fmt: skip
    return found


def seed_learners_groups(contact: Standing, centre: Centre) -> None:
    """What a centre said of some of its learners, and a file that waits to be loaded: one of its rows is faulty."""
    learners = list(Learner.objects.filter(centre=centre).order_by("pk")[:40])
    LearnerCharacteristic.objects.bulk_create(
        LearnerCharacteristic(learner=learner, characteristic=MEALS, value="Yes" if place % 3 == 0 else "No")
        for place, learner in enumerate(learners)
    )
    lines = [f"{learner.uln},Disability,{'Yes' if place % 4 == 0 else 'No'}" for place, learner in enumerate(learners)]
    text = "\n".join(["ULN,Characteristic,Group", *lines, "1234567890,Disability,No"])
    receive_characteristics(
        actor=contact, centre=centre, name="learners-groups.csv", content=text.encode(), back_to=""
    )  # fmt: skip


def explain_a_difference() -> None:
    """The first centre that has somebody to say so explains what was found; the others have not yet. Done once."""
    if DifferenceReason.objects.exists():
        return
    rows = open_rows(SenseRow.objects.filter(verdict=SenseRow.Verdict.FLAGGED, level=SenseRow.Level.QUALIFICATION))
    for row in rows.order_by("centre__number", "q", "key"):
        contact = holders({Role.QUALITY_CONTACT}, row.centre_id).first()
        standing = find_standing(contact, current_ao()) if contact else None
        if standing is not None:
            record_reason(
                actor=standing, row_id=row.pk, kinds=["intake", "teaching"], shown_digest=row.digest,
                text="These learners came with better results than in earlier years, and the course was taught in two "
                "smaller groups. Entry grades and timetables are kept with the department (synthetic).",
            )  # fmt: skip
            return
