"""Dates as people type them."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awarding.spreadsheets.dates import read_date

SEPTEMBER = datetime.date(2019, 9, 1)


@pytest.mark.parametrize(
    "cell",
    [
        "01/09/2019", "1/9/2019", "1.9.2019", "01-09-2019", " 1 / 9 / 2019 ", "2019-09-01", "2019/09/01", "1 Sept 2019",
        "1st September 2019", "1 sep 2019", "1-Sep-2019", "Sunday 1 September 2019", "1 of September, 2019",
        "September 1, 2019", "Sept 1st 2019", "2019-09-01T00:00:00", "2019-09-01 00:00:00", "01/09/2019 00:00:00",
        ["d", "2019-09-01"], ["t", "2019-09-01T10:30:00"],
    ],
)  # fmt: skip
def test_dates_are_read(cell):
    assert read_date(cell).value == SEPTEMBER


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("09/25/2019", "us_date_order"), ("13/25/2019", "not_a_date"), ("31/02/2019", "not_a_date"),
        ("02/30/2019", "not_a_date"), ("1 Foo 2019", "not_a_date"), ("1/9/19", "short_year"), ("1 Sep 19", "short_year"),
        ("01/09/1019", "date_out_of_range"), ("01/09/2919", "date_out_of_range"), ("soon", "not_a_date"),
        ("2019", "not_a_date"), (37652, "not_a_date"), (37652.5, "not_a_date"), (True, "not_a_date"),
        (["h", "3:04:00"], "not_a_date"), (["d", "1899-12-31"], "date_out_of_range"), ("99999999", "not_a_date"),
        ("0/1/2019", "not_a_date"), ("20191301", "not_a_date"), ("２０１９-09-01", "not_a_date"),
    ],
)  # fmt: skip
def test_dates_that_are_not_certain_are_refused_with_a_remedy(cell, code):
    reading = read_date(cell)
    assert reading.value is None
    assert reading.problem[0] == code
    assert reading.problem[1] and reading.problem[2]


def test_a_number_in_a_date_column_says_what_date_it_would_be():
    assert "31/01/2003" in read_date(37652.0).problem[1]


@pytest.mark.parametrize("cell", ["20190901", "01092019", 20190901.0])
def test_eight_digits_are_read_where_only_one_reading_is_a_date(cell):
    assert read_date(cell).value == SEPTEMBER


def test_blank_is_neither_a_date_nor_a_problem():
    assert read_date(" \u00a0").value is None
    assert read_date(" \u00a0").problem is None


@given(st.dates(datetime.date(1901, 1, 1), datetime.date(2099, 12, 31)))
def test_every_date_reads_back_in_each_way_of_writing_it(date):
    for form in ("%d/%m/%Y", "%Y-%m-%d", "%d %B %Y", "%d %b %Y", "%B %d, %Y", "%d.%m.%Y"):
        assert read_date(date.strftime(form)).value == date
    american = read_date(date.strftime("%m/%d/%Y"))
    assert american.order == ("us" if date.day > 12 else "" if date.day == date.month else "either")
    assert (american.value is None) == (date.day > 12)


@given(st.text() | st.integers() | st.floats())
def test_any_cell_at_all_is_read_or_refused(cell):
    reading = read_date(cell)
    assert reading.value is None or reading.problem is None
