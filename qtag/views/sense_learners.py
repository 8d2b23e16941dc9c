"""Groups of learners beside earlier years and beside one another, small groups hidden (SNS-08)."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.catalogue.models import Qualification
from awarding.ui.tables import Column, Table, lines, quiet
from awarding.ui.templatetags.ui import tag
from qtag.queries.group_gaps import GroupGap, WideGap, centre_gaps, gaps_over_centres
from qtag.queries.learner_groups import GroupCell, GroupTable, group_tables
from qtag.queries.sense_figures import series_name
from qtag.queries.sense_rows import group_name
from qtag.queries.sense_runs import stored_settings
from qtag.sense_check.group_totals import FEWEST_CENTRES, Cut
from qtag.views.sense import crumbs_of, find_row

PER_PAGE = 50


@allowed(P.SENSE_EXPLAIN)
@require_GET
def sense_learner_groups(request: HttpRequest, row_id: int) -> HttpResponse:
    """Each group beside the others, and a table for each characteristic of which something is known."""
    row, closed = find_row(request, row_id)
    if closed is not None:
        return closed
    standing = standing_in(request)
    standing.require(P.SENSE_EXPLAIN, row.centre_id)
    found = group_tables(standing, row.centre, row.qualification) if row.qualification else []
    is_wider = row.level == row.Level.CENTRE
    gaps: list[GroupGap] = []
    is_learnt = True
    # By volume there is no distance between groups to compare (SNS-06).
    if (row.qualification and not row.by_volume) or is_wider:
        gaps, is_learnt = centre_gaps(standing, row.centre, row.qualification)
    context = {
        "heading": _("Groups of learners: %(group)s") % {"group": group_name(row)}, "row": row, "is_wider": is_wider,
        "gaps": gap_table(gaps) if gaps else None, "is_learnt": is_learnt, "flagged": [gap for gap in gaps if gap.flagged],
        "tables": [_shown(one) for one in found], "breadcrumbs": crumbs_of(request, row, to_group=True),
    }  # fmt: skip
    return render(request, "qtag/sense_learner_groups.html", context)


@allowed(P.SENSE_VIEW)
@require_GET
def sense_groups(request: HttpRequest) -> HttpResponse:
    """Each group over all centres of the AO, by sector or by qualification, from the last whole run (SNS-02, SNS-08).

    Single centres are not named here (QTG-17), and nothing that rests on few of them is told.
    """
    standing = standing_in(request)
    if standing.reach(P.SENSE_VIEW) is not None:
        return redirect(ao_url(request, "qtag:sense"))
    asked = request.GET.get("by", "")
    cut = Cut(asked) if asked in (Cut.SECTOR, Cut.QUALIFICATION) else Cut.WHOLE
    gaps, is_learnt = gaps_over_centres(cut)
    page = Paginator(gaps, PER_PAGE).get_page(request.GET.get("page"))
    here = ao_url(request, "qtag:sense_groups")
    names = {
        Cut.WHOLE: _("All qualifications together"),
        Cut.SECTOR: _("By sector"),
        Cut.QUALIFICATION: _("By qualification"),
    }
    context = {
        "heading": _("Groups of learners over all centres"), "page_obj": page, "is_learnt": is_learnt,
        "gaps": _wide_table(list(page), names[cut]) if gaps else None, "is_whole": cut == Cut.WHOLE,
        "filters": [(name, here if one == Cut.WHOLE else f"{here}?by={one}", one == cut) for one, name in names.items()],
        "nearest": stored_settings().fewest_shown, "fewest_centres": int(FEWEST_CENTRES),
        "may_manage": standing.can(P.SENSE_MANAGE),
        "breadcrumbs": [(_("Beside earlier years"), ao_url(request, "qtag:sense"))],
    }  # fmt: skip
    return render(request, "qtag/sense_groups.html", context)


def _wide_table(gaps: list[WideGap], caption: str) -> Table:
    """Where each stands under the group's name, so that what the row shows is in sight on a telephone. One query."""
    ids = {one.qualification_id for one in gaps if one.qualification_id is not None}
    titles = {one.pk: str(one) for one in Qualification.objects.filter(pk__in=ids)} if ids else {}
    where = [titles.get(one.qualification_id or 0, one.sector) for one in gaps]
    return gap_table([one.gap for one in gaps], where=where, caption=caption)


def gap_table(gaps: list[GroupGap], *, where: list[str] | None = None, caption: str = "") -> Table:
    """How far each group is from the others this year, where earlier years lead to expect it, and what that shows.

    `where`: over many centres, the sector or qualification of each, empty for all together.
    """
    columns = [
        Column(_("Group")), Column(_("What it shows")), Column(_("This year")),
        Column(_("As earlier years lead to expect")), Column(_("Learners"), "numeric"),
    ]  # fmt: skip
    rows: list[tuple[Any, ...]] = []
    for gap, place in zip(gaps, where if where is not None else [""] * len(gaps), strict=True):
        beside = _("beside %(others)s") % {"others": gap.beside} if gap.beside else _("beside the others")
        name = lines([f"{gap.characteristic}: {gap.group}", *([place] if place else []), quiet(beside)])
        rows.append((name, _verdict(gap, with_centres=where is not None), *_figures(gap), _learners(gap)))
    words = _("Each group beside the others of its characteristic, mean grades in steps of the scale")
    return Table(_("Groups beside one another"), columns, rows, f"{words}. {caption}" if caption else words)


def _learners(gap: GroupGap) -> Any:
    if not (gap.learners and gap.others):
        return "–"
    both = _("%(learners)d, others %(others)d") % {"learners": gap.learners, "others": gap.others}
    if not gap.centres:
        return both
    return lines([both, quiet(ngettext("%(n)d centre", "%(n)d centres", gap.centres) % {"n": gap.centres})])


def _figures(gap: GroupGap) -> tuple[Any, Any]:
    if gap.expected is None or gap.low is None or gap.high is None:
        return ("–", "–")
    between = _("95%%: %(low)s to %(high)s") % {"low": _apart(gap.low), "high": _apart(gap.high)}
    return _apart(gap.gap), lines([_apart(gap.expected), quiet(between)])


def _apart(value: float) -> str:
    """ "0.30 lower": how far a group's mean grade is from the others'."""
    if round(abs(value), 2) == 0:
        return _("the same")
    text = _("%(n)s lower") if value < 0 else _("%(n)s higher")
    return text % {"n": number_format(round(abs(value), 2), 2)}


def _verdict(gap: GroupGap, *, with_centres: bool) -> Any:
    if not gap.is_compared:
        return tag(_("Too few centres to compare") if with_centres else _("Too few to compare"), "grey")
    shown = tag(_("Changed"), "orange") if gap.flagged else tag(_("Usual ups and downs"), "green")
    return lines([shown, quiet(_("earlier results rest on another principle"))]) if gap.on_stand_in else shown


def _shown(table: GroupTable) -> Table:
    years = [series_name(one) if one else _("This year") for one in table.series]
    mark = _("on another principle")
    years = [
        f"{year} ({mark})" if one in table.stand_ins else year for year, one in zip(years, table.series, strict=True)
    ]
    columns = [Column(_("Group")), *(Column(year, "numeric") for year in years)]
    rows = [(value, *(_cell(cell, table.says) for cell in cells)) for value, cells in table.groups]
    if table.totals is not None:
        rows.append((_("All"), *(str(total) for total in table.totals)))
    return Table(table.characteristic, columns, rows, table.characteristic)


def _cell(cell: GroupCell, says: str) -> str:
    if cell.is_hidden:
        return _("hidden")
    if cell.mean is None:
        return "0"
    if says == GroupTable.Says.NOTHING:
        return str(cell.learners)
    if says == GroupTable.Says.SHARE:
        share = round(100 * round(cell.mean, 2))
        return _("%(learners)d, %(share)d%% achieved") % {"learners": cell.learners, "share": share}
    mean = number_format(round(cell.mean, 2), 2)
    return _("%(learners)d, mean %(mean)s") % {"learners": cell.learners, "mean": mean}
