"""Charts of a comparison: geometry that keeps within the page, words for those who do not see it, grey enough for all."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from awarding.ui.interval_chart import IntervalChart, IntervalRow
from awarding.ui.share_chart import Share
from tests.ui.chart_examples import interval_example, share_example
from tests.ui.gallery import show

values = st.floats(-20, 20, allow_nan=False)


def number(place: str) -> float:
    return float(place.removesuffix("%"))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(values, values, values), min_size=1, max_size=6))
def test_no_mark_and_no_interval_leaves_the_chart(rows: list[tuple[float, float, float]]) -> None:
    drawn = chart_of(rows).drawn
    for row, (value, one, other) in zip(drawn, rows, strict=True):
        assert 3.9 <= number(row.place) <= 96.1
        assert number(row.start) >= 3.9 and number(row.start) + number(row.width) <= 97
        assert (value > max(one, other)) <= (number(row.place) >= number(row.end) - 0.01)


def chart_of(rows: list[tuple[float, float, float]]) -> IntervalChart:
    lines = [IntervalRow("", value, "", min(one, other), max(one, other)) for value, one, other in rows]
    return replace(interval_example(), rows=lines)


def test_a_scale_of_one_place_still_draws() -> None:
    flat = replace(interval_example(), rows=[IntervalRow("2019", 1.0, "1.00")], ticks=[(1.0, "Merit")])
    assert flat.drawn[0].place == "50.00%"
    assert replace(flat, rows=[]).drawn == []


def test_an_interval_chart_is_told_in_words_and_in_figures() -> None:
    html = show("{% interval_chart chart %}", chart=interval_example())
    assert 'role="img"' in html and "lies above what earlier years lead to expect" in html
    assert html.count("1.90, 30 learners") == 2, "beside its mark and in the table"
    assert "style=" not in html and "<style" not in html
    # Shapes and hatching, not colours, tell what is what.
    assert html.count("portal-chart__main") == 2 and html.count("portal-chart__other") == 3
    assert html.count("url(#interval-chart-hatch)") == 2
    assert "portal-chart__reference" in show("{% interval_chart c %}", c=replace(interval_example(), reference=0.5))


def test_a_note_has_a_line_of_its_own_and_pushes_no_figure_away() -> None:
    """A line with a note is taller by the note; those before and after it keep their distance, and nothing overlaps."""
    rows = [IntervalRow("2019", 1.0, "1.00"), IntervalRow("2020", 1.1, "1.10, 96 learners", note="on another principle"),
            IntervalRow("This year", 1.2, "1.20", is_main=True)]  # fmt: skip
    chart = replace(interval_example(), rows=rows)
    first, noted, last = chart.drawn
    assert noted.label_y < noted.note_y < noted.bar_y and noted.mark_y + 9 < last.label_y
    assert (noted.label_y - first.label_y, last.label_y - noted.label_y) == (46, 66)
    assert chart.axis_y == last.label_y - 16 + 46
    html = show("{% interval_chart chart %}", chart=chart)
    assert "</tspan> 1.10, 96 learners</text>" in html and html.count(">on another principle</text>") == 1
    assert "another principle" not in show("{% interval_chart chart %}", chart=interval_example())


def test_text_of_a_chart_is_escaped() -> None:
    bad = replace(interval_example(), title="<b>", rows=[IntervalRow("<i>", 1.0, "<u>", note="<s>")])
    html = show("{% interval_chart chart %}", chart=bad)
    assert "<b>" not in html and "<i>" not in html and "<u>" not in html and "<s>" not in html


def test_shares_are_of_each_side_s_own_total() -> None:
    first, second, third = share_example().drawn
    assert (first.now, first.before) == ("80.0%", "27.3%")
    assert (third.now, third.now_width) == ("0.0%", "0.00%")
    assert number(first.now_width) == 78 > number(second.before_width) > number(first.before_width)
    html = show("{% share_chart chart %}", chart=share_example())
    assert "More Distinctions than before." in html and "style=" not in html


def test_a_side_without_learners_has_no_shares() -> None:
    alone = replace(share_example(), shares=[Share("Merit", 3, 0)])
    assert (alone.drawn[0].now, alone.drawn[0].before, alone.drawn[0].before_width) == ("100.0%", "–", "0.00%")
    assert replace(alone, shares=[]).drawn == []
