"""Which claims are mitigated, what the evidence checklist adds up to, and where a claim goes with it."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from awarding.findings.finding import Finding, Severity, Text
from awarding.frameworks.parts import Outcome
from mitigations.rules.facts import ClaimFacts, LearnerFacts

# An outcome that permits none of these leaves assessment as it always was: the claim is an ordinary one.
_MITIGATING = ("incomplete_units", "changed_assessment", "later_assessment", "teacher_judgement", "evidence_threshold")
THRESHOLD = "evidence_complete_share"
_NAMED = 5
# Made once: each call of ngettext_lazy makes a class.
_AND_MORE = ngettext_lazy("%(names)s and %(more)d more", "%(names)s and %(more)d more", "more")


def is_mitigation(outcome: Outcome) -> bool:
    """Whether the outcome changes anything about how achievement is judged (MIT-01, CLM-10)."""
    return any(outcome.allows(what) for what in _MITIGATING)


def names_of(learners: list[LearnerFacts]) -> Text:
    """The first few learners by name, and how many more there are."""
    names = ", ".join(learner.name for learner in learners[:_NAMED])
    more = len(learners) - _NAMED
    if more <= 0:
        return names
    return _AND_MORE % {"names": names, "more": more}


@dataclass(frozen=True, slots=True)
class EvidenceShare:
    """How much of a learner's evidence is complete, 0 to 1, and how many lines of the checklist say nothing yet.

    An exact fraction: ten components that count 0.1 each are one, and half is half.
    """

    learner: LearnerFacts
    share: Fraction
    unsaid: int
    # Every component that is not complete is declared to be out of reach: nothing is left to wait for.
    is_all_there_is: bool

    @property
    def percent(self) -> int:
        """In whole per cent, rounded down: what is shown as 50% is never below half."""
        return math.floor(self.share * 100)


def evidence_shares(facts: ClaimFacts) -> list[EvidenceShare]:
    """The share of each learner, by what the framework counts a component in each state for (CLM-06).

    Units that are assessed later, or on record from an earlier claim, ask for no evidence here (MIT-15).
    """
    counts = state_counts(facts)
    full = max(counts.values(), default=Fraction(1))
    found = []
    for learner in facts.learners:
        entries = [facts.entry(place) for place in facts.weighed_of(learner)]
        # Fractions are exact and slow: one sum for each state, not for each component.
        said = Counter(entry.status for entry in entries)
        total = sum((counts[status] * number for status, number in said.items() if status in counts), Fraction(0))
        unfinished = {status for status in said if counts.get(status, 0) < full}
        found.append(
            EvidenceShare(
                learner,
                total / len(entries) if entries else Fraction(1),
                sum(number for status, number in said.items() if not status),
                not any(entry.is_reachable and entry.status in unfinished for entry in entries),
            )
        )
    return found


def state_counts(facts: ClaimFacts) -> dict[str, Fraction]:
    """What a component in each state adds to the share, exactly as the framework's decimals say."""
    return {state.code: Fraction(str(state.counts)) for state in facts.document.component_states.values()}


def share_needed(facts: ClaimFacts) -> Fraction | None:
    """The share of complete evidence that the framework expects of this claim, or None where it expects none."""
    if not facts.permits("evidence_threshold") or not facts.document.in_force("CLM-06"):
        return None
    needed = facts.document.threshold(THRESHOLD)
    return None if needed is None else Fraction(str(needed))


def components_short(facts: ClaimFacts, learner: LearnerFacts) -> int:
    """How many more components have to be completed for the learner to reach the share (CLM-06); 0 when it is reached."""
    needed, counts = share_needed(facts), state_counts(facts)
    entries = [facts.entry(place) for place in facts.weighed_of(learner)]
    if needed is None or not entries or not counts:
        return 0
    held = [counts.get(entry.status, Fraction(0)) for entry in entries]
    full, missing = max(counts.values()), needed * len(entries) - sum(held, Fraction(0))
    # Those that gain the most first: the answer is the least that has to be done.
    gains = sorted((full - count for count in held), reverse=True)
    short = 0
    while missing > 0 and short < len(gains):
        missing -= gains[short]
        short += 1
    return short


def learners_below(facts: ClaimFacts) -> list[EvidenceShare]:
    """The learners with less complete evidence than is expected (CLM-06)."""
    needed = share_needed(facts)
    if needed is None:
        return []
    return [share for share in evidence_shares(facts) if share.share < needed]


def checklist_findings(facts: ClaimFacts) -> list[Finding]:
    """Lines of the checklist that say nothing block (CLM-03)."""
    found = []
    shares = evidence_shares(facts)
    silent = [share.learner for share in shares if share.unsaid]
    if silent:
        missing = sum(share.unsaid for share in shares)
        lines = sum(len(facts.weighed_of(learner)) for learner in facts.learners)
        what = _("%(missing)s of %(all)s lines of the evidence checklist have no state yet.")
        found.append(
            Finding(
                "CLM-03", Severity.BLOCKS, names_of(silent), what % {"missing": missing, "all": lines},
                _("Open the checklist and give each unit a state: complete, partial or none."), "checklist_missing",
            )
        )  # fmt: skip
    return found


def threshold_findings(facts: ClaimFacts) -> list[Finding]:
    """Below the expected share a claim is not refused; the panel approves it in principle (CLM-06)."""
    below = learners_below(facts)
    if not below:
        return []
    needed = share_needed(facts) or Fraction(0)
    what = _("Less than %(percent)s%% of the evidence is complete for %(count)s of %(all)s learners.") % {
        "percent": round(needed * 100),
        "count": len(below),
        "all": len(facts.learners),
    }
    fix = _(
        "Add what evidence there is, or submit as it stands: the panel can approve it in principle until the rest comes."
    )
    return [
        Finding("CLM-06", Severity.INFORMS, names_of([share.learner for share in below]), what, fix, "below_share")
    ]  # fmt: skip


def is_evidence_full(facts: ClaimFacts) -> bool:
    """Whether every component of every learner is complete."""
    return all(share.share >= 1 for share in evidence_shares(facts))


def panel_reasons(facts: ClaimFacts) -> list[Text]:
    """Why the claim goes to the panel, direct claims among it (CLM-11); empty when it goes straight on (CLM-10)."""
    reasons: list[Text] = []
    if facts.outcome is not None:
        reasons.append(_("a mitigation is claimed"))
    if facts.is_blank:
        reasons.append(_("nothing is claimed yet: the panel approves the plan"))
    if facts.weighs_evidence and not is_evidence_full(facts):
        reasons.append(_("not all evidence is complete"))
    if facts.has_direct_claims:
        reasons.append(_("the centre has direct claims: the panel leaves it with its verifier or asks for moderation"))
    return reasons


def sufficiency_findings(facts: ClaimFacts, *, for_centre: bool = False) -> list[Finding]:
    """What keeps the panel from finding the evidence sufficient: a blank eRAC (CLM-04), too little evidence (CLM-06).

    `for_centre`: the remedy is what the centre can do, not what the panel can. Where all that is missing is declared to be
    out of reach there is nothing to wait for, and the panel may judge.
    """
    found = []
    if facts.is_blank:
        found.append(
            Finding(
                "CLM-04", Severity.BLOCKS, _("The eRAC"), _("Nothing is claimed yet, so there is nothing to verify."),
                _("Fill in what the learners achieved since.")
                if for_centre
                else _("Approve the plan in principle; the centre then fills the eRAC in."),
                "blank_not_sufficient",
            )
        )  # fmt: skip
    waiting = [share.learner for share in learners_below(facts) if not share.is_all_there_is]
    if waiting:
        found.append(
            Finding(
                "CLM-06", Severity.BLOCKS, names_of(waiting), _("Less evidence is complete than the framework expects."),
                _("Mark in the checklist what is complete by now; declare there what is out of reach.")
                if for_centre
                else _("Approve the claim in principle; it comes back when the missing evidence is there."),
                "below_not_sufficient",
            )
        )  # fmt: skip
    return found
