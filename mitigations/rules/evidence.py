"""Which claims are mitigated, and what the evidence checklist adds up to."""

from __future__ import annotations

from awarding.frameworks.parts import Outcome

# An outcome that permits none of these leaves assessment as it always was: the claim is an ordinary one.
_MITIGATING = ("incomplete_units", "changed_assessment", "later_assessment", "teacher_judgement", "evidence_threshold")


def is_mitigation(outcome: Outcome) -> bool:
    """Whether the outcome changes anything about how achievement is judged (MIT-01, CLM-10)."""
    return any(outcome.allows(what) for what in _MITIGATING)
