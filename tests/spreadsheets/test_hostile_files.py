"""What is damaged, endless or made to harm is refused with a reason, by the child process alone if need be."""

import os
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awarding.spreadsheets.limits import Limits, UnsafeFileError
from awarding.spreadsheets.preflight import Preflight
from awarding.spreadsheets.process import read_rows, start_parser

from . import builders
from .tables import GOOD, HEADER, ULN, read


def test_more_rows_than_allowed_are_refused():
    lines = [",".join(HEADER), *[f"{ULN},Jones,31/01/2003,,"] * 11]
    with pytest.raises(UnsafeFileError) as caught:
        read("\n".join(lines).encode(), rows=11)
    assert caught.value.code == "too_many_rows"
    assert len(read("\n".join(lines).encode(), rows=12).rows) == 11


def escaped(data):
    """Read past the first look, as if it had noticed nothing."""
    limits = Limits(child_memory=512 * 2**20)
    with start_parser(limits) as parser:
        return read_rows(data, Preflight("xlsx", len(data), 0), lambda heads: 0, limits=limits, parser=parser)


def test_child_alone_withstands_a_cell_at_the_far_corner():
    far = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    with pytest.raises(UnsafeFileError) as caught:
        escaped(builders.package(builders.sheet(far)))
    assert caught.value.code == "needs_too_much"


def test_child_alone_withstands_text_repeated_by_reference():
    """One text of 30 kB that 200,000 cells point to: six gigabytes."""
    cells = "".join(f'<row r="{r}"><c r="A{r}" t="s"><v>0</v></c></row>' for r in range(1, 200_001))
    parts = builders.minimal_parts(builders.sheet(cells))
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{builders.MAIN}"><si><t>{"x" * 30_000}</t></si></sst>'
    rels = "xl/_rels/workbook.xml.rels"
    parts[rels] = parts[rels].replace(
        "</Relationships>",
        f'<Relationship Id="r2" Type="{builders.OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    )
    with pytest.raises(UnsafeFileError) as caught:
        escaped(builders.with_parts(parts))
    assert caught.value.code == "needs_too_much"


def test_child_that_takes_too_long_is_ended_and_leaves_nothing_running():
    with pytest.raises(UnsafeFileError) as caught:
        read(builders.xlsx([HEADER, *GOOD]), child_wall_seconds=0.0)
    assert caught.value.code == "needs_too_much"
    with pytest.raises(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) == (0, 0):
            time.sleep(0.01)


def test_damaged_sheet_inside_a_sound_archive_is_refused():
    with pytest.raises(UnsafeFileError) as caught:
        read(builders.package(builders.sheet('<row r="1"><c r="A1" t="inlineStr"><is><t>ULN</is></row>')))
    assert caught.value.code == "damaged"


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_at_all_are_read_or_refused_but_never_break(data):
    try:
        table = read(data)
    except UnsafeFileError as error:
        assert error.fix
    else:
        assert table.faults.kept or table.rows
