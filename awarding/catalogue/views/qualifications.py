"""Looking things up: the list and one qualification's page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from awarding.accounts.audience import member
from awarding.accounts.requests import PortalRequest
from awarding.accounts.roles import Permission
from awarding.catalogue.forms.qualification import SearchForm
from awarding.catalogue.models import Qualification
from awarding.catalogue.panels import panels_of
from awarding.catalogue.queries.combination import combination_of, rules_findings, sets_by_reference, sizes_of
from awarding.catalogue.queries.qualification import GroupOfUnits, changes_of, get_own_qualification, groups_of
from awarding.catalogue.queries.search import (
    bearers_of_titles,
    levels_and_sectors,
    qualification_lines,
    repeated_title,
)
from awarding.catalogue.rules.combination import Combination
from awarding.catalogue.rules.wording import level_in_words
from awarding.ui import tables
from awarding.ui.addresses import addresses
from awarding.ui.templatetags.ui import qan as show_qan
from awarding.ui.templatetags.ui import tag

PAGE_SIZE = 50
_CHANGES_SHOWN = 30
# What a change in a qualification's history is called; by the names under which it is kept.
_CHANGED = {
    "title": gettext_lazy("Title"),
    "level": gettext_lazy("Level"),
    "type": gettext_lazy("Type"),
    "sector": gettext_lazy("Sector subject area"),
    "status": gettext_lazy("Status in the register"),
    "category": gettext_lazy("Category"),
    "unit_scale": gettext_lazy("Grades of a unit"),
    "scale": gettext_lazy("Grades of the whole qualification"),
    "min_credits": gettext_lazy("Credits needed"),
    "transfer_limit": gettext_lazy("Most by transfer, in percent"),
    "level_credits": gettext_lazy("Credits at a level"),
    "barred_units": gettext_lazy("Units that exclude each other"),
    "units_loaded": gettext_lazy("Units loaded from a workbook"),
    "group_added": gettext_lazy("Group added"),
    "group_changed": gettext_lazy("Group changed"),
    "group_removed": gettext_lazy("Group removed"),
    "unit_added": gettext_lazy("Unit added"),
    "unit_changed": gettext_lazy("Unit changed"),
    "unit_removed": gettext_lazy("Unit removed"),
}


@member
@require_safe
def qualifications(request: PortalRequest) -> HttpResponse:
    """The AO's qualifications, or every AO's, by number, words, level and sector. Says where a title repeats."""
    everywhere = request.GET.get("whose") == "all"
    levels, sectors = levels_and_sectors(everywhere)
    form = SearchForm(request.GET or None, levels=levels, sectors=sectors, own_name=request.ao.name)
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "level", "sector")}
    found = qualification_lines(everywhere, text=asked["q"][:200], level=asked["level"], sector=asked["sector"])
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    bearers = bearers_of_titles(page.object_list)
    context = {
        "heading": _("Qualifications"),
        "search_form": form,
        "page_obj": page,
        "table": _table_of_qualifications(request, list(page.object_list), bearers, everywhere),
        "asked": any(asked.values()),
        "everywhere": everywhere,
        "repeats": any(count > 1 for count in bearers.values()),
        "can_edit": request.standing.can(Permission.CATALOGUE_EDIT),
    }
    return render(request, "catalogue/qualifications.html", context)


def _table_of_qualifications(
    request: PortalRequest, lines: Sequence[Any], bearers: dict[str, int], everywhere: bool
) -> tables.Table | None:
    """A line for each, saying where others carry the same title (MIT-02); None where there are none."""
    if not lines:
        return None
    own = addresses("catalogue:qualification", "qan", ao=request.ao.slug)
    anybodys = addresses("public:qualification", "typed")
    check_number, check_title = (
        tag(_("Check the number"), "yellow"),
        _("%(bearers)s qualifications carry this title: check the QAN"),
    )
    rows = []
    for line in lines:
        number = tables.link((own if line.ao_id == request.ao.pk else anybodys)(line.qan), show_qan(line.qan))
        title = line.title
        if (count := bearers.get(line.title_key, 1)) > 1:
            title = tables.lines((title, tables.quiet(check_title % {"bearers": count})))
        row = (tables.words(number, check_number) if line.qan_check_failed else number, title, line.level, line.sector)
        rows.append((*row, line.ao__name) if everywhere else row)
    columns = [tables.Column(_("Number"), "nowrap")]
    columns += [tables.Column(title) for title in (_("Title"), _("Level"), _("Sector"))]
    if everywhere:
        columns.append(tables.Column(_("Awarding organisation")))
    return tables.Table(_("Qualifications"), columns, rows, _("Qualifications, by title"), is_caption_hidden=True)


@member
@require_safe
def qualification(request: PortalRequest, qan: str) -> HttpResponse:
    """One qualification: its facts, units, rules of combination, grades, what later apps say, its history."""
    row = get_own_qualification(qan)
    if row.qan != qan:
        return redirect("catalogue:qualification", ao=request.ao.slug, qan=row.qan)
    can_edit = request.standing.can(Permission.CATALOGUE_EDIT)
    repeated = repeated_title(row, bearers_of_titles([row]).get(row.title_key, 1))
    groups = groups_of(row)
    changes = list(changes_of(row)[: _CHANGES_SHOWN + 1])
    combination = combination_of(row)
    context = {
        "heading": row.title,
        "breadcrumbs": crumbs(request),
        "qualification": row,
        "facts": _facts(row),
        "scales": [(_("Grades of a unit"), row.unit_scale), (_("Grades of the whole qualification"), row.scale)],
        "funding": sorted(row.funding.items()),
        "groups": groups,
        "unit_count": sum(len(group.places) for group in groups),
        "unit_credits": sum(group.credits for group in groups),
        "repeated": [repeated] if repeated else [],
        "panels": panels_of(row, request.standing),
        "changes": [(change, _CHANGED.get(change.field, change.field)) for change in changes[:_CHANGES_SHOWN]],
        "more_changes": len(changes) > _CHANGES_SHOWN,
        "can_edit": can_edit,
        "missing": _missing(row, groups) if can_edit else [],
        "rule_findings": rules_findings(combination) if can_edit else [],
        "whole_rules": _whole_rules(row, combination),
    }
    return render(request, "catalogue/qualification.html", context)


def crumbs(request: PortalRequest, row: Qualification | None = None) -> list[tuple[str, str]]:
    """The way to a page of the catalogue, below one qualification if given."""
    way = [(_("Qualifications"), reverse("catalogue:list", kwargs={"ao": request.ao.slug}))]
    if row is not None:
        url = reverse("catalogue:qualification", kwargs={"ao": request.ao.slug, "qan": row.qan})
        way.append((row.display_qan, url))
    return way


def _facts(row: Qualification) -> list[tuple[str, str]]:
    return [
        (_("Number (QAN)"), row.display_qan),
        (_("Awarding organisation"), row.ao.name),
        (_("Level"), row.level),
        (_("Type"), row.type or _("not given")),
        (_("Sector subject area"), row.sector or _("not given")),
        (_("Status in the register"), row.status or _("not given")),
        (_("Category"), row.get_category_display() or _("not set")),
        (_("Credits needed"), str(row.min_credits) if row.min_credits else _("not set")),
    ]


def _whole_rules(row: Qualification, combination: Combination) -> list[tuple[str, str]]:
    """What holds over all groups, in words."""
    rows = []
    for minimum in combination.levels:
        what = _("Credits at %(level)s or above") % {"level": level_in_words(minimum.level)}
        rows.append((what, _("at least %(credits)s") % {"credits": minimum.credits}))
    for references in sets_by_reference(row):
        rows.append((_("Only one of these counts"), ", ".join(references)))
    if combination.transfer_allowance is not None:
        words = _("%(share)s%%: %(allowed)s of %(needed)s credits")
        values = {
            "share": combination.transfer_limit,
            "allowed": combination.transfer_allowance,
            "needed": combination.min_credits,
        }
        rows.append((_("Most by credit transfer and recognition of prior learning"), words % values))
    sizes = [f"{size.display_qan} {size.title}" for size in sizes_of(row)]
    if sizes:
        rows.append((_("Sizes of this qualification, the smallest first"), "; ".join(sizes)))
    return rows


def _missing(row: Qualification, groups: list[GroupOfUnits]) -> list[str]:
    """What must be there before an eRAC can be generated, in the order to do it."""
    wants = [
        (row.unit_scale_id is None, _("Choose the grades of a unit.")),
        (not groups, _("Make the groups of the rules of combination.")),
        (not any(group.places for group in groups), _("Add the units, one by one or from a workbook.")),
    ]
    return [words for wanting, words in wants if wanting]
