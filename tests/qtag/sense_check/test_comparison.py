"""Comparing graded groups with their past: what must hold whatever the numbers."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qtag.sense_check.calibration import Calibration
from qtag.sense_check.comparison import Standing, calibrate, compare_groups
from qtag.sense_check.counts import GroupCounts, History, SenseCheckError, Settings
from tests.qtag.sense_check.conftest import Run

GRADES = 5
NUMBERS = ("standing", "flagged", "effect", "low", "high", "p", "confidence", "ratio", "past_mean", "shift")


def one_row(run: Run, now: list[int], past: list[list[int]], stand_in: tuple[bool, ...] = (False,) * 3):
    """Compare one group of the AO's own calibration: a centre that the run had not seen, on qualification 1."""
    width = run.world.now.counts.shape[1]
    counts = np.zeros((1, width), dtype=np.int64)
    counts[0, : len(now)] = now
    earlier = np.zeros((1, 3, width), dtype=np.int64)
    for year, grades in enumerate(past):
        earlier[0, year, : len(grades)] = grades
    group = GroupCounts(counts, np.array([10**6]), np.array([1]), np.array([0]))
    return compare_groups(group, History(earlier, stand_in), run.settings, run.calibration)


def same(first, second) -> bool:
    return all(np.array_equal(getattr(first, name), getattr(second, name), equal_nan=True) for name in NUMBERS)


class TestWholeAndIncremental:
    def test_one_centre_alone_has_the_same_numbers_as_in_the_whole_run(self, run: Run) -> None:
        for centre in (0, 17, 119):
            rows = run.world.now.centre == centre
            alone = compare_groups(
                run.world.now.take(rows), run.world.history.take(rows), run.settings, run.calibration
            )
            assert same(alone, run.comparisons.take(rows))

    def test_a_changed_submission_moves_its_own_row_and_no_other(self, run: Run) -> None:
        row = int(np.flatnonzero((run.comparisons.size >= 30) & (run.world.now.counts[:, 0] >= 5))[0])
        counts = run.world.now.counts.copy()
        counts[row, 0] -= 5
        counts[row, 3] += 5
        changed = compare_groups(
            replace(run.world.now, counts=counts), run.world.history, run.settings, run.calibration
        )
        others = np.arange(len(counts)) != row
        assert same(changed.take(others), run.comparisons.take(others))
        assert changed.p[row] != run.comparisons.p[row]

    def test_a_stored_calibration_comes_back_to_the_last_bit(self, run: Run) -> None:
        stored = json.loads(json.dumps(run.calibration.as_data()))
        read = Calibration.from_data(stored)
        assert read.version == run.calibration.version
        assert same(compare_groups(run.world.now, run.world.history, run.settings, read), run.comparisons)

    def test_other_settings_are_refused(self, run: Run) -> None:
        other = replace(run.settings, promised_false_discovery=0.1)
        with pytest.raises(SenseCheckError, match="settings changed"):
            compare_groups(run.world.now, run.world.history, other, run.calibration)

    def test_a_calibration_of_another_method_is_refused(self, run: Run) -> None:
        with pytest.raises(SenseCheckError, match="version 0"):
            Calibration.from_data({**run.calibration.as_data(), "method": 0})


class TestProperties:
    def test_the_order_of_rows_changes_nothing(self, run: Run) -> None:
        """Learners are counts, so their order cannot matter; here the order of centres does not either."""
        order = np.argsort(-run.world.now.centre, kind="stable")
        turned = compare_groups(run.world.now.take(order), run.world.history.take(order), run.settings, run.calibration)
        assert same(turned, run.comparisons.take(order))

    @hypothesis_settings(max_examples=60, deadline=None)
    @given(
        now=arrays(np.int64, GRADES, elements=st.integers(0, 4)),
        past=arrays(np.int64, (3, GRADES), elements=st.integers(0, 60)),
    )
    def test_sns_07_one_to_four_learners_are_never_flagged(self, run: Run, now: np.ndarray, past: np.ndarray) -> None:
        while now.sum() > 4:
            now[np.argmax(now)] -= 1
        found = one_row(run, now.tolist(), past.tolist())
        assert not found.flagged[0]
        assert found.standing[0] in (Standing.NOTHING_NOW, Standing.NO_BASELINE, Standing.TOO_FEW)
        assert found.p[0] == 1.0

    @hypothesis_settings(max_examples=60, deadline=None)
    @given(
        now=arrays(np.int64, GRADES, elements=st.integers(0, 40)),
        past=arrays(np.int64, (3, GRADES), elements=st.integers(10, 60)),
        grade=st.integers(0, GRADES - 2),
    )
    def test_moving_a_learner_up_moves_the_effect_up(
        self, run: Run, now: np.ndarray, past: np.ndarray, grade: int
    ) -> None:
        now[grade] += 31
        before = one_row(run, now.tolist(), past.tolist())
        now[grade] -= 1
        now[grade + 1] += 1
        after = one_row(run, now.tolist(), past.tolist())
        assert after.effect[0] > before.effect[0]
        if before.effect[0] > 0:
            assert after.p[0] <= before.p[0]
        if after.effect[0] < 0:
            assert after.p[0] >= before.p[0]

    @hypothesis_settings(max_examples=40, deadline=None)
    @given(
        now=arrays(np.int64, GRADES, elements=st.integers(0, 40)),
        past=arrays(np.int64, (3, GRADES), elements=st.integers(0, 40)),
    )
    def test_numbers_stay_within_the_scale(self, run: Run, now: np.ndarray, past: np.ndarray) -> None:
        found = one_row(run, now.tolist(), past.tolist())
        assert 0.0 <= found.p[0] <= 1.0
        if found.standing[0] >= Standing.TOO_FEW:
            assert found.low[0] <= found.effect[0] <= found.high[0]
            assert 0 <= found.past_mean[0] <= GRADES - 1

    def test_everybody_moving_alike_is_the_shift_of_the_year_and_nobody_s_flag(self) -> None:
        """The same past, and this year every learner of every centre one grade higher."""
        random = np.random.default_rng(3)
        past = random.multinomial(100, [0.3, 0.3, 0.2, 0.2, 0.0], size=(60, 2))
        now = np.roll(random.multinomial(100, [0.3, 0.3, 0.2, 0.2, 0.0], size=60), 1, axis=1)
        group = GroupCounts(now, np.arange(60), np.zeros(60, dtype=np.int64), np.zeros(60, dtype=np.int64))
        found = compare_groups(group, History(past, (False, False)), Settings())
        assert not found.flagged.any()
        assert found.separated
        np.testing.assert_allclose(found.shift, 1.0, atol=0.15)

    def test_one_centre_moving_alone_is_flagged(self) -> None:
        random = np.random.default_rng(3)
        past = random.multinomial(100, [0.3, 0.3, 0.2, 0.2, 0.0], size=(60, 2))
        now = random.multinomial(100, [0.3, 0.3, 0.2, 0.2, 0.0], size=60)
        now[5] = np.roll(now[5], 1)
        group = GroupCounts(now, np.arange(60), np.zeros(60, dtype=np.int64), np.zeros(60, dtype=np.int64))
        found = compare_groups(group, History(past, (False, False)), Settings())
        assert np.flatnonzero(found.flagged).tolist() == [5]
        assert found.low[5] > 0.5
        assert found.by_evidence[0] == 5

    @pytest.mark.parametrize("learners", [20, 100])
    def test_a_difference_of_no_concern_makes_every_other_less_remarkable(self, learners: int) -> None:
        """In small groups, whose exact distribution is that of no difference at all, as in large ones."""
        random = np.random.default_rng(3)
        past = random.multinomial(learners, [0.4, 0.3, 0.2, 0.1, 0.0], size=(60, 2))
        now = random.multinomial(learners, [0.4, 0.3, 0.2, 0.1, 0.0], size=60)
        now[5] = [0, 0, 0, learners // 2, learners // 2]
        group = GroupCounts(now, np.arange(60), np.zeros(60, dtype=np.int64), np.zeros(60, dtype=np.int64))
        p = [
            float(compare_groups(group, History(past, (False, False)), Settings(smallest_difference=less)).p[5])
            for less in (0.0, 0.3, 0.6, 0.9)
        ]
        assert p == sorted(set(p)) and p[-1] < 0.005


class TestStandings:
    STEADY = [[10, 20, 20, 10, 5], [10, 21, 19, 10, 5], [11, 19, 20, 10, 5]]

    def test_sns_04_a_new_centre_has_no_baseline(self, run: Run) -> None:
        found = one_row(run, [10, 20, 20, 10, 5], [])
        assert found.standing[0] == Standing.NO_BASELINE
        assert not found.flagged[0] and np.isnan(found.effect[0])

    def test_sns_03_examined_years_shut_out_a_stand_in_series(self, run: Run) -> None:
        marks = (False, False, True)
        with_it = one_row(run, [10, 20, 20, 10, 5], [*self.STEADY[:2], [0, 0, 0, 0, 500]], marks)
        without = one_row(run, [10, 20, 20, 10, 5], self.STEADY[:2], marks)
        assert not with_it.on_stand_in[0]
        assert same(with_it, without)

    def test_sns_03_a_stand_in_series_alone_is_used_and_marked(self, run: Run) -> None:
        found = one_row(run, [10, 20, 20, 10, 5], [[], [], self.STEADY[0]], (False, False, True))
        assert found.on_stand_in[0] and found.standing[0] == Standing.COMPARED
        assert found.years[0] == 1

    @pytest.mark.parametrize(
        ("now", "past", "standing"), [(4, 1000, 2), (1000, 4, 2), (5, 5, 2), (5, 6, 3), (30, 30, 3)]
    )
    def test_sns_07_too_few_by_the_harmonic_size(self, run: Run, now: int, past: int, standing: int) -> None:
        assert one_row(run, [now], [[0, past]]).standing[0] == standing

    def test_sns_07_a_volatile_past_speaks_more_softly_than_a_steady_one(self, run: Run) -> None:
        now = [5, 12, 20, 18, 10]
        steady = one_row(run, now, self.STEADY)
        volatile = one_row(run, now, [[30, 20, 10, 4, 1], [2, 8, 20, 20, 15], [15, 30, 15, 4, 1]])
        assert volatile.ratio[0] > 2 * steady.ratio[0]
        assert volatile.confidence[0] < steady.confidence[0]
        assert volatile.high[0] - volatile.low[0] > steady.high[0] - steady.low[0]

    def test_too_few_centres_to_tell_the_year_s_shift_is_said(self) -> None:
        group = GroupCounts(np.array([[5, 20, 5]]), np.array([1]), np.array([1]), np.array([1]))
        found = compare_groups(group, History(np.array([[[5, 20, 5]]]), (False,)), Settings())
        assert not found.separated and found.shift[0] == 0.0

    def test_no_rows_at_all(self) -> None:
        group = GroupCounts(np.zeros((0, 4), dtype=np.int64), *(np.zeros(0, dtype=np.int64) for _ in range(3)))
        calibration, found = calibrate(group, History(np.zeros((0, 2, 4), dtype=np.int64), (False, False)), Settings())
        assert len(found) == 0 and calibration.tail >= 1


class TestRefusals:
    def test_negative_counts(self) -> None:
        one = np.array([1])
        with pytest.raises(SenseCheckError, match="negative"):
            GroupCounts(np.array([[1, -1]]), one, one, one)

    def test_shares_instead_of_counts(self) -> None:
        one = np.array([1])
        with pytest.raises(SenseCheckError, match="whole numbers"):
            GroupCounts(np.array([[0.5, 0.5]]), one, one, one)

    def test_rows_that_do_not_belong_together(self, run: Run) -> None:
        with pytest.raises(SenseCheckError, match="same rows"):
            compare_groups(run.world.now.take([0, 1]), run.world.history.take([0]), run.settings)

    @pytest.mark.parametrize(
        "wrong",
        [{"promised_false_discovery": 0.0}, {"too_few": 20.0}, {"smallest_difference": -1.0}, {"size_bounds": (15, 5)}],
    )
    def test_settings_that_make_no_sense(self, wrong: dict[str, object]) -> None:
        with pytest.raises(SenseCheckError):
            Settings(**wrong)
