"""A framework in words: what a person reads before adopting it, and afterwards to see what they work under."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from awarding.findings.catalogue import rule
from awarding.frameworks.document import FrameworkDocument


@dataclass(frozen=True, slots=True)
class Table:
    """A small table; the first cell of each row names it."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One heading with its paragraphs, and a table where there is one."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    table: Table | None = None


def explain(document: FrameworkDocument) -> list[Section]:
    """The framework, with the organisation's own choices if they were applied, as sections in reading order.

    Sections about which the framework says nothing are left out. Text is in the language active now.
    """
    return [section for section in _sections(document) if section.paragraphs or (section.table and section.table.rows)]


def _sections(document: FrameworkDocument) -> Iterator[Section]:
    yield Section(_("In short"), (_(document.summary), _("Set by %(regulator)s.") % document.data))
    yield _chosen(document)
    yield _dates(document)
    yield _windows(document)
    yield _outcomes(document)
    yield _evidence(document)
    yield _thresholds(document)
    yield _steps(document)
    yield _statements(document)
    yield _sampling(document)
    yield _results(document)
    yield _retention(document)
    yield _decides(document)
    yield _rules(document)
    yield _sources(document)
    yield _versions(document)


def _chosen(document: FrameworkDocument) -> Section:
    rows = tuple((_(change.label), _value(change.before), _value(change.after)) for change in document.changes)
    columns = (_("What"), _("As published"), _("Here"))
    return Section(_("What this organisation chose"), (), Table(_("Choices"), columns, rows))


def _dates(document: FrameworkDocument) -> Section:
    rows = tuple(
        (_(entry.label), _when(entry.instant if entry.at else entry.on), _(entry.note) if entry.note else "")
        for entry in sorted(document.dates.values(), key=lambda entry: (entry.on is None, entry.on or date.max))
    )
    return Section(_("Dates"), (), Table(_("Days and instants, London time"), (_("What"), _("When"), _("Note")), rows))


def _windows(document: FrameworkDocument) -> Section:
    after = {
        "refused": _("refused"),
        "late": _("taken and marked late"),
        "enquiry": _("refused, with the way to an enquiry"),
    }
    ends = document.data.get("windows", {})
    rows = tuple(
        (
            _(window.label),
            _when(window.opens) if ends[window.code]["opens"] else _("any time"),
            _when(window.closes) if ends[window.code]["closes"] else _("no end"),
            after[window.after_close],
        )
        for window in document.windows.values()
    )
    columns = (_("What"), _("From"), _("To, counted in"), _("What comes later is"))
    return Section(_("When things can be done"), (), Table(_("Windows"), columns, rows))


def _outcomes(document: FrameworkDocument) -> Section:
    standings = {
        "permitted": _("permitted"),
        "last_resort": _("only as a last resort"),
        "refused": _("not permitted"),
        "agreed_per_qualification": _("decided for each qualification"),
    }
    categories = list(document.categories.values())
    rows = tuple(
        (
            _(outcome.label),
            _(outcome.means),
            *(standings[document.standing(outcome.code, category.code)] for category in categories),
        )
        for outcome in document.outcomes.values()
    )
    columns = (_("Outcome"), _("What it means"), *(_(category.label) for category in categories))
    about = tuple(f"{_(category.label)}. {_(category.about)}" for category in categories)
    return Section(_("What can be done for a qualification"), about, Table(_("Outcomes"), columns, rows))


def _evidence(document: FrameworkDocument) -> Section:
    def standing(row: Any) -> str:
        if not row.is_evidence:
            return _("not evidence")
        return _("may stand alone") if row.may_stand_alone else _("only beside other evidence")

    rows = tuple(
        (_(row.label), standing(row), _(row.note) if row.note else "") for row in document.evidence_types.values()
    )
    return Section(_("Evidence"), (), Table(_("Kinds of evidence"), (_("Kind"), _("Standing"), _("Note")), rows))


def _thresholds(document: FrameworkDocument) -> Section:
    rows = tuple(
        (_(row["label"]), _amount(row["value"], row["unit"]), _(row["note"]) if "note" in row else "")
        for row in document.data.get("thresholds", {}).values()
    )
    return Section(_("Numbers"), (), Table(_("Thresholds"), (_("What"), _("Value"), _("Note")), rows))


def _steps(document: FrameworkDocument) -> Section:
    lines = (f"{place}. {_(step.label)}. {_(step.about)}" for place, step in enumerate(document.steps.values(), 1))
    return Section(_("Steps to a judgement"), tuple(lines))


def _statements(document: FrameworkDocument) -> Section:
    who = {"head_of_centre": _("Head of centre"), "centre": _("Centre"), "panel_member": _("Panel member")}
    rows = tuple((_(row.text), who[row.signed_by]) for row in document.statements.values())
    columns = (_("Statement"), _("Confirmed by"))
    return Section(_("What is confirmed"), (), Table(_("Statements"), columns, rows))


def _sampling(document: FrameworkDocument) -> Section:
    sampling = document.sampling
    if not sampling:
        return Section(_("Sampling"))
    rows = [
        (_("Learners in a sample"), _value(sampling["learners"])),
        (_("Units in a sample"), _value(sampling["units"])),
    ]
    rows += [(_(factor["label"]), _("weight %s") % _value(factor["weight"])) for factor in sampling.get("factors", ())]
    return Section(_("Sampling"), (), Table(_("How work is chosen"), (_("What"), _("Value")), tuple(rows)))


def _results(document: FrameworkDocument) -> Section:
    rows = tuple(
        (_(release.label), _when(release.to_centres), _when(release.to_learners))
        for release in document.releases.values()
    )
    columns = (_("Level"), _("To centres, under embargo"), _("To learners"))
    return Section(_("Results"), (), Table(_("When results leave, London time"), columns, rows))


def _retention(document: FrameworkDocument) -> Section:
    if not document.retention:
        return Section(_("Keeping evidence"))
    months = document.retention["months_after_issue"]
    if months is None:
        return Section(_("Keeping evidence"), (_("How long evidence is kept is for the organisation to set."),))
    words = ngettext(
        "Evidence is kept for %(count)s month after the result was issued.",
        "Evidence is kept for %(count)s months after the result was issued.",
        months,
    )
    longer = _("An appeal, a complaint or a malpractice case on the result keeps it until the case ends.")
    return Section(
        _("Keeping evidence"), (words % {"count": months}, *([longer] if document.retention["held_by"] else []))
    )


def _decides(document: FrameworkDocument) -> Section:
    rows = tuple(
        (
            _(row.label),
            _value(document.setting(row.path)),
            ", ".join(row.choices) if row.choices else _("%(low)s to %(high)s") % _bounds(row.min, row.max),
            _(row.why),
        )
        for row in document.ao_decides.values()
    )
    columns = (_("What"), _("Now"), _("May be"), _("Why"))
    return Section(_("What an organisation decides"), (), Table(_("Settings"), columns, rows))


def _rules(document: FrameworkDocument) -> Section:
    rows = tuple((entry.id, _(rule(entry.id).title)) for entry in document.rules.values())
    return Section(_("Rules in force"), (), Table(_("Rules"), (_("Rule"), _("What it is about")), rows))


def _sources(document: FrameworkDocument) -> Section:
    rows = tuple((row["code"], _(row["title"])) for row in document.data["sources"])
    return Section(_("Where it comes from"), (), Table(_("Sources"), (_("Code"), _("Source")), rows))


def _versions(document: FrameworkDocument) -> Section:
    rows = tuple(
        (str(row["version"]), _when(date.fromisoformat(row["date"])), _(row["what"]), _(row["why"]))
        for row in document.data["changes"]
    )
    columns = (_("Version"), _("Date"), _("What changed"), _("Why"))
    return Section(_("Versions"), (), Table(_("Change log"), columns, rows))


def _when(value: date | datetime | None) -> str:
    if value is None:
        return _("not set")
    day = f"{value.day} {MONTHS[value.month]} {value.year}"
    return f"{day}, {value:%H:%M}" if isinstance(value, datetime) else day


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return _("not set")
    if unit == "share":
        return f"{value:.0%}"
    units = {"days": _("days"), "months": _("months"), "hours": _("hours"), "points": _("points")}
    return f"{_value(value)} {units.get(unit, '')}".rstrip()


def _value(value: Any) -> str:
    """A setting's plain value as people read it; ISO days become words."""
    if value is None:
        return _("not set")
    if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-":
        return _when(date.fromisoformat(value))
    return f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ")


def _bounds(low: Any, high: Any) -> dict[str, str]:
    return {"low": _value(low), "high": _value(high)}
