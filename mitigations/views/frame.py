"""What every page about one claim has in common: finding it, its breadcrumbs, whose turn it is."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from awarding.accounts.standing import Standing
from awarding.workflow import queries as workflow
from mitigations.models import Claim
from mitigations.queries.claims import claim_pages
from mitigations.workflow import CLAIM


def standing_in(request: HttpRequest) -> Standing:
    """The standing that the middleware found; these pages are only served with one."""
    standing: Standing = request.standing  # type: ignore[attr-defined]
    return standing


def ao_url(request: HttpRequest, name: str, **kwargs: Any) -> str:
    """The address of a route inside the request's AO."""
    return reverse(name, kwargs={"ao": standing_in(request).ao.slug, **kwargs})


def claim_or_404(request: HttpRequest, claim_id: int) -> Claim:
    """The claim if this person may see it; otherwise there is no such claim."""
    claim: Claim = get_object_or_404(claim_pages(standing_in(request)), pk=claim_id)
    return claim


def claim_page(
    request: HttpRequest,
    claim: Claim,
    template: str,
    context: dict[str, Any],
    *,
    heading: str = "",
    status: int = 200,
    parent: tuple[str, str] | None = None,
) -> HttpResponse:
    """A page about one claim. Without a heading it is the claim's own page, the last of the breadcrumbs.

    `parent` is the (label, address) of the list that the page belongs to, the claims if not given.
    """
    crumbs = [parent or (_("Claims"), ao_url(request, "mitigations:claims"))]
    if heading:
        crumbs.append((claim.number, ao_url(request, "mitigations:claim", claim_id=claim.pk)))
    shown = {
        "claim": claim,
        "heading": heading or _("eRAC %(number)s") % {"number": claim.number},
        "breadcrumbs": crumbs,
        "turn": workflow.turn(CLAIM, claim, standing_in(request)),
    }
    return render(request, f"mitigations/{template}", shown | context, status=status)
