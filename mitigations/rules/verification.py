"""What the centre's own verifiers must have done before a claim goes on, and by whom it may not be done."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from awarding.findings.finding import Finding, Severity, Text
from mitigations.rules.facts import ClaimFacts

LEFT_WITH_DCV, MODERATION, SUFFICIENT = "left_with_dcv", "moderation", "sufficient"
# Verdicts by which a claim leaves the panel towards verification.
SENDING_ON = frozenset({SUFFICIENT, LEFT_WITH_DCV, MODERATION})
DIRECT_VERDICTS = frozenset({LEFT_WITH_DCV, MODERATION})
TO_MEND = "to_mend"


@dataclass(frozen=True, slots=True)
class OwnWork:
    """What a person did on the claim themselves: whether they teach its cohort, how many of its grades they entered."""

    teaches: bool = False
    grades: int = 0


def own_work_findings(rule: str, own: OwnWork) -> list[Finding]:
    """Nobody verifies their own teaching or the grades that they entered (CLM-11, CLM-13)."""
    if own.teaches:
        what: Text = _("You teach this cohort.")
    elif own.grades:
        what = ngettext_lazy(
            "You entered %(count)d of its grades yourself.", "You entered %(count)d of its grades yourself.", "count"
        ) % {"count": own.grades}
    else:
        return []
    fix = _(
        "Another verifier of the centre does this. If there is none, tell the awarding organisation with the eRAC number."
    )
    return [Finding(rule, Severity.BLOCKS, _("You"), what, fix, "own_work")]


def record_findings(facts: ClaimFacts) -> list[Finding]:
    """A direct-claims centre's claim carries its verifier's record, made of the claim as it is now (CLM-11)."""
    if not facts.has_direct_claims:
        return []
    record = facts.verifier_record
    where = _("Direct-claims verifier’s record (QA5)")
    if record is None:
        what = _("The centre has direct claims for this qualification, and its verifier has recorded no decision.")
        fix = _(
            "The direct-claims verifier opens the record from the claim’s page, says what was looked at, and signs it."
        )
        return [Finding("CLM-11", Severity.BLOCKS, where, what, fix, "no_record")]
    if record.is_outdated:
        what = _("The eRAC or its checklist was changed after the record was signed.")
        fix = _("The direct-claims verifier looks at what changed and signs again.")
        return [Finding("CLM-11", Severity.BLOCKS, where, what, fix, "outdated_record")]
    if record.decision == TO_MEND:
        what = _("The direct-claims verifier found something to be mended first.")
        fix = _("Mend what the record names; the verifier then signs again.")
        return [Finding("CLM-11", Severity.BLOCKS, where, what, fix, "record_to_mend")]
    if record.decision == MODERATION:
        what = _("The direct-claims verifier asks for moderation by an external verifier.")
        return [Finding("CLM-11", Severity.INFORMS, where, what, "", "record_moderation")]
    return []


def direct_verdict_findings(facts: ClaimFacts, verdict: str) -> list[Finding]:
    """The panel leaves a direct-claims claim with its verifier or asks for moderation; no other claim (CLM-11)."""
    if verdict in DIRECT_VERDICTS and not facts.has_direct_claims:
        what = _("The centre does not hold direct claims for this qualification now.")
        fix = _("Find the evidence sufficient: the claim then goes to an external verifier.")
        return [Finding("CLM-11", Severity.BLOCKS, _("Decision"), what, fix, "not_direct")]
    if verdict == SUFFICIENT and facts.has_direct_claims:
        what = _("The centre holds direct claims for this qualification.")
        fix = _("Leave the claim with the centre’s verifier, or ask for moderation.")
        return [Finding("CLM-11", Severity.BLOCKS, _("Decision"), what, fix, "direct_undecided")]
    return record_findings(facts) if verdict == LEFT_WITH_DCV else []
