"""Loading earlier results: the same for the page, the job and the command; twice changes nothing."""

from __future__ import annotations

import io
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Actor, Standing
from awarding.audit.services import record
from awarding.catalogue.models import Grade, Qualification
from awarding.spreadsheets.faults import Fault
from awarding.spreadsheets.limits import Limits
from awarding.spreadsheets.names import plain_name
from awarding.spreadsheets.preflight import Source
from awarding.spreadsheets.reader import Row, Table, read_table
from awarding.tenancy.scope import current_ao
from centres.models import Centre
from qtag.models import Principle
from qtag.workbooks import GROUP_RESULTS, RESULTS

# First half of the advisory lock's key; the second half is the AO's id.
LOCK_SPACE = 7305
_KEY = ("centre_id", "qualification_id", "series", "principle")
_KEY_OF_GROUPS = (*_KEY, "characteristic", "value")


@dataclass(frozen=True)
class HistoryReport:
    """What a load did, or would do: every row is loaded, updated, unchanged or refused."""

    read: int
    loaded: int
    updated: int
    unchanged: int
    refused: int
    table: Table

    @property
    def counts(self) -> dict[str, int]:
        names = ("read", "loaded", "updated", "unchanged", "refused")
        return {name: getattr(self, name) for name in names}

    @property
    def faults(self) -> list[Fault]:
        """In the order of the sheet, errors of the whole file first."""
        return self.table.ordered_faults()


def read_history_file(source: Source, *, groups: bool = False, limits: Limits | None = None) -> Table:
    """Reads an uploaded workbook or CSV file of earlier results. Needs no database. Raises UnsafeFileError."""
    table = read_table(source, columns=GROUP_RESULTS if groups else RESULTS, limits=limits)
    if not groups and _says_groups(table):
        # Else the learners of one group would be taken for all of the centre's.
        table.file_fault(
            "results_of_groups", _("This file holds results of groups of learners: it says which group each row is of."),
            _("Upload it again as such (on the page: tick that it holds results of groups; for the command: --groups)."),
        )  # fmt: skip
    return table


def _says_groups(table: Table) -> bool:
    """Whether a table that was read as results of all learners has a column that says which group a row is of."""
    (column,) = (one for one in GROUP_RESULTS if one.key == "characteristic")
    names = {plain_name(str(name)) for name in (column.title, *column.synonyms)}
    return any(plain_name(title) in names for title in table.header)


def load_history(*, actor: Actor, table: Table, groups: bool = False, dry_run: bool = False) -> HistoryReport:
    """Stores the good rows in one transaction: killed at any instant, it did all or nothing (SNS-03, SNS-08).

    A row that is there with the same number stays; with another number it takes the new one. With `dry_run` the same is done
    and rolled back. The table's faults grow by what is found. Raises PermissionMissingError.
    """
    if isinstance(actor, Standing):
        actor.require(Permission.SENSE_MANAGE)
    with transaction.atomic():
        if not dry_run:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, current_ao().pk])
        lines = _Checker(table, groups).lines()
        loaded, updated = _store(lines, groups) if lines else (0, 0)
        read = len(table.rows)
        unchanged = len(lines) - loaded - updated
        report = HistoryReport(read, loaded, updated, unchanged, read - len(lines), table)
        if dry_run:
            transaction.set_rollback(True)
        elif loaded or updated:
            what = "history.groups_loaded" if groups else "history.loaded"
            record(what, actor=actor, target=current_ao(), data=dict(report.counts))
    return report


class _Checker:
    """Finds whose each row is, and what is wrong with it."""

    def __init__(self, table: Table, groups: bool) -> None:
        self.table, self.groups = table, groups
        self.centres = {number.casefold(): pk for number, pk in Centre.objects.values_list("number", "id")}
        self.qualifications = {
            qan: (pk, scale) for qan, pk, scale in Qualification.objects.values_list("qan", "id", "scale")
        }
        self.grades: dict[int, dict[str, str]] = {}
        for scale, code in Grade.objects.order_by("rank").values_list("scale_id", "code"):
            self.grades.setdefault(scale, {})[code.casefold()] = code
        self.seen: dict[tuple[str, ...], int] = {}

    def lines(self) -> list[str]:
        """The text of the rows that can be loaded."""
        lines = []
        for row in self.table.good_rows():
            key = self._key(row)
            if key is not None and self._is_new(row, key):
                lines.append("\t".join((*key, str(row["count"]))).replace("\\", "\\\\"))
        # Of the two rows of a pair that contradict each other the first was taken before the second was seen.
        return [] if self.table.faults.file_errors else lines

    def _key(self, row: Row) -> tuple[str, ...] | None:
        centre = self.centres.get(str(row["centre"]).strip().casefold())
        if centre is None:
            self.table.fault(
                row, "centre", "unknown_centre", _("No centre has this number here."),
                _("Check the number, or approve the centre first. A centre that closed keeps its number."),
            )  # fmt: skip
        found = self.qualifications.get(row["qan"])
        if found is None:
            self.table.fault(
                row, "qan", "unknown_qualification", _("This qualification is not in your catalogue."),
                _("Check the number, or load the register that has it."),
            )  # fmt: skip
        grade = self._grade(row, found[1]) if found else None
        if centre is None or found is None or grade is None:
            return None
        principle = row["principle"] or str(Principle.EXAM)
        group = (" ".join(row["characteristic"].split()), " ".join(row["value"].split())) if self.groups else ()
        return (str(centre), str(found[0]), row["series"], principle, *group, grade)

    def _grade(self, row: Row, scale: int | None) -> str | None:
        codes = self.grades.get(scale or 0, {})
        grade = codes.get(str(row["grade"]).strip().casefold())
        if grade is None:
            self.table.fault(
                row, "grade", "unknown_grade", _("This is not a grade of the qualification."),
                _("Use one of: %(grades)s.") % {"grades": ", ".join(codes.values())}
                if codes else _("Give the qualification a grade scale in the catalogue first."),
            )  # fmt: skip
        return grade

    def _is_new(self, row: Row, key: tuple[str, ...]) -> bool:
        """False for the second row of a group and grade, which is a fault."""
        earlier = self.seen.setdefault(key, row.number)
        if earlier == row.number:
            return True
        self.table.fault(
            row, "count", "row_twice",
            _("Row %(row)d of the file is about the same grade, too.") % {"row": earlier},
            _("Leave one of the two rows, with the number of all learners."),
        )  # fmt: skip
        return False


def _store(lines: list[str], groups: bool) -> tuple[int, int]:
    """How many rows are new and how many changed. Copied into a temporary table, then moved in two statements."""
    table = "qtag_pastgroupresults" if groups else "qtag_pastresults"
    key = (*(_KEY_OF_GROUPS if groups else _KEY), "grade")
    columns = ", ".join(f'"{name}"' for name in (*key, "count"))
    same = " AND ".join(f'p."{name}" = i."{name}"' for name in key)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE incoming_history ON COMMIT DROP AS SELECT {columns} FROM {table} WITH NO DATA"  # noqa: S608
        )
        cursor.copy_expert(f"COPY incoming_history ({columns}) FROM STDIN", io.StringIO("\n".join(lines) + "\n"))
        cursor.execute("ANALYZE incoming_history")
        cursor.execute(
            f"UPDATE {table} p SET count = i.count FROM incoming_history i WHERE {same} AND p.count <> i.count"  # noqa: S608
        )
        updated = cursor.rowcount
        cursor.execute(
            f"INSERT INTO {table} (ao_id, {columns}) SELECT %s, {columns} FROM incoming_history i"  # noqa: S608
            f" WHERE NOT EXISTS (SELECT 1 FROM {table} p WHERE {same})",
            [current_ao().pk],
        )
        loaded = cursor.rowcount
        cursor.execute("DROP TABLE incoming_history")
    return loaded, updated
