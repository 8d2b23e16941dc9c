"""What a head of centre reads."""

from __future__ import annotations

import numpy as np
import pytest

from qtag.sense_check.comparison import Standing
from qtag.sense_check.counts import Settings
from qtag.sense_check.volumes import calibrate_volumes
from qtag.sense_check.words import explain, explain_volume
from tests.qtag.sense_check.conftest import Run
from tests.qtag.sense_check.test_comparison import TestStandings, one_row
from tests.qtag.sense_check.test_volumes import country


def test_sns_04_a_new_centre_is_told_so_and_what_else_to_look_at(run: Run) -> None:
    said = " ".join(explain(one_row(run, [10, 20, 20, 10, 5], []), 0))
    assert "no earlier results" in said and "Look instead" in said


def test_sns_07_too_few_says_that_nothing_has_to_be_explained(run: Run) -> None:
    said = " ".join(explain(one_row(run, [0, 0, 4], TestStandings.STEADY), 0))
    assert "4 learners this year" in said and "Nothing has to be explained" in said
    assert "higher" not in said and "lower" not in said


def test_sns_03_another_principle_is_marked(run: Run) -> None:
    found = one_row(run, [10, 20, 20, 10, 5], [[], [], TestStandings.STEADY[0]], (False, False, True))
    assert "another principle" in " ".join(explain(found, 0))


def test_a_flag_asks_for_the_reason_and_an_ordinary_difference_does_not(run: Run) -> None:
    flagged = int(np.flatnonzero(run.comparisons.flagged & (run.comparisons.effect > 0))[0])
    said = " ".join(explain(run.comparisons, flagged))
    assert "higher than expected" in said and "record the reason" in said
    plain = one_row(run, *([row for row in (TestStandings.STEADY[0],)]), TestStandings.STEADY)
    assert "record the reason" not in " ".join(explain(plain, 0))


def test_a_range_says_its_direction_in_words(run: Run) -> None:
    """Higher, lower and across: no minus sign, which is read over, and no word of a statistician's."""
    compared, effect = run.comparisons, run.comparisons.effect
    across = (compared.low < 0) & (compared.high > 0)
    shown = (compared.standing == Standing.COMPARED) & (np.abs(effect) > 0.02)
    ends = {
        "higher.": shown & (compared.low > 0.02),
        "lower.": shown & (compared.high < -0.02),
        "lower to": shown & across & (effect > 0),
    }
    for end, rows in ends.items():
        said = next(one for one in explain(compared, int(np.flatnonzero(rows)[0])) if "On average" in one)
        assert "allowing for chance and the usual ups and downs, from" in said and end in said.split("allowing")[1]
        assert "-" not in said and "interval" not in said


def test_a_reason_that_is_given_is_not_asked_for_again(run: Run) -> None:
    flagged = int(np.flatnonzero(run.comparisons.flagged)[0])
    for to_centre, words in ((True, "record the reason"), (False, "asked for the reason")):
        assert words in " ".join(explain(run.comparisons, flagged, to_centre=to_centre))
        assert words not in " ".join(explain(run.comparisons, flagged, to_centre=to_centre, asks=False))


@pytest.mark.parametrize("grade", ["Pass", "Merit", "Distinction", "should have", "ought to"])
def test_sns_10_no_sentence_names_or_suggests_a_grade(run: Run, grade: str) -> None:
    for row in range(0, len(run.comparisons), 7):
        assert grade not in " ".join(explain(run.comparisons, row))


def test_sns_10_comparing_leaves_the_counts_alone(run: Run) -> None:
    now = run.world.now.counts.copy()
    past = run.world.history.counts.copy()
    one_row(run, [10, 20, 20, 10, 5], TestStandings.STEADY)
    assert np.array_equal(run.world.now.counts, now) and np.array_equal(run.world.history.counts, past)


def test_sns_06_volumes_are_told_as_times_what_was_expected() -> None:
    volumes = country(1)
    row = int(np.argmax(volumes.now))
    volumes.now[row] *= 3
    said = " ".join(explain_volume(calibrate_volumes(volumes, Settings())[1], row))
    assert "times what equal earlier periods" in said and "record the reason" in said
    # The range holds volatility, too: it is not that of chance alone.
    assert "Chance and the usual ups and downs give from" in said and "chance alone" not in said
