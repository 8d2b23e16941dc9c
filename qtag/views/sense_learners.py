"""Groups of learners beside earlier years and beside one another, small groups hidden (SNS-08)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.ui.tables import Column, Table, lines, quiet
from awarding.ui.templatetags.ui import tag
from qtag.queries.group_gaps import GroupGap, centre_gaps, gaps_everywhere
from qtag.queries.learner_groups import GroupCell, GroupTable, group_tables
from qtag.queries.sense_figures import series_name
from qtag.queries.sense_rows import group_name
from qtag.views.sense import crumbs_of, find_row


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
    if row.qualification or is_wider:
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
    """Each group over all centres of the AO, from the last whole run; single centres are not named here (QTG-17)."""
    standing = standing_in(request)
    if standing.reach(P.SENSE_VIEW) is not None:
        return redirect(ao_url(request, "qtag:sense"))
    gaps, is_learnt = gaps_everywhere()
    context = {
        "heading": _("Groups of learners over all centres"), "gaps": gap_table(gaps, with_centres=True) if gaps else None,
        "is_learnt": is_learnt, "may_manage": standing.can(P.SENSE_MANAGE),
        "breadcrumbs": [(_("Beside earlier years"), ao_url(request, "qtag:sense"))],
    }  # fmt: skip
    return render(request, "qtag/sense_groups.html", context)


def gap_table(gaps: list[GroupGap], *, with_centres: bool = False) -> Table:
    """How far each group is from the others this year, where earlier years lead to expect it, and what that shows."""
    columns = [
        Column(_("Group")), Column(_("What it shows")), Column(_("This year")),
        Column(_("As earlier years lead to expect")), Column(_("Learners"), "numeric"),
    ]  # fmt: skip
    rows: list[tuple[Any, ...]] = []
    for gap in gaps:
        beside = _("beside %(others)s") % {"others": gap.beside} if gap.beside else _("beside the others")
        learners: Any = _("%(learners)d, others %(others)d") % {"learners": gap.learners, "others": gap.others}
        if not (gap.learners and gap.others):
            learners = "–"
        if with_centres:
            centres = ngettext("%(n)d centre", "%(n)d centres", gap.centres) % {"n": gap.centres}
            learners = lines([learners, quiet(centres)])
        name = lines([f"{gap.characteristic}: {gap.group}", quiet(beside)])
        rows.append((name, _verdict(gap), *_figures(gap), learners))
    caption = _("Each group beside the others of its characteristic, mean grades in steps of the scale")
    return Table(_("Groups beside one another"), columns, rows, caption)


def _figures(gap: GroupGap) -> tuple[Any, Any]:
    if gap.expected is None or gap.low is None or gap.high is None:
        return ("–", "–")
    between = _("95 %%: %(low)s to %(high)s") % {"low": _apart(gap.low), "high": _apart(gap.high)}
    return _apart(gap.gap), lines([_apart(gap.expected), quiet(between)])


def _apart(value: float) -> str:
    """ "0.30 lower": how far a group's mean grade is from the others'."""
    if round(abs(value), 2) == 0:
        return _("the same")
    text = _("%(n)s lower") if value < 0 else _("%(n)s higher")
    return text % {"n": number_format(round(abs(value), 2), 2)}


def _verdict(gap: GroupGap) -> Any:
    if not gap.is_compared:
        return tag(_("Too few to compare"), "grey")
    if gap.flagged:
        shown = tag(_("Changed by more than chance and the usual ups and downs explain"), "orange")
    else:
        shown = tag(_("Within chance and the usual ups and downs"), "green")
    return lines([shown, quiet(_("earlier results rest on another principle"))]) if gap.on_stand_in else shown


def _shown(table: GroupTable) -> Table:
    years = [series_name(one) if one else _("This year") for one in table.series]
    columns = [Column(_("Group")), *(Column(year, "numeric") for year in years)]
    rows = [(value, *(_cell(cell) for cell in cells)) for value, cells in table.groups]
    if table.totals is not None:
        rows.append((_("All"), *(str(total) for total in table.totals)))
    return Table(table.characteristic, columns, rows, table.characteristic)


def _cell(cell: GroupCell) -> str:
    if cell.is_hidden:
        return _("hidden")
    if cell.mean is None:
        return "0"
    mean = number_format(round(cell.mean, 2), 2)
    return _("%(learners)d, mean %(mean)s") % {"learners": cell.learners, "mean": mean}
