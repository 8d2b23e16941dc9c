"""What people write, on a page or in a workbook, as it is kept: unit references, lists of them, credits at levels."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from awarding.identifiers import IdentifierError, parse_unit_reference

_LEVEL_LINE = re.compile(r"(?:level\s*)?([0-8]|entry)\s*[:=]\s*(\d{1,5})", re.IGNORECASE)
_MOST_CREDITS = 32_000


def read_unit_reference(text: str) -> tuple[str, bool]:
    """(the reference as it is kept, whether to look at it again).

    A national reference is kept with its slashes, K/501/5773; anything else is the AO's own and is kept as written.
    Both a letter that does not fit and another shape are worth a look and nothing more.
    """
    try:
        reference = parse_unit_reference(text)
    except IdentifierError:
        return " ".join(text.split()).upper(), True
    return reference.display, reference.check_failed


def read_levels(text: str) -> list[tuple[int, int]]:
    """(level, credits) from "3: 45", one on a line or with bars between them; entry level is 0.

    Raises ValueError, whose text names the line.
    """
    found = []
    for line in filter(None, (part.strip() for part in re.split(r"[\n|]", text))):
        match = _LEVEL_LINE.fullmatch(line)
        if match is None or not 0 < int(match[2]) <= _MOST_CREDITS:
            message = _("“%(line)s”: write a level, a colon and the credits, such as 3: 45.")
            raise ValueError(message % {"line": line[:60]})
        found.append((0 if match[1].lower() == "entry" else int(match[1]), int(match[2])))
    return found


def read_references(text: str) -> list[str]:
    """The unit references of one line, as they are kept; commas, semicolons or plus signs stand between them."""
    return [read_unit_reference(part)[0] for part in re.split(r"\s*[,;+]\s*", text.strip()) if part]
