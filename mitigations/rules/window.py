"""Until when a mitigation can be applied for, and until when its eRAC can come back: two windows of the framework."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from awarding.findings.finding import Finding, Severity
from awarding.findings.wording import day_in_words
from awarding.frameworks.document import FrameworkDocument

APPLICATION, UPLOAD = "application", "upload"
ENQUIRY = "enquiry"


def application_findings(document: FrameworkDocument, on: date, where: str) -> list[Finding]:
    """Whether a mitigation can be applied for on a London day (MIT-11). The first and the last day count in."""
    window = document.windows.get(APPLICATION)
    if window is None or not document.in_force("MIT-11") or window.is_open(on):
        return []
    if window.opens is not None and not window.has_opened(on):
        return [
            Finding(
                "MIT-11", Severity.BLOCKS, where,
                _("Applications for a mitigation open on %(day)s.") % {"day": day_in_words(window.opens)},
                _("Generate the eRAC from that day on, or claim in the ordinary way."), "not_open_yet",
            )
        ]  # fmt: skip
    return [
        Finding(
            "MIT-11", Severity.BLOCKS, where,
            _("Applications for a mitigation closed at the end of %(day)s.") % {"day": day_in_words(window.closes)},
            _("Send an enquiry that names the qualification and says why the application is late, or claim in the ordinary way.")
            if window.after_close == ENQUIRY
            else _("Claim in the ordinary way."),
            "application_closed",
        )
    ]  # fmt: skip


def upload_findings(document: FrameworkDocument, on: date, where: str) -> list[Finding]:
    """Whether an eRAC can be uploaded or first submitted on a London day: until a last day of its own (MIT-11)."""
    window = document.windows.get(UPLOAD)
    if window is None or not document.in_force("MIT-11") or not window.has_closed(on):
        return []
    return [
        Finding(
            "MIT-11", Severity.BLOCKS, where,
            _("eRACs could be uploaded and submitted until the end of %(day)s.") % {"day": day_in_words(window.closes)},
            _("Send an enquiry that names this eRAC and says why it is late."), "upload_closed",
        )
    ]  # fmt: skip
