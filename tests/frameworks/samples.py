"""A framework that nobody has published: plain data that tests bend as they need."""

from __future__ import annotations

import copy
from typing import Any

_SAMPLE: dict[str, Any] = {
    "schema": 1,
    "id": "flood_2031",
    "version": 2,
    "family": "flood",
    "title": "Framework for flooded centres, 2031",
    "summary": "Invented for tests.",
    "regulator": "Nobody",
    "sources": [{"code": "X1", "title": "An invented notice"}],
    "changes": [
        {"version": 1, "date": "2031-01-02", "what": "First.", "why": "Rain."},
        {"version": 2, "date": "2031-02-03", "what": "Dates moved.", "why": "More rain."},
    ],
    "dates": {
        "impact": {"label": "First day of rain", "on": "2031-01-01", "source": "X1"},
        "opens": {"label": "Opens", "on": "2031-02-01", "ao_sets": True, "source": "X1"},
        "closes": {"label": "Closes", "on": None, "ao_sets": True, "source": "X1"},
        "results": {"label": "Results", "on": "2031-08-14", "at": "00:01", "source": "X1"},
        "winter_results": {"label": "Winter results", "on": "2031-12-01", "at": "09:30", "source": "X1"},
    },
    "windows": {
        "application": {
            "label": "Applications",
            "opens": "opens",
            "closes": "closes",
            "after_close": "enquiry",
            "source": "X1",
        }
    },
    "categories": [
        {"code": "W", "label": "Wet", "about": "Under water.", "source": "X1"},
        {"code": "W1", "label": "Very wet", "about": "Deep under water.", "part_of": "W", "source": "X1"},
        {"code": "D", "label": "Dry", "about": "Not under water.", "source": "X1"},
    ],
    "outcomes": [
        {
            "code": "boat_assessment",
            "label": "Assessment by boat",
            "means": "The assessor rows.",
            "permits": {
                "incomplete_units": False,
                "changed_assessment": True,
                "later_assessment": False,
                "teacher_judgement": False,
                "evidence_threshold": True,
                "certificates": True,
            },
            "categories": {"W": "last_resort"},
            "last_resort_statements": ["rowed"],
            "source": "X1",
        }
    ],
    "thresholds": {"evidence_complete_share": {"label": "Share", "value": 0.75, "unit": "share", "source": "X1"}},
    "evidence_types": [
        {"code": "logbook", "label": "Log book", "is_evidence": True, "may_stand_alone": False, "source": "X1"}
    ],
    "component_states": [{"code": "dry", "label": "Dry", "counts": 1, "source": "X1"}],
    "statements": [{"code": "rowed", "text": "We rowed.", "signed_by": "centre", "source": "X1"}],
    "retention": {"months_after_issue": 12, "held_by": ["appeal"], "source": "X1"},
    "releases": [
        {
            "code": "all",
            "label": "All",
            "levels": ["Level 3"],
            "to_centres": None,
            "to_learners": "results",
            "source": "X1",
        }
    ],
    "checkpoints": [
        {"code": "spring", "label": "Spring", "window": "application", "asks": ["progress_enough"], "source": "X1"}
    ],
    "rules": [{"id": "MIT-01", "source": "X1 [3, 4]"}, {"id": "CLM-06", "source": "X1"}],
    "ao_decides": [
        {
            "path": "dates.opens",
            "type": "date",
            "label": "Opens",
            "min": "2031-01-01",
            "max": "2031-06-30",
            "why": "Rivers differ.",
            "source": "X1",
        },
        {
            "path": "dates.closes",
            "type": "date",
            "label": "Closes",
            "min": "2031-01-01",
            "max": "2031-06-30",
            "why": "Rivers differ.",
            "source": "X1",
        },
        {
            "path": "thresholds.evidence_complete_share",
            "type": "number",
            "label": "Share",
            "min": 0.5,
            "max": 1,
            "why": "Paper differs.",
            "source": "X1",
        },
        {
            "path": "outcomes.boat_assessment.categories.W",
            "type": "choice",
            "label": "Boats when wet",
            "choices": ["last_resort", "permitted"],
            "why": "Boats differ.",
            "source": "X1",
        },
        {
            "path": "retention.months_after_issue",
            "type": "integer",
            "label": "Months",
            "min": 6,
            "max": 24,
            "why": "Cellars differ.",
            "source": "X1",
        },
        {
            "path": "dates.results.at",
            "type": "time",
            "label": "Hour",
            "min": "00:01",
            "max": "12:00",
            "why": "Ferries differ.",
            "source": "X1",
        },
    ],
}


def sample() -> dict[str, Any]:
    """A fresh copy that a test may break."""
    return copy.deepcopy(_SAMPLE)
