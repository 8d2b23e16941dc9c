"""Grade scales: the list, a new one, a change."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from awarding.accounts.requests import PortalRequest
from awarding.catalogue.forms.qualification import ScaleForm
from awarding.catalogue.models import GradeScale
from awarding.catalogue.queries.qualification import scales_with_grades, uses_of_scales
from awarding.catalogue.services.qualification import save_scale
from awarding.catalogue.views.editing import editor, tried
from awarding.catalogue.views.qualifications import PAGE_SIZE, crumbs


@editor
@require_safe
def scales(request: PortalRequest) -> HttpResponse:
    """Every grade scale of the AO, with its grades and how many qualifications use it."""
    page = Paginator(scales_with_grades(), PAGE_SIZE).get_page(request.GET.get("page"))
    uses = uses_of_scales()
    context = {
        "heading": _("Grade scales"),
        "breadcrumbs": crumbs(request),
        "page_obj": page,
        "rows": [(scale, uses.get(scale.pk, 0)) for scale in page.object_list],
    }
    return render(request, "catalogue/scales.html", context)


@editor
def scale_new(request: PortalRequest) -> HttpResponse:
    """A new scale."""
    return _scale_page(request, None)


@editor
def scale_edit(request: PortalRequest, scale_id: int) -> HttpResponse:
    """A change to a scale; one in use keeps its grades."""
    return _scale_page(request, get_object_or_404(scales_with_grades(), pk=scale_id))


def _scale_page(request: PortalRequest, scale: GradeScale | None) -> HttpResponse:
    blank = ScaleForm.showing(scale) if scale else ScaleForm()
    form = ScaleForm(request.POST) if request.method == "POST" else blank
    if form.is_valid():
        facts = form.cleaned_data
        if tried(
            form,
            lambda: save_scale(actor=request.standing, name=facts["name"], grades=facts["grades"], scale=scale),
        ):
            messages.success(request, _("The scale was saved. Choose it on the qualifications that use it."))
            return redirect("catalogue:scales", ao=request.ao.slug)
    context = {
        "heading": _("Change a grade scale") if scale else _("New grade scale"),
        "form": form,
        "button": _("Save the scale"),
        "breadcrumbs": [*crumbs(request), (_("Grade scales"), reverse("catalogue:scales", args=[request.ao.slug]))],
        "back": reverse("catalogue:scales", kwargs={"ao": request.ao.slug}),
    }
    return render(request, "catalogue/form.html", context)
