"""An AO's colours as a style sheet."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from awarding.accounts.audience import public
from awarding.accounts.requests import PortalRequest
from awarding.ui.colour import brand_palette


@public
def brand_css(request: PortalRequest) -> HttpResponse:
    """Served as a file, since the content security policy allows no style in the page."""
    palette = brand_palette(request.ao.brand_colour)
    response = render(request, "layouts/brand.css", {"palette": palette}, content_type="text/css")
    response["Cache-Control"] = "public, max-age=300"
    return response
