"""What centres report missing from their notices, and the AO's answers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.catalogue.queries.search import own_qualifications, read_qan
from awarding.findings.finding import Finding
from awarding.frameworks.queries import adopted_document
from awarding.ui.unsaved import tell_unsaved, texts_of
from awarding.workflow.queries import history, turn
from awarding.workflow.services import GuardedError, TransitionError
from centres.models import Registration
from mitigations.forms.centre_notices import MissingForm, SettleForm
from mitigations.models import NoticeLine
from mitigations.queries.centre_notices import visible_lines
from mitigations.queries.impact import Impact, explain_impact, with_reason
from mitigations.queries.impact_cases import find_registration
from mitigations.services.centre_notices import report_missing, settle_line, take_back_line
from mitigations.views.centre_notices import find_notice
from mitigations.workflow import NOTICE_LINE

PER_PAGE = 50


@allowed(P.IMPACT_ANSWER)
def report(request: HttpRequest, centre_notice_id: int) -> HttpResponse:
    """One line of what is missing; another can follow at once (MIT-10)."""
    notice = find_notice(request, centre_notice_id)
    form, found = MissingForm(request.POST if request.method == "POST" else None), []
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        number = read_qan(data["qan"])
        # A number that the catalogue does not know may be just what is missing.
        data["qualification"] = own_qualifications().filter(qan=number.number).first() if number else None
        try:
            report_missing(actor=standing_in(request), notice=notice, **data)
        except GuardedError as error:
            found = error.findings
        except TransitionError as error:
            tell_unsaved(request, error, texts_of(form))
            return redirect(ao_url(request, "mitigations:centre_notice", centre_notice_id=notice.pk))
        else:
            messages.success(request, _("Reported. The awarding organisation answers each line."))
            page = "report_missing" if request.POST.get("again") else "centre_notice"
            return redirect(ao_url(request, f"mitigations:{page}", centre_notice_id=notice.pk))
    context = {
        "heading": _("What is missing?"),
        "breadcrumbs": [
            (_("Notices to centres"), ao_url(request, "mitigations:centre_notices")),
            (
                _("Notice %(number)s") % {"number": notice.round.number},
                ao_url(request, "mitigations:centre_notice", centre_notice_id=notice.pk),
            ),
        ],
        "notice": notice,
        "form": form,
        "found": found,
        "has_errors": bool(found) or bool(form.errors),
    }
    return render(request, "mitigations/report_missing.html", context)


@allowed(P.IMPACT_MANAGE, P.AO_OVERVIEW)
@require_safe
def lines(request: HttpRequest) -> HttpResponse:
    """Every line that waits for an answer, the oldest first; `?show=all` those answered as well."""
    rows = visible_lines(standing_in(request))
    is_all = request.GET.get("show") == "all"
    page = Paginator(rows if is_all else rows.filter(state="open"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "heading": _("What centres report missing"),
        "breadcrumbs": [(_("Notices to centres"), ao_url(request, "mitigations:centre_notices"))],
        "page_obj": page,
        "rows": [(line, NOTICE_LINE.state(line.state)) for line in page],
        "is_all": is_all,
        "may_settle": standing_in(request).can(P.IMPACT_MANAGE),
    }
    return render(request, "mitigations/notice_lines.html", context)


def _find(request: HttpRequest, line_id: int) -> NoticeLine:
    line: NoticeLine = get_object_or_404(visible_lines(standing_in(request)), pk=line_id)
    return line


@allowed(P.IMPACT_MANAGE)
def settle(request: HttpRequest, line_id: int) -> HttpResponse:
    """One reported line with what the portal knows about it, and the AO's answer."""
    line = _find(request, line_id)
    if request.method != "POST":
        return _settle_page(request, line)
    form = SettleForm(request.POST)
    if not form.is_valid():
        return _settle_page(request, line, form)
    try:
        settle_line(actor=standing_in(request), line=line, **form.cleaned_data)
    except GuardedError as error:
        form.add_error("move", str(error))
        return _settle_page(request, line, form, error.findings)
    except TransitionError as error:
        tell_unsaved(request, error, texts_of(form))
        return _settle_page(request, _find(request, line_id), status=409)
    messages.success(request, _("Answered. The centre is told once all of its lines are."))
    following = visible_lines(standing_in(request)).filter(state="open").first()
    if following is not None:
        return redirect(ao_url(request, "mitigations:settle_line", line_id=following.pk))
    return redirect(ao_url(request, "mitigations:notice_lines"))


def _settle_page(
    request: HttpRequest, line: NoticeLine, form: SettleForm | None = None, found: list[Finding] | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    if form is None and line.state == "open":
        form = SettleForm(initial={"expected_version": line.version})
    now = turn(NOTICE_LINE, line, standing_in(request))
    registration, impact = _known(line)
    context = {
        "heading": line.learner_name or line.qan,
        "breadcrumbs": [
            (_("Notices to centres"), ao_url(request, "mitigations:centre_notices")),
            (_("What centres report missing"), ao_url(request, "mitigations:notice_lines")),
        ],
        "line": line,
        "turn": {"state": now.state, "colour": now.colour, "holder": now.holder, "since": now.since, "next": now.next},
        "facts": _facts(line),
        "registration": registration,
        "impact": impact,
        "form": form,
        "findings": found or [],
        "events": history(line),
    }
    return render(request, "mitigations/settle_line.html", context, status=status)


def _facts(line: NoticeLine) -> list[tuple[str, Any]]:
    return [
        (_("Centre"), line.centre),
        (_("What is missing"), line.get_kind_display()),
        (_("Qualification"), line.qualification or _("%(qan)s: not in the catalogue") % {"qan": line.qan}),
        (_("Learner"), line.learner_name or _("none named")),
        (_("ULN"), line.uln or _("none given")),
        (_("Details"), line.details),
        (_("Reported by"), line.reported_by),
        (_("Answer"), line.answer or _("none yet")),
    ]


def _known(line: NoticeLine) -> tuple[Registration | None, Impact | None]:
    """The registration that a reported learner has, and whether the portal counts it as impacted."""
    if line.kind != NoticeLine.Kind.LEARNER or line.qualification_id is None:
        return None, None
    found = find_registration(line.centre_id, line.qualification_id, uln=line.uln, name=line.learner_name)
    if found is None:
        return None, None
    document = adopted_document(line.notice.round.adoption)
    row = with_reason(Registration.objects.select_related("learner"), document).get(pk=found.pk)
    return row, explain_impact(document, row)


@allowed(P.IMPACT_ANSWER)
@require_POST
def take_back(request: HttpRequest, line_id: int) -> HttpResponse:
    """The centre takes back a line that it reported by mistake."""
    line = _find(request, line_id)
    try:
        take_back_line(actor=standing_in(request), line=line)
    except TransitionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The line is taken back."))
    return redirect(ao_url(request, "mitigations:centre_notice", centre_notice_id=line.notice_id))
