"""Conditions of an approval in principle: whether they make sense, whether they are met, when to remind (CLM-07)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from awarding.findings.finding import Finding, Severity, Text

MOST_CONDITIONS = 10


@dataclass(frozen=True, slots=True)
class Condition:
    """What is needed, by when, and whether it is there."""

    what: str
    due_on: date
    is_met: bool = False


def condition_faults(conditions: Sequence[Condition], expires_on: date | None, today: date) -> list[Finding]:
    """What is wrong with the conditions that a member wants to set: dates in the past, an end before a condition's day."""
    found = []
    for number, condition in enumerate(conditions, start=1):
        where = _("Condition %(number)s") % {"number": number}
        if not condition.what.strip():
            found.append(_fault(where, _("It does not say what is needed."), _("Say what the centre has to bring.")))
        if condition.due_on < today:
            found.append(_fault(where, _("Its day lies in the past."), _("Give a day from today on.")))
        if expires_on is not None and condition.due_on > expires_on:
            found.append(
                _fault(where, _("It is due after the approval expires."), _("Let the approval expire on its day or later."))
            )  # fmt: skip
    if expires_on is not None and expires_on < today:
        what = _("The day on which the approval expires lies in the past.")
        found.append(_fault(_("Expires on"), what, _("Give a day from today on."), "expiry"))
    return found


def _fault(where: Text, what: Text, fix: Text, code: str = "condition") -> Finding:
    return Finding("CLM-07", Severity.BLOCKS, where, what, fix, code)


def unmet_findings(conditions: Iterable[Condition]) -> list[Finding]:
    """The conditions that are still open keep a claim from going on (CLM-07)."""
    return [
        Finding(
            "CLM-07", Severity.BLOCKS, condition.what,
            _("This condition is open; its day is %(day)s.") % {"day": date_format(condition.due_on, "j F Y")},
            _("Say under “Conditions” what was done, with a file or where the evidence lies."), "condition_open",
        )
        for condition in conditions
        if not condition.is_met
    ]  # fmt: skip


def next_due(conditions: Iterable[Condition], expires_on: date | None, today: date) -> date | None:
    """The day to remind of: the first open condition's that is still to come, else the day of expiry."""
    days = [c.due_on for c in conditions if not c.is_met and c.due_on >= today]
    days += [expires_on] if expires_on is not None and expires_on >= today else []
    return min(days, default=None)


def reminder_due(due_on: date | None, days_before: Iterable[int], today: date) -> int | None:
    """Which reminder is due, named by its days before: the most pressing that has come; None when none has.

    After a missed run only the most pressing one is due, not those before it as well.
    """
    if due_on is None or due_on < today:
        return None
    left = (due_on - today).days
    return min((days for days in days_before if days >= left), default=None)
