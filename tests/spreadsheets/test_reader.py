"""A table is read the same however it was saved, or says exactly which cell is why not."""

import datetime
import io
import zipfile

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from awarding.identifiers import parse_ncn, parse_uln
from awarding.spreadsheets.columns import Column
from awarding.spreadsheets.limits import UnsafeFileError

from . import builders
from .tables import BORN, COLUMNS, EXPECTED, GOOD, HEADER, ULN, ULN_2, faults, read, values


def test_plain_table_is_read_without_faults():
    table = read(builders.xlsx([HEADER, *GOOD]))
    assert faults(table) == []
    assert values(table) == EXPECTED
    assert [row.number for row in table.rows] == [2, 3]
    assert table.cell(3, "born") == "C3"
    assert table.good_rows() == table.rows


def test_title_rows_gaps_case_and_punctuation_in_the_header_do_not_matter():
    header = ["u.l.n. *", "  SURNAME ", "Date-of-birth (dd/mm/yyyy)", "hours", "GRADE"]
    rows = [["Registrations 2024"], [], ["", *header], [], ["", *GOOD[0]], [], [], ["", *GOOD[1]]]
    table = read(builders.xlsx(rows))
    assert faults(table) == []
    assert values(table) == EXPECTED
    assert table.header_row == 3
    assert [table.cell(row.number, "uln") for row in table.rows] == ["B5", "B8"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(range(5)), st.integers(0, 5), st.booleans())
def test_columns_in_any_order_with_strangers_between_them_read_the_same(order, place, as_csv):
    lines = [[line[i] for i in order] for line in [HEADER, *GOOD]]
    for number, line in enumerate(lines):
        line.insert(place, ["Shoe size", 42, ""][number])
    if as_csv:
        text = "\n".join(
            ",".join("" if c is None else c.isoformat() if isinstance(c, datetime.date) else str(c) for c in line)
            for line in lines
        )
        table = read(text.encode())
    else:
        table = read(builders.xlsx(lines))
    assert values(table) == EXPECTED
    assert [(f.code, f.severity, f.value) for f in table.faults] == [("unknown_column", "warning", "Shoe size")]
    assert table.good_rows() == table.rows


def test_same_table_from_openpyxl_and_from_libreoffice_markup_reads_the_same():
    book = openpyxl.Workbook()
    for line in [HEADER, *GOOD]:
        book.active.append(line)
    buffer = io.BytesIO()
    book.save(buffer)
    assert values(read(buffer.getvalue())) == EXPECTED
    days = (BORN - datetime.date(1899, 12, 30)).days
    rows = (
        "".join(
            f'<row r="{r}" customFormat="false" ht="12.8" hidden="false">' + "".join(cells) + "</row>"
            for r, cells in [
                (1, [builders.text_cell(f"{'ABCDE'[n]}1", text) for n, text in enumerate(HEADER)]),
                (
                    2,
                    [
                        '<c r="A2" s="0" t="n"><v>1000102504</v></c>',
                        builders.text_cell("B2", "Ó Briain"),
                        f'<c r="C2" s="1" t="n"><v>{days}</v></c>',
                        '<c r="D2" s="0" t="n"><v>12</v></c>',
                        builders.text_cell("E2", "Pass"),
                        '<c r="F2" s="1"/>',
                    ],
                ),
                (
                    3,
                    [
                        builders.text_cell("A3", ULN_2),
                        builders.text_cell("B3", "Nguyễn"),
                        f'<c r="C3" s="1" t="n"><v>{days}</v></c>',
                        '<c r="D3" s="1"/>',
                        builders.text_cell("E3", "D*"),
                    ],
                ),
            ]
        )
        + '<row r="1048576" customFormat="false" ht="12.8" hidden="false"/>'
    )
    parts = builders.minimal_parts(builders.sheet(rows))
    parts["xl/styles.xml"] = (
        f'<styleSheet xmlns="{builders.MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
        '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2">'
        '<xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'
    )
    rels = "xl/_rels/workbook.xml.rels"
    parts[rels] = parts[rels].replace(
        "</Relationships>",
        f'<Relationship Id="r2" Type="{builders.OFFICE}/styles" Target="styles.xml"/></Relationships>',
    )
    table = read(builders.with_parts(parts))
    assert faults(table) == []
    assert values(table) == EXPECTED


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_csv_of_any_delimiter_and_encoding_reads_the_same(delimiter, encoding, newline):
    lines = [
        delimiter.join(HEADER),
        delimiter.join([ULN, '"Ó Briain"', "31/01/2003", "12", "Pass"]),
        "",
        delimiter.join([ULN_2, '"O\'Neill, Zoë ""Z"""', "2003-01-31", "", "D*"]),
    ]
    table = read(newline.join(lines).encode(encoding))
    assert faults(table) == []
    assert [row["family_name"] for row in table.rows] == ["Ó Briain", 'O\'Neill, Zoë "Z"']
    assert [row.number for row in table.rows] == [2, 4]


def test_csv_line_that_stops_early_has_blank_cells():
    table = read(f"{','.join(HEADER)}\n{ULN},Jones\n".encode())
    assert faults(table) == [("C2", "blank")]


def test_csv_separator_line_of_excel_is_understood():
    table = read(f"sep=;\n{';'.join(HEADER)}\n{ULN};Jones, A;31/01/2003;;\n".encode())
    assert faults(table) == []
    assert table.cell(table.rows[0].number, "uln") == "A3"


@pytest.mark.parametrize(
    "text", [f'{ULN},"Jones,31/01/2003\n{ULN_2},Smith,31/01/2003\n', f'{ULN},"Jo"nes",31/01/2003\n']
)
def test_csv_with_a_stray_quotation_mark_is_refused_with_its_row(text):
    with pytest.raises(UnsafeFileError) as caught:
        read(("ULN,Family name,Date of birth\n" + text).encode())
    assert caught.value.code == "csv_quotes"
    assert "2" in caught.value.message


def test_numbers_come_back_as_text_and_lost_zeros_are_found():
    columns = [Column("centre", "NCN", parse=parse_ncn), Column("ref", "Ref"), Column("uln", "ULN", parse=parse_uln)]
    table = read(builders.xlsx([["NCN", "Ref", "ULN"], [1234, 77, 1000102504], [1234567, 1.5, 1.0001e14]]), columns)
    assert table.rows[0].as_dict() == {"centre": "01234", "ref": "77", "uln": ULN}
    assert faults(table) == [("A3", "ncn_shape"), ("C3", "uln_length")]
    assert table.rows[1]["ref"] == "1.5"


def test_damaged_uln_is_refused_by_cell_with_the_remedy():
    table = read(f"{','.join(HEADER)}\n1.0001E+09,Jones,31/01/2003,,\n".encode())
    (fault,) = table.faults
    assert (fault.cell, fault.code, fault.value) == ("A2", "uln_damaged", "1.0001E+09")
    assert "text" in fault.fix


def test_every_fault_names_sheet_cell_value_and_fix():
    bad = ["1000102508", "", "someday", "many", "Q"]
    table = read(builders.xlsx([HEADER, *GOOD, bad], sheet="Année 1"))
    assert faults(table) == [
        ("A4", "uln_check"),
        ("B4", "blank"),
        ("C4", "not_a_date"),
        ("D4", "not_an_integer"),
        ("E4", "not_a_choice"),
    ]
    for fault, value in zip(table.faults, bad, strict=True):
        assert fault.sheet == "Année 1"
        assert fault.value == value
        assert fault.message and fault.fix and fault.row == 4
    assert [row.number for row in table.good_rows()] == [2, 3]


def test_missing_and_doubled_columns_are_faults_of_the_file():
    table = read(builders.xlsx([["ULN", "Surname", "Last name"], [ULN, "Jones", "Jones"]]))
    assert [(f.cell, f.code, f.row) for f in table.faults] == [
        ("C1", "duplicate_column", None),
        ("", "missing_column", None),
    ]
    assert table.good_rows() == []


def test_table_without_header_names_the_columns_needed():
    table = read(builders.xlsx([["nothing", "here"], ["1", "2"]]))
    (fault,) = table.faults
    assert fault.code == "no_header"
    assert "Family name" in fault.fix
    assert read(builders.xlsx([])).faults.kept[0].code == "no_header"


def test_header_without_rows_is_a_fault():
    assert faults(read(builders.xlsx([HEADER, [], ["", "", "", "", ""]]))) == [("", "no_rows")]


def test_right_sheet_is_found_among_others_and_hidden_ones_come_last():
    notes = ("Read me", [["How to fill this in"], ["ULN", "ten digits"]])
    example = ("Example", [HEADER, *GOOD])
    assert read(builders.xlsx([HEADER, *GOOD], before=[notes], after=[example])).sheet == "Learners"
    assert read(builders.xlsx([HEADER, *GOOD], before=[example], hide=["Example"])).sheet == "Learners"


def test_formula_in_a_used_column_is_a_fault_and_its_result_is_not_loaded():
    rows = [[*HEADER, "Notes"], [("=A9", ULN), "Jones", BORN, None, None, ("=1", "x")], [*GOOD[1], ("=2", "y")]]
    table = read(builders.xlsx(rows))
    assert [(f.cell, f.code, f.severity) for f in table.faults] == [
        ("F1", "unknown_column", "warning"),
        ("A2", "formula", "error"),
    ]
    assert [row.number for row in table.good_rows()] == [3]


def test_error_value_is_a_fault_even_where_blank_is_allowed():
    rows = '<row r="1">' + "".join(builders.text_cell(f"{'ABCD'[n]}1", text) for n, text in enumerate(HEADER[:4]))
    rows += '</row><row r="2">' + builders.text_cell("A2", ULN) + builders.text_cell("B2", "Jones")
    rows += builders.text_cell("C2", "31/01/2003") + '<c r="D2" t="e"><v>#N/A</v></c></row>'
    assert faults(read(builders.package(builders.sheet(rows)))) == [("D2", "error_value")]


def test_text_that_looks_like_a_formula_stays_text():
    table = read(builders.xlsx([HEADER, [ULN, "=cmd|' /C calc'!A0", BORN, None, None]]))
    assert table.rows[0]["family_name"] == "=cmd|' /C calc'!A0"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  Jones\u00a0 Smith ", "Jones Smith"), ("Zoe\u0308", "Zoë"), ("\u202eJones", "Jones"), ("李小龍", "李小龍"),
        ("O’Neill", "O’Neill"), ("A\nB", "A B"), ("मी\u200dरा", "मी\u200dरा"), ("أحمد", "أحمد"), ("\ufeffJones", "Jones"),
    ],
)  # fmt: skip
def test_names_of_every_script_are_kept_and_only_tidied(typed, stored):
    for data in (
        builders.xlsx([HEADER, [ULN, typed, BORN, None, None]]),
        f'{",".join(HEADER)}\n{ULN},"{typed}",31/01/2003,,\n'.encode(),
    ):
        table = read(data)
        assert faults(table) == []
        assert table.rows[0]["family_name"] == stored


def test_invisible_controls_and_overlong_text_are_faults():
    table = read(f"{','.join(HEADER)}\n{ULN},Jo\x07nes,31/01/2003,,\n{ULN},{'x' * 101},31/01/2003,,\n".encode())
    assert faults(table) == [("B2", "control_character"), ("B3", "too_long")]
    assert read(f"{','.join(HEADER)}\n{ULN},{'x' * 100},31/01/2003,,\n".encode()).good_rows()


@pytest.mark.parametrize(("typed", "value"), [("pass", "P"), ("P", "P"), ("distinction *", "D*"), ("D*", "D*"),
                                              ("Distinction", "D"), ("pss", "P")])  # fmt: skip
def test_choices_are_matched_by_value_label_and_synonym(typed, value):
    assert read(builders.xlsx([HEADER, [ULN, "Jones", BORN, None, typed]])).rows[0]["grade"] == value


def test_choice_that_is_nearly_right_suggests_the_right_one():
    (fault,) = read(builders.xlsx([HEADER, [ULN, "Jones", BORN, None, "Distiction"]])).faults
    assert "Distinction" in fault.fix


@pytest.mark.parametrize(("typed", "outcome"), [("1,200", 1200), ("12.0", 12), (12, 12), ("2001", "out_of_range"),
                                                (-1, "out_of_range"), (1.5, "not_an_integer"),
                                                ("--5", "not_an_integer"), (True, "not_an_integer"),
                                                (BORN, "not_an_integer")])  # fmt: skip
def test_whole_numbers(typed, outcome):
    table = read(builders.xlsx([HEADER, [ULN, "Jones", BORN, typed, None]]))
    got = table.rows[0]["hours"] if not table.faults.kept else table.faults.kept[0].code
    assert got == outcome


def test_date_in_a_text_column_is_a_fault():
    assert faults(read(builders.xlsx([HEADER, [ULN, BORN, BORN, None, None]]))) == [("B2", "date_not_text")]


def test_us_dates_flag_every_ambiguous_cell_of_the_column():
    dates = ["05/25/2003", "05/06/2003", "07/07/2003", "25/12/2003", BORN]
    table = read(builders.xlsx([HEADER, *[[ULN, "Jones", date, None, None] for date in dates]]))
    assert faults(table) == [("C2", "us_date_order"), ("C3", "ambiguous_date")]
    assert [row["born"] for row in table.rows][2:] == [datetime.date(2003, 7, 7), datetime.date(2003, 12, 25), BORN]


def test_uk_dates_are_read_day_first_without_faults():
    dates = ["05/06/2003", "25/12/2003", "1 Sept 2003"]
    table = read(builders.xlsx([HEADER, *[[ULN, "Jones", date, None, None] for date in dates]]))
    assert faults(table) == []
    assert table.rows[0]["born"] == datetime.date(2003, 6, 5)


def test_column_half_converted_by_an_american_program_is_warned_about():
    """Excel with American settings turns 05/06 into a date and leaves 25/12 as text."""
    typed = [datetime.date(2003, 5, day) for day in (6, 7, 8, 9, 11)]
    rows = [[ULN, "Jones", date, None, None] for date in [*typed, "25/12/2003"]]
    table = read(builders.xlsx([HEADER, *rows]))
    assert {(f.code, f.severity) for f in table.faults} == {("day_month_swapped", "warning")}
    assert len(table.good_rows()) == 6
    safe = read(builders.xlsx([HEADER, *rows, [ULN, "Jones", BORN, None, None]]))
    assert faults(safe) == []


def test_faults_of_later_checks_carry_the_same_address_and_value():
    table = read(builders.xlsx([HEADER, *GOOD]))
    fault = table.fault(table.rows[1], "uln", "other_centre", "Registered elsewhere.", "Ask the other centre.")
    assert (fault.sheet, fault.cell, fault.value, fault.row) == ("Learners", "A3", ULN_2, 3)
    warning = table.fault(table.rows[0], "uln", "x", "m", "f", severity="warning")
    assert warning.severity == "warning"
    assert [row.number for row in table.good_rows()] == [2]


def test_faults_beyond_the_limit_are_counted_and_their_rows_known():
    rows = [["x", "Jones", BORN, None, None]] * 10
    table = read(builders.xlsx([HEADER, *rows, GOOD[0]]), faults=3)
    assert (len(table.faults.kept), len(table.faults), table.faults.dropped) == (3, 10, 7)
    assert [row.number for row in table.good_rows()] == [12]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20), min_size=1, max_size=20))
def test_any_text_at_all_survives_csv_and_workbook_alike(names):
    lines = [["ULN", "Family name"], *[[ULN, name] for name in names]]
    columns = [COLUMNS[0], Column("family_name", "Family name", blank=True)]
    as_csv = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines).encode()
    assert values(read(builders.xlsx(lines), columns)) == values(read(as_csv, columns))


def test_dates_of_a_workbook_that_counts_from_1904_are_the_same():
    parts = builders.changed(builders.xlsx([HEADER, GOOD[0]]), {})
    with zipfile.ZipFile(io.BytesIO(parts)) as archive:
        book = archive.read("xl/workbook.xml").decode()
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    days = (BORN - datetime.date(1899, 12, 30)).days
    assert f"<v>{days}</v>" in sheet
    since_1904 = builders.changed(
        parts,
        {
            "xl/workbook.xml": book.replace("<workbookPr ", '<workbookPr date1904="1" '),
            "xl/worksheets/sheet1.xml": sheet.replace(f"<v>{days}</v>", f"<v>{days - 1462}</v>"),
        },
    )
    table = read(since_1904)
    assert faults(table) == []
    assert table.rows[0]["born"] == BORN


def test_dates_stored_as_iso_text_are_read():
    """The strict kind of workbook stores dates so."""
    rows = '<row r="1">' + "".join(builders.text_cell(f"{'ABC'[n]}1", text) for n, text in enumerate(HEADER[:3]))
    rows += '</row><row r="2">' + builders.text_cell("A2", ULN) + builders.text_cell("B2", "Jones")
    rows += '<c r="C2" t="d"><v>2003-01-31T00:00:00</v></c></row>'
    table = read(builders.package(builders.sheet(rows)))
    assert faults(table) == []
    assert table.rows[0]["born"] == BORN
