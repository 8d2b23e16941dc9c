"""How the values of a framework are put into words: days, shares, lists of codes, notes with their source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils.dates import MONTHS
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Words = Mapping[str, str | Promise]

STANDINGS: Words = {
    "permitted": gettext_lazy("permitted"),
    "last_resort": gettext_lazy("only as a last resort"),
    "refused": gettext_lazy("not permitted"),
    "agreed_per_qualification": gettext_lazy("decided for each qualification"),
}
PERMITS: Words = {
    "incomplete_units": gettext_lazy("units that were not finished may be claimed"),
    "changed_assessment": gettext_lazy("the assessment may be changed"),
    "later_assessment": gettext_lazy("assessment moves to a later date"),
    "teacher_judgement": gettext_lazy("the grade is a judgement of teachers on evidence"),
    "evidence_threshold": gettext_lazy("the share of complete evidence is looked at"),
    "certificates": gettext_lazy("learners can certificate through it"),
}
AFTER_CLOSE: Words = {
    "refused": gettext_lazy("refused"),
    "late": gettext_lazy("taken and marked late"),
    "enquiry": gettext_lazy("refused, with the way to an enquiry"),
}
EVIDENCE_KINDS: Words = {
    "established": gettext_lazy("established evidence"),
    "alternative": gettext_lazy("alternative evidence"),
    "banked_2020": gettext_lazy("a result banked in 2020"),
    "not_evidence": gettext_lazy("no evidence"),
}
STAGES: Words = {
    "complete": gettext_lazy("complete"),
    "partial": gettext_lazy("begun and not finished"),
    "none": gettext_lazy("no evidence"),
}
SIGNERS: Words = {
    "head_of_centre": gettext_lazy("Head of centre"),
    "centre": gettext_lazy("Centre"),
    "panel_member": gettext_lazy("Panel member"),
}
HOLDERS: Words = {
    "appeal": gettext_lazy("an appeal"),
    "complaint": gettext_lazy("a complaint"),
    "malpractice": gettext_lazy("a malpractice case"),
}
COVERAGE: Words = {
    "sector": gettext_lazy("sector"),
    "qualification": gettext_lazy("qualification"),
    "region": gettext_lazy("region"),
    "centre_type": gettext_lazy("kind of centre"),
}
VOLUMES: Words = {
    "pass_fail": gettext_lazy("those that are passed or failed"),
    "roll_on_roll_off": gettext_lazy("those that learners begin and end at any time"),
}
COMPARED_BY: Words = {
    "sector_level_suite": gettext_lazy("sector, level and suite"),
    "qualification": gettext_lazy("qualification"),
    "centre": gettext_lazy("the centre as a whole"),
    "learner_group": gettext_lazy("groups of learners"),
}
ASKS: Words = {
    "intends_to_complete": gettext_lazy("whether the learner means to complete"),
    "completion_date": gettext_lazy("when"),
    "progress_enough": gettext_lazy("whether progress is enough"),
    "evidence_missing": gettext_lazy("which evidence is missing"),
    "needed_for_progression": gettext_lazy("whether the result is needed to go on in education"),
}
UNITS: Words = {
    "days": gettext_lazy("days"),
    "months": gettext_lazy("months"),
    "hours": gettext_lazy("hours"),
    "points": gettext_lazy("points"),
    "count": gettext_lazy("counted"),
}
SETTING_TYPES: Words = {
    "date": gettext_lazy("a day"),
    "time": gettext_lazy("a time of day"),
    "integer": gettext_lazy("a whole number"),
    "number": gettext_lazy("a number"),
    "choice": gettext_lazy("one of several"),
    "text": gettext_lazy("words"),
}


def listed(codes: Iterable[str], words: Words) -> str:
    """Codes in words, parted by commas; a code without words is shown as it is written."""
    return ", ".join(str(words.get(code, code.replace("_", " "))) for code in codes)


def told(row: Mapping[str, Any], *more: str) -> str:
    """An entry's note, whatever else is to be said of it, and its sources in brackets."""
    parts = [part for part in (*more, _(row["note"]) if row.get("note") else "") if part]
    return " ".join([*parts, f"[{row['source']}]"])


def when(value: date | datetime | None) -> str:
    """A day, or an instant to the minute."""
    if value is None:
        return _("not set")
    day = f"{value.day} {MONTHS[value.month]} {value.year}"
    return f"{day}, {value:%H:%M}" if isinstance(value, datetime) else day


def amount(value: float | None, unit: str) -> str:
    """A threshold with its unit; a share in per cent."""
    if value is None:
        return _("not set")
    if unit == "share":
        return f"{value * 100:g}%"
    return f"{plain(value)} {UNITS.get(unit, unit)}"


def plain(value: Any) -> str:
    """A setting's value as people read it; ISO days become words."""
    if value is None:
        return _("not set")
    if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-":
        return when(date.fromisoformat(value))
    return f"{value:g}" if isinstance(value, float) else str(STANDINGS.get(value, str(value).replace("_", " ")))
