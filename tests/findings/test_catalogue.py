from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from awarding.findings.catalogue import (
    CATALOGUE_FILE,
    CatalogueError,
    UnknownRuleError,
    all_rules,
    catalogue,
    read_catalogue,
    rule,
    source_codes,
)


def test_every_area_is_filled_and_numbered_without_gaps() -> None:
    for area in catalogue().areas:
        numbers = [int(row.id[-2:]) for row in all_rules() if row.area == area]
        assert numbers == list(range(1, len(numbers) + 1))
        assert numbers


def test_texts_end_as_sentences_and_titles_do_not() -> None:
    for row in all_rules():
        assert all(text.endswith(".") for text in (row.says, row.why, row.mend)), row.id
        assert not row.title.endswith("."), row.id


def test_titles_are_told_apart() -> None:
    titles = [row.title for row in all_rules()]
    assert len(titles) == len(set(titles))


def test_unknown_rule_names_the_remedy() -> None:
    with pytest.raises(UnknownRuleError, match="rules.yaml"):
        rule("XXX-01")


def test_sources_of_a_reference() -> None:
    assert source_codes("S0; S4 [8, 15]") == ["S0", "S4"]


def _broken(tmp_path: Path, rule_id: str, **changes: Any) -> Path:
    data = yaml.safe_load(CATALOGUE_FILE.read_text(encoding="utf-8"))
    row = {**next(iter(data["rules"].values())), **changes}
    data["rules"] = {rule_id: {key: value for key, value in row.items() if value != "DROP"}}
    path = tmp_path / "rules.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return path


def test_sound_copy_is_read(tmp_path: Path) -> None:
    first = all_rules()[0].id
    assert list(read_catalogue(_broken(tmp_path, first)).rules) == [first]


@pytest.mark.parametrize(
    ("rule_id", "changes", "words"),
    [
        ("MIT-1", {}, "three capitals"),
        ("ZZZ-01", {}, "no area ZZZ"),
        ("MIT-01", {"mend": "DROP"}, "mend"),
        ("MIT-01", {"colour": "blue"}, "colour"),
        ("MIT-01", {"why": "  "}, "MIT-01.why"),
        ("MIT-01", {"source": "S0; S77"}, "S77"),
        ("MIT-01", {"framework_families": []}, "family"),
    ],
)
def test_faulty_entry_is_named(tmp_path: Path, rule_id: str, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(CatalogueError, match=words):
        read_catalogue(_broken(tmp_path, rule_id, **changes))
