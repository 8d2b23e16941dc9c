"""The eRAC as a workbook: issued, filled in outside, compared, applied; and whatever else people upload."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from awarding.spreadsheets.comparison import UploadError
from awarding.tenancy.scope import open_scope
from awarding.ui.grid import CellInput
from mitigations.models import Claim, ClaimCell, EracDocument, EracUpload
from mitigations.queries.documents import current_document
from mitigations.services.documents import issue_document
from mitigations.services.grid import save_cells
from mitigations.services.uploads import apply_upload, discard_upload, receive_upload
from mitigations.workbooks import erac_workbook
from tests.factories import adopt_framework, make_ao, make_centre, make_claim, make_standing
from tests.factories.filling import fill_and_submit, fill_cells, places_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim(aim, centre, contact):
    with open_scope(aim):
        claim = make_claim(centre, contact, learners=2, units=2)
        claim.qualification.unit_scale.grades.create(code="Merit", label="Merit", rank=5)
        return Claim.objects.select_related("centre", "qualification", "cohort").get(pk=claim.pk)


def issue(claim, actor):
    issue_document(actor=actor, claim_id=claim.pk)
    return current_document(claim)


def filled(document, values):
    """The workbook with values typed into it: {(row number from 0, column number from 0): text}."""
    book = load_workbook(io.BytesIO(erac_workbook(document)))
    sheet = book.worksheets[0]
    top = next(cell.row for cell in sheet["A"] if str(cell.value).startswith("#row:"))
    for (row, column), value in values.items():
        sheet.cell(top + row, 4 + column).value = value
    return saved(book)


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(claim, actor, content, name="eRAC.xlsx"):
    return receive_upload(actor=actor, claim_id=claim.pk, name=name, content=content)


def values_of(claim):
    cells = ClaimCell.objects.filter(claim=claim).order_by("learner__position", "unit__position")
    return [cell.value for cell in cells]


# --- the way it should go -----------------------------------------------------------------------


def test_the_workbook_has_learners_drop_downs_protection_and_hidden_keys(scope, claim, contact):
    book = load_workbook(io.BytesIO(erac_workbook(issue(claim, contact))))
    sheet = book.worksheets[0]
    assert sheet.protection.sheet and sheet.column_dimensions["A"].hidden
    assert any("Merit" in str(rule.formula1) for rule in sheet.data_validations.dataValidation)
    text = [str(cell.value) for row in sheet.iter_rows() for cell in row]
    learner = claim.learners.first().registration.learner
    assert learner.full_name in text and learner.uln in text and any(claim.number in part for part in text)


def test_an_upload_changes_nothing_until_it_is_applied(scope, claim, contact):
    document = issue(claim, contact)
    found = upload(claim, contact, filled(document, {(0, 0): "Pass", (1, 1): "Merit"}))
    assert (found.state, len(found.changes), values_of(claim)) == ("checked", 2, [])
    first = found.changes[0]
    assert (first["before"], first["after"], first["theirs"]) == ("", "Pass", None)
    assert apply_upload(actor=contact, upload=found, choices={}) == 2
    assert values_of(claim) == ["Pass", "Merit"]


def test_applying_twice_and_uploading_the_same_file_twice_change_nothing_more(scope, claim, contact):
    content = filled(issue(claim, contact), {(0, 0): "Pass"})
    found = upload(claim, contact, content)
    assert apply_upload(actor=contact, upload=found, choices={}) == 1
    assert apply_upload(actor=contact, upload=found, choices={}) == 0
    assert upload(claim, contact, content).changes == []
    assert ClaimCell.objects.get(claim=claim).version == 1


def test_a_cell_changed_on_both_sides_is_shown_side_by_side_and_the_person_chooses(scope, claim, contact):
    document = issue(claim, contact)
    row, column = places_of(claim)[0]
    save_cells(actor=contact, claim_id=claim.pk, cells=[CellInput(row, column, "Merit")])
    found = upload(claim, contact, filled(document, {(0, 0): "Pass", (0, 1): "Pass"}))
    assert [change["theirs"] for change in found.changes] == ["Merit", None]
    with pytest.raises(UploadError, match="Choose for"):
        apply_upload(actor=contact, upload=found, choices={})
    assert values_of(claim) == ["Merit"]
    apply_upload(actor=contact, upload=found, choices={f"{row}:{column}": "portal"})
    assert values_of(claim) == ["Merit", "Pass"]


def test_a_cell_that_changed_only_in_the_portal_keeps_what_the_portal_holds(scope, claim, contact):
    document = issue(claim, contact)
    row, column = places_of(claim)[0]
    save_cells(actor=contact, claim_id=claim.pk, cells=[CellInput(row, column, "Merit")])
    found = upload(claim, contact, filled(document, {(0, 1): "Pass"}))
    apply_upload(actor=contact, upload=found, choices={})
    assert values_of(claim) == ["Merit", "Pass"]


def test_a_cell_changed_between_check_and_apply_is_shown_again_and_not_overwritten(scope, claim, contact):
    found = upload(claim, contact, filled(issue(claim, contact), {(0, 0): "Pass"}))
    row, column = places_of(claim)[0]
    save_cells(actor=contact, claim_id=claim.pk, cells=[CellInput(row, column, "Merit")])
    with pytest.raises(UploadError, match="meanwhile"):
        apply_upload(actor=contact, upload=found, choices={})
    assert values_of(claim) == ["Merit"]
    again = EracUpload.objects.get(pk=found.pk)
    assert again.changes[0]["theirs"] == "Merit"
    apply_upload(actor=contact, upload=again, choices={f"{row}:{column}": "workbook"})
    assert values_of(claim) == ["Pass"]


def test_a_discarded_upload_is_not_applied_later(scope, claim, contact):
    found = upload(claim, contact, filled(issue(claim, contact), {(0, 0): "Pass"}))
    discard_upload(actor=contact, upload=found)
    with pytest.raises(UploadError):
        apply_upload(actor=contact, upload=found, choices={})
    assert values_of(claim) == []


def test_clm_04_a_blank_workbook_is_fine(scope, claim, contact):
    found = upload(claim, contact, erac_workbook(issue(claim, contact)))
    assert (found.state, found.changes, found.faults) == ("checked", [], [])


def test_issuing_twice_without_a_change_between_is_one_version(scope, claim, contact):
    assert issue(claim, contact).pk == issue(claim, contact).pk
    assert EracDocument.objects.filter(claim=claim).count() == 1


# --- superseded ---------------------------------------------------------------------------------


def test_clm_02_a_superseded_version_is_refused_naming_the_one_to_use(scope, claim, contact):
    """CLM-02, refused: an earlier version, with the number of the one to use."""
    old = filled(issue(claim, contact), {(0, 0): "Pass"})
    fill_cells(claim, contact, "Merit", only=1)
    new = issue(claim, contact)
    found = upload(claim, contact, old)
    assert found.state == "refused" and f"Use version {new.version}" in found.refusal and "download" in found.refusal
    assert values_of(claim) == ["Merit"]
    assert upload(claim, contact, erac_workbook(new)).state == "checked"


def test_clm_02_a_new_adoption_supersedes_the_workbooks_of_the_old_one(scope, claim, contact):
    """CLM-02: adopting anew supersedes what was issued before."""
    from django.utils import timezone

    from awarding.frameworks.models import Adoption

    old = filled(issue(claim, contact), {(0, 0): "Pass"})
    Adoption.objects.update(superseded_at=timezone.now())
    newer = adopt_framework()
    found = upload(claim, contact, old)
    assert found.state == "refused" and "Issue a new version" in found.refusal
    document = issue(Claim.objects.get(pk=claim.pk), contact)
    assert (document.version, document.adoption_id) == (2, newer.pk)
    assert upload(claim, contact, erac_workbook(document)).state == "checked"


def test_clm_02_a_version_issued_between_check_and_apply_stops_the_apply(scope, claim, contact):
    found = upload(claim, contact, filled(issue(claim, contact), {(0, 0): "Pass"}))
    fill_cells(claim, contact, "Merit", only=1)
    issue(claim, contact)
    with pytest.raises(UploadError, match="newer version"):
        apply_upload(actor=contact, upload=found, choices={})


# --- what else people upload --------------------------------------------------------------------


def test_another_claims_workbook_is_refused_naming_its_claim(scope, claim, centre, contact):
    other = make_claim(centre, contact)
    issue(claim, contact)
    found = upload(claim, contact, erac_workbook(issue(other, contact)))
    assert found.state == "refused" and other.number in found.refusal and claim.number in found.refusal


def test_another_aos_workbook_is_refused_without_saying_whose_it_is(aim, claim, contact):
    other = make_ao("other")
    with open_scope(other):
        from awarding.accounts.roles import Role

        adopt_framework()
        place = make_centre("Elsewhere")
        stranger = make_standing(other, Role.QUALITY_CONTACT, place)
        theirs = make_claim(place, stranger)
        content = erac_workbook(issue(theirs, stranger))
    with open_scope(aim):
        issue(claim, contact)
        found = upload(claim, contact, content)
        assert found.state == "refused" and theirs.number not in found.refusal and "not issued here" in found.refusal


def test_a_renamed_file_is_known_for_what_it_is(scope, claim, contact):
    content = filled(issue(claim, contact), {(0, 0): "Pass"})
    assert upload(claim, contact, content, name="holiday photos.csv").state == "checked"
    found = upload(claim, contact, b"%PDF-1.7 not a workbook", name="eRAC.xlsx")
    assert found.state == "refused" and "PDF" in found.refusal


def test_qtg_09_a_grade_off_the_scale_is_named_by_cell_value_and_fix_and_the_rest_goes_on(scope, claim, contact):
    found = upload(claim, contact, filled(issue(claim, contact), {(0, 0): "A*", (0, 1): "Pass"}))
    fault = found.faults[0]
    assert fault["value"] == "A*" and fault["cell"] and "Pass, Merit" in fault["fix"]
    apply_upload(actor=contact, upload=found, choices={})
    assert values_of(claim) == ["Pass"]


def test_a_unit_that_is_not_in_the_qualification_refuses_the_whole_file(scope, claim, contact):
    book = load_workbook(io.BytesIO(erac_workbook(issue(claim, contact))))
    for row in book.worksheets[0].iter_rows():
        for cell in row:
            if str(cell.value).startswith("#column:"):
                cell.value = "#column:999999"
                break
    found = upload(claim, contact, saved(book))
    assert found.state == "refused" and "unknown_column" in [fault["code"] for fault in found.faults]
    assert values_of(claim) == []


def test_mit_07_a_learner_typed_into_the_sheet_is_refused_with_the_way_to_register(scope, claim, contact):
    book = load_workbook(io.BytesIO(erac_workbook(issue(claim, contact))))
    sheet = book.worksheets[0]
    last = sheet.max_row + 1
    sheet.cell(last, 2).value, sheet.cell(last, 4).value = "Somebody New", "Pass"
    found = upload(claim, contact, saved(book))
    fault = next(fault for fault in found.faults if fault["code"] == "row_without_key")
    assert "registered first" in fault["fix"]


def test_a_formula_is_never_run_and_named_by_its_cell(scope, claim, contact):
    found = upload(claim, contact, filled(issue(claim, contact), {(0, 0): '=HYPERLINK("http://x","Pass")'}))
    assert [fault["code"] for fault in found.faults] == ["formula"] and found.changes == []


def _with_part(content, name, data):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.namelist():
            new.writestr(item, old.read(item))
        new.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda content: _with_part(content, "xl/vbaProject.bin", b"\xd0\xcf macros"), "macro"),
        (lambda content: _with_part(content, "xl/bomb.xml", b"0" * 400_000_000), ""),
        (lambda content: _with_part(content, "xl/e.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "entit"),
        (lambda content: content[: len(content) // 2], ""),
        (lambda content: b"", "empty"),
        (lambda content: b"\x00\x01\x02" * 50, ""),
    ],
    ids=["macros", "zip-bomb", "entities", "truncated", "empty", "noise"],
)
def test_a_harmful_or_broken_file_is_refused_with_a_reason_and_nothing_is_saved(scope, claim, contact, spoil, words):
    found = upload(claim, contact, spoil(erac_workbook(issue(claim, contact))))
    assert found.state == "refused" and found.refusal and words in found.refusal.lower()
    assert values_of(claim) == []


# --- in the browser -----------------------------------------------------------------------------


def at(name, **kwargs):
    return reverse(f"mitigations:{name}", kwargs={"ao": "aim", **kwargs})


def test_the_whole_way_through_the_pages(client, aim, claim, contact):
    client.force_login(contact.person)
    assert "Version 1 is ready" in client.post(at("issue_document", claim_id=claim.pk), follow=True).content.decode()
    unneeded = client.post(at("issue_document", claim_id=claim.pk), follow=True).content.decode()
    assert "no new version was made" in unneeded and ">Done<" not in unneeded
    answer = client.get(at("download", claim_id=claim.pk, version=1))
    assert f"{claim.number}-v1.xlsx" in answer["Content-Disposition"]
    with open_scope(aim):
        content = filled(current_document(claim), {(0, 0): "Pass"})
    file = SimpleUploadedFile("mine.xlsx", content)
    answer = client.post(at("workbook", claim_id=claim.pk), {"file": file}, follow=True)
    assert "Apply the changes" in answer.content.decode()
    page = client.post(answer.request["PATH_INFO"], follow=True).content.decode()
    assert "1 cell changed" in page
    again = client.post(answer.request["PATH_INFO"], follow=True).content.decode()
    assert "No cell changed" in again and ">Done<" not in again
    with open_scope(aim):
        assert values_of(claim) == ["Pass"]


def test_clm_02_an_old_download_leads_to_the_current_version(client, aim, claim, contact):
    with open_scope(aim):
        issue(claim, contact)
        fill_cells(claim, contact, only=1)
        issue(claim, contact)
    client.force_login(contact.person)
    answer = client.get(at("download", claim_id=claim.pk, version=1), follow=True)
    assert "Version 1 is superseded" in answer.content.decode()


def test_a_file_of_another_kind_is_refused_by_name_before_it_is_read(client, aim, claim, contact):
    with open_scope(aim):
        issue(claim, contact)
    client.force_login(contact.person)
    answer = client.post(at("workbook", claim_id=claim.pk), {"file": SimpleUploadedFile("eRAC.docx", b"PK")})
    assert "cannot be read here" in answer.content.decode()


def test_an_upload_of_another_claim_is_not_shown_under_this_one(client, aim, claim, centre, contact):
    with open_scope(aim):
        other = make_claim(centre, contact)
        found = upload(other, contact, erac_workbook(issue(other, contact)))
    client.force_login(contact.person)
    assert client.get(at("upload", claim_id=claim.pk, upload_id=found.pk)).status_code == 404


def test_a_submitted_claim_takes_no_workbook(client, aim, claim, contact):
    with open_scope(aim):
        content = erac_workbook(issue(claim, contact))
        fill_and_submit(claim, contact)
    client.force_login(contact.person)
    answer = client.post(at("workbook", claim_id=claim.pk), {"file": SimpleUploadedFile("eRAC.xlsx", content)})
    assert "cannot be changed" in answer.content.decode()
    with open_scope(aim):
        assert not EracUpload.objects.exists()
