"""The import of learners and registrations: one function for the page, the job and the command."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Actor, Standing
from awarding.audit.services import record
from awarding.spreadsheets.faults import Fault
from awarding.spreadsheets.limits import Limits
from awarding.spreadsheets.preflight import Source
from awarding.spreadsheets.reader import Table, read_table, without_collecting
from centres.models import Centre
from centres.services.plan import make_plan
from centres.services.storing import store_plan
from centres.workbooks import COLUMNS

# First half of the advisory lock's key; the second half is the AO's id.
LOCK_SPACE = 7302


class CentreClosedError(Exception):
    """The AO's approval of the centre has ended: nothing can be registered there."""


@dataclass(frozen=True)
class ImportReport:
    """What an import did, or would do: every row is loaded, updated, unchanged or refused."""

    read: int
    loaded: int
    updated: int
    unchanged: int
    refused: int
    new_learners: int
    table: Table

    @property
    def counts(self) -> dict[str, int]:
        return {
            "read": self.read,
            "loaded": self.loaded,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "refused": self.refused,
            "new_learners": self.new_learners,
        }

    @property
    def faults(self) -> list[Fault]:
        """In the order of the sheet, errors of the whole file first."""
        return self.table.ordered_faults()


def read_registrations(source: Source, *, limits: Limits | None = None) -> Table:
    """Reads an uploaded workbook or CSV file. Needs no database. Raises UnsafeFileError."""
    return read_table(source, columns=COLUMNS, limits=limits)


def import_registrations(
    *, actor: Actor, centre: Centre, table: Table, dry_run: bool = False, today: dt.date | None = None
) -> ImportReport:
    """Checks every row and stores the good ones in one transaction: killed at any instant, it did all or nothing.

    With `dry_run` the same is done and rolled back. What is there already is not stored again; a row that differs from a
    stored registration in cohort or dates changes it. Loads of one AO run one after the other, so that two of them cannot
    give one ULN to two people. The table's faults grow by what is found. Raises PermissionMissingError, CentreClosedError.
    """
    if isinstance(actor, Standing):
        actor.require(Permission.REGISTRATIONS_IMPORT, centre.pk)
    refuse_closed(centre)
    with without_collecting(), transaction.atomic():
        if not dry_run:
            _wait_for_turn(centre.ao_id)
        plan = make_plan(centre, table, today=today or timezone.localdate())
        store_plan(plan, actor=actor, centre=centre)
        report = _report(table, len(plan.new_registrations), plan.updated, plan.unchanged, len(plan.new_learners))
        if dry_run:
            transaction.set_rollback(True)
        elif report.loaded or report.updated:
            facts: dict[str, Any] = report.counts
            record("registrations.loaded", actor=actor, target=centre, data=facts)
    return report


def refuse_closed(centre: Centre) -> None:
    """CentreClosedError when the AO's approval of the centre has ended."""
    if centre.closed_on is not None and centre.closed_on <= timezone.localdate():
        raise CentreClosedError(
            _(
                "The approval of %(centre)s ended on %(day)s. Ask the awarding organisation before you register learners."
            )
            % {"centre": centre.name, "day": f"{centre.closed_on:%d/%m/%Y}"}
        )


def _report(table: Table, loaded: int, updated: int, unchanged: int, new_learners: int) -> ImportReport:
    read = len(table.rows)
    if table.faults.file_errors:
        return ImportReport(read, 0, 0, 0, read, 0, table)
    return ImportReport(read, loaded, updated, unchanged, read - loaded - updated - unchanged, new_learners, table)


def _wait_for_turn(ao_id: int | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, ao_id])
