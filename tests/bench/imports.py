"""50,000 registrations from a workbook to the database, beside calamine and COPY."""

from __future__ import annotations

import io
from collections.abc import Iterator

import python_calamine
from django.db import connection, transaction

from awarding.accounts.roles import Role
from awarding.tenancy.scope import open_scope
from centres.services.registrations import import_registrations, read_registrations
from centres.workbooks import COLUMNS
from tests.bench import database
from tests.bench.measure import Row, compare
from tests.factories import make_ao, make_centre, make_qualification, make_standing
from tests.factories.registration_files import make_row, make_workbook

NAMES = {"import_registrations_50k"}
REGISTRATIONS = 50_000
LOADED = ("centres_registration", "centres_learner", "centres_cohort", "audit_auditrecord")


def rows(wanted: set[str], sizes: tuple[int, ...]) -> Iterator[Row]:
    for size in sizes:
        yield _row(REGISTRATIONS * size)


def _row(count: int) -> Row:
    database.empty()
    fields = ", ".join(f"{column.key} text" for column in COLUMNS)
    database.as_owner(
        f"DROP TABLE IF EXISTS bench_registration; CREATE TABLE bench_registration ({fields}); "
        "GRANT ALL ON bench_registration TO PUBLIC"
    )
    ao = make_ao("aim")
    with open_scope(ao):
        centre = make_centre()
        contact = make_standing(ao, Role.QUALITY_CONTACT, centre)
        qualification = make_qualification()
    book = make_workbook([make_row(n, qualification.qan) for n in range(count)])

    def ours() -> None:
        table = read_registrations(book)
        with open_scope(ao):
            report = import_registrations(actor=contact, centre=centre, table=table)
        assert report.loaded == count, report.counts

    def floor() -> None:
        sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0)
        lines = io.StringIO()
        for row in sheet.to_python()[1:]:
            lines.write("\t".join(map(str, row)) + "\n")
        lines.seek(0)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM bench_registration")
            cursor.copy_expert("COPY bench_registration FROM STDIN", lines)

    return compare(
        "import_registrations_50k", ours, floor, beside="calamine plus COPY alone", size=f"{count} rows",
        after=lambda: database.empty(*LOADED),
    )  # fmt: skip
