"""Who is not registered cannot be claimed for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from awarding.findings.finding import Finding, Severity, Text


def unregistered_learner(where: Text, *, uln: str = "", qualification: Text = "") -> Finding:
    """The finding about a learner for whom a claim is made without a registration (MIT-07). Blocks; says how to register.

    `where` is the place as a person knows it, such as "row 12" or "eRAC AIM-2026-000004".
    """
    return Finding(
        rule="MIT-07",
        severity=Severity.BLOCKS,
        where=where,
        what=_("No learner with the ULN %(uln)s is registered at this centre for %(qualification)s.")
        % {"uln": uln or _("given"), "qualification": qualification or _("this qualification")},
        fix=_(
            "The quality contact registers the learner first: Learners, Upload registrations, with the right QAN and "
            "cohort. Then the learner can be put on an eRAC."
        ),
        code="unregistered",
        subject=("uln", uln) if uln else None,
    )
