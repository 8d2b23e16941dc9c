"""Learners who carry on: which of their units the mitigation reaches, and what is on record from earlier claims."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from awarding.findings.finding import Finding, Severity
from mitigations.rules.evidence import names_of
from mitigations.rules.facts import ClaimFacts


def later_findings(facts: ClaimFacts) -> list[Finding]:
    """Units that continuing learners take after the disrupted months are assessed as usual (MIT-15).

    Claiming one of them with work that is not complete is stopped; the rest is only told.
    """
    if not facts.later:
        return []
    full = {code for code, state in facts.document.component_states.items() if float(state.counts) >= 1}
    early = {
        row
        for row, column in facts.later
        if facts.cells.get((row, column)) and facts.entry((row, column)).status not in full
    }
    names = ", ".join(unit.reference for unit in facts.units if unit.is_later)
    going_on = [learner for learner in facts.learners if not learner.finishes_now]
    found = [
        Finding(
            "MIT-15", Severity.INFORMS, names_of(going_on),
            _("Assessed later, as usual, for %(count)s of the learners: %(units)s. The mitigation does not reach these units.")
            % {"count": len(going_on), "units": names},
            "", "later_units",
        )
    ]  # fmt: skip
    concerned = [learner for learner in facts.learners if learner.id in early]
    if concerned:
        found.append(
            Finding(
                "MIT-15", Severity.BLOCKS, names_of(concerned),
                _("A unit that is assessed later is claimed, and its evidence is not complete."),
                _("Clear the cell, or complete the evidence; if the unit fell in the disrupted months after all, change which "
                  "units come later."), "later_claimed_early",
            )
        )  # fmt: skip
    return found


def earlier_findings(facts: ClaimFacts) -> list[Finding]:
    """Results of units from an earlier claim stand as evidence beside what is claimed now (MIT-15)."""
    held = facts.already - facts.closed
    if not held:
        return []
    rows = {row for row, _column in held}
    concerned = [learner for learner in facts.learners if learner.id in rows]
    what = _("%(units)s units of %(count)s learners have results from an earlier claim: they stand as evidence.")
    return [
        Finding(
            "MIT-15", Severity.INFORMS, names_of(concerned), what % {"units": len(held), "count": len(concerned)}, "",
            "earlier_results",
        )
    ]  # fmt: skip
