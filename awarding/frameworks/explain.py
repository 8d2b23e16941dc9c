"""A framework in words: what a person reads before adopting it, and afterwards to see what they work under.

Complete: whatever a file may hold is said here, with its source. A test changes every value in turn and sees the words
change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from awarding.findings.catalogue import rule
from awarding.frameworks import wording
from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.explain_requests import carried_on, component_tags, internal_verification
from awarding.frameworks.sections import Section, Table
from awarding.frameworks.wording import amount, listed, plain, told, when


def explain(document: FrameworkDocument) -> list[Section]:
    """The framework, with the organisation's own choices if they were applied, as sections in reading order.

    Sections about which the framework says nothing are left out. Text is in the language active now.
    """
    return [section for section in _sections(document) if section.paragraphs or (section.table and section.table.rows)]


def _sections(document: FrameworkDocument) -> Iterator[Section]:
    yield _in_short(document)
    yield _chosen(document)
    yield _dates(document)
    yield _windows(document)
    yield _categories(document)
    yield _outcomes(document)
    yield _permits(document)
    yield _evidence(document)
    yield _states(document)
    yield _thresholds(document)
    yield _steps(document)
    yield _statements(document)
    yield component_tags(document)
    yield carried_on(document)
    yield internal_verification(document)
    yield _sampling(document)
    yield _history(document)
    yield _results(document)
    yield _checkpoints(document)
    yield _retention(document)
    yield _decides(document)
    yield _rules(document)
    yield _sources(document)
    yield _versions(document)


def _in_short(document: FrameworkDocument) -> Section:
    data = document.data
    words = [_(document.summary), _("Set by %(regulator)s.") % data]
    if data.get("reference"):
        words.append(_("Published as: %(reference)s.") % data)
    if data.get("follows"):
        words.append(_("It follows %(follows)s.") % data)
    words.append(_("Known as %(short)s.") % {"short": document.short_title})
    words.append(_("What stands in square brackets names the source; the sources are listed further down."))
    return Section(_("In short"), tuple(words))


def _chosen(document: FrameworkDocument) -> Section:
    rows = tuple((_(change.label), plain(change.before), plain(change.after)) for change in document.changes)
    columns = (_("What"), _("As published"), _("Here"))
    return Section(_("What this organisation chose"), (), Table(_("Choices"), columns, rows))


def _dates(document: FrameworkDocument) -> Section:
    data = document.data["dates"]
    rows = tuple(
        (
            _(entry.label),
            when(entry.instant if entry.at else entry.on),
            told(data[entry.code], _("The organisation sets it.") if entry.ao_sets else ""),
        )
        for entry in sorted(document.dates.values(), key=lambda entry: (entry.on is None, entry.on or date.max))
    )
    return Section(_("Dates"), (), Table(_("Days and instants, London time"), (_("What"), _("When"), _("Note")), rows))


def _windows(document: FrameworkDocument) -> Section:
    ends = document.data.get("windows", {})

    def end(code: str | None, open_ended: str) -> str:
        if code is None:
            return open_ended
        return f"{when(document.date(code))} ({_(document.dates[code].label)})"

    rows = tuple(
        (
            _(window.label),
            end(ends[window.code]["opens"], _("any time")),
            end(ends[window.code]["closes"], _("no end")),
            str(wording.AFTER_CLOSE[window.after_close]),
            told(ends[window.code]),
        )
        for window in document.windows.values()
    )
    columns = (_("What"), _("From"), _("To, counted in"), _("What comes later is"), _("Note"))
    return Section(_("When things can be done"), (), Table(_("Windows"), columns, rows))


def _categories(document: FrameworkDocument) -> Section:
    labels = {code: _(category.label) for code, category in document.categories.items()}
    rows = tuple(
        (
            labels[category.code],
            _(category.about),
            labels.get(category.part_of or "", ""),
            f"[{category.source}]",
        )
        for category in document.categories.values()
    )
    columns = (_("Category"), _("What it is"), _("Part of"), _("Source"))
    return Section(_("Categories of qualification"), (), Table(_("Categories"), columns, rows))


def _outcomes(document: FrameworkDocument) -> Section:
    categories = list(document.categories.values())
    rows = tuple(
        (
            _(outcome.label),
            _(outcome.means),
            *(str(wording.STANDINGS[document.standing(outcome.code, category.code)]) for category in categories),
        )
        for outcome in document.outcomes.values()
    )
    columns = (_("Outcome"), _("What it means"), *(_(category.label) for category in categories))
    return Section(_("What can be done for a qualification"), (), Table(_("Outcomes"), columns, rows))


def _permits(document: FrameworkDocument) -> Section:
    statements = document.statements

    def first(codes: tuple[str, ...]) -> str:
        return " ".join(_(statements[code].text) for code in codes if code in statements)

    rows = tuple(
        (
            _(outcome.label),
            listed((code for code in outcome.permits if outcome.permits[code]), wording.PERMITS)
            or _("nothing further"),
            first(outcome.last_resort_statements),
            told({"note": outcome.note, "source": outcome.source}),
        )
        for outcome in document.outcomes.values()
    )
    columns = (_("Outcome"), _("What it permits"), _("Stated when it is a last resort"), _("Note"))
    return Section(_("What each outcome permits"), (), Table(_("Permissions"), columns, rows))


def _evidence(document: FrameworkDocument) -> Section:
    def standing(row: Any) -> str:
        if not row.is_evidence:
            return _("not evidence")
        return _("may stand alone") if row.may_stand_alone else _("only beside other evidence")

    rows = tuple(
        (
            _(row.label),
            standing(row),
            str(wording.EVIDENCE_KINDS[row.kind]),
            _("yes") if row.learner_generated else _("no"),
            told({"note": row.note, "source": row.source}),
        )
        for row in document.evidence_types.values()
    )
    columns = (_("Evidence"), _("Standing"), _("Kind"), _("Made by the learner"), _("Note"))
    return Section(_("Evidence"), (), Table(_("Kinds of evidence"), columns, rows))


def _states(document: FrameworkDocument) -> Section:
    rows = tuple(
        (
            _(state.label),
            plain(float(state.counts)),
            str(wording.STAGES[state.stage]) if state.stage else "",
            told({"note": state.note, "source": state.source}),
        )
        for state in document.component_states.values()
    )
    columns = (_("State"), _("Counts"), _("Meaning"), _("Note"))
    about = _("What a component adds to the share of evidence that is complete, from 0 to 1.")
    return Section(_("States of a component"), (about,) if rows else (), Table(_("States"), columns, rows))


def _thresholds(document: FrameworkDocument) -> Section:
    rows = tuple(
        (_(row["label"]), amount(row["value"], row["unit"]), told(row))
        for row in document.data.get("thresholds", {}).values()
    )
    return Section(_("Numbers"), (), Table(_("Thresholds"), (_("What"), _("Value"), _("Note")), rows))


def _steps(document: FrameworkDocument) -> Section:
    lines = (
        f"{place}. {_(step.label)}. {_(step.about)} [{step.source}]"
        for place, step in enumerate(document.steps.values(), 1)
    )
    return Section(_("Steps to a judgement"), tuple(lines))


def _statements(document: FrameworkDocument) -> Section:
    rows = tuple(
        (_(row.text), str(wording.SIGNERS[row.signed_by]), told({"note": row.note, "source": row.source}))
        for row in document.statements.values()
    )
    columns = (_("Statement"), _("Confirmed by"), _("Note"))
    return Section(_("What is confirmed"), (), Table(_("Statements"), columns, rows))


def _sampling(document: FrameworkDocument) -> Section:
    sampling = document.sampling
    if not sampling:
        return Section(_("Sampling"))
    rows = [
        (_("Learners in a sample"), plain(sampling["learners"]), told(sampling)),
        (_("Units in a sample"), plain(sampling["units"]), ""),
    ]
    if kept := sampling.get("ordinary_sample_for"):
        rows.append((_("The ordinary sample is kept for"), listed(kept, {}), ""))
    rows += [
        (_(factor["label"]), _("weight %s") % plain(float(factor["weight"])), told(factor))
        for factor in sampling.get("factors", ())
    ]
    if coverage := sampling.get("coverage"):
        rows.append((_("Some are drawn at random, so that each is covered"), listed(coverage, wording.COVERAGE), ""))
    columns = (_("What"), _("Value"), _("Note"))
    return Section(_("Sampling"), (), Table(_("How work is chosen"), columns, tuple(rows)))


def _history(document: FrameworkDocument) -> Section:
    history = document.history
    if not history:
        return Section(_("Earlier years"))
    words = [
        _("Grades are set beside those of %(years)s.") % {"years": _years(history["baseline_years"])},
        _("Compared by %(views)s.") % {"views": listed(history["compared_by"], wording.COMPARED_BY)},
    ]
    if years := history["only_if_nothing_else"]:
        words.append(_("Where there is nothing else, and marked as such: %(years)s.") % {"years": _years(years)})
    if kinds := history["by_volume"]:
        words.append(_("By how many achieve: %(kinds)s.") % {"kinds": listed(kinds, wording.VOLUMES)})
    return Section(_("Earlier years"), (*words, told(history)))


def _years(years: tuple[int, ...]) -> str:
    return ", ".join(str(year) for year in years) or _("no year")


def _results(document: FrameworkDocument) -> Section:
    rows = tuple(
        (
            _(release.label),
            ", ".join(release.levels),
            when(release.to_centres) if release.to_centres else _("with the learners, or not set"),
            when(release.to_learners),
            told({"note": release.note, "source": release.source}),
        )
        for release in document.releases.values()
    )
    columns = (_("Results"), _("Levels"), _("To centres, under embargo"), _("To learners"), _("Note"))
    return Section(_("Results"), (), Table(_("When results leave, London time"), columns, rows))


def _checkpoints(document: FrameworkDocument) -> Section:
    rows = tuple(
        (
            _(checkpoint.label),
            f"{_(checkpoint.window.label)}: {when(checkpoint.window.opens)} – {when(checkpoint.window.closes)}",
            listed(checkpoint.asks, wording.ASKS),
            ", ".join(checkpoint.levels) or _("every level"),
            told({"note": checkpoint.note, "source": checkpoint.source}),
        )
        for checkpoint in document.checkpoints.values()
    )
    columns = (_("Checkpoint"), _("When"), _("Asked for each learner"), _("Levels"), _("Note"))
    return Section(_("Checkpoints in term"), (), Table(_("Checkpoints"), columns, rows))


def _retention(document: FrameworkDocument) -> Section:
    retention = document.retention
    if not retention:
        return Section(_("Keeping evidence"))
    months = retention["months_after_issue"]
    words = _("How long evidence is kept is for the organisation to set.")
    if months is not None:
        words = ngettext(
            "Evidence is kept for %(count)s month after the result was issued.",
            "Evidence is kept for %(count)s months after the result was issued.",
            months,
        ) % {"count": months}
    paragraphs = [words]
    if held := retention["held_by"]:
        paragraphs.append(
            _("It is kept until the case ends by %(cases)s on the result.") % {"cases": listed(held, wording.HOLDERS)}
        )
    return Section(_("Keeping evidence"), (*paragraphs, told(retention)))


def _decides(document: FrameworkDocument) -> Section:
    rows = tuple(
        (
            _(row.label),
            plain(document.setting(row.path)),
            _may_be(row),
            f"{_(row.why)} [{row.source}]",
        )
        for row in document.ao_decides.values()
    )
    columns = (_("What"), _("Now"), _("May be"), _("Why"))
    return Section(_("What an organisation decides"), (), Table(_("Settings"), columns, rows))


def _may_be(row: Any) -> str:
    kind = str(wording.SETTING_TYPES[row.type])
    if row.choices:
        return f"{kind}: {', '.join(plain(choice) for choice in row.choices)}"
    if row.min is None and row.max is None:
        return kind
    bounds = {
        "low": _("any") if row.min is None else plain(row.min),
        "high": _("any") if row.max is None else plain(row.max),
    }
    return f"{kind}: " + _("%(low)s to %(high)s") % bounds


def _rules(document: FrameworkDocument) -> Section:
    data: Mapping[str, Any] = {row["id"]: row for row in document.data["rules"]}
    rows = tuple(
        (_explained(entry.id), _(rule(entry.id).title), told(data[entry.id])) for entry in document.rules.values()
    )
    columns = (_("Rule"), _("What it is about"), _("Note"))
    return Section(_("Rules in force"), (), Table(_("Rules"), columns, rows))


def _explained(rule_id: str) -> str:
    """A rule's id, leading to what it is for."""
    return format_html('<a class="govuk-link" href="{}">{}</a>', reverse("findings:rule", args=[rule_id]), rule_id)


def _sources(document: FrameworkDocument) -> Section:
    rows = tuple(
        (row["code"], _(row["title"]), _(row["note"]) if row.get("note") else "", row.get("url", ""))
        for row in document.data["sources"]
    )
    columns = (_("Code"), _("Source"), _("Note"), _("Where it can be read"))
    return Section(_("Where it comes from"), (), Table(_("Sources"), columns, rows))


def _versions(document: FrameworkDocument) -> Section:
    rows = tuple(
        (str(row["version"]), when(date.fromisoformat(row["date"])), _(row["what"]), _(row["why"]))
        for row in document.data["changes"]
    )
    columns = (_("Version"), _("Date"), _("What changed"), _("Why"))
    return Section(_("Versions"), (), Table(_("Change log"), columns, rows))
