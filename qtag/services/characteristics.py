"""Which groups a centre's learners belong to, for results by group: loading it, taking it away, erasing it in time (SNS-08)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Actor, Process, Standing
from awarding.audit.services import record
from awarding.identifiers import is_temporary_uln
from awarding.spreadsheets.limits import Limits
from awarding.spreadsheets.preflight import Source
from awarding.spreadsheets.reader import Table, read_table
from centres.models import Centre, Learner
from qtag.models import LearnerCharacteristic, PastGroupResults
from qtag.queries.characteristics import kept_until
from qtag.services.history import HistoryReport
from qtag.services.holds import lock_evidence
from qtag.workbooks import CHARACTERISTICS

_BATCH = 5000


class UnknownLearnerError(Exception):
    """No learner of the centre has the ULN; the text says so."""


def read_characteristics(source: Source, *, limits: Limits | None = None) -> Table:
    """Reads an uploaded workbook or CSV file. Needs no database. Raises UnsafeFileError."""
    return read_table(source, columns=CHARACTERISTICS, limits=limits)


@transaction.atomic
def load_characteristics(*, actor: Actor, centre: Centre, table: Table, dry_run: bool = False) -> HistoryReport:
    """Stores the good rows: a learner has one group of each characteristic, the last that was loaded (SNS-08).

    Names are taken as they are spelled already, here or in earlier results, whatever their capitals: else two years of one
    group would stand as two groups. The audit says how many, never who or what. Raises PermissionMissingError.
    """
    if isinstance(actor, Standing):
        actor.require(Permission.CHARACTERISTICS_MANAGE, centre.pk)
    stored = {
        (learner, name): value
        for learner, name, value in LearnerCharacteristic.objects.filter(learner__centre=centre).values_list(
            "learner_id", "characteristic", "value"
        )
    }
    wanted = _wanted(centre, table, _Spelling(_known_names(centre)))
    new = {key: value for key, value in wanted.items() if key not in stored}
    changed = {key: value for key, value in wanted.items() if key in stored and stored[key] != value}
    LearnerCharacteristic.objects.bulk_create(
        [
            LearnerCharacteristic(learner_id=learner, characteristic=name, value=value, recorded_on=timezone.localdate())
            for (learner, name), value in {**new, **changed}.items()
        ],
        batch_size=_BATCH, update_conflicts=True, unique_fields=["learner", "characteristic"],
        update_fields=["value", "recorded_on"],
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


@transaction.atomic
def remove_characteristics(*, actor: Standing, centre: Centre, characteristic: str = "", uln: str = "") -> int:
    """Takes away what is recorded: everything, one characteristic, one learner's, or both together; answers how much.

    Nothing is kept of it; the audit says how many, never who or what. Raises PermissionMissingError, UnknownLearnerError.
    """
    actor.require(Permission.CHARACTERISTICS_MANAGE, centre.pk)
    rows = LearnerCharacteristic.objects.filter(learner__centre=centre)
    if uln:
        learner = Learner.objects.filter(centre=centre, uln=uln).first()
        if learner is None:
            raise UnknownLearnerError(_("No learner of this centre has this ULN. Check the number."))
        rows = rows.filter(learner=learner)
    if characteristic:
        rows = rows.filter(characteristic=characteristic)
    count = rows.count()
    rows.delete()
    if count:
        record("characteristics.removed", actor=actor, target=centre, data={"removed": count})
    return count


@transaction.atomic
def erase_old_characteristics(*, actor: Process, centre: Centre, today: date) -> int:
    """Erases what was kept long enough of a centre's learners (SNS-08) and is in no open case (QTG-19); answers how much.

    The audit says how many, never who or what. Waits for a hold that is being put: after it nothing goes.
    """
    lock_evidence(centre.pk)
    # Locked before they are judged: what a file says anew meanwhile counts from today.
    rows = LearnerCharacteristic.objects.filter(learner__centre=centre)
    list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    over = [pk for pk, until in kept_until(rows).items() if until is not None and until < today]
    for start in range(0, len(over), _BATCH):
        rows.filter(pk__in=over[start : start + _BATCH]).delete()
    if over:
        record("characteristics.erased", actor=actor, target=centre, data={"erased": len(over)})
    return len(over)


def _wanted(centre: Centre, table: Table, spelling: _Spelling) -> dict[tuple[int, str], str]:
    """By learner and characteristic, the group that the good rows say. The table's faults grow by what is found."""
    learners = dict(Learner.objects.filter(centre=centre).values_list("uln", "id"))
    wanted: dict[tuple[int, str], str] = {}
    for row in table.good_rows():
        if is_temporary_uln(row["uln"]):
            table.fault(
                row, "uln", "temporary_uln", _("This is the temporary number that several learners can have."),
                _("Enter the learner’s own ULN; without one the learner’s group cannot be recorded."),
            )  # fmt: skip
            continue
        learner = learners.get(row["uln"])
        if learner is None:
            table.fault(
                row, "uln", "unknown_learner", _("No learner of this centre has this ULN."),
                _("Check the number, or register the learner first."),
            )  # fmt: skip
            continue
        name, value = spelling.of(row["characteristic"], row["value"])
        if (learner, name) in wanted:
            table.fault(
                row, "characteristic", "row_twice", _("An earlier row says this of the same learner."),
                _("Leave one of the two rows."),
            )  # fmt: skip
            continue
        wanted[learner, name] = value
    return wanted


def _known_names(centre: Centre) -> Iterable[tuple[str, str]]:
    """The (characteristic, group) pairs that the centre has already; earlier results come first."""
    yield from (
        PastGroupResults.objects.filter(centre=centre).order_by().values_list("characteristic", "value").distinct()
    )
    here = LearnerCharacteristic.objects.filter(learner__centre=centre)
    yield from here.order_by().values_list("characteristic", "value").distinct()


class _Spelling:
    """How a name is written the first time is how it is written from then on."""

    def __init__(self, known: Iterable[tuple[str, str]]) -> None:
        self.names: dict[str, str] = {}
        self.values: dict[tuple[str, str], str] = {}
        for name, value in known:
            self.of(name, value)

    def of(self, name: str, value: str) -> tuple[str, str]:
        name, value = " ".join(name.split()), " ".join(value.split())
        spelled = self.names.setdefault(name.casefold(), name)
        return spelled, self.values.setdefault((spelled, value.casefold()), value)
