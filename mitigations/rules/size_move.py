"""Whether a learner may go on with another size of the qualification, and what it would cost (MIT-13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from awarding.catalogue.rules.combination import Combination
from awarding.catalogue.rules.counting import find_mend, find_shortfalls
from awarding.catalogue.rules.wording import mend_in_words, shortfalls_in_words
from awarding.findings.finding import Finding, Severity


@dataclass(frozen=True)
class SizeFacts:
    """One learner and one other size. Units are the catalogue's ids; `shared` are those that both sizes have.

    `framework` is the title of one in whose disrupted period the move falls, empty where it falls in none.
    """

    learner: str
    target: str
    is_smaller: bool
    framework: str
    rules: Combination
    shared: frozenset[int]
    achieved: frozenset[int] = frozenset()
    brought: frozenset[int] = frozenset()
    names: Mapping[int, str] = field(default_factory=dict)

    @property
    def is_flagged(self) -> bool:
        """A possible disadvantage: smaller, in the disrupted period (MIT-13)."""
        return self.is_smaller and bool(self.framework)


def size_findings(facts: SizeFacts) -> list[Finding]:
    """A smaller size in the disrupted period asks for a reason; units that cannot make the target's rules block a move to a
    smaller one and are said of a larger one; what is still short of the target is said (MIT-13)."""
    found = []
    if facts.is_flagged:
        what = _(
            "%(target)s is smaller, and the disrupted period of %(framework)s is running: the learner may end with less."
        )
        found.append(
            Finding(
                "MIT-13", Severity.WARNS, facts.learner, what % {"target": facts.target, "framework": facts.framework},
                _("Claim the larger size with its mitigation, or give the reason why the smaller is right for this learner."),
                "smaller_in_window",
            )
        )  # fmt: skip
    if facts.rules.asks_nothing:
        what = _("No rules of combination are entered for %(target)s, so that the move cannot be checked.")
        fix = _("The awarding organisation enters them on the qualification’s page.")
        return [
            *found,
            Finding("MIT-13", Severity.BLOCKS, facts.learner, what % {"target": facts.target}, fix, "no_rules"),
        ]
    return found + _fit(facts)


def _fit(facts: SizeFacts) -> list[Finding]:
    """Whether the units fit the rules of the target, at the end and today."""
    every = facts.shared | facts.achieved | facts.brought
    never = find_shortfalls(facts.rules, every, facts.brought)
    if never:
        what = _("The units of the present size do not make %(target)s. %(short)s")
        return [
            Finding(
                "MIT-13", Severity.BLOCKS if facts.is_smaller else Severity.INFORMS, facts.learner,
                what % {"target": facts.target, "short": shortfalls_in_words(never)},
                mend_in_words(find_mend(facts.rules, every, facts.brought), facts.names), "units_do_not_fit",
            )
        ]  # fmt: skip
    have = facts.achieved | facts.brought
    short = find_shortfalls(facts.rules, have, facts.brought)
    if not short:
        what = _("What is achieved makes %(target)s.") % {"target": facts.target}
        return [Finding("MIT-13", Severity.INFORMS, facts.learner, what, "", "complete")]
    what = _("With what is achieved so far: %(short)s") % {"short": shortfalls_in_words(short)}
    mend = find_mend(facts.rules, have, facts.brought, facts.shared)
    return [Finding("MIT-13", Severity.INFORMS, facts.learner, what, mend_in_words(mend, facts.names), "short_today")]
