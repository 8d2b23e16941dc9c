"""Loading which groups a centre's learners belong to, for results by group (SNS-08)."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Actor, Standing
from awarding.audit.services import record
from awarding.spreadsheets.limits import Limits
from awarding.spreadsheets.preflight import Source
from awarding.spreadsheets.reader import Table, read_table
from centres.models import Centre, Learner
from qtag.models import LearnerCharacteristic
from qtag.services.history import HistoryReport
from qtag.workbooks import CHARACTERISTICS


def read_characteristics(source: Source, *, limits: Limits | None = None) -> Table:
    """Reads an uploaded workbook or CSV file. Needs no database. Raises UnsafeFileError."""
    return read_table(source, columns=CHARACTERISTICS, limits=limits)


@transaction.atomic
def load_characteristics(*, actor: Actor, centre: Centre, table: Table, dry_run: bool = False) -> HistoryReport:
    """Stores the good rows: a learner has one group of each characteristic, the last that was loaded (SNS-08).

    The audit says how many, never who or what. Raises PermissionMissingError.
    """
    if isinstance(actor, Standing):
        actor.require(Permission.REGISTRATIONS_IMPORT, centre.pk)
    learners = dict(Learner.objects.filter(centre=centre).values_list("uln", "id"))
    stored = {
        (learner, name): value
        for learner, name, value in LearnerCharacteristic.objects.filter(learner__centre=centre).values_list(
            "learner_id", "characteristic", "value"
        )
    }
    wanted: dict[tuple[int, str], str] = {}
    for row in table.good_rows():
        learner = learners.get(row["uln"])
        if learner is None:
            table.fault(
                row, "uln", "unknown_learner", _("No learner of this centre has this ULN."),
                _("Check the number, or register the learner first."),
            )  # fmt: skip
            continue
        key = (learner, " ".join(row["characteristic"].split()))
        if key in wanted:
            table.fault(
                row, "characteristic", "row_twice", _("An earlier row says this of the same learner."),
                _("Leave one of the two rows."),
            )  # fmt: skip
            continue
        wanted[key] = " ".join(row["value"].split())
    new = {key: value for key, value in wanted.items() if key not in stored}
    changed = {key: value for key, value in wanted.items() if key in stored and stored[key] != value}
    LearnerCharacteristic.objects.bulk_create(
        [
            LearnerCharacteristic(learner_id=learner, characteristic=name, value=value)
            for (learner, name), value in {**new, **changed}.items()
        ],
        update_conflicts=True, unique_fields=["learner", "characteristic"], update_fields=["value"],
    )  # fmt: skip
    read = len(table.rows)
    report = HistoryReport(
        read, len(new), len(changed), len(wanted) - len(new) - len(changed), read - len(wanted), table
    )
    if dry_run:
        transaction.set_rollback(True)
    elif new or changed:
        record("characteristics.loaded", actor=actor, target=centre, data=dict(report.counts))
    return report
