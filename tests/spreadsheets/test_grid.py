"""A protected workbook knows its cells again, whatever people and programs did to it in between."""

import io
import random

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awarding.spreadsheets.grid_reader import check_grid, read_grid
from awarding.spreadsheets.limits import UnsafeFileError
from awarding.spreadsheets.protected import GridColumn, GridRow, GridSpec, grid_workbook

from . import builders

GRADES = ("Pass", "Merit", "Distinction", "D*")


def spec(**changes):
    values = {
        "title": "Claim 000123",
        "version": "ERAC-000123/2",
        "heads": (("Learner", 24), ("ULN", 14)),
        "columns": (
            GridColumn("K5015773", "Unit 1", GRADES, hint="The grade awarded"),
            GridColumn("Y5054889", "Unit 2", GRADES),
            GridColumn("note", "Note"),
        ),
        "rows": (
            GridRow("r1", ("Siân Ó Briain", "1000102504"), {"K5015773": "Pass"}),
            GridRow("r2", ("=cmd()", "4444599390"), {"Y5054889": "Merit"}, frozenset({"Y5054889"})),
            GridRow("r3", ("李小龍", "6936002314")),
        ),
        "facts": (("Centre", "Northgate College"),),
        "notes": ("Choose a grade for each unit.",),
    }
    return GridSpec(**(values | changes))


def opened(data):
    book = openpyxl.load_workbook(io.BytesIO(data))
    return book, book.worksheets[0]


def saved(book):
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def edited(change, of=None):
    book, page = opened(grid_workbook(of or spec()))
    change(page)
    return saved(book)


def codes(grid):
    return [fault.code for fault in grid.faults]


def test_grid_reads_back_what_was_written():
    grid = read_grid(grid_workbook(spec()))
    assert codes(grid) == []
    assert grid.version == "ERAC-000123/2"
    assert set(grid.rows) == {"r1", "r2", "r3"}
    assert grid.cells["r1", "K5015773"] == ("Pass", "D6")
    assert grid.cells["r3", "note"] == ("", "F8")
    assert check_grid(grid, spec()) == {
        ("r1", "K5015773"): "Pass", ("r1", "Y5054889"): "", ("r1", "note"): "",
        ("r2", "K5015773"): "", ("r2", "note"): "",
        ("r3", "K5015773"): "", ("r3", "Y5054889"): "", ("r3", "note"): "",
    }  # fmt: skip
    assert codes(grid) == []


def test_only_open_cells_may_be_typed_in_and_drop_downs_offer_the_allowed_values():
    _book, page = opened(grid_workbook(spec()))
    assert page.protection.sheet
    assert not page["D6"].protection.locked
    assert page["E7"].protection.locked
    assert page["B6"].protection.locked and page["D5"].protection.locked
    assert page.column_dimensions["A"].hidden and page.row_dimensions[4].hidden
    lists = {str(rule.sqref): rule.formula1 for rule in page.data_validations.dataValidation if rule.type == "list"}
    assert lists == {"D6:D8": '"Pass,Merit,Distinction,D*"', "E6:E8": '"Pass,Merit,Distinction,D*"'}
    assert page["B7"].value == "=cmd()" and page["B7"].data_type == "s"
    assert page["C6"].number_format == "@"


def test_long_lists_of_values_stand_on_a_hidden_sheet():
    allowed = tuple(f"Grade number {n}" for n in range(60))
    changed = spec(
        columns=(GridColumn("a", "A", allowed), GridColumn("b", "B", allowed), GridColumn("c", "C", ("x,y",)))
    )
    book, page = opened(grid_workbook(changed))
    assert book["Values"].sheet_state == "hidden"
    assert [str(rule.formula1) for rule in page.data_validations.dataValidation] == [
        "Values!$A$1:$A$60", "Values!$A$1:$A$60", "Values!$B$1:$B$1",
    ]  # fmt: skip
    assert check_grid(read_grid(saved(book)), changed) == {(r, c): "" for r in ("r1", "r2", "r3") for c in "abc"}


def test_workbook_names_no_person_in_its_metadata():
    book, _page = opened(grid_workbook(spec()))
    assert not book.properties.creator and not book.properties.lastModifiedBy


def moved(data, seed, *, rename, extra, drop_format):
    """Rewrite the sheet by hand: rows below the header and all columns in another order, strangers between them."""
    chance = random.Random(seed)
    book, page = opened(data)
    lines = [[cell.value for cell in line] for line in page.iter_rows()]
    top, body = lines[:5], lines[5:]
    chance.shuffle(body)
    order = list(range(len(lines[0])))
    chance.shuffle(order)
    new = openpyxl.Workbook() if drop_format else book
    if not drop_format:
        book.remove(page)
    sheet = new.active if drop_format else new.create_sheet("x", 0)
    sheet.title = rename
    strangers = sorted(chance.sample(range(len(order) + 1), extra), reverse=True)
    for line in top + body:
        line = [line[place] for place in order]
        for place in strangers:
            line.insert(place, "my own note")
        sheet.append(line)
        for cell in sheet[sheet.max_row]:
            if cell.value is not None:
                cell.data_type = "s"
    for _ in range(chance.randint(0, 3)):
        sheet.insert_rows(chance.randint(1, 8))
    return saved(new)


# Each example runs the parser's process twice.
@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10**6), st.sampled_from(["eRAC", "Tabelle1", "Année 1"]), st.integers(0, 3), st.booleans(), st.data()
)
def test_rows_shuffled_columns_moved_and_added_sheet_renamed_read_the_same(seed, rename, extra, drop_format, data):
    entries = data.draw(
        st.fixed_dictionaries(
            {("r1", "Y5054889"): st.sampled_from(["", *GRADES]), ("r3", "note"): st.text("abcé'=+- 李", max_size=8)}
        )
    )
    rows = tuple(
        GridRow(r.key, r.heads, {**r.values, **{c: v for (k, c), v in entries.items() if k == r.key}}, r.locked)
        for r in spec().rows
    )
    changed = spec(rows=rows)
    before = read_grid(grid_workbook(changed))
    after = read_grid(moved(grid_workbook(changed), seed, rename=rename, extra=extra, drop_format=drop_format))
    assert codes(after) == ["column_without_key"] * extra  # warned of, not read, and in nobody's way
    assert after.version == before.version
    assert {key: cell.value for key, cell in after.cells.items()} == {k: c.value for k, c in before.cells.items()}
    assert check_grid(after, changed) == check_grid(before, changed)
    assert not after.faults.errors
    assert after.sheet == rename


def test_csv_saved_from_the_workbook_reads_the_same():
    _book, page = opened(grid_workbook(spec()))
    text = "\n".join(",".join(str(cell.value or "") for cell in line) for line in page.iter_rows())
    grid = read_grid(text.encode())
    assert codes(grid) == []
    assert check_grid(grid, spec())["r1", "K5015773"] == "Pass"


def test_entries_are_recognised_whatever_their_case_and_faulty_ones_are_named_by_cell():
    def change(page):
        page["D6"], page["D7"], page["D8"], page["E6"] = "distinction", " D* ", "Fail", "Merit+"

    grid = read_grid(edited(change))
    values = check_grid(grid, spec())
    assert values["r1", "K5015773"] == "Distinction"
    assert values["r2", "K5015773"] == "D*"
    assert [(f.cell, f.code, f.value) for f in grid.faults] == [
        ("E6", "not_allowed", "Merit+"), ("D8", "not_allowed", "Fail"),
    ]  # fmt: skip
    assert ("r3", "K5015773") not in values
    assert "Pass, Merit" in grid.faults.kept[0].fix


def test_locked_cell_that_was_changed_is_a_fault():
    grid = read_grid(edited(lambda page: page.__setitem__("E7", "Distinction")))
    check_grid(grid, spec())
    assert [(f.cell, f.code) for f in grid.faults] == [("E7", "locked_changed")]


def test_name_that_was_changed_is_a_warning():
    grid = read_grid(edited(lambda page: page.__setitem__("B6", "Someone Else")))
    check_grid(grid, spec())
    assert [(f.cell, f.code, f.severity) for f in grid.faults] == [("B6", "head_changed", "warning")]


def test_formula_and_date_in_an_open_cell_are_faults_and_nothing_of_them_is_stored():
    def change(page):
        page["D6"] = '="Pass"'
        page["F6"] = openpyxl.utils.datetime.from_excel(37652)

    grid = read_grid(edited(change))
    values = check_grid(grid, spec())
    assert [(f.cell, f.code) for f in grid.faults] == [("D6", "formula"), ("F6", "date_not_text")]
    assert ("r1", "K5015773") not in values and ("r1", "note") not in values


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda page: page.delete_cols(1), "row_keys_gone"),
        (lambda page: page.delete_rows(4), "column_keys_gone"),
        (lambda page: [page.__setitem__(cell, None) for cell in ("A1", "A4")], "version_gone"),
        (lambda page: page.__setitem__("A1", "#version:ERAC-000123/1"), "two_versions"),
        (lambda page: page.__setitem__("A7", "#row:r1"), "duplicate_row"),
        (lambda page: page.__setitem__("E4", "#column:K5015773"), "duplicate_column"),
        (lambda page: (page.delete_cols(1), page.delete_rows(4)), "not_a_grid"),
    ],
)
def test_hidden_keys_that_are_gone_or_doubled_are_said_exactly(change, code):
    grid = read_grid(edited(change))
    assert code in codes(grid)
    assert grid.faults.file_errors
    assert grid.cells == {}
    assert all(fault.message and fault.fix for fault in grid.faults)


@pytest.mark.parametrize("cell", ["A1", "A4"])
def test_version_survives_the_loss_of_either_of_its_cells(cell):
    grid = read_grid(edited(lambda page: page.__setitem__(cell, None)))
    assert codes(grid) == []
    assert grid.version == "ERAC-000123/2"


def test_row_added_by_hand_is_a_fault_only_when_it_has_entries():
    grid = read_grid(edited(lambda page: (page.__setitem__("B9", "New Learner"), page.__setitem__("D10", "Pass"))))
    assert [(f.cell, f.code, f.row) for f in grid.faults] == [("D10", "row_without_key", 10)]


def test_a_unit_typed_in_by_hand_is_warned_of_and_not_read():
    grid = read_grid(edited(lambda page: (page.__setitem__("J5", "T/999/0001"), page.__setitem__("J6", "Pass"))))
    assert [(f.cell, f.code, f.severity) for f in grid.faults] == [("J6", "column_without_key", "warning")]
    assert "Pass" not in [cell.value for (_row, column), cell in grid.cells.items() if column not in grid.columns]


def test_rows_and_columns_lost_or_from_another_workbook_are_faults_of_the_file():
    grid = read_grid(edited(lambda page: (page.delete_rows(6), page.delete_cols(4))))
    check_grid(grid, spec())
    assert codes(grid) == ["row_missing", "column_missing"]
    assert "Siân" in grid.faults.kept[0].message
    other = read_grid(edited(lambda page: (page.__setitem__("A6", "#row:x"), page.__setitem__("D4", "#column:y"))))
    check_grid(other, spec())
    assert set(codes(other)) == {"unknown_row", "unknown_column", "row_missing", "column_missing"}
    assert other.faults.file_errors


def test_other_workbooks_are_not_grids():
    assert codes(read_grid(builders.xlsx([["ULN", "Name"], ["1", "2"]]))) == ["not_a_grid"]
    assert codes(read_grid(builders.xlsx([]))) == ["not_a_grid"]
    with pytest.raises(UnsafeFileError):
        read_grid(b"%PDF-1.7")
