"""Units of a learner that were assessed in a reduced way, and which may have a teacher's grade later (QTG-15, QTG-16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from awarding.findings.finding import Finding, Severity, Text
from awarding.findings.wording import day_in_words
from awarding.frameworks.document import FrameworkDocument

# The framework's days for Z flags, by whether the learner finishes this summer.
FLAG_DAYS = {True: "z_flag_certificating", False: "z_flag_mid_flight"}


@dataclass(frozen=True, slots=True)
class UnitState:
    """What is recorded of one unit of one learner."""

    is_reduced: bool = False
    has_entry: bool = False
    is_banked: bool = False


def flag_due(document: FrameworkDocument, is_finishing: bool | None) -> date | None:
    """The last day for Z flags of such a learner (QTG-15); the later one while nobody has said whether they finish."""
    entry = document.dates.get(FLAG_DAYS[bool(is_finishing)])
    return entry.on if entry is not None else None


def flag_findings(unit: UnitState, where: Text) -> list[Finding]:
    """A unit whose result is banked was fully assessed: it carries no Z flag (QTG-15)."""
    if not unit.is_banked:
        return []
    return [
        Finding("QTG-15", Severity.BLOCKS, where, _("Its result is banked, so it was fully assessed."),
                _("Leave it without the Z flag; if the result is wrong, set it aside first."), "assessed_in_full")
    ]  # fmt: skip


def entry_findings(document: FrameworkDocument, entered_on: date, where: Text) -> list[Finding]:
    """An external entry counts when it was made inside the framework's window, both days counted in (QTG-16)."""
    window = document.window("eligibility")
    if window.is_open(entered_on):
        return []
    days = {"opens": day_in_words(window.opens), "closes": day_in_words(window.closes), "day": day_in_words(entered_on)}
    return [
        Finding("QTG-16", Severity.BLOCKS, where,
                _("%(day)s lies outside the window from %(opens)s to %(closes)s.") % days,
                _("Correct the date if it is wrong; an entry made outside the window does not count."), "entry_outside")
    ]  # fmt: skip


def later_findings(is_finishing: bool | None, unit: UnitState, where: Text) -> list[Finding]:
    """What stands against a teacher's grade for this unit in a later series; empty when nothing does (QTG-16)."""
    if is_finishing is None:
        what, fix = _("Nobody has said whether the learner goes on."), _("Say it on the learner's page.")
        return [_stop(where, what, fix, "later_not_said")]
    if is_finishing:
        what = _("The learner finishes this summer: a later grade is for those who go on.")
        return [_stop(where, what, _("Judge the whole qualification now."), "later_finishes")]
    if unit.is_banked:
        what, fix = _("The unit has a result already."), _("It stands; nothing more is needed.")
        return [_stop(where, what, fix, "later_has_result")]
    if not unit.is_reduced and not unit.has_entry:
        what = _("The unit carries no Z flag, and no external entry was made for it in the window.")
        fix = _("Record the flag or the entry if there was one; otherwise the unit is assessed as usual.")
        return [_stop(where, what, fix, "later_no_ground")]
    return []


def _stop(where: Text, what: Text, fix: Text, code: str) -> Finding:
    return Finding("QTG-16", Severity.BLOCKS, where, what, fix, code)
