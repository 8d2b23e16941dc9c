"""Looking things up: the list and one qualification's page."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from awarding.accounts.audience import member
from awarding.accounts.requests import PortalRequest
from awarding.accounts.roles import Permission
from awarding.catalogue.forms.qualification import SearchForm
from awarding.catalogue.models import Qualification
from awarding.catalogue.panels import panels_of
from awarding.catalogue.queries.qualification import GroupOfUnits, changes_of, get_own_qualification, groups_of
from awarding.catalogue.queries.search import (
    bearers_of_titles,
    every_qualification,
    levels_and_sectors,
    own_qualifications,
    repeated_title,
    search_qualifications,
)

PAGE_SIZE = 50
_CHANGES_SHOWN = 30


@member
@require_safe
def qualifications(request: PortalRequest) -> HttpResponse:
    """The AO's qualifications, or every AO's, by number, words, level and sector. Says where a title repeats."""
    everywhere = request.GET.get("whose") == "all"
    among = every_qualification() if everywhere else own_qualifications()
    levels, sectors = levels_and_sectors(among)
    form = SearchForm(request.GET or None, levels=levels, sectors=sectors, own_name=request.ao.name)
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "level", "sector")}
    found = search_qualifications(among, text=asked["q"][:200], level=asked["level"], sector=asked["sector"])
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    bearers = bearers_of_titles(page.object_list)
    rows = [(row, bearers.get(row.title_key, 1)) for row in page.object_list]
    context = {
        "heading": _("Qualifications"),
        "search_form": form,
        "page_obj": page,
        "rows": rows,
        "asked": any(asked.values()),
        "everywhere": everywhere,
        "repeats": any(count > 1 for _row, count in rows),
        "can_edit": request.standing.can(Permission.CATALOGUE_EDIT),
    }
    return render(request, "catalogue/qualifications.html", context)


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
        "changes": changes[:_CHANGES_SHOWN],
        "more_changes": len(changes) > _CHANGES_SHOWN,
        "can_edit": can_edit,
        "missing": _missing(row, groups) if can_edit else [],
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


def _missing(row: Qualification, groups: list[GroupOfUnits]) -> list[str]:
    """What must be there before an eRAC can be generated, in the order to do it."""
    wants = [
        (row.unit_scale_id is None, _("Choose the grades of a unit.")),
        (not groups, _("Make the groups of the rules of combination.")),
        (not any(group.places for group in groups), _("Add the units, one by one or from a workbook.")),
    ]
    return [words for wanting, words in wants if wanting]
