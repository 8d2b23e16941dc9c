"""Who may have a Q-TAG: yes, no, or not yet, each with what would change the answer (QTG-01 to -06, -20)."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from awarding.findings.finding import Finding, Severity
from awarding.findings.wording import day_in_words
from qtag.rules.facts import LearnerFacts, SubmissionFacts, named
from qtag.rules.reasons import stop

# The outcome of a framework under which teachers judge whole qualifications.
OUTCOME = "q_tag"


class Answer(StrEnum):
    """Whether a learner may have a Q-TAG. NOT_YET: something can still be said or done that makes it a yes."""

    YES = "yes"
    NOT_YET = "not_yet"
    NO = "no"


# What cannot be mended from the centre's side makes it a no; everything else is only missing.
FINAL = frozenset(
    {
        "category", "out_of_scope", "mid_flight", "outside_window", "apprenticeship", "all_licence", "absent",
    }
)  # fmt: skip


def answer_of(findings: list[Finding]) -> Answer:
    """The answer that findings of `eligibility_findings` amount to."""
    stopping = [finding for finding in findings if finding.severity is Severity.BLOCKS]
    if any(finding.code in FINAL for finding in stopping):
        return Answer.NO
    return Answer.NOT_YET if stopping else Answer.YES


def eligibility_findings(about: SubmissionFacts, learner: LearnerFacts) -> list[Finding]:
    """What stands between a learner and a Q-TAG; empty when nothing does."""
    return [*submission_findings(about), *learner_findings(about, learner)]


def submission_findings(about: SubmissionFacts) -> list[Finding]:
    """What holds for every learner of the qualification (QTG-01, QTG-04, QTG-05, QTG-20)."""
    where = _("Qualification")
    found = []
    if about.terms.out_of_scope_reason:
        found.append(stop("out_of_scope", where, why=about.terms.out_of_scope_reason))
    if about.terms.is_all_licence:
        found.append(stop("all_licence", where))
    category = _category_reason(about)
    if category:
        found.append(stop(category, where, category=about.category))
    if about.terms.agreement_with and named(about.terms.agreement_with) not in about.agreed_with:
        found.append(stop("agreement", where, who=about.terms.agreement_with))
    return found


def _category_reason(about: SubmissionFacts) -> str:
    """The code of what the category stops, or nothing (QTG-01)."""
    if not about.category:
        return "no_category"
    standing = about.document.standing(OUTCOME, about.category)
    if standing == "refused":
        return "category"
    if standing == "agreed_per_qualification":
        # Whom the terms name agreed to something else: how the qualification is examined, not that it may have Q-TAGs.
        return "" if about.agreed_with - {named(about.terms.agreement_with)} else "not_agreed"
    if standing == "last_resort":
        needed = set(about.document.outcome(OUTCOME).last_resort_statements)
        confirmed = needed <= about.last_resort_statements and about.has_last_resort_reason
        return "" if confirmed else "last_resort"
    return ""


def learner_findings(about: SubmissionFacts, learner: LearnerFacts) -> list[Finding]:
    """What holds for this learner alone (QTG-02 to -06)."""
    where = _("Learner")
    found = []
    if learner.is_apprenticeship:
        found.append(stop("apprenticeship", where))
    if not learner.is_top_up and not learner.is_certificating:
        found.append(stop("not_said" if learner.is_certificating is None else "mid_flight", where))
    found += _window_findings(about, learner)
    if learner.was_absent:
        found.append(stop("absent", where))
    elif not learner.evidence:
        found.append(stop("no_evidence", where))
    for unit in about.terms.licence_units:
        counts = not unit.is_conditional or unit.unit_id in learner.chosen_units
        if counts and unit.unit_id not in learner.passed_units:
            found.append(stop("licence_unit", where, unit=unit.title))
    return found


def _window_findings(about: SubmissionFacts, learner: LearnerFacts) -> list[Finding]:
    """Due or ready inside the framework's window, both days counted in (QTG-03)."""
    window = about.document.window("eligibility")
    if learner.ready_on is None or window.is_open(learner.ready_on):
        return []
    days = {"day": learner.ready_on, "opens": window.opens, "closes": window.closes}
    return [stop("outside_window", _("Learner"), **{name: day_in_words(value) for name, value in days.items()})]
