"""What every page about one claim has in common: finding it, its breadcrumbs, whose turn it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from awarding.accounts.requests import ao_url, standing_in
from awarding.workflow import queries as workflow
from awarding.workflow.queries import Turn
from mitigations.models import Claim
from mitigations.queries.claims import find_claim
from mitigations.queries.holding import hold
from mitigations.workflow import CLAIM


def claim_or_404(request: HttpRequest, claim_id: int) -> Claim:
    """The claim if this person may see it; otherwise there is no such claim."""
    claim = find_claim(standing_in(request), claim_id)
    if claim is None:
        raise Http404(_("There is no such claim here."))
    return claim


def _turn(request: HttpRequest, claim: Claim, *, is_own_page: bool) -> Turn:
    """Whose turn it is; on the claim's own page by name, for those whom the name concerns (CLM-13).

    A centre hears the names of its own people only: who sits on the panel or verifies for the AO is not its to know.
    """
    standing = standing_in(request)
    shown = workflow.turn(CLAIM, claim, standing)
    if is_own_page and (standing.is_ao_staff or claim.state in ("with_iv", "with_dcv")):
        people = hold([claim], {})[0].people
        if people:
            return replace(shown, holder=f"{shown.holder}: {people}")
    return shown


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
        "turn": _turn(request, claim, is_own_page=not heading),
    }
    return render(request, f"mitigations/{template}", shown | context, status=status)


def tell_issued(request: HttpRequest, version: int, *, is_new: bool) -> None:
    """What asking for a new version of a workbook came to; that none was needed is no success to celebrate."""
    if is_new:
        messages.success(request, _("Version %(version)s is ready to download.") % {"version": version})
    else:
        text = _(
            "Nothing has changed since version %(version)s was issued, so no new version was made. Go on with the one you have."
        )
        messages.info(request, text % {"version": version})


def tell_changed(request: HttpRequest, count: int) -> None:
    """How many cells a workbook that came back changed."""
    if count:
        text = ngettext("%(count)s cell changed.", "%(count)s cells changed.", count)
        messages.success(request, text % {"count": count})
    else:
        messages.info(request, _("No cell changed: what stands in the portal stays."))
