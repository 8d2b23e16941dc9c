"""Looking at what changed in a submission since it was accepted, and accepting it again (QTG-13)."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.findings.finding import Finding
from awarding.ui.templatetags.ui import london_datetime
from awarding.workflow.queries import Turn, turn
from qtag.models import Award, Submission
from qtag.workflow import AWARD
from results.forms_qtags import AcceptAgainForm
from results.queries.qtag_changes import changes_page, has_late_waiting
from results.queries.qtags import AwardRow, award_rows
from results.services.qtags import accept_submissions

SIGNATURE = frozenset({"HOC-03", "HOC-04"})


@allowed(P.RESULTS_PROCESS)
@require_http_methods(["GET", "POST"])
def changes(request: HttpRequest, submission_id: int) -> HttpResponse:
    """Learner by learner what happened since the acceptance, without a grade; below it the one button that accepts it."""
    rows = Submission.objects.select_related("centre", "qualification", "adoption__framework")
    found = get_object_or_404(rows, pk=submission_id, awards__isnull=False)
    return _accept(request, found) if request.method == "POST" else _show(request, found, None)


def _accept(request: HttpRequest, found: Submission) -> HttpResponse:
    award = _award_of(found)
    form = AcceptAgainForm(request.POST, has_late=has_late_waiting(award))
    if not form.is_valid():
        return _show(request, found, form)
    digest = form.cleaned_data.pop("digest")
    (row,) = award_rows([found])
    if not row.findings and not row.is_changed and digest == row.signed_digest:
        # Sent twice, or a colleague was first with the same: no second acceptance of what nobody looked at again.
        facts = {"who": award.accepted_by, "when": london_datetime(award.accepted_at)}
        messages.info(request, _("Accepted already, by %(who)s on %(when)s. Nothing was done twice.") % facts)
        return redirect(ao_url(request, "results:qtag_changes", submission_id=found.pk))
    done = accept_submissions(
        actor=standing_in(request), submissions=[found], seen={found.pk: digest}, **form.cleaned_data
    )
    if done.job is not None:
        messages.success(request, _("Accepted again. The results are being recorded."))
        return redirect(ao_url(request, "jobs:detail", job_id=done.job.pk))
    form.add_error(None, " ".join(_why(finding) for _row, findings in done.refused for finding in findings))
    return _show(request, found, form, status=409)


def _why(finding: Finding) -> str:
    """Why it was refused, to somebody who has the page in front of them."""
    if finding.rule == "QTG-13":
        return _(
            "Nothing is accepted: more changed while you had this page open. Read what it says now, then accept it."
        )
    return _("Nothing is accepted. %(what)s %(fix)s") % {"what": finding.what, "fix": finding.fix}


def _award_of(found: Submission) -> Award:
    return Award.objects.select_related("accepted_by").get(submission=found)


def _show(request: HttpRequest, found: Submission, form: AcceptAgainForm | None, status: int = 200) -> HttpResponse:
    award = _award_of(found)
    (row,) = award_rows([found])
    page, changed = changes_page(award, request.GET.get("page"))
    digest = row.signed_digest
    if form is None:
        form = AcceptAgainForm(initial={"digest": digest}, has_late=row.is_to_look_at and has_late_waiting(award))
    elif form.is_bound:
        # What was typed stays; what is accepted next is what this page shows.
        form.data = {name: form.data.get(name, "") for name in form.data} | {"digest": digest}
    context = {
        "heading": _("What changed since it was accepted"), "submission": found, "award": award, "row": row,
        "turn": _turn(award, row), "page_obj": page, "changed": changed, "form": form,
        "breadcrumbs": [
            (_("Results"), ao_url(request, "results:list")), (_("Results from Q-TAGs"), ao_url(request, "results:qtags")),
        ],
    }  # fmt: skip
    return render(request, "results/qtag_changes.html", context, status=status)


def _turn(award: Award, row: AwardRow) -> Turn:
    """Whose turn: of the acceptance alone it would be nobody's or the centre's while the AO has something to look at."""
    shown = turn(AWARD, award)
    if row.is_to_look_at:
        since = row.signed_at or shown.since
        return replace(shown, holder=_("The AO"), since=since, next=_("Read what changed, then accept it"))
    stopping = row.findings[0] if row.findings else None
    if stopping is None or (stopping.rule in SIGNATURE and award.state == "reopened"):
        return shown
    holder = _("The centre") if stopping.rule in SIGNATURE else _("The AO")
    return replace(shown, holder=holder, next=stopping.fix)
