"""The commands of centres, as a person at a terminal runs them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from awarding.tenancy.scope import open_scope
from centres.models import Establishment, Learner
from tests.factories import make_ao, make_centre, make_qualification
from tests.factories.registration_files import make_row, make_workbook

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[str, dict[str, Any]]:
    out = io.StringIO()
    call_command(*arguments, "--json", stdout=out)
    return out.getvalue(), json.loads(out.getvalue().splitlines()[-1])


@pytest.fixture
def setting(tmp_path: Path) -> Any:
    ao = make_ao()
    with open_scope(ao):
        centre, qan = make_centre(number="N1"), make_qualification().qan
    path = tmp_path / "learners.xlsx"
    path.write_bytes(make_workbook([make_row(0, qan), make_row(1, qan, uln="1234567890")]))
    return ao, centre, path


def test_load_registrations_says_counts_and_faults(setting: Any) -> None:
    ao, _centre, path = setting
    command = ("load_registrations", "--ao", ao.slug, "--centre", "N1", str(path))
    text, dry = run(*command, "--dry-run")
    assert "1 would be loaded" in text and (dry["read"], dry["loaded"], dry["refused"]) == (2, 1, 1)
    with open_scope(ao):
        assert Learner.objects.count() == 0
    _text, first = run(*command)
    assert first["loaded"] == 1 and first["faults"] == dry["faults"]
    fault = first["faults"][0]
    assert set(fault) == {"sheet", "cell", "code", "value", "fix"}
    assert (fault["sheet"], fault["cell"], fault["code"], fault["value"]) == (
        "Learners",
        "A3",
        "uln_check",
        "1234567890",
    )
    _text, second = run(*command)
    assert (second["loaded"], second["unchanged"], second["refused"]) == (0, 1, 1)


@pytest.mark.parametrize(
    ("ao", "centre", "words"),
    [("nobody", "N1", "No awarding organisation"), ("aim", "X9", "no centre with the number")],
)
def test_load_registrations_says_what_it_cannot_find(setting: Any, ao: str, centre: str, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        run("load_registrations", "--ao", ao, "--centre", centre, str(setting[2]))


def test_load_registrations_refuses_what_is_no_table(setting: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(CommandError, match="PDF"):
        run("load_registrations", "--ao", setting[0].slug, "--centre", "N1", str(path))


def test_load_establishments_twice_changes_nothing_and_newer_facts_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "schools.csv"
    header = "URN,LAEstab,LA,Local Authority,School Name,School Type\n"
    path.write_text(header + "100006,1,202,Camden,CCfL,PRU\n1,1,202,Camden,Short,PRU\n")
    _text, first = run("load_establishments", str(path))
    assert first == {"read": 2, "loaded": 1, "updated": 0, "unchanged": 0, "refused": 1}
    assert run("load_establishments", str(path))[1]["unchanged"] == 1
    path.write_text(header + "100006,1,202,Camden,New Name,PRU\n")
    assert run("load_establishments", str(path))[1]["updated"] == 1
    assert Establishment.objects.get(urn="100006").name == "New Name"
