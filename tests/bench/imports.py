"""50,000 registrations from a workbook to the database, beside calamine and COPY.

Twice: beside COPY into one bare table, which is the bar's floor; and beside COPY into two tables with the very keys and
indexes of learners and registrations, which shows how much of the distance the database's own guarantees are.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import python_calamine
from django.db import connection, transaction

from awarding.accounts.roles import Role
from awarding.accounts.standing import Standing
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import open_scope
from centres.models import Centre, Cohort
from centres.services.registrations import import_registrations, read_registrations
from centres.workbooks import COLUMNS
from tests.bench import database
from tests.bench.measure import Row, compare
from tests.factories import make_ao, make_centre, make_qualification, make_standing
from tests.factories.registration_files import make_row, make_workbook

BARE, KEYED = "import_registrations_50k", "import_registrations_50k_keyed"
NAMES = {BARE, KEYED}
REGISTRATIONS = 50_000
LOADED = ("centres_registration", "centres_learner", "centres_cohort", "audit_auditrecord")
FIELDS = ", ".join(f"{column.key} text" for column in COLUMNS)
TABLES = f"""
    DROP TABLE IF EXISTS bench_registration, bench_keyed_registration, bench_keyed_learner;
    CREATE TABLE bench_registration ({FIELDS});
    CREATE TABLE bench_keyed_learner (LIKE centres_learner INCLUDING DEFAULTS INCLUDING INDEXES);
    CREATE TABLE bench_keyed_registration (LIKE centres_registration INCLUDING ALL);
    ALTER TABLE bench_keyed_learner ADD FOREIGN KEY (ao_id, centre_id) REFERENCES centres_centre (ao_id, id);
    ALTER TABLE bench_keyed_registration
        ADD FOREIGN KEY (ao_id, centre_id, learner_id) REFERENCES bench_keyed_learner (ao_id, centre_id, id),
        ADD FOREIGN KEY (ao_id, centre_id, qualification_id, cohort_id)
            REFERENCES centres_cohort (ao_id, centre_id, qualification_id, id);
    GRANT ALL ON bench_registration, bench_keyed_learner, bench_keyed_registration TO PUBLIC;
"""


@dataclass(frozen=True)
class Scene:
    """A centre with nobody registered, and the workbook that registers `count` learners."""

    ao: AwardingOrganisation
    centre: Centre
    contact: Standing
    cohort: Cohort
    book: bytes
    count: int

    def ours(self) -> None:
        table = read_registrations(self.book)
        with open_scope(self.ao):
            report = import_registrations(actor=self.contact, centre=self.centre, table=table)
        assert report.loaded == self.count, report.counts

    def cells(self) -> list[list[Any]]:
        sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(self.book)).get_sheet_by_index(0)
        return sheet.to_python()[1:]

    def bare(self) -> None:
        lines = _lines(self.cells())
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM bench_registration")
            cursor.copy_expert("COPY bench_registration FROM STDIN", lines)

    def keyed(self) -> None:
        """Columns stand in the template's order: ULN, names, birth, reference, QAN, cohort, three dates."""
        ao, centre, cohort, qualification = self.ao.pk, self.centre.pk, self.cohort.pk, self.cohort.qualification_id
        rows = list(enumerate(self.cells(), start=1))
        learners = _lines((n, ao, centre, r[0], r[4], r[1], r[2], f"{r[2]} {r[1]}", r[3], "t", "now") for n, r in rows)
        places = _lines((ao, centre, n, qualification, cohort, r[7], r[8], r[9], "active") for n, r in rows)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.copy_expert(
                "COPY bench_keyed_learner (id, ao_id, centre_id, uln, reference, given_names, family_name, name_key, "
                "date_of_birth, is_synthetic, created_at) FROM STDIN",
                learners,
            )
            cursor.copy_expert(
                "COPY bench_keyed_registration (ao_id, centre_id, learner_id, qualification_id, cohort_id, registered_on, "
                "starts_on, ends_on, status) FROM STDIN",
                places,
            )

    def put_back(self) -> None:
        database.empty(*LOADED, "bench_keyed_learner", "bench_keyed_registration")
        with open_scope(self.ao):
            self.cohort.save(force_insert=True)


def rows(wanted: set[str], sizes: tuple[int, ...]) -> Iterator[Row]:
    for size in sizes:
        scene = _scene(REGISTRATIONS * size)
        floors: dict[str, tuple[Callable[[], None], str]] = {
            BARE: (scene.bare, "calamine plus COPY alone"),
            KEYED: (scene.keyed, "calamine plus COPY, same keys and indexes"),
        }
        for name, (floor, beside) in floors.items():
            if name in wanted:
                yield compare(
                    name, scene.ours, floor, beside=beside, size=f"{scene.count} rows", after=scene.put_back,
                    after_floor=scene.put_back,
                )  # fmt: skip


def _scene(count: int) -> Scene:
    database.empty()
    database.as_owner(TABLES)
    ao = make_ao("aim")
    with open_scope(ao):
        centre = make_centre()
        contact = make_standing(ao, Role.QUALITY_CONTACT, centre)
        qualification = make_qualification()
        cohort = Cohort.objects.create(centre=centre, qualification=qualification, name="2019-20")
    book = make_workbook([make_row(n, qualification.qan) for n in range(count)])
    return Scene(ao, centre, contact, cohort, book, count)


def _lines(rows: Iterable[Iterable[Any]]) -> io.StringIO:
    return io.StringIO("".join("\t".join(map(str, row)) + "\n" for row in rows))
