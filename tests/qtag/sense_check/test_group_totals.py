"""Groups of learners added up over centres: by sector, by qualification, and nothing that follows for few (SNS-02, SNS-08)."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qtag.sense_check.counts import Settings
from qtag.sense_check.group_gaps import learn_gaps
from qtag.sense_check.group_totals import FEWEST_CENTRES, Cut, Distances, Everywhere, add_up_groups, choose_shown
from tests.qtag.sense_check.gap_worlds import NAMES, make_gap_world

SETTINGS = Settings()
WORLDS = 12


def part(weights: dict[int, float]) -> Distances:
    """One qualification's rows, by centre how much each says."""
    centres = np.array(list(weights), dtype=np.int64)
    ones, zeros = np.ones(len(centres)), np.zeros(len(centres), dtype=np.int64)
    return Distances(
        zeros, centres, zeros, np.stack([ones, ones], axis=1), np.array(list(weights.values())), ones, ones
    )


def together(parts: list[Distances]) -> float:
    weights: dict[int, float] = {}
    for one in parts:
        for centre, weight in zip(one.centre.tolist(), one.weight.tolist(), strict=True):
            weights[centre] = weights.get(centre, 0.0) + weight
    return sum(weights.values()) ** 2 / sum(weight**2 for weight in weights.values())


weighed = st.dictionaries(st.integers(0, 40), st.sampled_from([5.0, 20.0, 300.0]), min_size=1, max_size=25)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.lists(weighed, min_size=1, max_size=5), min_size=1, max_size=4))
def test_sns_08_nothing_that_follows_by_subtraction_rests_on_few_centres(country: list[list[dict[int, float]]]) -> None:
    """SNS-08: qualifications that the same shown rows contain cannot be told apart by any sums of them. Each such part of what is
    shown rests on enough centres, whichever rows are added and subtracted."""
    sectors = [[part(weights) for weights in qualifications] for qualifications in country]
    everything = [one for parts in sectors for one in parts]
    is_whole = together(everything) >= FEWEST_CENTRES
    shown, told = choose_shown(sectors)
    apart: dict[tuple[bool, int, tuple[int, int]], list[Distances]] = {}
    for number, parts in enumerate(sectors):
        for place, one in enumerate(parts):
            sector = number if shown[number] else -1
            mine = (number, place) if told[number][place] else (-1, -1)
            if is_whole or sector >= 0 or mine != (-1, -1):
                apart.setdefault((is_whole, sector, mine), []).append(one)
    assert all(together(parts) >= FEWEST_CENTRES for parts in apart.values())


def test_what_may_be_shown_is_shown() -> None:
    """SNS-08: two qualifications of twelve centres each hide nothing; a third of three centres hides the smaller of them."""
    large, larger = part(dict.fromkeys(range(12), 5.0)), part(dict.fromkeys(range(14), 5.0))
    small = part(dict.fromkeys(range(3), 5.0))
    assert choose_shown([[large, larger]]) == ([True], [[True, True]])
    assert choose_shown([[large, larger, small]]) == ([True], [[False, True, False]])
    # In a sector of its own it hides the smaller of the sectors, whose qualifications would tell of it, too.
    assert choose_shown([[large], [larger], [small]]) == ([False, True, False], [[False], [True], [False]])
    assert choose_shown([[small]]) == ([False], [[False]])


def test_of_one_centre_that_outweighs_the_others_nothing_is_told() -> None:
    dominant = part({0: 300.0} | dict.fromkeys(range(1, 30), 5.0))
    assert dominant.effective < FEWEST_CENTRES and choose_shown([[dominant]]) == ([False], [[False]])


def rows_of(seed: int, **moved: float) -> list[Everywhere]:
    """Of four qualifications in two sectors."""
    world = make_gap_world(seed, centres=24, qualifications=4, **moved)  # type: ignore[arg-type]
    told = np.ones(len(world.cells), dtype=bool)
    sectors = {0: "Art", 1: "Art", 2: "Trade", 3: "Trade"}
    return learn_gaps(world.cells, NAMES, world.grades, SETTINGS, told, sectors).everywhere


def test_sns_02_each_cut_has_its_rows_and_hardly_any_is_flagged_where_nothing_moved() -> None:
    remarkable, flagged, rows = 0, 0, 0
    for seed in range(WORLDS):
        found = rows_of(seed)
        cuts = [one.cut for one in found]
        assert [cuts.count(cut) for cut in Cut] == [1, 2, 4]
        assert {(one.sector, one.qualification) for one in found if one.cut == Cut.QUALIFICATION} == {
            ("Art", 0), ("Art", 1), ("Trade", 2), ("Trade", 3)
        }  # fmt: skip
        assert sum(one.learners for one in found if one.cut == Cut.SECTOR) == found[0].learners
        remarkable += sum(one.p is not None and one.p < 0.05 for one in found if one.cut != Cut.WHOLE)
        flagged += sum(one.flagged for one in found)
        rows += len(found) - 1
    # 5 % of 72 rows, and three standard errors of that.
    assert rows == 72 and remarkable <= 9 and flagged <= 6


def test_sns_02_a_distance_that_moved_everywhere_is_found_in_each_cut() -> None:
    found = rows_of(3, everywhere=-0.4)
    assert all(
        one.flagged and one.effect is not None and one.effect < 0 for one in found if one.cut != Cut.QUALIFICATION
    )
    assert sum(one.flagged for one in found if one.cut == Cut.QUALIFICATION) >= 3


def test_a_distance_that_moved_in_one_qualification_is_found_there() -> None:
    """The change of one is diluted in the whole; its own row shows it, and its neighbour's does not."""
    rows = Distances(
        np.zeros(40, dtype=np.int64), np.tile(np.arange(20), 2), np.repeat([7, 8], 20), np.full((40, 2), 10.0),
        np.full(40, 5.0), np.concatenate([np.linspace(-0.5, -0.3, 20), np.linspace(-0.3, 0.3, 20)]), np.zeros(40),
    )  # fmt: skip
    found = {
        one.qualification: one for one in add_up_groups(rows, {7: "Art", 8: "Trade"}, SETTINGS) if one.qualification
    }
    assert found[7].flagged and not found[8].flagged
    assert found[7].sector == "Art" and found[7].effect is not None and abs(found[7].effect + 0.4) < 1e-9


def test_a_qualification_of_no_sector_has_a_place_of_its_own() -> None:
    rows = Distances(
        np.zeros(24, dtype=np.int64), np.tile(np.arange(12), 2), np.repeat([7, 8], 12), np.full((24, 2), 10.0),
        np.full(24, 5.0), np.linspace(-1, 1, 24), np.zeros(24),
    )  # fmt: skip
    named = {one.sector for one in add_up_groups(rows, {7: "Art", 8: ""}, SETTINGS) if one.cut == Cut.SECTOR}
    assert named == {"Art", "–"}
