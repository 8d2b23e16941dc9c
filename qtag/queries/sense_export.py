"""What a workbook of comparisons leaves out, counted by the same gate that leaves it out (SNS-01, QTG-17)."""

from __future__ import annotations

from dataclasses import dataclass

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from qtag.models import SenseRow
from qtag.queries.sense_gate import missing_judgements, open_rows
from qtag.queries.sense_rows import rows_in_reach


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Groups that a workbook does not hold. `not_submitted` is None where that keeps nothing away: at a centre."""

    closed: int
    not_submitted: int | None


def left_out(standing: Standing, centre_id: int | None = None) -> LeftOut:
    """Closed are groups with a judgement still missing, and wider views that wait for one. Four queries."""
    reach = standing.reach(Permission.SENSE_VIEW)
    missing, rows, stored = missing_judgements(), rows_in_reach(standing), SenseRow.objects.all()
    if reach is not None:
        missing = missing.filter(centre_id__in=reach)
    if centre_id is not None:
        missing, rows, stored = (
            missing.filter(centre_id=centre_id), rows.filter(centre_id=centre_id), stored.filter(centre_id=centre_id)
        )  # fmt: skip
    groups = missing.order_by().values("centre_id", "submission__qualification_id").distinct().count()
    wider = rows.exclude(level=SenseRow.Level.QUALIFICATION)
    closed = groups + wider.count() - open_rows(wider).count()
    return LeftOut(closed, open_rows(stored.filter(is_submitted=False)).count() if reach is None else None)
