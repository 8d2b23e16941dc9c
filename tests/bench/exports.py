"""The workbook of results as the job writes it, beside XlsxWriter writing the same cells from memory."""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from collections.abc import Iterator

import xlsxwriter

from awarding.accounts.roles import Role
from awarding.spreadsheets.writer import write_table
from awarding.tenancy.scope import open_scope
from results.queries.results import list_results
from results.workbooks import COLUMNS, export_rows
from tests.bench import database
from tests.bench.measure import Row, compare
from tests.factories import make_ao, make_centre, make_claim, make_standing

NAMES = {"export_results_50k"}
RESULTS = 50_000
FILL = (
    """INSERT INTO centres_learner (ao_id, centre_id, uln, reference, given_names, family_name, name_key, date_of_birth,
           is_synthetic, created_at)
       SELECT c.ao_id, c.id, (2000000000 + n)::text, '', 'Given' || n, 'Family' || n % 997, 'family' || n % 997 || n,
           date '2002-01-01' + n % 365, true, now()
       FROM centres_centre c, generate_series(1, {n}) n""",
    """INSERT INTO centres_registration (ao_id, centre_id, learner_id, qualification_id, cohort_id, registered_on,
           starts_on, ends_on, status)
       SELECT k.ao_id, k.centre_id, l.id, k.qualification_id, k.id, '2019-10-01', '2019-09-09', '2020-06-30', 'active'
       FROM centres_cohort k, centres_learner l WHERE l.uln LIKE '2%'""",
    """INSERT INTO results_qualificationresult (ao_id, registration_id, claim_id, grade, basis, release_at,
           centre_release_at, recorded_at, edition)
       SELECT r.ao_id, r.id, c.id, 'Pass', '{{}}', now(), now(), now(), 1 FROM centres_registration r, mitigations_claim c
       WHERE r.learner_id IN (SELECT id FROM centres_learner WHERE uln LIKE '2%')""",
    """INSERT INTO results_certificate (ao_id, result_id, number, check_code, state, fault, revoked_reason,
           issued_at)
       SELECT ao_id, id, 'AIM-C-2026-' || lpad(id::text, 7, '0'), 'ABCDEFGHJK', 'active', '', '', now()
       FROM results_qualificationresult""",
)


def rows(wanted: set[str], sizes: tuple[int, ...]) -> Iterator[Row]:
    for size in sizes:
        yield _row(RESULTS * size)


def _row(count: int) -> Row:
    from django.db import connection

    database.empty()
    ao = make_ao("aim")
    with open_scope(ao):
        centre = make_centre()
        admin = make_standing(ao, Role.AO_ADMIN)
        make_claim(centre, make_standing(ao, Role.QUALITY_CONTACT, centre))
        with connection.cursor() as cursor:
            for statement in FILL:
                cursor.execute(statement.format(n=count))
    database.analyse()

    def ours() -> None:
        with tempfile.TemporaryFile() as target, open_scope(ao):
            columns = [column for column, _field in COLUMNS]
            written = write_table(target, title="Results", columns=columns, rows=export_rows(list_results(admin)))
            assert written == count

    with open_scope(ao):
        cells = [tuple(_plain(value) for value in row) for row in export_rows(list_results(admin))]
    kinds = [column.kind for column, _field in COLUMNS]

    def floor() -> None:
        """Typed writes in constant memory, nothing else."""
        with tempfile.TemporaryFile() as target:
            book = xlsxwriter.Workbook(target, {"constant_memory": True})
            page, date = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy"})
            for number, row in enumerate(cells):
                for place, value in enumerate(row):
                    if kinds[place] in ("date", "datetime"):
                        page.write_datetime(number, place, value, date)
                    elif value is not None and value != "":
                        page.write_string(number, place, value)
            book.close()

    return compare(
        "export_results_50k", ours, floor, beside="XlsxWriter constant_memory alone, same cells",
        size=f"{count} x {len(COLUMNS)}", clock=_processor_time,
    )  # fmt: skip


def _processor_time() -> float:
    times = os.times()
    return times.user + times.system


def _plain(value: object) -> object:
    return value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value
