"""How what findings speak of is written."""

from __future__ import annotations

from datetime import date

from django.utils.formats import date_format


def day_in_words(day: date | None) -> str:
    """ "3 June 2020"; nothing for None."""
    return str(date_format(day, "j F Y")) if day is not None else ""
