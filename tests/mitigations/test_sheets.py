"""The checklist as a workbook: issued, filled in outside, compared, merged cell by cell, applied."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from awarding.frameworks.models import Adoption
from awarding.spreadsheets.comparison import UploadError
from awarding.tenancy.scope import open_scope
from mitigations.models import ChecklistSheet, ChecklistUpload, EvidenceEntry
from mitigations.queries.documents import current_sheet
from mitigations.services.checklist import LineInput, save_lines
from mitigations.services.checklist_uploads import apply_checklist, issue_sheet, receive_checklist
from mitigations.workbooks_checklist import checklist_workbook
from tests.factories import make_claim
from tests.factories.filling import places_of
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db
STATE, WORK, AWAY, WHY = (
    "State of the evidence",
    "Classwork or homework",
    "Cannot be reached",
    "Why it cannot be reached",
)


@pytest.fixture
def claim(aim, centre, contact):
    with open_scope(aim):
        return make_claim(centre, contact, learners=2, units=2)


def issue(claim, actor):
    issue_sheet(actor=actor, claim_id=claim.pk)
    return current_sheet(claim)


def edited(content, values, change=None):
    """The workbook with values typed in: {((learner, unit) as positions, title): text}. Rows stand unit by unit."""
    book = load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    top = next(cell.row for cell in sheet["A"] if str(cell.value).startswith("#row:"))
    titles = {str(cell.value): cell.column for cell in sheet[top - 1] if cell.value}
    for ((learner, unit), title), text in values.items():
        sheet.cell(top + unit * 2 + learner, titles[title]).value = text
    if change is not None:
        change(sheet, top, titles)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def receive(claim, actor, content):
    return receive_checklist(actor=actor, claim_id=claim.pk, name="checklist.xlsx", content=content)


def say(claim, actor, place, **said):
    save_lines(actor=actor, claim_id=claim.pk, lines=[LineInput(*places_of(claim)[place], **said)])


def entry_of(claim, learner, unit):
    return EvidenceEntry.objects.filter(claim=claim, learner__position=learner, unit__position=unit).first()


def test_clm_05_a_workbook_says_state_kind_reach_and_note_of_each_line(scope, claim, contact):
    content = checklist_workbook(issue(claim, contact))
    values = {
        ((0, 0), STATE): "complete", ((0, 0), WORK): "yes", ((0, 0), "Note"): "Two folders",
        ((1, 1), STATE): "None", ((1, 1), AWAY): "Yes", ((1, 1), WHY): "Building closed", ((1, 1), "Where it is"): "Lab 2",
    }  # fmt: skip
    found = receive(claim, contact, edited(content, values))
    assert (found.state, len(found.changes), found.faults) == ("checked", 7, [])
    assert not EvidenceEntry.objects.exists()
    assert apply_checklist(actor=contact, upload=found, choices={}) == 7
    assert apply_checklist(actor=contact, upload=found, choices={}) == 0
    first, last = entry_of(claim, 0, 0), entry_of(claim, 1, 1)
    assert (first.status, first.evidence_types, first.is_reachable, first.note) == (
        "complete", ["classwork"], True, "Two folders",
    )  # fmt: skip
    assert (last.status, last.is_reachable, last.reach_reason, last.kept_at) == (
        "none",
        False,
        "Building closed",
        "Lab 2",
    )
    assert EvidenceEntry.objects.count() == 2


def test_the_workbook_is_protected_keyed_and_filtered_and_says_what_stands_alone(scope, claim, contact):
    book = load_workbook(io.BytesIO(checklist_workbook(issue(claim, contact))))
    sheet = book.worksheets[0]
    text = [str(cell.value) for row in sheet.iter_rows() for cell in row]
    assert sheet.protection.sheet and sheet.column_dimensions["A"].hidden and sheet.auto_filter.ref
    assert "Tracker of achievement (only beside other evidence)" in text and claim.number in sheet["B1"].value


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({((0, 0), STATE): "mostly"}, "not_allowed"),
        ({((0, 0), WORK): "perhaps"}, "not_allowed"),
        ({((0, 0), AWAY): "Yes"}, "reason_missing"),
        ({((0, 0), WHY): "Closed"}, "not_away"),
        ({((0, 0), "Note"): "x" * 501}, "too_long"),
    ],
)
def test_a_fault_names_its_cell_and_the_rest_is_offered(scope, claim, contact, values, code):
    content = checklist_workbook(issue(claim, contact))
    found = receive(claim, contact, edited(content, values | {((1, 0), STATE): "Partial"}))
    assert [fault["code"] for fault in found.faults] == [code]
    assert found.faults[0]["cell"] and found.faults[0]["fix"]
    assert [(change["field"], change["after"]) for change in found.changes] == [("status", "Partial")]
    apply_checklist(actor=contact, upload=found, choices={})
    assert list(EvidenceEntry.objects.values_list("status", flat=True)) == ["partial"]


def test_what_both_sides_changed_is_merged_cell_by_cell_and_a_conflict_is_asked(scope, claim, contact):
    say(claim, contact, 0, status="none", note="Old")
    content = checklist_workbook(issue(claim, contact))
    # In the portal: state and kind of the first line. In the workbook: state (a conflict), note (not one).
    say(claim, contact, 0, status="complete", evidence_types=("classwork",))
    found = receive(claim, contact, edited(content, {((0, 0), STATE): "Partial", ((0, 0), "Note"): "New"}))
    theirs = {change["field"]: change["theirs"] for change in found.changes}
    assert theirs == {"status": "Complete", "note": None}
    with pytest.raises(UploadError, match="Choose for"):
        apply_checklist(actor=contact, upload=found, choices={})
    line = found.changes[0]["line"]
    apply_checklist(actor=contact, upload=found, choices={f"{line}:status": "portal"})
    entry = entry_of(claim, 0, 0)
    assert (entry.status, entry.evidence_types, entry.note) == ("complete", ["classwork"], "New")


def test_long_texts_come_back_whole_and_untouched_ones_are_no_change(scope, claim, contact):
    say(claim, contact, 1, status="none", note="two  spaces\nand a line")
    content = checklist_workbook(issue(claim, contact))
    found = receive(claim, contact, edited(content, {((0, 0), "Note"): "y" * 499, ((0, 0), STATE): "None"}))
    assert len(found.changes) == 2
    apply_checklist(actor=contact, upload=found, choices={})
    assert entry_of(claim, 0, 0).note == "y" * 499


def test_a_change_between_check_and_apply_is_shown_again(scope, claim, contact):
    found = receive(
        claim, contact, edited(checklist_workbook(issue(claim, contact)), {((0, 0), STATE): "Complete"})
    )  # fmt: skip
    say(claim, contact, 0, status="partial")
    with pytest.raises(UploadError, match="meanwhile"):
        apply_checklist(actor=contact, upload=found, choices={})
    found.refresh_from_db()
    assert found.changes[0]["theirs"] == "Partial" and entry_of(claim, 0, 0).status == "partial"
    line = found.changes[0]["line"]
    apply_checklist(actor=contact, upload=found, choices={f"{line}:status": "workbook"})
    assert entry_of(claim, 0, 0).status == "complete"


def test_rows_sorted_and_columns_moved_are_still_known(scope, claim, contact):
    def shuffle(sheet, top, titles):
        rows = [[cell.value for cell in sheet[number]] for number in range(top, top + 4)]
        for number, row in zip(range(top, top + 4), reversed(rows), strict=True):
            for column, value in enumerate(row, start=1):
                sheet.cell(number, column).value = value
        sheet.title = "Mine"

    content = edited(checklist_workbook(issue(claim, contact)), {((1, 0), STATE): "Complete"}, shuffle)
    apply_checklist(actor=contact, upload=receive(claim, contact, content), choices={})
    assert entry_of(claim, 1, 0).status == "complete" and EvidenceEntry.objects.count() == 1


def test_clm_02_a_superseded_checklist_workbook_is_refused_naming_the_one_to_use(scope, claim, contact):
    old = checklist_workbook(issue(claim, contact))
    say(claim, contact, 0, status="none")
    assert issue(claim, contact).version == 2
    found = receive(claim, contact, edited(old, {((0, 0), STATE): "Complete"}))
    assert found.state == "refused" and "Use version 2" in found.refusal
    assert entry_of(claim, 0, 0).status == "none"


def test_clm_02_an_adoption_anew_supersedes_the_checklist_workbook(scope, claim, contact):
    from django.utils import timezone

    content = checklist_workbook(issue(claim, contact))
    held = Adoption.objects.get()
    Adoption.objects.update(superseded_at=timezone.now())
    Adoption.objects.create(framework=held.framework, overrides={"thresholds.evidence_complete_share": 0.6})
    assert "framework was adopted anew" in receive(claim, contact, content).refusal
    assert issue(claim, contact).version == 2


def test_another_claims_or_no_workbook_at_all_is_refused(scope, claim, contact, centre):
    other = make_claim(centre, contact, learners=2, units=2)
    found = receive(claim, contact, checklist_workbook(issue(other, contact)))
    assert found.state == "refused" and other.number in found.refusal
    assert receive(claim, contact, b"not a workbook").state == "refused"
    assert not ChecklistSheet.objects.filter(claim=claim).exists()


def test_the_pages_issue_hand_out_take_back_and_apply(aim, claim, contact):
    desk = Client()
    sign_in(desk, contact.person)

    def at(name, **kwargs):
        return reverse(f"mitigations:{name}", kwargs={"ao": "aim", "claim_id": claim.pk, **kwargs})

    assert "Issue the workbook" in desk.get(at("checklist_workbook")).content.decode()
    assert "Version 1 is ready" in desk.post(at("issue_checklist"), follow=True).content.decode()
    content = desk.get(at("download_checklist", version=1)).content
    assert desk.get(at("download_checklist", version=7)).status_code == 302
    file = SimpleUploadedFile("c.xlsx", edited(content, {((0, 0), STATE): "Complete"}))
    shown = desk.post(at("checklist_workbook"), {"file": file}, follow=True)
    assert "State of the evidence" in shown.content.decode()
    with open_scope(aim):
        upload = ChecklistUpload.objects.get()
    assert (
        "1 cell changed."
        in desk.post(at("checklist_upload", checklist_upload_id=upload.pk), follow=True).content.decode()
    )
    again = SimpleUploadedFile("c.xlsx", edited(content, {((0, 1), STATE): "Partial"}))
    desk.post(at("checklist_workbook"), {"file": again})
    with open_scope(aim):
        second = ChecklistUpload.objects.first()
    desk.post(at("checklist_upload", checklist_upload_id=second.pk), {"discard": "1"})
    with open_scope(aim):
        assert EvidenceEntry.objects.count() == 1
        assert ChecklistUpload.objects.get(pk=second.pk).state == "discarded"


def test_the_page_shows_a_conflict_with_both_values_and_takes_the_choice(aim, claim, contact):
    desk = Client()
    sign_in(desk, contact.person)
    with open_scope(aim):
        content = checklist_workbook(issue(claim, contact))
        say(claim, contact, 0, status="partial")
        upload = receive(claim, contact, edited(content, {((0, 0), STATE): "Complete"}))
        line = upload.changes[0]["line"]
    page = reverse(
        "mitigations:checklist_upload", kwargs={"ao": "aim", "claim_id": claim.pk, "checklist_upload_id": upload.pk}
    )
    shown = desk.get(page).content.decode()
    assert f"choice:{line}:status" in shown and "Partial" in shown and "Complete" in shown
    assert "Choose for" in desk.post(page).content.decode()
    assert desk.post(page, {f"choice:{line}:status": "portal"}).status_code == 302
    with open_scope(aim):
        assert entry_of(claim, 0, 0).status == "partial"


def test_rows_that_were_deleted_were_not_sent_back(scope, claim, contact):
    say(claim, contact, 0, status="partial")

    def shorten(sheet, top, titles):
        sheet.delete_rows(top)

    content = edited(checklist_workbook(issue(claim, contact)), {((1, 0), STATE): "Complete"}, shorten)
    found = receive(claim, contact, content)
    assert found.state == "checked" and len(found.changes) == 1
    apply_checklist(actor=contact, upload=found, choices={})
    assert (entry_of(claim, 0, 0).status, entry_of(claim, 1, 0).status) == ("partial", "complete")
