"""Brand colours: whether an awarding organisation's colour can be read, and the shades made from it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

#: WCAG 2.2, success criterion 1.4.3: text against its background.
LEAST_CONTRAST = 4.5
WHITE = "#ffffff"
#: Pure black: with it every colour has a partner of at least 4.58, which near-black cannot promise.
INK = "#000000"

_HEX = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})", re.IGNORECASE)


class ColourError(ValueError):
    """A colour that is not a colour, or that people could not read. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one organisation, each "#rrggbb": what `layouts/brand.css` writes out."""

    colour: str
    on_colour: str
    hover: str
    shadow: str
    tint: str


def parse_colour(value: str) -> str:
    """ "#rrggbb" in lower case from "#abc", "abc", "#aabbcc" or "AABBCC"; ColourError for anything else."""
    match = _HEX.fullmatch(value.strip())
    if match is None:
        raise ColourError(
            _("“%(value)s” is not a colour. Write # and six digits or letters from a to f, for example #1d4f63.")
            % {"value": value}
        )
    digits = match.group(1).lower()
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    return f"#{digits}"


def contrast_between(one: str, other: str) -> float:
    """WCAG contrast ratio of two colours, from 1 (the same) to 21 (black on white)."""
    lighter, darker = sorted((_luminance(parse_colour(one)), _luminance(parse_colour(other))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def check_contrast(value: str) -> float:
    """The contrast ratio of `value` on white. ColourError when under 4.5, saying how far off it is."""
    ratio = contrast_between(value, WHITE)
    if ratio < LEAST_CONTRAST:
        # Rounded down, so that 4.49 is never shown as the 4.5 that was asked for.
        shown = int(ratio * 10) / 10
        raise ColourError(
            _(
                "%(colour)s is too pale to read on white: its contrast is %(ratio)s and at least 4.5 is needed. "
                "Choose a darker shade, for example %(darker)s."
            )
            % {"colour": parse_colour(value), "ratio": shown, "darker": _darken_until_readable(value)}
        )
    return ratio


def readable_text_on(value: str) -> str:
    """White or black, whichever is easier to read on `value`."""
    return max((WHITE, INK), key=lambda text: contrast_between(value, text))


def brand_palette(value: str) -> Palette:
    """The shades of an organisation's pages, made from its one colour (already checked when it was saved)."""
    colour = parse_colour(value)
    return Palette(
        colour=colour,
        on_colour=readable_text_on(colour),
        hover=_mix(colour, "#000000", 0.2),
        shadow=_mix(colour, "#000000", 0.55),
        tint=_mix(colour, WHITE, 0.9),
    )


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in _channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _mix(colour: str, other: str, share: float) -> str:
    mixed = (
        round(a * (1 - share) + b * share)
        for a, b in zip(_channels(colour), _channels(parse_colour(other)), strict=True)
    )
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _darken_until_readable(value: str) -> str:
    colour = parse_colour(value)
    for step in range(1, 20):
        darker = _mix(colour, "#000000", step / 20)
        if contrast_between(darker, WHITE) >= LEAST_CONTRAST:
            return darker
    return INK
