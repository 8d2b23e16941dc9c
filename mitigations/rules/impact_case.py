"""What keeps a case about a learner outside the dates from being raised."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from awarding.findings.finding import Finding, Severity, Text


def case_findings(*, where: Text, impact: str, open_number: str = "") -> list[Finding]:
    """Why no case is needed or possible; empty when it can be raised (MIT-06, MIT-07, MIT-08).

    `impact` is the code of why the registration is impacted or is not; `open_number` that of a case under way.
    """
    found = []
    if impact in ("within", "accepted"):
        found.append(
            Finding(
                "MIT-06", Severity.BLOCKS, where, _("The learner is impacted already: no case is needed."),
                _("Put the learner on the eRAC with the mitigation of the qualification."), "impacted_already",
            )
        )  # fmt: skip
    if impact == "withdrawn":
        found.append(
            Finding(
                "MIT-07", Severity.BLOCKS, where, _("The registration was withdrawn, and nothing is mitigated without one."),
                _("Register the learner again first; then raise the case."), "withdrawn",
            )
        )  # fmt: skip
    if impact == "no_date":
        found.append(
            Finding(
                "MIT-06", Severity.BLOCKS, where, _("The framework has no impact date yet, so nobody is outside it."),
                _("Wait until the awarding organisation has set the date."), "no_impact_date",
            )
        )  # fmt: skip
    if open_number:
        what = _("The case %(number)s about this learner is there already.") % {"number": open_number}
        found.append(
            Finding(
                "MIT-08", Severity.BLOCKS, where, what,
                _("Add what you know to that case."), "case_there_already",
            )
        )  # fmt: skip
    return found
