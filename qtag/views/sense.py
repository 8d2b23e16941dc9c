"""This year beside earlier years: the list, a centre's page, one group (SNS-01 to SNS-10)."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification
from awarding.ui import tables
from awarding.ui.addresses import addresses
from awarding.ui.templatetags.ui import tag
from centres.models import Centre
from qtag.forms.sense import ReasonViewForm, SenseFilterForm
from qtag.models import SenseRow, Submission
from qtag.queries.differences import comparison_note, find_draft, has_been_run, kind_words, reasons_of, uncompared
from qtag.queries.sense_figures import charts_of, difference_words
from qtag.queries.sense_gate import closed_words, grades_missing, history_is_open
from qtag.queries.sense_rows import (
    GroupView,
    group_name,
    rows_by_evidence,
    rows_in_reach,
    sees_grades,
    visible_rows,
    with_reasons,
)
from qtag.queries.sense_runs import compared_at
from qtag.queries.submissions import running_adoptions

PER_PAGE = 50


@allowed(P.SENSE_VIEW)
@require_GET
def sense(request: HttpRequest) -> HttpResponse:
    """Every group that the person sees, the strongest evidence first; somebody of one centre is shown that centre."""
    standing = standing_in(request)
    reach = standing.reach(P.SENSE_VIEW)
    if reach is not None and len(reach) == 1:
        return _centre_page(request, get_object_or_404(Centre, pk=next(iter(reach))))
    form = SenseFilterForm(request.GET or None)
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    found = rows_by_evidence(
        standing, verdict=asked.get("verdict", ""), level=asked.get("level", ""), told=asked.get("told", ""),
        words=asked.get("q", "").strip(),
    )  # fmt: skip
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    views = with_reasons(page)
    context = {
        "heading": _("Beside earlier years"), "filter_form": form, "filtered": any(asked.values()), "asked": asked,
        "page_obj": page,
        "table": _table(standing, views, _("Groups, the strongest evidence first"), with_centre=True) if views else None,
        "may_manage": standing.can(P.SENSE_MANAGE), "has_been_run": has_been_run(), "sees_all": reach is None,
        "centres": [] if reach is None else list(Centre.objects.filter(pk__in=reach).order_by("name", "id")),
    }  # fmt: skip
    return render(request, "qtag/sense.html", context)


def _table(standing: Standing, views: list[GroupView], caption: str, *, with_centre: bool) -> tables.Table:
    address = addresses("qtag:sense_group", "row_id", ao=standing.ao.slug)
    columns = [
        tables.Column(_("Group and centre") if with_centre else _("Group")), tables.Column(_("What it shows")),
        tables.Column(_("Difference")),
        tables.Column(_("Learners this year, earlier"), "numeric"),
    ]  # fmt: skip
    rows = []
    for view in views:
        row = view.row
        name = tables.link(address(row.pk), group_name(row))
        # The centre stands under the name and the reason under what is seen, so that both are in sight on a telephone.
        below = f"{row.centre.name} · {row.get_level_display()}" if with_centre else row.get_level_display()
        cells: list[Any] = [
            tables.lines([name, tables.quiet(below)]),
            tables.lines([tag(view.shown, view.colour), *_reason_tags(view)]), difference_words(row),
            f"{row.size}, {row.past_size}",
        ]  # fmt: skip
        rows.append(cells)
    return tables.Table(_("Groups"), columns, rows, caption)


def _reason_tags(view: GroupView) -> list[Any]:
    """Whether it is explained, where that is a question."""
    if view.reason is not None and not view.speaks and view.row.is_flagged:
        return [tag(_("Explained for other numbers"), "orange")]
    if view.reason is not None:
        words = view.reason.get_view_display() or _("Explained, not read yet")
        return [tag(words, "blue" if view.reason.view else "teal")]
    return [tag(_("To be explained"), "red")] if view.waits else []


@allowed(P.SENSE_VIEW)
@require_GET
def sense_centre(request: HttpRequest, centre_id: int) -> HttpResponse:
    """One centre: what is compared, what is closed and what it waits for, what has to be explained."""
    standing = standing_in(request)
    reach = standing.reach(P.SENSE_VIEW)
    centres = Centre.objects.all() if reach is None else Centre.objects.filter(pk__in=reach)
    return _centre_page(request, get_object_or_404(centres, pk=centre_id))


def _centre_page(request: HttpRequest, centre: Centre) -> HttpResponse:
    standing = standing_in(request)
    page = Paginator(rows_by_evidence(standing, centre_id=centre.pk), PER_PAGE).get_page(request.GET.get("page"))
    views = with_reasons(page)
    is_own = standing.can(P.SENSE_EXPLAIN, centre.pk)
    submissions = _submissions(centre) if is_own else []
    context = {
        "heading": _("%(centre)s beside earlier years") % {"centre": centre.name}, "centre": centre, "page_obj": page,
        "table": _table(standing, views, _("The strongest evidence first"), with_centre=False) if views else None,
        "waiting": sum(view.waits for view in views), "is_own": is_own,
        "closed": grades_missing(centre.pk) if is_own else [], "sees_grades": standing.can(P.QTAGS_VIEW, centre.pk),
        "note": comparison_note(submissions) if is_own else "", "may_compare": bool(is_own and uncompared(submissions)),
        "has_been_run": has_been_run(), "may_group": standing.can(P.CHARACTERISTICS_MANAGE, centre.pk),
        "breadcrumbs": [] if is_own else [(_("Beside earlier years"), ao_url(request, "qtag:sense"))],
    }  # fmt: skip
    return render(request, "qtag/sense_centre.html", context)


def _submissions(centre: Centre) -> list[Submission]:
    rows = Submission.objects.filter(centre=centre, adoption__in=running_adoptions())
    return list(rows.select_related("qualification", "centre").order_by("qualification__title", "id"))


@allowed(P.SENSE_VIEW)
@require_GET
def sense_submission(request: HttpRequest, submission_id: int) -> HttpResponse:
    """From a qualification to its comparison: closed until every judgement is recorded (SNS-01)."""
    standing = standing_in(request)
    reach = standing.reach(P.SENSE_VIEW)
    found = get_object_or_404(Submission.objects.select_related("centre", "qualification"), pk=submission_id)
    if reach is not None and found.centre_id not in reach:
        raise Http404
    if not history_is_open(found.centre_id, found.qualification_id):
        return closed_page(request, found.centre, found.qualification_id, str(found.qualification))
    row = visible_rows(standing).filter(
        centre_id=found.centre_id, qualification_id=found.qualification_id, level=SenseRow.Level.QUALIFICATION
    )
    pk = row.values_list("pk", flat=True).first()
    if pk is None:
        return redirect(ao_url(request, "qtag:sense_centre", centre_id=found.centre_id))
    return redirect(ao_url(request, "qtag:sense_group", row_id=pk))


def closed_page(request: HttpRequest, centre: Centre, qualification_id: int | None, what: str) -> HttpResponse:
    """403, and plainly what is still missing before earlier results open (SNS-01)."""
    standing = standing_in(request)
    rows = grades_missing(centre.pk)
    if qualification_id is not None:
        rows = [row for row in rows if row.submission.qualification_id == qualification_id]
    context = {
        "heading": _("Earlier results are still closed"), "centre": centre, "what": what, "closed": rows,
        "words": closed_words(sum(row.missing for row in rows)), "sees_grades": standing.can(P.QTAGS_VIEW, centre.pk),
        "breadcrumbs": [(_("Beside earlier years"), ao_url(request, "qtag:sense_centre", centre_id=centre.pk))],
    }  # fmt: skip
    return render(request, "qtag/sense_closed.html", context, status=403)


def find_row(request: HttpRequest, row_id: int) -> tuple[SenseRow, HttpResponse | None]:
    """The row if the person may see it, and the page to answer with instead while its history is closed (SNS-01)."""
    standing = standing_in(request)
    row: SenseRow = get_object_or_404(rows_in_reach(standing), pk=row_id)
    if visible_rows(standing).filter(pk=row.pk).exists():
        return row, None
    return row, closed_page(request, row.centre, row.qualification_id, group_name(row))


def crumbs_of(request: HttpRequest, row: SenseRow, *, to_group: bool = False) -> list[tuple[str, str]]:
    trail = [(_("Beside earlier years"), ao_url(request, "qtag:sense"))]
    if standing_in(request).reach(P.SENSE_VIEW) is None:
        trail.append((row.centre.name, ao_url(request, "qtag:sense_centre", centre_id=row.centre_id)))
    if to_group:
        trail.append((group_name(row), ao_url(request, "qtag:sense_group", row_id=row.pk)))
    return trail


@allowed(P.SENSE_VIEW)
@require_GET
def sense_group(request: HttpRequest, row_id: int) -> HttpResponse:
    """One group: the chart and its figures, what they say and do not say, the reason."""
    row, closed = find_row(request, row_id)
    return closed or show_group(request, row)


def show_group(
    request: HttpRequest, row: SenseRow, form: ReasonViewForm | None = None, status: int = 200
) -> HttpResponse:
    standing = standing_in(request)
    view = with_reasons([row])[0]
    intervals, shares = charts_of(row, with_grades=sees_grades(standing, row))
    reasons = reasons_of(row)
    may_view = standing.can(P.SENSE_MANAGE) and view.reason is not None
    if form is None and may_view and view.reason is not None:
        form = ReasonViewForm(initial={"view": view.reason.view, "note": view.reason.view_note})
    context = {
        "heading": group_name(row), "row": row, "view": view,
        "words": view.words(to_centre=sees_grades(standing, row)),
        "intervals": intervals,
        "shares": shares, "reasons": [(reason, kind_words(reason.kinds)) for reason in reasons], "draft": find_draft(row),
        "may_explain": standing.can(P.SENSE_EXPLAIN, row.centre_id), "view_form": form if may_view else None,
        "form": form if form is not None and form.is_bound else None, "members": members_of(standing, row),
        "left_out": _named(row.figures.get("left_out", [])), "breadcrumbs": crumbs_of(request, row),
        "has_groups": row.level != SenseRow.Level.SUITE and sees_grades(standing, row),
        "compared_at": compared_at(row.centre_id),
    }  # fmt: skip
    return render(request, "qtag/sense_group.html", context, status=status)


def members_of(standing: Standing, row: SenseRow) -> list[tuple[str, SenseRow | None]]:
    """The qualifications of a wider view, each with its own row where the person sees it. Two queries."""
    ids = row.figures.get("members", [])
    if not ids:
        return []
    rows = visible_rows(standing).filter(centre_id=row.centre_id, qualification_id__in=ids)
    by_id = {one.qualification_id: one for one in rows.filter(level=SenseRow.Level.QUALIFICATION)}
    return [(str(one), by_id.get(one.pk)) for one in Qualification.objects.filter(pk__in=ids).order_by("title", "id")]


def _named(ids: list[int]) -> list[str]:
    return [str(one) for one in Qualification.objects.filter(pk__in=ids).order_by("title", "id")] if ids else []
