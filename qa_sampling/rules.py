"""Pure checks of external verification."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from awarding.findings.finding import Finding, Severity


def interest_findings(has_interest: bool, person: str, centre: str) -> list[Finding]:
    """SMP-10: a verifier with a declared interest in a centre is never allocated its claims."""
    if not has_interest:
        return []
    return [
        Finding(
            rule="SMP-10",
            severity=Severity.BLOCKS,
            where=centre,
            what=_("%(person)s has declared an interest in %(centre)s.") % {"person": person, "centre": centre},
            fix=_("Allocate the claim to a verifier without an interest in this centre."),
        )
    ]


def unfinished_findings(pieces: Iterable[tuple[str, str]]) -> list[Finding]:
    """SMP-06: verification ends when something was sampled and every piece is decided or swapped.

    `pieces` are (label, verdict) pairs of the whole sample; verdicts as in SamplePick.Verdict.
    """
    pieces = list(pieces)
    if all(verdict == "swapped" for _label, verdict in pieces):
        return [
            Finding(
                rule="SMP-06",
                severity=Severity.BLOCKS,
                where=_("The sample"),
                what=_("Nothing has been sampled yet."),
                fix=_("Pick at least one learner and unit, ask for its evidence and decide on it."),
            )
        ]
    return [
        Finding(
            rule="SMP-06",
            severity=Severity.BLOCKS,
            where=label,
            what=_("This piece of the sample is not decided."),
            fix=_("Accept it, return it, or swap it for another with a reason."),
        )
        for label, verdict in pieces
        if verdict == "open"
    ]
