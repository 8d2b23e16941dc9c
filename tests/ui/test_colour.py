from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awarding.ui.colour import ColourError, brand_palette, check_contrast, contrast_between, parse_colour

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_contrast_is_that_of_wcag() -> None:
    assert contrast_between("#000", "#fff") == pytest.approx(21)
    assert contrast_between("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast_between("#1d4f63", "#1D4F63") == 1


def test_a_colour_that_can_be_read_is_accepted() -> None:
    assert check_contrast("#767676") >= 4.5


def test_a_pale_colour_is_refused_with_a_darker_one_that_would_do() -> None:
    with pytest.raises(ColourError, match=r"contrast is 4\.4.*4\.5.*for example (#\w{6})") as refused:
        check_contrast("#777777")
    assert check_contrast(str(refused.value).split("for example ")[1].rstrip("."))


@pytest.mark.parametrize("value", ["", "red", "#12", "#12345", "#1234567", "rgb(1,2,3)", "#12345g", "#fff}body{"])
def test_what_is_no_colour_is_refused_with_an_example(value: str) -> None:
    with pytest.raises(ColourError, match="#1d4f63"):
        check_contrast(value)


def test_the_short_and_the_unmarked_forms_are_the_same_colour() -> None:
    assert parse_colour("#ABC") == parse_colour(" aabbcc ") == "#aabbcc"


@given(colours)
def test_text_on_any_brand_colour_can_be_read(colour: str) -> None:
    palette = brand_palette(colour)
    assert contrast_between(palette.colour, palette.on_colour) >= 4.5
    assert all(parse_colour(shade) == shade for shade in (palette.hover, palette.shadow, palette.tint))


@given(colours)
def test_every_accepted_colour_can_be_read_on_its_own_tint(colour: str) -> None:
    """The header's links stand on white, the panel of whose turn it is on the tint: body text must be legible there."""
    assert contrast_between(brand_palette(colour).tint, "#0b0c0c") >= 7
