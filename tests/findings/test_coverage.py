"""The scan of code and tests, on a small tree. Ids are put together so that this file itself proves nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from awarding.findings.catalogue import all_rules
from awarding.findings.coverage import scan_coverage

ONE, TWO, THREE, FOUR, FIVE, SIX = (f"CLM-{number:02}" for number in range(1, 7))
STRANGER = "CLM-" + "77"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    files = {
        "claims/rules.py": f'"""About {SIX}."""\n\n# {FIVE}\ndef check():\n    return Finding("{ONE}", "x")\n',
        "claims/services.py": f'def submit():\n    """Refuses what is old ({TWO})."""\n',
        "claims/broken.py": f'def (:\n    "{FIVE}"\n',
        "templates/claims/page.html": f"<p>{THREE}</p>",
        "claims/options.yaml": f"rule: {FOUR}\n",
        "claims/slip.py": f'RULE = "{STRANGER}"\n',
        "docs/claims.yaml": f"rule: {FIVE}\n",
        "awarding/findings/rules.yaml": f"rules: {FIVE}\n",
        "awarding/frameworks/data/some.yaml": f"rules: {FIVE}\n",
        ".hidden/more.py": f'RULE = "{FIVE}"\n',
        "tests/claims/test_rules.py": (
            f"def test_{ONE.lower().replace('-', '_')}_is_checked():\n    pass\n\n"
            f'def test_versions():\n    """{TWO}: the older is refused."""\n\n'
            f'def helper():\n    """{THREE}"""\n    return "{FOUR}"\n'
        ),
        "claims/tests/test_more.py": f'class TestPages:\n    """{THREE} is told."""\n',
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_enforced_is_what_code_names_where_it_acts(tree: Path) -> None:
    found = scan_coverage(tree)
    assert set(found.enforced) == {ONE, TWO, THREE, FOUR}
    assert found.enforced[ONE] == ["claims/rules.py:5"]
    assert found.enforced[THREE] == ["templates/claims/page.html:1"]


def test_proved_is_what_a_test_carries_in_name_or_docstring(tree: Path) -> None:
    found = scan_coverage(tree)
    assert set(found.proved) == {ONE, TWO, THREE}
    assert found.proved[TWO] == ["tests/claims/test_rules.py:4"]
    assert found.proved[THREE] == ["claims/tests/test_more.py:1"]


def test_missing_is_enforced_without_proof(tree: Path) -> None:
    assert scan_coverage(tree).missing == [FOUR]


def test_unknown_ids_are_set_apart(tree: Path) -> None:
    assert scan_coverage(tree).unknown == {STRANGER: ["claims/slip.py:1"]}


def test_check_rules_prints_its_summary_last(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_rules", json=True, root=tree)
    lines = capsys.readouterr().out.splitlines()
    assert json.loads(lines[-1]) == {"rules": len(all_rules()), "enforced": 4, "proved": 3, "missing": [FOUR]}
    assert any(line.startswith(f"{FOUR}: enforced in claims/options.yaml:1") for line in lines)
    assert any(line.startswith(f"{STRANGER}: not in the catalogue") for line in lines)


def test_strict_check_stops_while_a_proof_is_missing(tree: Path) -> None:
    with pytest.raises(SystemExit):
        call_command("check_rules", strict=True, root=tree)
    (tree / "claims/options.yaml").unlink()
    (tree / "claims/slip.py").unlink()
    call_command("check_rules", strict=True, root=tree)
