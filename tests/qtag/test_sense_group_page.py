"""What the page of one group says about how it was compared, each rule where it holds and nowhere else."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest

from awarding.accounts.roles import Role
from awarding.tenancy.scope import open_scope
from qtag.models import SenseRow
from tests.factories import make_qualification
from tests.factories.qtags import make_moves
from tests.factories.sense import FIGURES, make_row
from tests.qtag.conftest import Scene

VOLUMES = {
    "weeks": 52, "now": 12,
    "past": [{"series": "2018-summer", "stands_in": False, "count": 20, "weeks": 26}],
}  # fmt: skip


@pytest.fixture
def submitted(agreed: Scene) -> Scene:
    with open_scope(agreed.ao):
        make_moves(agreed.people[Role.QUALITY_CONTACT], agreed.submission, "submit")
    return agreed


def page_of(scene: Scene, row: SenseRow, role: Role = Role.AO_ADMIN) -> str:
    return scene.client(role).get(scene.url(f"sense-check/groups/{row.pk}/")).content.decode()


def test_sns_05_the_wider_view_names_what_is_no_longer_offered_and_only_that(submitted: Scene) -> None:
    """SNS-05, SNS-02: left out by name; a view from which nothing was left out says nothing of it."""
    with open_scope(submitted.ao):
        taught, ended = submitted.submission.qualification, make_qualification(title="Ended long ago")
        with_ended = make_row(submitted.centre, figures={"members": [taught.pk], "left_out": [ended.pk]})
        page = page_of(submitted, with_ended)
        assert "Left out" in page and "Ended long ago" in page and "/rules/SNS-05/" in page and "/rules/SNS-02/" in page
        SenseRow.objects.filter(pk=with_ended.pk).update(figures={"members": [taught.pk], "left_out": []})
    page = page_of(submitted, with_ended)
    assert "Left out" not in page and "/rules/SNS-05/" not in page


def test_sns_06_a_volume_is_shown_over_equal_periods_and_a_graded_group_by_its_grades(submitted: Scene) -> None:
    """SNS-06: twenty in half a year stand as forty in a whole one; a graded group is not compared so."""
    with open_scope(submitted.ao):
        row = make_row(submitted.centre, submitted.submission.qualification, by_volume=True, figures=VOLUMES)
    page = page_of(submitted, row)
    assert "/rules/SNS-06/" in page and "20 in 26 weeks" in page and "12 in 52 weeks" in page
    with open_scope(submitted.ao):
        SenseRow.objects.all().delete()
        graded = make_row(submitted.centre, submitted.submission.qualification)
    assert "/rules/SNS-06/" not in page_of(submitted, graded)


@pytest.mark.parametrize("by_volume", [False, True])
def test_sns_03_a_series_on_another_principle_is_marked_in_the_chart_and_in_the_table(
    submitted: Scene, by_volume: bool
) -> None:
    """SNS-03: by grades for whoever sees them, and by volume; a series of examinations carries no mark."""
    figures: Any = copy.deepcopy(VOLUMES if by_volume else FIGURES)
    with open_scope(submitted.ao):
        row = make_row(submitted.centre, submitted.submission.qualification, by_volume=by_volume, figures=figures)
    assert "another principle" not in page_of(submitted, row, Role.QUALITY_CONTACT)
    figures["past"].append(figures["past"][0] | {"series": "2020-summer", "stands_in": True})
    with open_scope(submitted.ao):
        SenseRow.objects.filter(pk=row.pk).update(figures=figures)
    page = page_of(submitted, row, Role.QUALITY_CONTACT)
    assert ">on another principle: not counted</text>" in page and "Summer 2018 (on" not in page
    assert "Summer 2020 (on another principle: not counted)" in page
    with open_scope(submitted.ao):
        SenseRow.objects.filter(pk=row.pk).update(figures=figures | {"past": figures["past"][-1:]})
    page = page_of(submitted, row, Role.QUALITY_CONTACT)
    assert ">on another principle</text>" in page and "not counted" not in page


def test_sns_03_the_shares_of_earlier_years_are_those_of_the_years_that_count(submitted: Scene) -> None:
    """SNS-03: a 2020 full of Distinctions moves no bar beside years of examinations, and is the bar where there are none."""
    figures: Any = copy.deepcopy(FIGURES)
    generous = {"series": "2020-summer", "stands_in": True, "counts": [0, 0, 64]}
    with open_scope(submitted.ao):
        row = make_row(submitted.centre, submitted.submission.qualification, figures=figures)
    bars = []
    for past in (figures["past"], [*figures["past"], generous], [generous]):
        with open_scope(submitted.ao):
            SenseRow.objects.filter(pk=row.pk).update(figures=figures | {"past": past})
        page = page_of(submitted, row, Role.QUALITY_CONTACT)
        chart = page.split('aria-labelledby="sense-shares-title')[1].split("</svg>")[0]
        bars.append(re.findall(r">([0-9.]+%)<", chart))
    assert bars[0] == bars[1] == ["66.7%", "20.3%", "26.7%", "45.3%", "6.7%", "34.4%"]
    assert bars[2][1] == "100.0%"


@pytest.mark.parametrize(
    ("verdict", "rule", "words"),
    [("no_baseline", "SNS-04", "What to look at instead"), ("too_few", "SNS-07", "nothing has to be explained")],
)
def test_sns_04_and_07_what_cannot_be_compared_is_said_with_its_rule(
    submitted: Scene, verdict: str, rule: str, words: str
) -> None:
    """SNS-04, SNS-07: said where it is so, and not of a group that was compared."""
    with open_scope(submitted.ao):
        row = make_row(submitted.centre, submitted.submission.qualification)
    assert f"/rules/{rule}/" not in page_of(submitted, row)
    with open_scope(submitted.ao):
        SenseRow.objects.filter(pk=row.pk).update(verdict=verdict, effect=None, too_few_reason="now")
    page = page_of(submitted, row)
    assert words in page and f"/rules/{rule}/" in page


def test_a_mean_grade_says_what_its_grades_count(submitted: Scene) -> None:
    """For whoever sees grades: each of a short scale, both ends of a long one."""
    figures: Any = copy.deepcopy(FIGURES)
    with open_scope(submitted.ao):
        row = make_row(submitted.centre, submitted.submission.qualification, figures=figures)
    each = ", ".join(f"{grade}\u00a0=\u00a0{place}" for place, grade in enumerate(figures["grades"]))
    assert f"In means the grades count {each}." in page_of(submitted, row, Role.QUALITY_CONTACT)
    assert "In means" not in page_of(submitted, row)
    longer = [f"G{place}" for place in range(9)]
    figures["grades"] = longer
    for side in (figures, *figures["past"]):
        name = "now" if side is figures else "counts"
        side[name] = [*side[name], *[0] * (9 - len(side[name]))]
    with open_scope(submitted.ao):
        SenseRow.objects.filter(pk=row.pk).update(figures=figures)
    shown = page_of(submitted, row, Role.QUALITY_CONTACT)
    assert "In means G0 counts 0 and each grade above it 1 more, up to G8 = 8." in shown
