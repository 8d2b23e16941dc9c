"""How code asks a framework, with one that no code has ever heard of."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.explain import explain
from awarding.frameworks.loading import (
    OverrideError,
    apply_overrides,
    list_changes,
    load_framework_files,
    load_framework_text,
    make_document,
)
from awarding.frameworks.plain import UnknownEntryError, digest_of
from tests.frameworks.samples import sample


@pytest.fixture
def flood() -> FrameworkDocument:
    """A brand-new framework that exists only as YAML."""
    return load_framework_text(yaml.safe_dump(sample()), "flood_2031.yaml")


def test_new_framework_answers(flood: FrameworkDocument) -> None:
    assert flood.date("impact") == date(2031, 1, 1)
    assert flood.date("closes") is None
    assert flood.threshold("evidence_complete_share") == 0.75
    assert flood.in_force("CLM-06")
    assert not flood.in_force("CLM-05")
    assert flood.outcome("boat_assessment").allows("changed_assessment")
    assert not flood.outcome("boat_assessment").allows("incomplete_units")
    assert not flood.evidence_type("logbook").may_stand_alone
    assert flood.component_state("dry").counts == 1
    assert flood.checkpoints["spring"].window.opens == date(2031, 2, 1)
    assert flood.release_for("Level 3") == flood.releases["all"]
    assert flood.release_for("Level 2") is None


def test_instants_are_londons_in_summer_and_winter(flood: FrameworkDocument) -> None:
    assert flood.instant("results") == datetime(2031, 8, 13, 23, 1, tzinfo=UTC)
    assert flood.instant("winter_results") == datetime(2031, 12, 1, 9, 30, tzinfo=UTC)
    assert flood.instant("closes") is None


def test_standing_falls_back_to_the_wider_category(flood: FrameworkDocument) -> None:
    assert flood.standing("boat_assessment", "W1") == "last_resort"
    assert flood.standing("boat_assessment", "D") == "refused"


def test_window_counts_both_ends_and_may_be_open_ended(flood: FrameworkDocument) -> None:
    window = flood.window("application")
    assert not window.is_open(date(2031, 1, 31))
    assert window.is_open(date(2031, 2, 1))
    assert window.is_open(date(2099, 1, 1))
    closing = apply_overrides(flood, {"dates.closes": "2031-03-01"}).window("application")
    assert closing.is_open(date(2031, 3, 1))
    assert closing.has_closed(date(2031, 3, 2))


@pytest.mark.parametrize(
    "ask",
    [
        lambda document: document.date("easter"),
        lambda document: document.instant("easter"),
        lambda document: document.outcome("easter"),
        lambda document: document.standing("boat_assessment", "easter"),
        lambda document: document.threshold("easter"),
        lambda document: document.window("easter"),
        lambda document: document.evidence_type("easter"),
        lambda document: document.component_state("easter"),
        lambda document: document.setting("dates.easter"),
    ],
)
def test_asking_for_what_is_not_there_names_it(flood: FrameworkDocument, ask: Any) -> None:
    with pytest.raises(UnknownEntryError, match="easter"):
        ask(flood)


def test_document_cannot_be_changed(flood: FrameworkDocument) -> None:
    with pytest.raises(TypeError):
        flood.data["dates"]["impact"]["on"] = "1999-01-01"  # type: ignore[index]
    with pytest.raises(AttributeError):
        flood.data["rules"].append({})
    flood.as_json()["dates"]["impact"]["on"] = "1999-01-01"
    assert flood.date("impact") == date(2031, 1, 1)


@pytest.mark.parametrize("document", load_framework_files(), ids=lambda document: document.id)
def test_stored_and_read_back_is_the_same(document: FrameworkDocument) -> None:
    stored = FrameworkDocument.from_stored(json.loads(json.dumps(document.as_json())))
    assert stored == document
    assert stored.digest == document.digest
    assert pickle.loads(pickle.dumps(document)) == document  # noqa: S301


def test_any_change_of_content_changes_the_digest() -> None:
    data = sample()
    data["changes"][0]["why"] = "Rain!"
    assert make_document(data) != make_document(sample())


_plain_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def _turned_round(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _turned_round(value[key]) for key in reversed(list(value))}
    return [_turned_round(inner) for inner in value] if isinstance(value, list) else value


@given(_plain_values)
def test_digest_does_not_depend_on_the_order_of_keys(value: Any) -> None:
    assert digest_of(_turned_round(value)) == digest_of(value)
    assert digest_of(json.loads(json.dumps(value))) == digest_of(value)


@given(st.dictionaries(st.text(), st.integers(), min_size=1), st.data())
def test_digest_depends_on_each_value(value: dict[str, int], data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(value)))
    assert digest_of({**value, key: value[key] + 1}) != digest_of(value)


def test_overrides_move_what_the_organisation_decides(flood: FrameworkDocument) -> None:
    own = apply_overrides(
        flood,
        {
            "dates.closes": date(2031, 3, 31),
            "dates.results.at": time(8, 30),
            "thresholds.evidence_complete_share": 0.5,
            "outcomes.boat_assessment.categories.W": "permitted",
            "retention.months_after_issue": 24,
        },
    )
    assert own.date("closes") == date(2031, 3, 31)
    assert own.instant("results") == datetime(2031, 8, 14, 7, 30, tzinfo=UTC)
    assert own.threshold("evidence_complete_share") == 0.5
    assert own.standing("boat_assessment", "W1") == "permitted"
    assert own.retention["months_after_issue"] == 24
    assert [(change.path, change.before, change.after) for change in own.changes][0] == (
        "dates.closes",
        None,
        "2031-03-31",
    )
    assert len(own.changes) == 5
    assert flood.date("closes") is None
    assert flood.changes == ()
    assert own.digest != flood.digest


def test_override_that_changes_nothing_is_no_change(flood: FrameworkDocument) -> None:
    assert list_changes(flood, {"dates.opens": "2031-02-01"}) == ()
    assert apply_overrides(flood, {"dates.opens": "2031-02-01"}) == flood


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("dates.impact", "2031-01-02", "set by the framework"),
        ("rules", [], "set by the framework"),
        ("dates.opens.label", "Hello", "set by the framework"),
        ("dates.opens", "2030-12-31", "less than 2031-01-01"),
        ("dates.opens", "2031-07-01", "more than 2031-06-30"),
        ("dates.opens", "1/2/2031", "2020-03-20"),
        ("dates.opens", "2031-02-30", "2020-03-20"),
        ("dates.opens", None, "2020-03-20"),
        ("dates.results.at", "8:30", "08:00"),
        ("dates.results.at", "12:01", "more than 12:00"),
        ("thresholds.evidence_complete_share", 0.49, "less than 0.5"),
        ("thresholds.evidence_complete_share", "0.6", "a number"),
        ("thresholds.evidence_complete_share", True, "a number"),
        ("retention.months_after_issue", 6.5, "whole number"),
        ("retention.months_after_issue", 25, "more than 24"),
        ("outcomes.boat_assessment.categories.W", "refused", "last_resort, permitted"),
    ],
)
def test_override_out_of_bounds_is_refused(flood: FrameworkDocument, path: str, value: Any, words: str) -> None:
    with pytest.raises(OverrideError) as caught:
        apply_overrides(flood, {path: value})
    (fault,) = caught.value.faults
    assert fault.path == path
    assert words in str(fault)


@pytest.mark.parametrize(
    ("path", "low", "high"),
    [("retention.months_after_issue", 6, 24), ("dates.opens", "2031-01-01", "2031-06-30")],
)
def test_bounds_themselves_are_allowed(flood: FrameworkDocument, path: str, low: Any, high: Any) -> None:
    assert apply_overrides(flood, {path: low}).setting(path) == low
    assert apply_overrides(flood, {path: high}).setting(path) == high


def test_overrides_that_do_not_hang_together_are_refused(flood: FrameworkDocument) -> None:
    with pytest.raises(OverrideError, match="after it closes"):
        apply_overrides(flood, {"dates.opens": "2031-05-01", "dates.closes": "2031-04-01"})


def test_every_refused_override_is_told(flood: FrameworkDocument) -> None:
    with pytest.raises(OverrideError) as caught:
        apply_overrides(flood, {"dates.impact": "2031-01-02", "retention.months_after_issue": 99})
    assert {fault.path for fault in caught.value.faults} == {"dates.impact", "retention.months_after_issue"}


def test_setting_reads_an_override_only_where_it_may_be_made(flood: FrameworkDocument) -> None:
    overrides = {"dates.opens": "2031-03-01", "dates.impact": "1999-01-01"}
    assert flood.setting("dates.opens", overrides) == "2031-03-01"
    assert flood.setting("dates.impact", overrides) == "2031-01-01"
    assert flood.setting("dates.opens") == "2031-02-01"


@pytest.mark.parametrize("document", load_framework_files(), ids=lambda document: document.id)
def test_framework_can_be_explained(document: FrameworkDocument) -> None:
    sections = explain(document)
    assert document.summary in sections[0].paragraphs
    for section in sections:
        if section.table:
            assert all(len(row) == len(section.table.columns) for row in section.table.rows)


def test_explanation_shows_what_the_organisation_chose(flood: FrameworkDocument) -> None:
    own = apply_overrides(flood, {"dates.closes": "2031-03-31"})
    tables = {section.heading: section.table for section in explain(own)}
    chosen = tables["What this organisation chose"]
    assert chosen is not None and chosen.rows == (("Closes", "not set", "31 March 2031"),)
    assert "What this organisation chose" not in {section.heading for section in explain(flood)}
    assert "Steps to a judgement" not in tables
