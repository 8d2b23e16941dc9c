"""Identifiers are read whatever a spreadsheet did to them, or refused with the remedy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awarding import identifiers as ids

DIGITS = st.text("0123456789", min_size=7, max_size=7)


@pytest.mark.parametrize(
    "text", ["601/7159/5", "60171595", " 601 7159 5 ", "601-7159-5", 60171595, 60171595.0, "６０１/7159/5"]
)
def test_qan_is_read_with_and_without_obliques(text):
    assert ids.parse_qan(text) == ids.Qan(number="60171595", display="601/7159/5", check_failed=False)


@pytest.mark.parametrize("text", ["600/5640/X", "6005640x", "500/4059/5", "610/0006/8", "50079116"])
def test_qan_check_characters_that_are_in_use_fit(text):
    assert ids.parse_qan(text).check_failed is False


@pytest.mark.parametrize("text", ["123/1234/1", "601/7159/6", "610/0143/1"])
def test_qan_with_a_wrong_check_character_only_warns(text):
    assert ids.parse_qan(text).check_failed is True


@pytest.mark.parametrize("digits", ["6100000", "6100006", "6100142"])
def test_qan_of_the_early_610_range_fits_either_sum(digits):
    fits = ids.qan_check_characters(digits)
    assert 1 <= len(fits) <= 2
    assert all(not ids.parse_qan(digits + last).check_failed for last in fits)


def test_qan_610_0143_is_the_first_with_one_sum_only():
    assert len(ids.qan_check_characters("6100143")) == 1
    assert len(ids.qan_check_characters("6100006")) == 2


@pytest.mark.parametrize("text", ["601/7159", "601/7159/55", "60171595A", "ABC", "601//71595", 6017159, "٦٠١/7159/5x"])
def test_qan_of_a_wrong_shape_is_refused(text):
    with pytest.raises(ids.QanError) as caught:
        ids.parse_qan(text)
    assert caught.value.code == "qan_shape"
    assert "601/7159/5" in caught.value.fix


@given(DIGITS, st.sampled_from("0123456789X"))
def test_qan_round_trips_through_both_spellings(digits, last):
    qan = ids.parse_qan(digits + last)
    assert ids.parse_qan(qan.display) == qan
    assert qan.check_failed is (last not in ids.qan_check_characters(digits))


@given(DIGITS, st.integers(0, 6), st.integers(1, 9))
def test_qan_outside_the_early_range_notices_any_single_wrong_digit(digits, place, shift):
    wrong = digits[:place] + str((int(digits[place]) + shift) % 10) + digits[place + 1 :]
    if digits.startswith(("61000", "61001")) or wrong.startswith(("61000", "61001")):
        return
    (last,) = ids.qan_check_characters(digits)
    assert ids.parse_qan(wrong + last).check_failed


@pytest.mark.parametrize("text", ["K/501/5773", "k5015773", "Y/505/4889", "J/601/7282"])
def test_unit_reference_is_read(text):
    unit = ids.parse_unit_reference(text)
    assert not unit.check_failed
    assert unit.number == unit.display.replace("/", "")


def test_unit_reference_with_another_letter_only_warns():
    assert ids.parse_unit_reference("L/501/5773").check_failed
    assert ids.parse_unit_reference("E/501/5773").check_failed


@pytest.mark.parametrize("text", ["5015773", "KK/501/5773", "K/501/577", 5015773.0, "5E015773"])
def test_unit_reference_of_a_wrong_shape_is_refused(text):
    with pytest.raises(ids.UnitReferenceError) as caught:
        ids.parse_unit_reference(text)
    assert caught.value.code in {"unit_reference_shape", "unit_reference_damaged"}


@pytest.mark.parametrize("uln", ["1000102504", "4444599390", "6936002314", "1174112637"])
@pytest.mark.parametrize("kind", [str, int, float, "{}.0".format, " {} ".format, "\u00a0{}".format])
def test_uln_is_read_from_text_and_from_numbers(uln, kind):
    assert ids.parse_uln(kind(uln)) == uln


def test_uln_with_thousands_separators_is_read():
    assert ids.parse_uln("1,000,102,504") == "1000102504"


@pytest.mark.parametrize("uln", ["1000102508", "1234567890", "1002345567"])
def test_uln_with_a_wrong_check_digit_is_refused(uln):
    with pytest.raises(ids.UlnError) as caught:
        ids.parse_uln(uln)
    assert caught.value.code == "uln_check"


@given(st.lists(st.one_of(st.integers(0, 10**10 - 1).map(lambda n: f"{n:010}"), st.sampled_from(
    ["1000102504", "4444599390", "9999999999", "1000102508", " 1000102504", "1000102504.0", "", "x", 1000102504.0, None,
     "１０００１０２５０４", "10001025044444599390"]
))))  # fmt: skip
def test_many_ulns_at_once_are_judged_as_each_alone(values):
    def is_plain(value):
        try:
            return ids.parse_uln(value) == value
        except ids.UlnError:
            return False

    assert ids.are_plain_ulns(values) == all(map(is_plain, values))


@given(st.lists(st.integers(100_000_000, 999_999_999), min_size=1))
def test_many_good_ulns_at_once_are_plain_and_one_wrong_digit_is_seen(numbers):
    ulns = [f"{n}{d}" for n in numbers if (d := ids.uln_check_digit(str(n))) is not None]
    assert ids.are_plain_ulns(ulns)
    wrong = [*ulns, "1000102505"]
    assert not ids.are_plain_ulns(wrong)


def test_uln_that_is_temporary_is_let_through_and_flagged():
    assert ids.is_temporary_uln(ids.parse_uln(9999999999.0))
    assert not ids.is_temporary_uln(ids.parse_uln("1000102504"))


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("1.0001E+09", "uln_damaged"),
        ("1E9", "uln_damaged"),
        (1000102504.5, "uln_damaged"),
        (1e20, "uln_damaged"),
        (float("nan"), "uln_damaged"),
        (float("inf"), "uln_damaged"),
        ("10001025041", "uln_length"),
        ("100010250", "uln_length"),
        ("0001025041", "uln_length"),
        ("10001O2504", "uln_characters"),
        ("-1000102504", "uln_characters"),
        ("²000102504", "uln_check"),
        ("", "uln_missing"),
        ("\u200b", "uln_missing"),
        (None, "uln_missing"),
        (True, "uln_missing"),
    ],
)
def test_uln_that_is_damaged_is_refused_with_a_remedy(value, code):
    with pytest.raises(ids.UlnError) as caught:
        ids.parse_uln(value)
    assert caught.value.code == code
    assert caught.value.fix


@given(st.integers(100_000_000, 999_999_999).map(str))
def test_uln_has_one_check_digit_or_none(nine):
    digit = ids.uln_check_digit(nine)
    accepted = set()
    for last in "0123456789":
        try:
            accepted.add(ids.parse_uln(nine + last)[9])
        except ids.UlnError:
            continue
    assert accepted - ({"9"} if nine == "999999999" else set()) <= {digit}
    assert (digit is None) == (sum(w * int(d) for w, d in zip(range(10, 1, -1), nine, strict=True)) % 11 == 0)


@pytest.mark.parametrize("text", ["68199 0 01 2058 G", "681990012058G", "689990980001D"])
def test_uci_is_read(text):
    uci = ids.parse_uci(text)
    assert not uci.check_failed
    assert ids.parse_uci(uci.display) == uci


def test_uci_with_another_letter_only_warns():
    assert ids.parse_uci("681990012058H").check_failed


@pytest.mark.parametrize("text", ["681990010000G", "68199001205", "6819900120589", "681990012058GG", 681990012058.0])
def test_uci_of_a_wrong_shape_is_refused(text):
    with pytest.raises(ids.UciError) as caught:
        ids.parse_uci(text)
    assert caught.value.code == "uci_shape"


@pytest.mark.parametrize(("value", "ncn"), [("12345", "12345"), (1234, "01234"), (1234.0, "01234"), ("1234", "01234")])
def test_ncn_gets_one_lost_leading_zero_back(value, ncn):
    assert ids.parse_ncn(value) == ncn


@pytest.mark.parametrize("value", ["123", "0123", "123456", "12a45", -2, "-2"])
def test_ncn_that_could_be_anything_is_refused(value):
    with pytest.raises(ids.NcnError):
        ids.parse_ncn(value)


@pytest.mark.parametrize("value", ["100000", 100000, 100000.0])
def test_urn_is_read(value):
    assert ids.parse_urn(value) == "100000"


@pytest.mark.parametrize("value", ["10000", "012345", "1000000", "1.00E5", "10000A"])
def test_urn_that_is_not_six_digits_is_refused(value):
    with pytest.raises(ids.UrnError):
        ids.parse_urn(value)


def test_ukprn_is_read_and_refused():
    assert ids.parse_ukprn(10000000.0) == "10000000"
    for wrong in ("09999999", "1000000", "100000000", "1000000A"):
        with pytest.raises(ids.UkprnError):
            ids.parse_ukprn(wrong)


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.booleans()))
def test_any_value_at_all_is_read_or_refused_but_never_breaks(value):
    for parse in (
        ids.parse_qan,
        ids.parse_unit_reference,
        ids.parse_uln,
        ids.parse_uci,
        ids.parse_urn,
        ids.parse_ukprn,
        ids.parse_ncn,
    ):
        try:
            parse(value)
        except ids.IdentifierError as error:
            assert error.code and error.message and error.fix
