"""The files the product ships, and what a broken file is told."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from jsonschema import Draft202012Validator

from awarding.findings.catalogue import all_rules
from awarding.frameworks.checking import schema
from awarding.frameworks.loading import (
    DATA_FOLDER,
    FrameworkError,
    check_framework_files,
    load_framework_files,
    load_framework_text,
    make_document,
)
from tests.frameworks.samples import sample

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted(path.name for path in DATA_FOLDER.glob("*.yaml"))


def test_the_four_frameworks_are_shipped() -> None:
    assert {"erf_2020.yaml", "eerf_2020.yaml", "vcrf_2021.yaml", "results_2024.yaml"} <= set(SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_file_is_sound(name: str) -> None:
    document = load_framework_text((DATA_FOLDER / name).read_text(encoding="utf-8"), name)
    assert f"{document.id}.yaml" == name
    # Each part is built once here, so that a field the schema allows but a part does not know is found.
    for section in [
        "dates",
        "windows",
        "categories",
        "outcomes",
        "evidence_types",
        "component_states",
        "statements",
        "steps",
    ]:
        assert isinstance(getattr(document, section), dict)
    assert all(document.in_force(rule_id) for rule_id in document.rules)
    assert document.releases is not None and document.checkpoints is not None


def test_every_rule_is_in_force_somewhere() -> None:
    """A rule of the catalogue that no framework switches on could never be checked."""
    in_force = {rule_id for document in load_framework_files() for rule_id in document.rules}
    assert {rule.id for rule in all_rules()} - in_force == set()


def test_schema_is_a_valid_schema_and_describes_every_field() -> None:
    Draft202012Validator.check_schema(schema())
    undescribed = [
        f"{name}.{field}"
        for name, part in {"": schema(), **schema()["$defs"]}.items()
        for field, spec in part.get("properties", {}).items()
        if "description" not in spec and "$ref" not in spec
    ]
    assert undescribed == []


def _drop(*keys: str) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        place: Any = data
        for key in keys[:-1]:
            place = place[int(key)] if isinstance(place, list) else place[key]
        del place[keys[-1]]

    return change


def _put(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        *steps, last = path.split("/")
        place: Any = data
        for step in steps:
            place = place[int(step)] if isinstance(place, list) else place[step]
        if isinstance(place, list):
            place.insert(int(last), value) if int(last) >= len(place) else place.__setitem__(int(last), value)
        else:
            place[last] = value

    return change


def _twice(section: str) -> Callable[[dict[str, Any]], None]:
    return lambda data: data[section].append(data[section][0])


FAULTS = [
    # what was broken, the path the message must name, words it must hold
    (_drop("title"), "", "title"),
    (_drop("dates", "impact", "label"), "dates.impact", "label"),
    (_put("colour", "blue"), "", "colour"),
    (_put("dates/impact/oon", "2031-01-01"), "dates.impact", "oon"),
    (_put("dates/impact/on", "1 January 2031"), "dates.impact.on", "1 January 2031"),
    (_put("dates/impact/on", "2031-02-30"), "dates.impact.on", "2031-02-30"),
    (_put("dates/results/at", "25:00"), "dates.results.at", "25:00"),
    (_put("version", "two"), "version", "two"),
    (_put("outcomes/0/categories/W", "maybe"), "outcomes.boat_assessment.categories.W", "maybe"),
    (_put("outcomes/0/permits/certificates", "yes"), "outcomes.boat_assessment.permits.certificates", "yes"),
    (_drop("outcomes", "0", "permits", "certificates"), "outcomes.boat_assessment.permits", "certificates"),
    (_put("component_states/0/counts", 2), "component_states.dry.counts", "2"),
    (_put("retention/held_by/0", "grudge"), "retention.held_by.1", "grudge"),
    (_put("rules/0/id", "MIT-1"), "rules.MIT-1.id", "MIT-1"),
    (_put("rules/0/source", "page four"), "rules.MIT-01.source", "page four"),
    (_put("rules", []), "rules", ""),
    # right in shape, but it does not hang together
    (_put("rules/0/id", "MIT-99"), "rules.MIT-99", "catalogue"),
    (_put("rules/0/source", "X1; X9"), "rules.MIT-01.source", "X9"),
    (_put("version", 3), "changes", "version 2"),
    (_put("changes/0/version", 2), "changes", "[2, 2]"),
    (_twice("rules"), "rules.MIT-01", "2 times"),
    (_twice("outcomes"), "outcomes.boat_assessment", "2 times"),
    (_twice("ao_decides"), "ao_decides.dates.opens", "2 times"),
    (_put("windows/application/opens", "dawn"), "windows.application.opens", "dawn"),
    (_put("dates/closes/on", "2031-01-15"), "windows.application", "2031-01-15"),
    (_put("releases/0/to_learners", "dawn"), "releases.all.to_learners", "dawn"),
    (_put("checkpoints/0/window", "dawn"), "checkpoints.spring.window", "dawn"),
    (_put("categories/1/part_of", "Z"), "categories.W1.part_of", "Z"),
    (_put("outcomes/0/categories/Q", "permitted"), "outcomes.boat_assessment.categories.Q", "categories"),
    (_put("outcomes/0/last_resort_statements/0", "swam"), "outcomes.boat_assessment.last_resort_statements", "swam"),
    (
        _put("evidence_types/0", {**sample()["evidence_types"][0], "is_evidence": False, "may_stand_alone": True}),
        "evidence_types.logbook",
        "not evidence",
    ),
    (_put("dates/impact/ao_sets", True), "dates.impact", "not listed"),
    (_put("dates/impact/on", None), "dates.impact", "ao_sets"),
    (
        _put("thresholds/lone", {"label": "Lone", "value": None, "unit": "count", "source": "X1"}),
        "thresholds.lone",
        "nobody may set it",
    ),
    (_put("ao_decides/0/path", "dates.never"), "ao_decides.dates.never", "leads nowhere"),
    (_put("ao_decides/0/path", "dates.opens.label.deeper"), "ao_decides.dates.opens.label.deeper", "leads nowhere"),
    (_put("ao_decides/2/path", "outcomes.boat_assessment"), "ao_decides.outcomes.boat_assessment", "group"),
    (_put("ao_decides/2/min", 3), "ao_decides.thresholds.evidence_complete_share", "above its largest"),
    (_put("ao_decides/2/min", 0.8), "ao_decides.thresholds.evidence_complete_share", "0.75"),
    (_drop("ao_decides", "2", "max"), "ao_decides.thresholds.evidence_complete_share", "max"),
    (_drop("ao_decides", "3", "choices"), "ao_decides.outcomes.boat_assessment.categories.W", "choices"),
]


def test_the_sample_is_sound_before_it_is_broken() -> None:
    assert make_document(sample()).id == "flood_2031"


@pytest.mark.parametrize(("breaks", "path", "words"), FAULTS, ids=[f"{row[1]}:{row[2]}"[:60] for row in FAULTS])
def test_fault_names_file_path_and_remedy(breaks: Callable[[dict[str, Any]], None], path: str, words: str) -> None:
    data = sample()
    breaks(data)
    with pytest.raises(FrameworkError) as caught:
        make_document(data, "flood_2031.yaml")
    told = {fault.path: fault for fault in caught.value.faults}
    assert path in told
    assert told[path].file == "flood_2031.yaml"
    assert words in f"{told[path].what} {told[path].fix}"
    assert told[path].fix.strip().endswith((".", '".'))


def test_all_faults_are_told_at_once() -> None:
    data = sample()
    data["windows"]["application"]["opens"] = "dawn"
    data["rules"][0]["id"] = "MIT-99"
    with pytest.raises(FrameworkError) as caught:
        make_document(data)
    assert {fault.path for fault in caught.value.faults} == {"rules.MIT-99", "windows.application.opens"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id: a\nid: b\n", "given twice"),
        ("id: [a\n", "line 2"),
        ("", "empty"),
        ("- a\n", "not a mapping"),
        ("id: !!python/object/apply:os.system [ls]\n", "sound YAML"),
    ],
)
def test_unreadable_text_is_told_where(text: str, words: str) -> None:
    with pytest.raises(FrameworkError, match=words):
        load_framework_text(text, "broken.yaml")


def test_words_days_and_times_stay_text() -> None:
    """YAML 1.1 would read no as false, 11:30 as 690 and a day as a date."""
    data = sample()
    text = yaml.safe_dump(data).replace("at: 00:01", "at: 11:30").replace("label: Wet", "label: no")
    document = load_framework_text(text.replace("'2031-01-01'", "2031-01-01"), "flood_2031.yaml")
    assert document.setting("dates.results.at") == "11:30"
    assert document.setting("dates.impact") == "2031-01-01"
    assert document.categories["W"].label == "no"


def test_file_named_unlike_its_id_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(yaml.safe_dump(sample()), encoding="utf-8")
    _documents, faults = check_framework_files(tmp_path)
    assert [(fault.file, fault.path) for fault in faults] == [("other.yaml", "id")]


def test_empty_folder_is_a_fault(tmp_path: Path) -> None:
    _documents, faults = check_framework_files(tmp_path)
    assert len(faults) == 1


def test_one_broken_file_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "flood_2031.yaml").write_text(yaml.safe_dump(sample()), encoding="utf-8")
    (tmp_path / "latin.yaml").write_bytes("title: é".encode("latin-1"))
    documents, faults = check_framework_files(tmp_path)
    assert [document.id for document in documents] == ["flood_2031"]
    assert [fault.file for fault in faults] == ["latin.yaml"]


def test_check_frameworks_prints_its_summary_last(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_frameworks", json=True)
    summary = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert summary == {"frameworks": len(SHIPPED), "faults": []}


def test_check_frameworks_fails_on_a_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = sample()
    data["version"] = 7
    (tmp_path / "flood_2031.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        call_command("check_frameworks", json=True, folder=tmp_path)
    assert stopped.value.code == 1
    summary = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert summary["frameworks"] == 0
    assert [fault["path"] for fault in summary["faults"]] == ["changes"]


def _framework_names_compared(source: str, names: set[str]) -> list[int]:
    """Lines in which code decides by the name of a framework instead of asking the document."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        parts: list[ast.AST] = []
        if isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
        elif isinstance(node, ast.MatchValue):
            parts = [node.value]
        constants = [inner for part in parts for inner in ast.walk(part) if isinstance(inner, ast.Constant)]
        lines += [node.lineno for constant in constants if constant.value in names]
    return lines


def test_the_detector_of_compared_names_finds_one() -> None:
    assert _framework_names_compared("if document.family in ('erf', 'vcrf'):\n    pass", {"erf"}) == [1]
    assert _framework_names_compared("match f:\n    case 'erf': pass", {"erf"}) == [2]
    assert _framework_names_compared("adopt('erf')", {"erf"}) == []


def test_no_code_depends_on_a_framework_by_name() -> None:
    documents = load_framework_files()
    names = {document.id for document in documents} | {document.family for document in documents} - {"results"}
    found = []
    for folder in ("awarding", "centres", "mitigations", "qa_sampling", "results", "qtag"):
        for path in (ROOT / folder).rglob("*.py"):
            lines = _framework_names_compared(path.read_text(encoding="utf-8"), names)
            found += [f"{path.relative_to(ROOT)}:{line}" for line in lines]
    assert found == []
