"""What the AO records about centres, qualifications and suites is what a run goes by, and only while it holds (SNS-02 to -06)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from awarding.accounts.roles import Role
from awarding.accounts.standing import Process, Standing
from awarding.catalogue.models import Qualification
from awarding.tenancy.scope import open_scope
from qtag.models import PastResults, SenseRow
from qtag.services.changes import (
    record_centre_change,
    record_qualification_change,
    set_comparison_terms,
    withdraw_change,
)
from qtag.services.sense_run import run_sense_check
from tests.factories import make_ao, make_standing
from tests.factories.history import GRADES, Past, make_past

SERIES = ("2018-summer", "2019-summer", "2021-summer")


@pytest.fixture
def past(db: None) -> Past:
    """Three centres, two qualifications of one sector, level and type, forty learners of each a year."""
    ao = make_ao("aim")
    with open_scope(ao):
        return make_past(ao, centres=3, grades=(GRADES, GRADES), series=SERIES)


@pytest.fixture
def admin(past: Past) -> Standing:
    with open_scope(past.ao):
        return make_standing(past.ao, Role.AO_ADMIN)


def run(past: Past) -> None:
    run_sense_check(actor=Process("test"), ao=past.ao)


def members(past: Past, level: str) -> list[list[int]]:
    """The qualifications in each of the first centre's rows of a wider level."""
    with open_scope(past.ao):
        rows = SenseRow.objects.filter(centre=past.centres[0], level=level).values_list("figures", flat=True)
        return sorted(figures["members"] for figures in rows)


def past_size(past: Past, centre: int, qualification: int = 0) -> int | None:
    """Learners in the earlier years of a row; None where there is no row."""
    with open_scope(past.ao):
        rows = SenseRow.objects.filter(centre=past.centres[centre], qualification=past.qualifications[qualification])
        return rows.values_list("past_size", flat=True).first()


@pytest.mark.parametrize(
    ("fields", "suite", "parted"),
    [
        ({}, "", False),
        ({"sector": "Engineering"}, "", True),
        ({"level": "Level 3"}, "", True),
        ({"type": "Applied General"}, "", True),
        ({}, "Nationals", True),
    ],
)
def test_sns_02_suites_are_sector_by_level_by_suite(past, admin, fields, suite, parted) -> None:
    """SNS-02: one that differs in any of the three stands apart; the centre as a whole holds all."""
    first, second = (one.pk for one in past.qualifications)
    with open_scope(past.ao):
        Qualification.objects.filter(pk=second).update(**fields)
        if suite:
            set_comparison_terms(actor=admin, qualification=past.qualifications[1], compared_by="", suite=suite)
    run(past)
    assert members(past, "suite") == ([[first], [second]] if parted else [[first, second]])
    assert members(past, "centre") == [[first, second]]


@pytest.mark.parametrize(("days", "is_withdrawn", "out"), [(0, False, True), (1, False, False), (-1, True, False)])
def test_sns_05_an_end_counts_from_its_day_and_while_it_holds(past, admin, days, is_withdrawn, out) -> None:
    """SNS-05: today it is no longer offered; one that ends tomorrow is, and one recorded by mistake is again."""
    first, second = (one.pk for one in past.qualifications)
    with open_scope(past.ao):
        ended = record_qualification_change(
            actor=admin, kind="discontinued", from_qualification=past.qualifications[1], to_qualification=None,
            effective_on=timezone.localdate() + dt.timedelta(days=days), reason="Ended",
        )  # fmt: skip
        if is_withdrawn:
            withdraw_change(actor=admin, change=ended, reason="It goes on")
    run(past)
    for level in ("suite", "centre"):
        assert members(past, level) == ([[first]] if out else [[first, second]])


def test_sns_04_a_merger_counts_until_it_is_withdrawn(past, admin) -> None:
    """SNS-04: the history of both at the one that goes on, none at the other; as before when it was a mistake."""
    with open_scope(past.ao):
        merged = record_centre_change(
            actor=admin, kind="merger", from_centre=past.centres[0], to_centre=past.centres[1],
            effective_on=dt.date(2020, 9, 1), reason="They merged",
        )  # fmt: skip
    run(past)
    assert (past_size(past, 0), past_size(past, 1), past_size(past, 2)) == (0, 160, 80)
    with open_scope(past.ao):
        withdraw_change(actor=admin, change=merged, reason="The wrong centre")
    run(past)
    assert (past_size(past, 0), past_size(past, 1), past_size(past, 2)) == (80, 80, 80)


@pytest.mark.parametrize(("is_withdrawn", "sizes"), [(False, [0, 160]), (True, [80, 80])])
def test_sns_04_a_new_number_carries_the_history_while_it_holds(past, admin, is_withdrawn, sizes) -> None:
    """SNS-04: renamed; and recorded by mistake."""
    old, new = past.qualifications
    with open_scope(past.ao):
        renamed = record_qualification_change(
            actor=admin, kind="renamed", from_qualification=old, to_qualification=new,
            effective_on=dt.date(2020, 9, 1), reason="A new number",
        )  # fmt: skip
        if is_withdrawn:
            withdraw_change(actor=admin, change=renamed, reason="Another one")
    run(past)
    assert [past_size(past, 0, number) for number in (0, 1)] == sizes


@pytest.mark.parametrize(("compared_by", "by_volume"), [("volume", True), ("grades", False), ("", False)])
def test_sns_06_what_the_ao_says_goes_before_the_scale(past, admin, compared_by, by_volume) -> None:
    """SNS-06: grades or volume as the AO says; a pass and fail scale that it compares by grades, too."""
    with open_scope(past.ao):
        set_comparison_terms(actor=admin, qualification=past.qualifications[0], compared_by=compared_by)
        other = past.qualifications[1]
        other.scale.grades.exclude(code="D").update(is_achieved=False)
        set_comparison_terms(actor=admin, qualification=other, compared_by=compared_by)
    run(past)
    with open_scope(past.ao):
        rows = SenseRow.objects.filter(centre=past.centres[0], level="qualification").order_by("qualification_id")
        found: list[Any] = list(rows.values_list("by_volume", "figures"))
    # Left to the scale, one grade to achieve is pass and fail.
    assert [one[0] for one in found] == [by_volume, by_volume or not compared_by]
    if found[1][0]:
        with open_scope(past.ao):
            achieved = PastResults.objects.get(
                centre=past.centres[0], qualification=other, series="2021-summer", grade="D"
            )
        assert found[1][1]["now"] == achieved.count, "who did not achieve is no volume"
