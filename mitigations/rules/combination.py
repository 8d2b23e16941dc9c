"""What a claim makes of each learner: a qualification, units only, or something that can be neither (MIT-12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from awarding.catalogue.rules.combination import Combination
from awarding.catalogue.rules.counting import find_mend, find_shortfalls
from awarding.catalogue.rules.many import who_meets
from awarding.catalogue.rules.wording import mend_in_words, over_limit_in_words, shortfalls_in_words
from awarding.findings.finding import Finding, Severity
from mitigations.rules.evidence import names_of
from mitigations.rules.facts import ClaimFacts, LearnerFacts

# So many learners are named one by one, each with what would mend it; the rest are counted.
MOST_SINGLE_FINDINGS = 20


@dataclass(frozen=True, slots=True)
class _Row:
    """A learner for whom something is claimed: unit ids achieved by the claim and before it, and those still to be claimed."""

    learner: LearnerFacts
    got: frozenset[int]
    open: frozenset[int]


def combination_findings(facts: ClaimFacts) -> list[Finding]:
    """Rules of combination (MIT-12), for each learner for whom something is claimed and who falls short.

    It blocks when the units that are not claimed could not mend it either: what is claimed can never make the
    qualification. It asks when every mandatory unit is there, so that what is missing may have been forgotten. Otherwise
    single units are claimed, which is said.
    """
    rows = _rows_claimed(facts)
    rules = facts.combination
    came = {row.learner.id: row.learner.transferred for row in rows}
    met = who_meets(rules, {row.learner.id: row.got for row in rows}, came)
    could = who_meets(rules, {row.learner.id: row.got | row.open for row in rows}, came)
    short = [row for row in rows if row.learner.id not in met]
    broken = [row for row in short if row.learner.id not in could]
    open_ = [row for row in short if row.learner.id in could]
    nearly = [row for row in open_ if _has_mandatory(rules, row.got)]
    only_units = [row.learner for row in open_ if not _has_mandatory(rules, row.got)]
    found = _told(facts, broken, Severity.BLOCKS, "combination")
    found += _told(facts, nearly, Severity.WARNS, "optional_short")
    found += transfer_findings(facts)
    if only_units:
        what = _("Claimed for single units (%(count)s of the learners): no certificate follows from this claim yet.")
        found.append(
            Finding(
                "MIT-12", Severity.INFORMS, names_of(only_units), what % {"count": len(only_units)}, "", "units_only"
            )
        )
    return found


def transfer_findings(facts: ClaimFacts) -> list[Finding]:
    """Learners who bring more by credit transfer and prior learning than may count (MIT-12)."""
    allowance = facts.combination.transfer_allowance
    if allowance is None:
        return []
    found: list[Finding] = []
    for learner in facts.learners:
        brought = facts.combination.credits_of(learner.transferred)
        if brought > allowance and len(found) < MOST_SINGLE_FINDINGS:
            found.append(
                Finding(
                    "MIT-12", Severity.INFORMS, learner.name, over_limit_in_words(facts.combination, brought),
                    _("What is beyond the limit does not count. Where the qualification is complete without it, all is well."),
                    "over_transfer_limit", ("learner", learner.id),
                )
            )  # fmt: skip
    return found


def _rows_claimed(facts: ClaimFacts) -> list[_Row]:
    units = {unit.id: unit.unit_id for unit in facts.units}
    rows = []
    for learner in facts.learners:
        claimed = {units[column]: facts.cells.get((row, column), "") for row, column in facts.places_of(learner)}
        if any(claimed.values()):
            got = {unit for unit, grade in claimed.items() if grade and grade not in facts.failing}
            filled = {unit for unit, grade in claimed.items() if grade}
            open_ = frozenset(facts.combination.by_id) - filled - learner.achieved
            rows.append(_Row(learner, learner.achieved | got, open_))
    return rows


def _has_mandatory(rules: Combination, got: frozenset[int]) -> bool:
    """Whether there are mandatory units and none of them is missing."""
    mandatory = frozenset[int]().union(*(group.units for group in rules.groups if group.is_mandatory))
    return bool(mandatory) and mandatory <= got


def _told(facts: ClaimFacts, rows: list[_Row], severity: Severity, code: str) -> list[Finding]:
    """One finding for each of the first learners, with what is short and what would mend it; one for all the others."""
    memory: dict[tuple[frozenset[int], frozenset[int]], tuple[str, str]] = {}
    found: list[Finding] = []
    for row in rows[:MOST_SINGLE_FINDINGS]:
        key = row.got, row.learner.transferred
        if key not in memory:
            memory[key] = _in_words(facts.combination, *key, facts.unit_names)
        what, mend = memory[key]
        if severity is Severity.WARNS:
            mend += " " + _("Claim them, or say when submitting why only units are claimed.")
        found.append(Finding("MIT-12", severity, row.learner.name, what, mend, code, ("learner", row.learner.id)))
    if len(rows) > MOST_SINGLE_FINDINGS:
        rest = [row.learner for row in rows[MOST_SINGLE_FINDINGS:]]
        what = _("%(count)s more learners fall short of the rules of combination.") % {"count": len(rest)}
        fix = _("Put the learners above right first; what these lack is then told one by one.")
        found.append(Finding("MIT-12", severity, names_of(rest), what, fix, code))
    return found


def _in_words(
    rules: Combination, got: frozenset[int], came: frozenset[int], names: Mapping[int, str]
) -> tuple[str, str]:
    return shortfalls_in_words(find_shortfalls(rules, got, came)), mend_in_words(find_mend(rules, got, came), names)
