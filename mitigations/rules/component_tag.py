"""The checks of a component's grade: of the request by itself, and of the claim that it stands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext_lazy as _

from awarding.findings.finding import Finding, Severity, Text
from awarding.findings.wording import day_in_words
from awarding.frameworks.document import FrameworkDocument
from mitigations.rules.facts import ClaimFacts, Place


@dataclass(frozen=True)
class RequestFacts:
    """A request as its checks see it. `on` is the London day on which it is or was sent; None while nothing is sent."""

    where: Text
    on: date | None
    statements: frozenset[str] = frozenset()
    tells: Mapping[str, str] = field(default_factory=dict)
    evidence_types: tuple[str, ...] = ()
    evidence: str = ""


def request_findings(document: FrameworkDocument, facts: RequestFacts) -> list[Finding]:
    """Why a request cannot be sent or agreed (CTB-01, -03, -04, -05); empty where it is whole."""
    found = [
        *window_findings(document, facts.on, facts.where),
        *_statement_findings(document, facts),
        *_evidence_findings(document, facts),
        *_telling_findings(document, facts),
    ]
    return [finding for finding in found if document.in_force(finding.rule)]


def window_findings(document: FrameworkDocument, on: date | None, where: Text) -> list[Finding]:
    """Whether grades for components can be asked for on a London day (CTB-05); both ends count in."""
    tags = document.component_tags
    if tags is None or on is None:
        return []
    window = document.window(tags.window)
    if window.is_open(on):
        return []
    if not window.has_opened(on):
        what = _("Grades for single components can be asked for from %(day)s.") % {"day": day_in_words(window.opens)}
        return [
            _stop("CTB-05", where, what, _("Send it from that day on, or claim in the ordinary way."), "tags_not_open")
        ]
    what = _("Grades for single components could be asked for until the end of %(day)s.") % {
        "day": day_in_words(window.closes)
    }
    return [_stop("CTB-05", where, what, _("Assess the component and claim it in the ordinary way."), "tags_closed")]


def _statement_findings(document: FrameworkDocument, facts: RequestFacts) -> list[Finding]:
    """A last resort: the centre confirms each statement of the framework (CTB-01)."""
    tags = document.component_tags
    needed = document.outcome(tags.outcome).last_resort_statements if tags else ()
    fix = _("Confirm it, or plan an assessment of the component.")
    return [
        _stop(
            "CTB-01", facts.where, _("Not confirmed: %(text)s") % {"text": _(document.statements[code].text)}, fix, code
        )
        for code in needed
        if code not in facts.statements
    ]


def _evidence_findings(document: FrameworkDocument, facts: RequestFacts) -> list[Finding]:
    """The learner produced something in the component itself (CTB-03)."""
    tags = document.component_tags
    if tags is None or not tags.needs_learner_evidence:
        return []
    types = document.evidence_types
    if not any(code in types and types[code].learner_generated for code in facts.evidence_types):
        what = _("Nothing named as evidence was produced by the learner.")
        fix = _("Name a piece of the learner’s own work for this component, or withdraw the request.")
        return [_stop("CTB-03", facts.where, what, fix, "no_learner_evidence")]
    if not facts.evidence.strip():
        what, fix = (
            _("What the learner produced is not described."),
            _("Say which pieces of work there are, and when they were made."),
        )
        return [_stop("CTB-03", facts.where, what, fix, "evidence_not_described")]
    return []


def _telling_findings(document: FrameworkDocument, facts: RequestFacts) -> list[Finding]:
    """History, engagement and achievement are told (CTB-04)."""
    tags = document.component_tags
    return [
        _stop(
            "CTB-04", facts.where, _("Nothing is written under “%(label)s”.") % {"label": _(tell.label)}, _(tell.asks),
            f"{tell.code}_not_told",
        )
        for tell in (tags.tells if tags else ())
        if not facts.tells.get(tell.code, "").strip()
    ]  # fmt: skip


def component_findings(facts: ClaimFacts) -> list[Finding]:
    """No component's grade by teachers counts before the AO has agreed to it (CTB-02).

    Components claimed without such a grade are banked in the ordinary way (CTB-05): nothing is said of them, unless the
    checklist says that they are unfinished, or a request was turned down and nothing says that they are complete now.
    """
    tags = facts.document.component_tags
    if tags is None or facts.outcome is None or facts.outcome.code != tags.outcome:
        return []
    found: list[Finding] = []
    names = {row.id: row.name for row in facts.learners}
    columns = {unit.id: unit.reference for unit in facts.units}
    for place in facts.places:
        said = _place_says(facts, place)
        if said is not None:
            where = f"{names[place[0]]}, {columns[place[1]]}"
            found.append(_stop("CTB-02", where, *said))
    return found


def _place_says(facts: ClaimFacts, place: Place) -> tuple[Text, Text, str] | None:
    """(what, how to mend it, code) where something stops one component."""
    what: Text
    tag, value = facts.tags.get(place), facts.cells.get(place, "")
    if tag is not None and tag.state == "drafted":
        return _("The request for a grade is not sent yet."), _("Send it, or withdraw it."), "tag_not_sent"
    if tag is not None and tag.state == "requested":
        what = _("The awarding organisation has not agreed to the grade asked for.")
        return what, _("Wait for the answer, or withdraw the request."), "tag_not_agreed"
    if not value:
        return None
    if tag is not None and tag.state == "agreed":
        if value == tag.grade:
            return None
        what = _("“%(value)s” is claimed, and “%(grade)s” was agreed.") % {"value": value, "grade": tag.grade}
        return what, _("Enter the grade that was agreed, or withdraw the request."), "differs_from_agreed"
    status = facts.entry(place).status
    state = facts.document.component_states.get(status)
    if state is not None and state.stage == "complete" or (state is None and tag is None):
        return None
    what = _("A grade is claimed for a component that is not complete, and none was agreed.")
    fix = _("Ask for a component grade, or clear the cell. If it was assessed since, say so on the checklist.")
    return what, fix, "claimed_without_agreement"


def carried_findings(facts: ClaimFacts) -> list[Finding]:
    """An adaptation agreed under the framework before stays valid (CTB-06)."""
    if not facts.carried_from:
        return []
    what = _("Agreed under the framework before (%(framework)s) and still valid.") % {"framework": facts.carried_from}
    fix = _("Nothing is to be asked for again: assess as was agreed then.")
    return [Finding("CTB-06", Severity.INFORMS, _("The eRAC"), what, fix, "carried_on")]


def _stop(rule: str, where: Text, what: Text, fix: Text, code: str) -> Finding:
    return Finding(rule, Severity.BLOCKS, where, what, fix, code)
