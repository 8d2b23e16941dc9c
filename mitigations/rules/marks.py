"""What a claim in the panel's queue is marked with: short words for the rules of its findings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from awarding.findings.catalogue import rule
from awarding.findings.finding import Text

# The findings with which a claim can come before the panel: those that block never get here.
MARKS: dict[str, Text] = {
    "CLM-04": _("Blank eRAC"),
    "CLM-06": _("Too little evidence"),
    "CLM-05": _("Evidence unnamed or out of reach"),
    "MIT-14": _("Incomplete units left out"),
    "MIT-06": _("Learners outside the impact date"),
    "MIT-12": _("Single units only"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark: the rule that it stands for, in a few words."""

    rule: str
    label: Text


def marks_of(rules: Iterable[str]) -> list[Mark]:
    """The marks of a claim, the weightiest first; a rule without words of its own goes by its title."""
    order = list(MARKS)
    known = sorted(set(rules), key=lambda rule_id: (order.index(rule_id) if rule_id in MARKS else len(order), rule_id))
    return [Mark(rule_id, MARKS.get(rule_id) or rule(rule_id).title) for rule_id in known]
