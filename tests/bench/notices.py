"""The notices of a round as the job makes them, beside XlsxWriter writing the same workbooks from memory."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from django.db import connection

import mitigations.tasks  # noqa: F401 - registers the job
from awarding.accounts.roles import Role
from awarding.frameworks.models import Adoption
from awarding.frameworks.queries import adopted_document
from awarding.jobs.services import perform_job
from awarding.tenancy.scope import open_scope
from mitigations.models import CentreNotice, NoticeRound, Outcome
from mitigations.queries.centre_notices import contents_of, impacted_centre_ids
from mitigations.services.centre_notices import begin_round
from mitigations.workbooks_impact import DOCUMENT_COLUMNS, LEARNER_COLUMNS, notice_facts, notice_rows
from tests.bench import database
from tests.bench.measure import Row, compare
from tests.factories import adopt_framework, make_ao, make_centre, make_membership, make_person, make_qualification
from tests.factories.organisation import make_standing

Table = Sequence[Sequence[Any]]
ANSWER_BY = dt.date(2030, 1, 1)
NAMES = {"notices_1000"}
CENTRES, COHORTS, LEARNERS = 1_000, 4, 15
FILL = (
    """INSERT INTO centres_cohort (ao_id, centre_id, qualification_id, name, created_at)
       SELECT c.ao_id, c.id, q.id, '2019-20', now() FROM centres_centre c, catalogue_qualification q""",
    """INSERT INTO centres_learner (ao_id, centre_id, uln, reference, given_names, family_name, name_key, date_of_birth,
           is_synthetic, created_at)
       SELECT ao_id, id, (3000000000 + row_number() OVER (ORDER BY id, n))::text, 'REF' || n, 'Given' || n, 'Family' || n,
           'family' || n, date '2002-01-01' + n, true, now()
       FROM centres_centre, generate_series(1, {learners}) n""",
    """INSERT INTO centres_registration (ao_id, centre_id, learner_id, qualification_id, cohort_id, registered_on,
           starts_on, ends_on, status)
       SELECT k.ao_id, k.centre_id, l.id, k.qualification_id, k.id, '2019-10-01', '2019-09-09', '2020-06-30', 'active'
       FROM centres_cohort k JOIN centres_learner l ON l.centre_id = k.centre_id""",
)


def rows(wanted: set[str], sizes: tuple[int, ...]) -> Iterator[Row]:
    """A thousand centres, once: twice as many would say the same."""
    yield _row(CENTRES)


def _row(count: int) -> Row:
    database.empty()
    ao = make_ao("aim")
    with open_scope(ao):
        admin, adoption = make_standing(ao, Role.AO_ADMIN), adopt_framework()
        person = make_person()
        for n in range(count):
            make_membership(person, Role.QUALITY_CONTACT, make_centre(f"College {n:04d}"))
        for n in range(COHORTS):
            award = make_qualification(title=f"Level 2 Certificate in Practice {n}")
            Outcome.objects.create(
                qualification=award, adoption=adoption, framework_code="erf_2020", kind="calculated_grade"
            )
        with connection.cursor() as cursor:
            for statement in FILL:
                cursor.execute(statement.format(learners=LEARNERS))
    database.analyse()

    def ours() -> None:
        """A whole round: reading, writing, storing, telling a thousand contacts. The e-mails are the mail server's."""
        with open_scope(ao):
            made = begin_round(actor=admin, adoption=adoption, answer_by=ANSWER_BY, remind_every_days=7)
        perform_job(ao, made.job_id)
        with open_scope(ao):
            assert CentreNotice.objects.filter(round=made, state="sent").count() == count

    with open_scope(ao):
        books = _books(adoption, count)

    def floor() -> None:
        """Typed writes into the same sheets and closing the file, nothing else."""
        with tempfile.TemporaryDirectory() as folder:
            for number, sheets in enumerate(books):
                book = xlsxwriter.Workbook(Path(folder) / f"{number}.xlsx", {"in_memory": True})
                date = book.add_format({"num_format": "dd/mm/yyyy"})
                for name, table in sheets:
                    _write(book.add_worksheet(name), table, date)
                book.close()

    return compare(
        "notices_1000", ours, floor, beside="XlsxWriter alone, same workbooks",
        size=f"{count} x {COHORTS} x {LEARNERS}",
    )  # fmt: skip


def _write(page: Any, table: Table, date: Any) -> None:
    for place, row in enumerate(table):
        for column, value in enumerate(row):
            if isinstance(value, str):
                page.write_string(place, column, value)
            elif isinstance(value, int):
                page.write_number(place, column, value)
            else:
                page.write_datetime(place, column, value, date)


def _books(adoption: Adoption, count: int) -> list[list[tuple[str, Table]]]:
    """The cells of every workbook: (sheet, rows with their header)."""
    document = adopted_document(adoption)
    round_ = NoticeRound(number=1, answer_by=ANSWER_BY)
    books = []
    for contents in contents_of(document, impacted_centre_ids(document)):
        documents, learners = notice_rows(contents)
        books.append(
            [
                ("eRACs", [[str(column.title) for column in DOCUMENT_COLUMNS], *documents]),
                ("Learners", [[str(column.title) for column in LEARNER_COLUMNS], *learners]),
                ("About this file", [list(fact) for fact in notice_facts(contents, round_, document.short_title)]),
            ]
        )
    assert len(books) == count
    return books
