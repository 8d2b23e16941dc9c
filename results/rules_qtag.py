"""Whether Q-TAGs may become results, and when those leave. Pure functions."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from awarding.findings.finding import Finding, Severity


def cover_findings(cover: str) -> list[Finding]:
    """HOC-03, HOC-04: nothing is processed that the head of centre has not signed for as it stands."""
    where = _("Declaration")
    if cover == "covered":
        return []
    if cover == "never":
        return [
            Finding(
                "HOC-03", Severity.BLOCKS, where, _("The head of centre has signed no declaration."),
                _("Remind the head of centre; the results wait until it is signed."), "no_declaration",
            )
        ]  # fmt: skip
    what = (
        _("The declaration was signed before these Q-TAGs were submitted.")
        if cover == "unsigned"
        else _("Something was reopened or added after the head of centre signed.")
    )
    return [
        Finding(
            "HOC-04", Severity.BLOCKS, where, what,
            _("The head of centre reads the changes and signs again; then process it."), "not_covered",
        )
    ]  # fmt: skip


def undated_findings(release_label: str) -> list[Finding]:
    """RES-01: without an instant of release nothing is recorded. An empty label: the framework releases no such level."""
    if not release_label:
        what = _("The framework says nothing of when results of this level are released.")
        fix = _("Adopt a version of the framework that does.")
    else:
        what = _("The release of “%(what)s” is not set.") % {"what": release_label}
        fix = _("Set its day and hour under Results from Q-TAGs, then process them.")
    return [Finding("RES-01", Severity.BLOCKS, _("Release"), what, fix, "release_undated")]


def changed_finding() -> Finding:
    """QTG-13: what the AO had reopened, or what came after it accepted, is looked at before results are made of it."""
    return Finding(
        "QTG-13", Severity.BLOCKS, _("Submission"), _("It changed after you accepted it, and is signed for again."),
        _("Look at what changed, and accept it on that page."), "changed_since_accepted",
    )  # fmt: skip


def late_finding(learner: str, submitted_on: str) -> Finding:
    """QTG-10: a Q-TAG that came after the close waits until the AO says that it takes late ones, and why."""
    return Finding(
        "QTG-10", Severity.WARNS, learner, _("Submitted late, on %(day)s.") % {"day": submitted_on},
        _("Tick that late ones are processed too, with the reason, and process it again."), "late",
    )  # fmt: skip


def taken_finding(learner: str) -> Finding:
    """CLM-14: a registration has one result in force."""
    return Finding(
        "CLM-14", Severity.WARNS, learner, _("The learner already has a result of this qualification."),
        _("Nothing is recorded over it. If it is wrong, have what it came from reopened."), "has_result",
    )  # fmt: skip


def grade_finding(learner: str) -> Finding:
    """QTG-09: only a grade of the qualification's scale is ever certificated."""
    return Finding(
        "QTG-09", Severity.WARNS, learner, _("The Q-TAG has no grade of the qualification's scale."),
        _("Reopen the learner's Q-TAG, so that the centre gives one."), "no_grade",
    )  # fmt: skip


def units_wait_finding(learner: str) -> Finding:
    """QTG-14: the certificate of a learner who finishes comes from the Q-TAG; the units stay banked."""
    return Finding(
        "QTG-14", Severity.WARNS, learner, _("The learner's certificate comes from the Q-TAG; the units are banked."),
        _("Process the Q-TAGs of the centre. If the learner does not finish, the centre says so on the learner's page."),
        "comes_from_qtag",
    )  # fmt: skip


def release_fault(
    wanted: dt.datetime, *, now: dt.datetime, published: dt.datetime | None, current: dt.datetime | None, reason: str
) -> str:
    """Why a release may not be set to `wanted`, or nothing. All instants are aware.

    `published` is the framework's instant: later than that needs a reason (RES-02). `current` is the one set before:
    once it has passed, what was released stays released (RES-01).
    """
    if current is not None and current <= now:
        return _("These results have been released already; that cannot be taken back.")
    if wanted <= now:
        return _("That instant is over. Give one to come: results are released as it arrives.")
    if published is not None and wanted > published and not reason.strip():
        return _("That is later than the framework's own instant: say why, since learners wait for it.")
    return ""


def release_instant(planned: dt.datetime, now: dt.datetime) -> dt.datetime:
    """From when a result recorded now is seen: at the planned instant, or at once where that is over (RES-01)."""
    return max(planned, now)
