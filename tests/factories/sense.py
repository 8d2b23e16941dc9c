"""Rows of the sense check for tests of what people see of them, without a run."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from awarding.catalogue.models import Qualification
from centres.models import Centre
from qtag.models import ComparedCentre, SenseRow, SenseRun

FLAGGED: dict[str, Any] = {
    "verdict": "flagged", "mean": 1.6, "past_mean": 0.9, "shift": 0.05, "effect": 0.65, "low": 0.3, "high": 1.0,
    "p": 0.0004, "q": 0.01, "confidence": 0.9, "ratio": 0.04, "size": 30, "past_size": 64, "years": 2, "separated": True,
}  # fmt: skip
FIGURES: dict[str, Any] = {
    "grades": ["P", "M", "D"],
    "now": [2, 8, 20],
    "past": [
        {"series": "2018-summer", "stands_in": False, "counts": [12, 14, 6]},
        {"series": "2019-summer", "stands_in": False, "counts": [10, 15, 7]},
    ],
}


def make_run() -> SenseRun:
    """A whole run that has ended."""
    now = timezone.now()
    return SenseRun.objects.create(kind="whole", begun_at=now, finished_at=now, settings_digest="0" * 16)


def make_row(
    centre: Centre, qualification: Qualification | None = None, *, run: SenseRun | None = None, **fields: Any
) -> SenseRow:
    """A flagged row of a qualification, or what `fields` say; without a qualification that of the whole centre."""
    level = "qualification" if qualification else "centre"
    figures = FIGURES if qualification else {"members": [], "left_out": []}
    facts = FLAGGED | {
        "level": level, "key": f"q{qualification.pk}" if qualification else "centre", "figures": figures,
        "label": str(qualification) if qualification else "", "is_submitted": True, "digest": "d1",
    }  # fmt: skip
    ComparedCentre.objects.get_or_create(centre=centre, defaults={"run": run or make_run(), "input_digest": "i"})
    return SenseRow.objects.create(centre=centre, qualification=qualification, **(facts | fields))
