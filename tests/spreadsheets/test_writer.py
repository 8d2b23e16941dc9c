"""What is written opens as what it was: text as text, never a live formula."""

import datetime
import io
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from awarding.identifiers import parse_uln
from awarding.spreadsheets.columns import Column
from awarding.spreadsheets.faults import Fault, FaultList
from awarding.spreadsheets.faults_workbook import faults_workbook
from awarding.spreadsheets.preflight import preflight
from awarding.spreadsheets.reader import read_table
from awarding.spreadsheets.template import upload_template
from awarding.spreadsheets.writer import (
    WrittenColumn,
    WrittenSheet,
    harmless,
    sheet_name,
    write_csv,
    write_sheets,
    write_table,
)

from . import builders

ULN = "1000102504"
DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=HYPERLINK(\"http://x\")", "{=1}", "http://example.org",
             "<r></is></c><c r=\"Z1\"><f>1+1</f></c></r>", "<r><t>x</t></r>"]  # fmt: skip
COLUMNS = [
    WrittenColumn("ULN", width=14), WrittenColumn("Count", "integer"), WrittenColumn("Share", "decimal"),
    WrittenColumn("Born", "date"), WrittenColumn("Sent", "datetime"),
]  # fmt: skip


def written(rows, columns=COLUMNS, **more):
    buffer = io.BytesIO()
    count = write_table(buffer, title="Results 2024: all/some", columns=columns, rows=rows, **more)
    return count, buffer.getvalue()


def test_values_keep_their_kind():
    moment = datetime.datetime(2024, 7, 1, 23, 30, tzinfo=datetime.UTC)
    count, data = written(iter([[ULN, 3, 0.5, datetime.date(2003, 1, 31), moment], [None] * 5]), facts=[("By", "=x")])
    book = openpyxl.load_workbook(io.BytesIO(data))
    page = book.worksheets[0]
    assert count == 2
    assert page.title == "Results 2024 all some"
    assert [cell.value for cell in page[2]] == [
        ULN, 3, 0.5, datetime.datetime(2003, 1, 31), datetime.datetime(2024, 7, 2, 0, 30),
    ]  # fmt: skip
    assert page["A2"].data_type == "s" and page["A2"].number_format == "@"
    assert page["D2"].number_format == "dd/mm/yyyy"
    assert page.freeze_panes == "A2" and page.auto_filter.ref == "A1:E3"
    assert book.worksheets[1]["B1"].value == "=x" and book.worksheets[1]["B1"].data_type == "s"


def sheets_written(rows, columns=COLUMNS):
    buffer = io.BytesIO()
    sheets = [WrittenSheet("First", columns, rows), WrittenSheet("Second", columns[:1], [])]
    write_sheets(buffer, title="Two", sheets=sheets, facts=[("By", "=x")])
    return buffer.getvalue()


def test_sheets_that_fit_in_memory_keep_the_kind_of_their_values_too():
    moment = datetime.datetime(2024, 7, 1, 23, 30, tzinfo=datetime.UTC)
    row = [ULN, -3, 1 / 3, datetime.date(2003, 1, 31), moment]
    before_march_1900 = ["x", None, "", datetime.date(1900, 2, 28), None]
    book = openpyxl.load_workbook(io.BytesIO(sheets_written([row, [None] * 5, before_march_1900])))
    page = book["First"]
    assert [cell.value for cell in page[2]] == [
        ULN, -3, 1 / 3, datetime.datetime(2003, 1, 31), datetime.datetime(2024, 7, 2, 0, 30),
    ]  # fmt: skip
    assert [cell.value for cell in page[3]] == [None] * 5
    assert [cell.value for cell in page[4]] == ["x", None, None, datetime.datetime(1900, 2, 28), None]
    assert page["A2"].data_type == "s" and page["A2"].number_format == "@"
    assert page["D2"].number_format == "dd/mm/yyyy"
    assert page.freeze_panes == "A2" and page.auto_filter.ref == "A1:E4"
    assert [cell.value for cell in book["Second"][1]] == ["ULN"] and book["Second"].max_row == 1
    assert book.worksheets[2]["B1"].value == "=x"


@pytest.mark.parametrize("text", [*DANGEROUS, " spaces ", "a & b\nc", "\x01", "\U0001f600" * 20_000])
def test_text_in_sheets_that_fit_in_memory_is_text_and_nothing_else(text):
    data = sheets_written([[text, None, None, None, None]])
    assert [sheet.formulas for sheet in preflight(data).sheets] == [(), (), ()]
    value = openpyxl.load_workbook(io.BytesIO(data))["First"]["A2"].value
    shown = text.encode("utf-16-le")[: 2 * 32_767].decode("utf-16-le", errors="ignore")
    assert unescape(value).rstrip() == shown.rstrip()


@pytest.mark.parametrize("row", [[ULN], [ULN, float("nan"), None, None, None]])
def test_a_row_that_a_sheet_cannot_hold_is_refused(row):
    with pytest.raises(ValueError):
        sheets_written([row])


@pytest.mark.parametrize("text", DANGEROUS)
def test_text_is_never_a_live_formula_link_or_markup(text):
    columns = [WrittenColumn(text or "x"), WrittenColumn("Other")]
    _count, data = written([[text, text]], columns, facts=[(text, text)])
    looked = preflight(data)
    assert [sheet.formulas for sheet in looked.sheets] == [(), ()]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"hyperlink" not in archive.read("xl/worksheets/sheet1.xml")
    page = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert unescape(page["A2"].value).strip() == text.strip() and page["A2"].data_type == "s"


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(blacklist_categories=("Cs",)), max_size=30))
def test_any_text_at_all_gives_a_sound_workbook_without_formulas(text):
    _count, data = written([[text, None, None, None, None]])
    (sheet,) = preflight(data).sheets
    assert sheet.formulas == ()
    openpyxl.load_workbook(io.BytesIO(data))


def test_text_too_long_for_a_cell_is_cut():
    _count, data = written([["x" * 40_000, None, None, None, None]])
    assert len(openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]["A2"].value) == 32_767


def test_row_of_another_length_is_refused():
    with pytest.raises(ValueError):
        written([[ULN]])


def test_metadata_names_the_document_and_nobody():
    _count, data = written([])
    properties = openpyxl.load_workbook(io.BytesIO(data)).properties
    assert properties.title == "Results 2024: all/some"
    assert not properties.creator and not properties.lastModifiedBy


def test_uln_survives_the_way_out_and_back():
    _count, data = written([[ULN, 1, 1, None, None]])
    table = read_table(data, columns=[Column("uln", "ULN", parse=parse_uln)])
    assert [row["uln"] for row in table.rows] == [ULN]


@pytest.mark.parametrize(("title", "name"), [("a/b:c*?[d]\\e", "a b c d e"), ("x" * 40, "x" * 31), ("'q'", "q"),
                                             ("", "Sheet1"), ("History", "Sheet1")])  # fmt: skip
def test_sheet_names_are_allowed_ones(title, name):
    assert sheet_name(title) == name


def test_csv_is_neutralised_and_keeps_numbers():
    buffer = io.BytesIO()
    columns = [WrittenColumn("Name"), WrittenColumn("Change", "integer"), WrittenColumn("Born", "date")]
    day = datetime.date(2003, 1, 31)
    assert write_csv(buffer, columns=columns, rows=[["=1+1", -5, day], ["Ó Briain, S", None, None]]) == 2
    assert buffer.getvalue().decode("utf-8-sig").splitlines() == [
        "Name,Change,Born", "'=1+1,-5,2003-01-31", '"Ó Briain, S",,',
    ]  # fmt: skip
    assert buffer.getvalue().startswith(b"\xef\xbb\xbf")


@given(st.text(st.characters(blacklist_categories=("Cs",)), max_size=10))
def test_harmless_text_never_begins_like_a_formula(text):
    safe = harmless(text)
    assert not safe.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert safe in (text, "'" + text)


UPLOAD = [
    Column("uln", "ULN", parse=parse_uln, numeric=True, help="Ten digits.", example=ULN),
    Column("born", "Date of birth", kind="date", example="31/01/2003"),
    Column("sex", "Sex", kind="choice", blank=True, choices=(("F", "Female"), ("M", "Male")), example="Female"),
    Column(
        "long",
        "Long",
        kind="choice",
        blank=True,
        required=False,
        choices=tuple((str(n), f"Choice {n}") for n in range(60)),
    ),
]


def test_template_filled_in_is_read_without_faults():
    data = upload_template(UPLOAD, title="Learners", sheet="Learners", notes=["One row for each learner."])
    book = openpyxl.load_workbook(io.BytesIO(data))
    page = book["Learners"]
    assert [cell.value for cell in page[1]] == ["ULN", "Date of birth", "Sex", "Long"]
    assert page.column_dimensions["A"].number_format == "@"
    page.append([ULN, datetime.date(2003, 1, 31), "Female", "Choice 7"])
    buffer = io.BytesIO()
    book.save(buffer)
    table = read_table(buffer.getvalue(), columns=UPLOAD)
    assert table.faults.kept == []
    assert table.sheet == "Learners"
    assert table.rows[0].as_dict() == {"uln": ULN, "born": datetime.date(2003, 1, 31), "sex": "F", "long": "7"}


def test_template_offers_choices_and_explains_every_column():
    book = openpyxl.load_workbook(io.BytesIO(upload_template(UPLOAD, title="Learners", sheet="Learners")))
    rules = {str(rule.sqref): rule.formula1 for rule in book["Learners"].data_validations.dataValidation}
    assert rules["C2:C5001"] == '"Female,Male"'
    assert rules["D2:D5001"] == "Choices!$A$1:$A$60"
    assert book["Choices"].sheet_state == "hidden"
    explained = {line[0].value for line in book["How to fill this in"].iter_rows()}
    assert {column.title for column in UPLOAD} <= explained


def test_untouched_template_says_that_it_has_no_rows():
    table = read_table(upload_template(UPLOAD, title="Learners", sheet="Learners"), columns=UPLOAD)
    assert [fault.code for fault in table.faults] == ["no_rows"]


def test_example_of_the_template_is_itself_without_faults():
    book = openpyxl.load_workbook(io.BytesIO(upload_template(UPLOAD[:3], title="L", sheet="Learners")))
    del book["Learners"]
    buffer = io.BytesIO()
    book.save(buffer)
    assert read_table(buffer.getvalue(), columns=UPLOAD[:3]).faults.kept == []


def faulty_table():
    rows = [
        ["Title"], ["ULN", "Date of birth", "Sex", "Shoe"],
        [ULN, datetime.date(2003, 1, 31), "F", "=1+1"],
        ["1000102508", "13/25/2003", "F", "-x"],
        [ULN, "1 Sept 2003", "Q", 44],
    ]  # fmt: skip
    return read_table(builders.xlsx(rows, sheet="Autumn"), columns=UPLOAD[:3])


def test_faulty_rows_come_back_with_reasons_and_marks():
    table = faulty_table()
    data = faults_workbook(table)
    assert preflight(data).sheets[0].formulas == ()
    page = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    lines = [[cell.value for cell in line] for line in page.iter_rows()]
    assert lines[0] == ["ULN", "Date of birth", "Sex", "Shoe", "What is wrong in this row"]
    assert [line[:4] for line in lines[1:]] == [["1000102508", "13/25/2003", "F", "-x"], [ULN, "1 Sept 2003", "Q", 44]]
    assert "ULN:" in lines[1][4] and "Date of birth:" in lines[1][4] and "Sex:" in lines[2][4]
    assert page["A2"].fill.fgColor.rgb != page["C2"].fill.fgColor.rgb
    assert page["A2"].border.left.style == "medium"
    assert page["C3"].fill.fgColor.rgb == page["A2"].fill.fgColor.rgb


def test_mended_workbook_of_faulty_rows_uploads_as_it_is():
    book = openpyxl.load_workbook(io.BytesIO(faults_workbook(faulty_table())))
    page = book.worksheets[0]
    page["A2"], page["B2"], page["C3"] = "4444599390", "25/12/2003", "Male"
    buffer = io.BytesIO()
    book.save(buffer)
    table = read_table(buffer.getvalue(), columns=UPLOAD[:3])
    assert [(fault.code, fault.value) for fault in table.faults] == [("unknown_column", "Shoe")]
    assert len(table.good_rows()) == 2


def test_every_fault_is_listed_with_sheet_address_value_and_remedy():
    table = faulty_table()
    page = openpyxl.load_workbook(io.BytesIO(faults_workbook(table))).worksheets[1]
    lines = [[cell.value for cell in line] for line in page.iter_rows(min_row=2)]
    assert [line[:3] for line in lines] == [
        ["Autumn", "D2", "Shoe"], ["Autumn", "A4", "1000102508"], ["Autumn", "B4", "13/25/2003"], ["Autumn", "C5", "Q"],
    ]  # fmt: skip
    assert all(line[3] and line[4] for line in lines)


def test_faults_of_a_later_check_bring_their_row_back():
    table = faulty_table()
    table.fault(table.rows[0], "uln", "elsewhere", "Belongs to another centre's learner.", "Ask them.")
    page = openpyxl.load_workbook(io.BytesIO(faults_workbook(table))).worksheets[0]
    assert page.max_row == 4
    assert "another centre" in page["E2"].value
    assert page["D2"].value == "=1+1" and page["D2"].data_type == "s"


def test_fault_goes_to_plain_data_and_back():
    fault = Fault("Learners", "C17", "blank", "", "Empty.", "Fill it in.", "warning", 17)
    assert Fault.from_dict(fault.as_dict()) == fault
    whole = Fault("", "", "no_rows", "", "m", "f")
    assert Fault.from_dict(whole.as_dict()) == whole


def test_fault_list_always_keeps_the_faults_of_the_file():
    faults = FaultList(limit=1)
    faults.extend(Fault("s", "A1", "c", "", "m", "f", "error", row) for row in (1, 2))
    faults.add(Fault("s", "", "whole", "", "m", "f"))
    assert [fault.code for fault in faults.file_errors] == ["whole"]
    assert (faults.errors, faults.dropped, faults.rows_in_error) == (3, 1, {1, 2})
