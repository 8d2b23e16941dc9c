"""An eRAC workbook made, filled in and read back as the portal does it, beside openpyxl doing the same with the cells alone."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import replace

import openpyxl

from awarding.accounts.roles import Role
from awarding.spreadsheets.grid_reader import check_grid, read_grid
from awarding.spreadsheets.protected import GridSpec, grid_workbook
from awarding.tenancy.scope import open_scope
from mitigations.queries.documents import current_document
from mitigations.services.documents import issue_document
from mitigations.workbooks import erac_spec, erac_workbook
from tests.bench import database
from tests.bench.measure import Row, compare
from tests.factories import make_ao, make_centre, make_claim, make_standing

NAMES = {"erac_round_trip_500"}
LEARNERS, UNITS = 500, 20
GRADE = "Pass"


def rows(wanted: set[str], sizes: tuple[int, ...]) -> Iterator[Row]:
    """500 learners and twice as many, 20 units; processor time of this process and of the parser's."""
    for size in sizes:
        yield _row(LEARNERS * size)


def _row(learners: int) -> Row:
    database.empty()
    ao = make_ao("aim")
    with open_scope(ao):
        centre = make_centre()
        contact = make_standing(ao, Role.QUALITY_CONTACT, centre)
        claim = make_claim(centre, contact, learners=learners, units=UNITS)
        issue_document(actor=contact, claim_id=claim.pk)
        document = current_document(claim)
        assert document is not None
        spec = erac_spec(document)
    returned = grid_workbook(filled(spec))

    def ours() -> None:
        """The version as it is downloaded, then what came back: preflight, capped child, keys, every cell checked."""
        with open_scope(ao):
            erac_workbook(document)
            values = check_grid(read_grid(returned), erac_spec(document), partial=True)
        assert len(values) == learners * UNITS

    def floor() -> None:
        """The same cells in a bare sheet."""
        book = openpyxl.Workbook(write_only=True)
        page = book.create_sheet()
        for row in spec.rows:
            page.append([row.key, *row.heads, *([""] * UNITS)])
        book.save(io.BytesIO())
        back = openpyxl.load_workbook(io.BytesIO(returned), read_only=True)
        values = [value for row in back.worksheets[0].iter_rows(values_only=True) for value in row]
        assert values.count(GRADE) >= learners * UNITS  # the facts above the grid name it too

    return compare(
        "erac_round_trip_500", ours, floor, beside="openpyxl write and read alone", size=f"{learners} x {UNITS}",
        clock=_processor_time,
    )  # fmt: skip


def filled(spec: GridSpec) -> GridSpec:
    """The workbook with a grade in every cell."""
    values = {column.key: GRADE for column in spec.columns}
    return replace(spec, rows=[replace(row, values=values) for row in spec.rows])


def _processor_time() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
