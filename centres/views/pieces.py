"""What the pages of centres share: the way down to them, a page of a list."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils.translation import gettext as _

from awarding.accounts.requests import PortalRequest
from awarding.accounts.roles import Permission as P
from centres.models import Centre

PER_PAGE = 50


def page_of(request: PortalRequest, rows: Any, per_page: int = PER_PAGE) -> Page[Any]:
    """The page of the list that the address asks for; a number that is none or too high answers the nearest."""
    return Paginator(rows, per_page).get_page(request.GET.get("page"))


def centre_crumbs(request: PortalRequest, centre: Centre | None) -> list[tuple[str, str]]:
    """From the AO's home down to the centre."""
    slug = request.ao.slug
    crumbs = [(_("Home"), reverse("ao_home", kwargs={"ao": slug}))]
    if request.standing.can(P.CENTRES_LIST):
        crumbs.append((_("Centres"), reverse("centres:list", kwargs={"ao": slug})))
    if centre is not None and request.standing.can(P.CENTRE_VIEW, centre.pk):
        crumbs.append((centre.name, reverse("centres:home", kwargs={"ao": slug, "centre_id": centre.pk})))
    return crumbs
