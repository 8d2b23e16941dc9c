"""Groups of learners beside earlier years and beside one another, small groups hidden (SNS-08)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from awarding.accounts.audience import allowed
from awarding.accounts.requests import standing_in
from awarding.accounts.roles import Permission as P
from awarding.ui.tables import Column, Table
from qtag.queries.learner_groups import GroupCell, GroupTable, group_tables
from qtag.queries.sense_figures import series_name
from qtag.queries.sense_rows import group_name
from qtag.views.sense import crumbs_of, find_row


@allowed(P.SENSE_EXPLAIN)
@require_GET
def sense_learner_groups(request: HttpRequest, row_id: int) -> HttpResponse:
    """A table for each characteristic of which something is known."""
    row, closed = find_row(request, row_id)
    if closed is not None:
        return closed
    standing = standing_in(request)
    standing.require(P.SENSE_EXPLAIN, row.centre_id)
    found = group_tables(standing, row.centre, row.qualification) if row.qualification else []
    context = {
        "heading": _("Groups of learners: %(group)s") % {"group": group_name(row)}, "row": row,
        "tables": [_shown(one) for one in found], "breadcrumbs": crumbs_of(request, row, to_group=True),
    }  # fmt: skip
    return render(request, "qtag/sense_learner_groups.html", context)


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
