"""What every page about Q-TAGs has in common: finding the submission, its breadcrumbs, its window."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.requests import ao_url, standing_in
from qtag.models import Judgement, Submission
from qtag.queries.submissions import submission_window
from qtag.queries.visibility import visible_judgements, visible_submissions


def submission_or_404(request: HttpRequest, submission_id: int) -> Submission:
    """The submission if this person may see it; otherwise there is none."""
    found: Submission = get_object_or_404(visible_submissions(standing_in(request)), pk=submission_id)
    return found


def judgement_or_404(request: HttpRequest, judgement_id: int) -> Judgement:
    """One learner's Q-TAG if this person may see it."""
    rows = visible_judgements(standing_in(request)).select_related(
        "submission__centre", "submission__qualification", "submission__adoption__framework", "registration__learner",
        "registration__qualification", "registration__cohort", "grade", "told_by",
    )  # fmt: skip
    found: Judgement = get_object_or_404(rows, pk=judgement_id)
    return found


def window_words(submission: Submission) -> str:
    """Where the window stands today, in a sentence (QTG-10)."""
    window, today = submission_window(submission), timezone.localdate()
    facts = {
        "opens": window.opens.strftime("%d %B %Y") if window.opens else "",
        "closes": window.closes.strftime("%d %B %Y") if window.closes else "",
    }
    if not window.has_opened(today):
        return _("Submission opens on %(opens)s and closes on %(closes)s.") % facts
    if window.has_closed(today):
        return (
            _("Submission closed on %(closes)s. A Q-TAG sent now is accepted, marked late, and may miss results day.")
            % facts
        )
    return _("Submission is open until the end of %(closes)s.") % facts


def submission_page(
    request: HttpRequest, submission: Submission, template: str, context: dict[str, Any], *, heading: str = "",
    status: int = 200, crumbs: list[tuple[str, str]] | None = None,
) -> HttpResponse:  # fmt: skip
    """A page about one submission. Without a heading it is the submission's own page."""
    trail = [(_("Q-TAGs"), ao_url(request, "qtag:submissions"))]
    if heading:
        trail.append((str(submission.qualification), ao_url(request, "qtag:submission", submission_id=submission.pk)))
    shown = {
        "submission": submission,
        "heading": heading or _("Q-TAGs: %(qualification)s") % {"qualification": submission.qualification},
        "breadcrumbs": [*trail, *(crumbs or [])],
        "window_words": window_words(submission),
    }
    return render(request, f"qtag/{template}", shown | context, status=status)
