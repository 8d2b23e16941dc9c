"""Looking at what changed in a submission since it was accepted, and accepting it again (QTG-13)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from qtag.models import Award, Submission
from qtag.workflow import AWARD
from results.forms_qtags import AcceptAgainForm
from results.queries.qtag_changes import changes_page
from results.queries.qtags import award_rows
from results.services.qtags import accept_submissions


@allowed(P.RESULTS_PROCESS)
@require_http_methods(["GET", "POST"])
def changes(request: HttpRequest, submission_id: int) -> HttpResponse:
    """Learner by learner what happened since the acceptance, without a grade; below it the one button that accepts it."""
    rows = Submission.objects.select_related("centre", "qualification", "adoption__framework")
    found = get_object_or_404(rows, pk=submission_id, awards__isnull=False)
    if request.method == "POST":
        form = AcceptAgainForm(request.POST)
        if not form.is_valid():
            return _show(request, found, form)
        digest = form.cleaned_data.pop("digest")
        done = accept_submissions(
            actor=standing_in(request), submissions=[found], seen={found.pk: digest}, **form.cleaned_data
        )
        if done.job is not None:
            messages.success(request, _("Accepted again. The results are being recorded."))
            return redirect(ao_url(request, "jobs:detail", job_id=done.job.pk))
        form.add_error(None, " ".join(f"{f.what} {f.fix}" for _row, findings in done.refused for f in findings))
        return _show(request, found, form, status=409)
    return _show(request, found, None)


def _show(request: HttpRequest, found: Submission, form: AcceptAgainForm | None, status: int = 200) -> HttpResponse:
    award = Award.objects.select_related("accepted_by").get(submission=found)
    (row,) = award_rows([found])
    page, changed = changes_page(award, request.GET.get("page"))
    digest = row.signed_digest
    if form is None:
        form = AcceptAgainForm(initial={"digest": digest})
    elif form.is_bound:
        # What was typed stays; what is accepted next is what this page shows.
        form.data = {name: form.data.get(name, "") for name in form.data} | {"digest": digest}
    context = {
        "heading": _("What changed since it was accepted"), "submission": found, "award": award, "row": row,
        "state": AWARD.state(award.state), "page_obj": page, "changed": changed, "form": form,
        "breadcrumbs": [
            (_("Results"), ao_url(request, "results:list")), (_("Results from Q-TAGs"), ao_url(request, "results:qtags")),
        ],
    }  # fmt: skip
    return render(request, "results/qtag_changes.html", context, status=status)
