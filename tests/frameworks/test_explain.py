"""The explanation is complete: whatever a framework says, changing it changes the words."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

import pytest

from awarding.frameworks.checking import faults_of, schema
from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.explain import explain
from awarding.frameworks.loading import load_framework_files
from tests.frameworks.samples import sample

# What programs go by and people need not read. A field named here by mistake would hide a gap, so each has its reason.
NOT_READ = {
    "schema": "the edition of the format",
    "id": "the name of the file; of a rule, checked below",
    "version": "stands in the change log, which must end with it",
    "code": "what settings and programs call an entry; a source's is checked below",
    "path": "what programs call a setting",
    "family": "what programs call the versions of one framework; the page has its title",
    "window": "named by its label, and checked below",
}
OTHER = {
    "after_close": "late", "signed_by": "panel_member", "unit": "days", "kind": "established", "stage": "none",
    "type": "text", "part_of": "D", "opens": None, "closes": None, "to_centres": "results", "to_learners": "winter_results",
    "min": 1, "max": 2, "value": 0.9, "weight": 7, "counts": 0.3, "months_after_issue": 3, "on": "2031-03-03", "at": "05:05",
    "learners": 9, "units": 9, "date": "2031-05-05", "last_resort_statements": [], "levels": ["Level 9"],
    "baseline_years": [2001], "only_if_nothing_else": [2002], "by_volume": [], "compared_by": ["centre"],
    "coverage": ["region"], "ordinary_sample_for": [], "held_by": ["malpractice"], "asks": ["needed_for_progression"],
    "choices": ["permitted", "refused"], "source": "X2", "step": "before_submission", "outcomes": ["swimming"],
}  # fmt: skip


def whole() -> dict[str, Any]:
    """The sample with every section and every optional field of the schema."""
    data = sample()
    data |= {"short_title": "Flood 2031", "reference": "Notice 7", "follows": "drought_2030"}
    data["sources"][0] |= {"note": "Torn.", "url": "https://example.org/x1"}
    data["sources"].append({"code": "X2", "title": "Another notice"})
    data["thresholds"]["answer_days"] = {
        "label": "Days to answer",
        "value": 4,
        "unit": "hours",
        "source": "X1",
        "note": "Few.",
    }
    data["evidence_types"][0] |= {"kind": "alternative", "learner_generated": True, "note": "Dry it first."}
    data["component_states"].append(
        {"code": "damp", "label": "Damp", "counts": 0.5, "stage": "partial", "source": "X1", "note": "M."}
    )
    data["steps"] = [{"code": "row", "label": "Row out", "about": "With two oars.", "source": "X1"}]
    data["retention"]["note"] = "In the attic."
    data["checkpoints"][0] |= {"levels": ["Level 2"], "note": "At low tide."}
    data["outcomes"][0]["note"] = "Life jackets."
    data["statements"][0]["note"] = "Once."
    data["releases"][0]["note"] = "By post."
    data["rules"][0]["note"] = "Also at sea."
    data["windows"]["application"]["note"] = "By pigeon."
    data["dates"]["impact"]["note"] = "It poured."
    data["sampling"] = {
        "learners": 3, "units": 1, "ordinary_sample_for": ["licence_to_row"], "coverage": ["sector"], "source": "X1", "note": "S",
        "factors": [{"code": "leak", "label": "Leaks", "weight": 2, "source": "X1"}],
    }  # fmt: skip
    data["history"] = {
        "baseline_years": [2029], "only_if_nothing_else": [2030], "by_volume": ["pass_fail"], "compared_by": ["qualification"],
        "source": "X1", "note": "Dry years.",
    }  # fmt: skip
    data["component_tags"] = {
        "outcome": data["outcomes"][0]["code"], "window": "application", "needs_learner_evidence": True, "source": "X1",
        "tells": [{"code": "swims", "label": "Swims", "asks": "How far.", "source": "X1"}],
    }  # fmt: skip
    data["carries_on"] = {"outcomes": [data["outcomes"][0]["code"]], "source": "X1", "note": "Still afloat."}
    data["internal_verification"] = {"step": "not_asked", "source": "X1", "note": "Ashore."}
    data["ao_decides"].append(
        {
            "path": "sampling.learners",
            "type": "integer",
            "label": "Learners",
            "min": 2,
            "max": 8,
            "why": "Boats.",
            "source": "X1",
        }
    )
    return data


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value that is not a group: a list of plain values is one."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for place, inner in enumerate(value):
            yield from leaves(inner, (*path, place))
    else:
        yield path


def changed(data: dict[str, Any], path: tuple[Any, ...]) -> dict[str, Any]:
    data = copy.deepcopy(data)
    *steps, last = path
    place: Any = data
    for step in steps:
        place = place[step]
    value = place[last]
    if isinstance(value, bool):
        place[last] = not value
    elif steps and steps[-1] == "categories":
        place[last] = "refused" if value != "refused" else "permitted"
    elif last in OTHER and isinstance(OTHER[last], list) == isinstance(value, (list, tuple)):
        place[last] = OTHER[last]
    else:
        place[last] = f"{value} indeed"
    assert place[last] != value, path
    return data


def words(data: dict[str, Any]) -> str:
    """What the page says; its heading is the framework's title."""
    return f"{data['title']} {explain(FrameworkDocument.from_stored(data))}"


def test_the_sample_is_sound_and_has_every_field_of_the_schema():
    data = whole()
    assert faults_of(data, "flood") == []

    def fields(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            yield from node.get("properties", {})
            for inner in node.values():
                yield from fields(inner)

    given = {str(step) for path in leaves(data) for step in path}
    assert set(fields(schema())) - given == set()


@pytest.mark.parametrize(
    "path", [p for p in leaves(whole()) if p[-1] not in NOT_READ], ids=lambda p: ".".join(map(str, p))
)
def test_whatever_is_changed_changes_the_words(path):
    data = whole()
    assert words(changed(data, path)) != words(data)


def test_rules_windows_and_sources_go_by_names_that_can_be_read():
    said = words(whole())
    assert "MIT-01" in said and "Applications" in said and "'X2'" in said


@pytest.mark.parametrize("document", load_framework_files(), ids=lambda document: document.id)
def test_every_sentence_of_every_file_is_said(document):
    """Dates, permissions, evidence, numbers, settings: a reader of the page misses nothing that the file says."""
    said = words(document.as_json())
    data = document.as_json()
    for path in leaves(data):
        if path[-1] in (
            "label",
            "note",
            "about",
            "means",
            "text",
            "why",
            "what",
            "title",
            "summary",
            "reference",
            "source",
        ):
            value: Any = data
            for step in path:
                value = value[step]
            assert repr(value)[1:-1] in said or value in said, path


def test_a_share_is_said_as_exactly_as_it_is_set():
    data = whole()
    data["thresholds"]["evidence_complete_share"]["value"] = 0.625
    assert re.search(r"62\.5%", words(data))
