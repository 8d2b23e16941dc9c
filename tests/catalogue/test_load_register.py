"""The register is loaded by the command people run, on files as the DfE and Ofqual publish them."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django_scopes import scopes_disabled

from awarding.catalogue.models import Qualification, QualificationChange, RegisterLoad
from awarding.catalogue.services import register as register_service
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import open_scope
from tests.catalogue.registers import (
    APPROVED,
    APPROVED_COLUMNS,
    ORGANISATIONS,
    approved_row,
    needs_real_files,
    organisation_row,
    register_row,
    write_approved,
    write_csv,
    write_organisations,
    write_register,
)
from tests.factories.awards import make_qan

pytestmark = pytest.mark.django_db


def load(path: Path, *extra: str) -> tuple[dict[str, int], str]:
    out = StringIO()
    call_command("load_register", str(path), "--json", *extra, stdout=out)
    text = out.getvalue()
    return json.loads(text.strip().splitlines()[-1]), text


def stored(qan: str = "60171595") -> Qualification:
    with scopes_disabled():
        return Qualification.objects.select_related("ao").get(qan=qan)


def changes(qan: str = "60171595") -> list[tuple[str, str, str]]:
    row = stored(qan)
    with open_scope(row.ao):
        rows = QualificationChange.objects.filter(qualification=row).order_by("id")
        return list(rows.values_list("field", "before", "after"))


@needs_real_files
def test_the_real_list_loads_whole_and_twice_changes_nothing() -> None:
    first, text = load(APPROVED, "--organisations", str(ORGANISATIONS))
    assert first == {"read": 8092, "loaded": 8092, "updated": 0, "unchanged": 0, "refused": 0}
    assert "RLSS UK Qualifications" in text and "VTCT Skills" in text
    aim = AwardingOrganisation.objects.get(recognition_number="RN5322")
    with open_scope(aim):
        assert Qualification.objects.count() == 361
    with scopes_disabled():
        assert Qualification.objects.filter(title="Access to HE Diploma (Science)").count() == 8
        assert Qualification.objects.filter(qan_check_failed=True).count() == 0
    loads = RegisterLoad.objects.count()
    second, _text = load(APPROVED, "--organisations", str(ORGANISATIONS))
    assert second == {"read": 8092, "loaded": 0, "updated": 0, "unchanged": 8092, "refused": 0}
    assert RegisterLoad.objects.count() == loads


def test_a_new_row_is_stored_with_its_facts(tmp_path: Path) -> None:
    notes = 'A "first" line,\r\nand a second'
    counts, _text = load(write_approved(tmp_path / "a.csv", approved_row(Age1619_Notes=notes)))
    assert counts["loaded"] == 1
    row = stored()
    assert (row.display_qan, row.level, row.sector) == ("601/7159/5", "Level 2", "Science")
    assert row.ao.name == "AIM Qualifications"
    assert row.funding["Age1619"] == {"available": True, "from": "2022-09-01", "to": "2026-07-31", "notes": notes}


def test_accents_and_capitals_do_not_hide_a_title(tmp_path: Path) -> None:
    load(write_approved(tmp_path / "a.csv", approved_row(QualificationName="Diploma in Pâtisserie  and CAFÉ Work")))
    assert stored().title_key == "diploma in patisserie and cafe work"


def test_a_newer_file_updates_and_keeps_what_changed(tmp_path: Path) -> None:
    load(write_approved(tmp_path / "a.csv", approved_row(), approved_row(make_qan(7))))
    newer = approved_row(
        DateOfOfqualDataSnapshot="01/03/2026", QualificationName="A better title",
        Age1619_FundingApprovalEndDate="31/07/2027",
    )  # fmt: skip
    counts, _text = load(write_approved(tmp_path / "b.csv", newer, approved_row(make_qan(7))))
    assert counts == {"read": 2, "loaded": 0, "updated": 1, "unchanged": 1, "refused": 0}
    assert stored().title == "A better title"
    assert stored().title_key == "a better title"
    assert changes() == [
        ("title", "AIM Level 2 Award in Testing", "A better title"),
        ("funding.Age1619", "available 2022-09-01 to 2026-07-31", "available 2022-09-01 to 2027-07-31"),
    ]
    assert changes(make_qan(7)) == []


def test_an_older_snapshot_does_not_overwrite_a_newer_one(tmp_path: Path) -> None:
    load(write_approved(tmp_path / "new.csv", approved_row(DateOfOfqualDataSnapshot="01/03/2026")))
    older = approved_row(QualificationName="An old title")
    counts, text = load(write_approved(tmp_path / "old.csv", older))
    assert counts["refused"] == 1 and counts["updated"] == 0
    assert "2025-02-18" in text and "2026-03-01" in text
    assert stored().title == "AIM Level 2 Award in Testing"


def test_the_same_facts_in_a_newer_file_move_the_day_on(tmp_path: Path) -> None:
    """An older file that comes between must not pass for the newest."""
    load(write_approved(tmp_path / "a.csv", approved_row()))
    load(write_approved(tmp_path / "c.csv", approved_row(DateOfOfqualDataSnapshot="01/03/2026")))
    between = approved_row(DateOfOfqualDataSnapshot="01/06/2025", QualificationName="Between")
    counts, _text = load(write_approved(tmp_path / "b.csv", between))
    assert counts["refused"] == 1


@pytest.mark.parametrize("wrong", ["6017159", "ABC/1234/5", "601/7159/Y", ""])
def test_a_wrong_number_is_refused_by_line_and_reason(tmp_path: Path, wrong: str) -> None:
    first = approved_row(make_qan(1), Age1619_Notes="two\nlines")
    counts, text = load(write_approved(tmp_path / "a.csv", first, approved_row(wrong), approved_row(make_qan(2))))
    assert counts == {"read": 3, "loaded": 2, "updated": 0, "unchanged": 0, "refused": 1}
    # The first row takes lines 2 and 3, so that the wrong one stands where an editor shows line 4.
    assert "line 4" in text


def test_a_failed_check_character_warns_and_is_stored(tmp_path: Path) -> None:
    counts, text = load(write_approved(tmp_path / "a.csv", approved_row("60171596")))
    assert counts["loaded"] == 1
    assert stored("60171596").qan_check_failed
    assert "60171596" in text and "check character" in text


def test_a_number_given_twice_is_loaded_once(tmp_path: Path) -> None:
    other = approved_row(QualificationName="Another title")
    counts, text = load(write_approved(tmp_path / "a.csv", approved_row(), approved_row(), other))
    assert counts == {"read": 3, "loaded": 1, "updated": 0, "unchanged": 0, "refused": 2}
    assert "repeats it" in text and "something else" in text
    assert stored().title == "AIM Level 2 Award in Testing"


@pytest.mark.parametrize("column", ["QualificationName", "AwardingOrganisation", "Level"])
def test_a_row_that_lacks_a_fact_is_refused(tmp_path: Path, column: str) -> None:
    counts, text = load(write_approved(tmp_path / "a.csv", approved_row(**{column: "  "})))
    assert counts["refused"] == 1 and "is empty" in text


def test_a_row_with_cells_astray_is_refused_and_the_rest_loads(tmp_path: Path) -> None:
    path = write_approved(tmp_path / "a.csv", approved_row(), approved_row(make_qan(3)))
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    lines[1] += ",one too many"
    path.write_text("\n".join(lines), encoding="utf-8")
    counts, text = load(path)
    assert counts["loaded"] == 1 and counts["refused"] == 1 and "line 2" in text


def test_a_qualification_does_not_change_hands(tmp_path: Path) -> None:
    load(write_approved(tmp_path / "a.csv", approved_row()))
    counts, text = load(write_approved(tmp_path / "b.csv", approved_row(AwardingOrganisation="Somebody Else")))
    assert counts["refused"] == 1 and "held here by AIM Qualifications" in text
    assert stored().ao.name == "AIM Qualifications"


def test_the_registers_own_layout_loads(tmp_path: Path) -> None:
    counts, _text = load(write_register(tmp_path / "Qualifications.csv", register_row()), "--as-of", "2026-01-01")
    assert counts["loaded"] == 1
    row = stored()
    assert (row.sector, row.status, row.min_credits) == ("Science", "Available to learners", 13)
    assert (row.ao.recognition_number, row.ao.acronym) == ("RN5322", "AIM")
    assert row.snapshot_on is not None and row.snapshot_on.isoformat() == "2026-01-01"


def test_entry_level_keeps_its_sub_level(tmp_path: Path) -> None:
    entry = register_row(**{"Qualification Level": "Entry Level", "Qualification Sub Level": "Entry Level 3"})
    load(write_register(tmp_path / "Qualifications.csv", entry))
    assert stored().level == "Entry Level 3"


def test_what_the_ao_set_survives_a_load(tmp_path: Path) -> None:
    load(write_approved(tmp_path / "a.csv", approved_row()))
    row = stored()
    with open_scope(row.ao):
        Qualification.objects.filter(pk=row.pk).update(category="B1", min_credits=30)
    load(write_approved(tmp_path / "b.csv", approved_row(DateOfOfqualDataSnapshot="01/03/2026", Level="Level 3")))
    row = stored()
    assert (row.level, row.category, row.min_credits) == ("Level 3", "B1", 30)


def test_a_load_killed_half_way_and_run_again_ends_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [approved_row(make_qan(n), AwardingOrganisation=f"Body {n}") for n in range(1, 6)]
    path = write_approved(tmp_path / "a.csv", *rows)
    original: Callable[..., Any] = register_service._Load.run
    calls: list[str] = []

    def dies_third(self: Any, organisation: AwardingOrganisation, given: Any) -> None:
        calls.append(organisation.name)
        if len(calls) == 3:
            raise KeyboardInterrupt
        original(self, organisation, given)

    monkeypatch.setattr(register_service._Load, "run", dies_third)
    with pytest.raises(KeyboardInterrupt):
        load(path)
    monkeypatch.undo()
    counts, _text = load(path)
    assert counts == {"read": 5, "loaded": 3, "updated": 0, "unchanged": 2, "refused": 0}
    with scopes_disabled():
        assert Qualification.objects.count() == 5


@pytest.mark.parametrize(
    "written",
    ["AIM QUALIFICATIONS", "Aim Qualifications Ltd", "The AIM Qualifications Limited.", "AIM", "AIM & Partners"],
)
def test_names_match_whatever_their_dress(tmp_path: Path, written: str) -> None:
    bodies = write_organisations(
        tmp_path / "o.csv",
        organisation_row("RN5322", "AIM Qualifications", **{"Legal Name": "AIM and Partners", "Acronym": "AIM "}),
        organisation_row("RN5133", "Pearson Education Ltd"),
    )
    path = write_approved(tmp_path / "a.csv", approved_row(AwardingOrganisation=written))
    _counts, text = load(path, "--organisations", str(bodies))
    assert stored().ao.recognition_number == "RN5322"
    assert "organisations to look at" not in text


def test_an_ambiguous_name_is_reported_and_not_guessed(tmp_path: Path) -> None:
    bodies = write_organisations(
        tmp_path / "o.csv", organisation_row("RN6129", "RLSS UK"), organisation_row("RN5278", "RLSS UK")
    )
    path = write_approved(tmp_path / "a.csv", approved_row(AwardingOrganisation="RLSS UK"))
    _counts, text = load(path, "--organisations", str(bodies))
    assert "RN5278, RN6129" in text
    assert stored().ao.recognition_number is None
    counts, text = load(path, "--organisations", str(bodies))
    assert counts["unchanged"] == 1 and "RN5278, RN6129" in text


def test_of_namesakes_the_only_recognised_one_is_meant(tmp_path: Path) -> None:
    gone = organisation_row("RN5190", "NEBOSH", **{"Ofqual Status": "Surrendered"})
    bodies = write_organisations(tmp_path / "o.csv", gone, organisation_row("RN6108", "NEBOSH"))
    path = write_approved(tmp_path / "a.csv", approved_row(AwardingOrganisation="NEBOSH"))
    load(path, "--organisations", str(bodies))
    assert stored().ao.recognition_number == "RN6108"


def test_a_body_known_by_name_takes_its_number_on_later(tmp_path: Path) -> None:
    path = write_approved(tmp_path / "a.csv", approved_row())
    _counts, text = load(path)
    assert "without a recognition number" in text
    load(write_organisations(tmp_path / "o.csv", organisation_row("RN5322", "AIM Qualifications")))
    assert stored().ao.recognition_number == "RN5322"
    assert AwardingOrganisation.objects.count() == 1


def test_a_legal_name_that_several_bodies_bear_gives_none_of_them_what_is_known_by_name_alone(tmp_path: Path) -> None:
    path = write_approved(tmp_path / "a.csv", approved_row(AwardingOrganisation="Guild of Testing"))
    load(path)
    joint = organisation_row("RN5241", "Joint - Guild", **{"Legal Name": "The Guild of Testing"})
    guild = organisation_row("RN5217", "Guild of Testing", **{"Legal Name": "Guild of Testing"})
    load(write_organisations(tmp_path / "o.csv", joint, guild))
    assert (stored().ao.recognition_number, stored().ao.name) == ("RN5217", "Guild of Testing")
    assert AwardingOrganisation.objects.filter(recognition_number="RN5241", name="Joint - Guild").exists()
    assert load(path)[0]["unchanged"] == 1


@needs_real_files
def test_the_real_files_load_in_either_order(tmp_path: Path) -> None:
    load(APPROVED)
    load(ORGANISATIONS)
    again, _text = load(APPROVED)
    assert (again["unchanged"], again["refused"]) == (8092, 0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "its first line says nothing"),
        (b"Name,Age\nAda,36\n", "its first line says Name, Age"),
        (b"URN,School Name\n100000,A School\n", "manage.py load_establishments"),
        (b"PK\x03\x04rest of an archive", "save it as CSV"),
    ],
)
def test_a_file_of_another_kind_is_refused_whole_with_what_would_do(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=words) as refused:
        load(path)
    assert ("load_establishments" in str(refused.value)) == content.startswith(b"URN")


def test_an_open_quotation_mark_loads_nothing(tmp_path: Path) -> None:
    path = write_approved(tmp_path / "a.csv", approved_row())
    path.write_text(path.read_text(encoding="utf-8-sig") + '18/02/2025,"never closed', encoding="utf-8")
    with pytest.raises(CommandError, match="nothing was loaded"):
        load(path)
    with scopes_disabled():
        assert not Qualification.objects.exists()


def test_an_older_encoding_is_read_and_noted(tmp_path: Path) -> None:
    row = approved_row(QualificationName="Award in Café Work")
    _counts, text = load(write_csv(tmp_path / "a.csv", APPROVED_COLUMNS, [row], encoding="cp1252"))
    assert stored().title == "Award in Café Work" and "Windows-1252" in text
