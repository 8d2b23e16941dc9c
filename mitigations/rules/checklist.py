"""Which evidence a checklist names: what may stand alone, what was expected, what cannot be reached (CLM-05)."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from awarding.findings.finding import Finding, Severity, Text
from awarding.frameworks.document import FrameworkDocument
from mitigations.rules.evidence import names_of
from mitigations.rules.facts import ClaimFacts, LearnerFacts, Place, TemplateFacts

# Where the framework has the rule that some evidence never stands alone, that rule stops the claim; where it has only
# the checklist's own rule, the centre answers and the panel weighs it.
STANDING_RULES = ("QTG-07", "CLM-05")


def may_stand_alone(document: FrameworkDocument, template: TemplateFacts | None, code: str) -> bool:
    """Whether this type is enough by itself: as the framework says, narrowed by the AO's template."""
    kind = document.evidence_types.get(code)
    if kind is None or not kind.may_stand_alone:
        return False
    return template is None or code in template.standing_alone


def needs_company(document: FrameworkDocument, template: TemplateFacts | None, codes: Iterable[str]) -> bool:
    """Whether evidence is named and none of it may stand alone."""
    named = list(codes)
    return bool(named) and not any(may_stand_alone(document, template, code) for code in named)


def type_label(document: FrameworkDocument, template: TemplateFacts | None, code: str) -> str:
    """The words of one kind of evidence and of its standing."""
    kind = document.evidence_types[code]
    words = {"kind": _now(kind.label)}
    if not kind.is_evidence:
        return _now("%(kind)s (does not count as evidence)") % words
    return (
        words["kind"]
        if may_stand_alone(document, template, code)
        else _now("%(kind)s (only beside other evidence)") % words
    )


def standing_findings(facts: ClaimFacts) -> list[Finding]:
    """Components for which only evidence is named that may not stand alone (QTG-07 where in force, else CLM-05)."""
    rule = next((rule for rule in STANDING_RULES if facts.document.in_force(rule)), None)
    if rule is None:
        return []
    alone = [p for p in _evidenced(facts) if needs_company(facts.document, facts.template, facts.entry(p).types)]
    if not alone:
        return []
    kinds = {code for place in alone for code in facts.entry(place).types}
    labels = ", ".join(_now(row.label) for code, row in facts.document.evidence_types.items() if code in kinds)
    what = ngettext_lazy(
        "For %(count)d component the only evidence named may not stand alone: %(kinds)s.",
        "For %(count)d components the only evidence named may not stand alone: %(kinds)s.",
        "count",
    ) % {"count": len(alone), "kinds": labels}
    fix = _("Name the learner’s own work beside it, or give the component the state that it has without this evidence.")
    severity = Severity.BLOCKS
    if rule != STANDING_RULES[0]:
        severity = Severity.WARNS
        fix = _(
            "Name the learner’s own work beside it, correct the state, or say when submitting why there is no other."
        )
    return [Finding(rule, severity, _where(facts, alone), what, fix, "stands_alone")]


def naming_findings(facts: ClaimFacts) -> list[Finding]:
    """Components with evidence that name none, and those without evidence that the template expects (CLM-05).

    Told and not asked: a centre may show achievement in its own way, and the panel weighs it.
    """
    found = []
    silent = [place for place in _evidenced(facts) if not facts.entry(place).types]
    if silent:
        what = ngettext_lazy(
            "%(count)d component has evidence and does not say which.",
            "%(count)d components have evidence and do not say which.",
            "count",
        ) % {"count": len(silent)}
        fix = _("Name it on the checklist; the panel decides more surely on what it can see.")
        found.append(Finding("CLM-05", Severity.INFORMS, _where(facts, silent), what, fix, "evidence_unnamed"))
    lacking = [place for place in _evidenced(facts) if facts.entry(place).types and missing_types(facts, place)]
    if lacking:
        kinds = {code for place in lacking for code in missing_types(facts, place)}
        labels = ", ".join(_now(row.label) for code, row in facts.document.evidence_types.items() if code in kinds)
        what = ngettext_lazy(
            "%(count)d component lacks evidence that the awarding organisation expects: %(kinds)s.",
            "%(count)d components lack evidence that the awarding organisation expects: %(kinds)s.",
            "count",
        ) % {"count": len(lacking), "kinds": labels}
        fix = _("Add it where it exists. Other evidence may do as well: the panel weighs the case you make.")
        found.append(Finding("CLM-05", Severity.INFORMS, _where(facts, lacking), what, fix, "expected_missing"))
    return found


def missing_types(facts: ClaimFacts, place: Place) -> list[str]:
    """The types that the template expects of a component and the line does not name."""
    if facts.template is None:
        return []
    units = {unit.id: unit.unit_id for unit in facts.units}
    named = set(facts.entry(place).types)
    return [
        code
        for code in facts.template.expected_of(units[place[1]])
        if code not in named and code in facts.document.evidence_types
    ]


def reach_findings(facts: ClaimFacts) -> list[Finding]:
    """Evidence that cannot be reached is declared, with why; it never stops the claim (CLM-05)."""
    away = [p for p in facts.places if facts.entry(p).status and not facts.entry(p).is_reachable]
    if not away:
        return []
    what = ngettext_lazy(
        "Evidence for %(count)d line of the checklist is declared to be out of reach. It does not stop the claim.",
        "Evidence for %(count)d lines of the checklist is declared to be out of reach. It does not stop the claim.",
        "count",
    ) % {"count": len(away)}
    unsaid = [place for place in away if not facts.entry(place).reach_reason]
    fix: Text = ""
    if unsaid:
        fix = ngettext_lazy(
            "For %(count)d of them say why, and where it is.",
            "For %(count)d of them say why, and where it is.",
            "count",
        ) % {"count": len(unsaid)}
    return [Finding("CLM-05", Severity.INFORMS, _where(facts, away), what, fix, "out_of_reach")]


def _evidenced(facts: ClaimFacts) -> list[Place]:
    """The places whose state says that there is evidence."""
    with_some = {code for code, state in facts.document.component_states.items() if state.is_evidenced}
    return [place for place in facts.places if facts.entry(place).status in with_some]


def _where(facts: ClaimFacts, places: list[Place]) -> Text:
    rows = {row for row, _column in places}
    learners: list[LearnerFacts] = [learner for learner in facts.learners if learner.id in rows]
    return names_of(learners)
