"""The checks of a claim: who is on it, what is claimed, whether it makes a qualification."""

from __future__ import annotations

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from awarding.findings.finding import Finding, Severity
from mitigations.rules.checklist import naming_findings, reach_findings, standing_findings
from mitigations.rules.combination import combination_findings
from mitigations.rules.component_tag import carried_findings, component_findings
from mitigations.rules.continuing import earlier_findings, later_findings
from mitigations.rules.evidence import checklist_findings, names_of, sufficiency_findings, threshold_findings
from mitigations.rules.facts import ClaimFacts
from mitigations.rules.verification import record_findings


def check_claim(facts: ClaimFacts) -> list[Finding]:
    """Everything that the rules in force have to say about a claim, in the order in which one would put it right."""
    checks = (
        registration_findings,
        impact_findings,
        blank_findings,
        combination_findings,
        incomplete_findings,
        later_findings,
        earlier_findings,
        checklist_findings,
        standing_findings,
        naming_findings,
        reach_findings,
        threshold_findings,
        record_findings,
        component_findings,
        carried_findings,
    )
    found = [finding for check in checks for finding in check(facts)]
    return [finding for finding in found if facts.document.in_force(finding.rule) or finding.rule == "MIT-12"]


def check_again(facts: ClaimFacts) -> list[Finding]:
    """The same for a claim that is approved in principle, in words for its centre: what was little evidence then stops now,
    until it is complete or declared to be out of reach (CLM-06, CLM-07)."""
    found = [finding for finding in check_claim(facts) if finding.code != "below_share"]
    return found + sufficiency_findings(facts, for_centre=True)


def registration_findings(facts: ClaimFacts) -> list[Finding]:
    """A learner who is no longer registered cannot be claimed for (MIT-07)."""
    claimed = {row for row, _column in facts.cells}
    gone = [learner for learner in facts.learners if not learner.is_registered and learner.id in claimed]
    if not gone:
        return []
    return [
        Finding(
            "MIT-07", Severity.BLOCKS, names_of(gone), _("The registration has ended, and something is claimed for it."),
            _("Clear the learner’s cells, or have the registration put right under “Learners”."), "not_registered",
        )
    ]  # fmt: skip


def impact_findings(facts: ClaimFacts) -> list[Finding]:
    """Learners whose planned end lies before the framework's impact date are taken case by case (MIT-06, MIT-08)."""
    if facts.outcome is None or "impact" not in facts.document.dates:
        return []
    impact = facts.document.date("impact")
    if impact is None:
        return []
    outside = [learner for learner in facts.learners if learner.ends_on < impact and not learner.is_taken_in]
    if not outside:
        return []
    what = _("The planned end date lies before %(impact)s, so the mitigation does not reach %(count)s of the learners.")
    return [
        Finding(
            "MIT-06", Severity.INFORMS, names_of(outside), what % {"impact": date_format(impact, "j F Y"), "count": len(outside)},
            _("If they overran, raise a case under “Impact”: the awarding organisation decides case by case."),
            "not_impacted",
        )
    ]  # fmt: skip


def blank_findings(facts: ClaimFacts) -> list[Finding]:
    """An eRAC in which nothing is claimed can be submitted to have its plan approved (CLM-04)."""
    if not facts.is_blank:
        return []
    return [
        Finding(
            "CLM-04", Severity.INFORMS, _("The eRAC"), _("Nothing is claimed yet."),
            _("Fill the eRAC in, or submit it blank with its checklist to have the plan approved."), "blank",
        )
    ]  # fmt: skip


def incomplete_findings(facts: ClaimFacts) -> list[Finding]:
    """Incomplete units could be claimed and are left out beside complete ones: a question to be answered (MIT-14)."""
    if not facts.permits("incomplete_units"):
        return []
    left_out = []
    for learner in facts.learners:
        places = facts.places_of(learner)
        empty = [place for place in facts.weighed_of(learner) if not facts.cells.get(place)]
        if len(empty) < len(places) and any(facts.entry(place).status in facts.partial_states for place in empty):
            left_out.append(learner)
    if not left_out:
        return []
    what = _("Units with partial evidence are eligible and not claimed (%(count)s of the learners).")
    return [
        Finding(
            "MIT-14", Severity.WARNS, names_of(left_out), what % {"count": len(left_out)},
            _("Claim them, judged from what is evidenced, or say when submitting why they are left out."),
            "incomplete_left_out",
        )
    ]  # fmt: skip
