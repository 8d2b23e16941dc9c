"""What holds over all groups of a qualification, and families of sizes."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from awarding.accounts.requests import PortalRequest
from awarding.catalogue.forms.combination import FamilyForm, RulesForm
from awarding.catalogue.forms.qualification import RemoveForm
from awarding.catalogue.models import QualificationFamily
from awarding.catalogue.queries.combination import families_with_sizes
from awarding.catalogue.queries.qualification import get_own_qualification
from awarding.catalogue.services.combination import remove_family, save_family, save_rules
from awarding.catalogue.views.editing import back_to, editor, form_page, tried
from awarding.catalogue.views.qualifications import PAGE_SIZE, crumbs
from awarding.workflow.services import StalePageError


@editor
def rules(request: PortalRequest, qan: str) -> HttpResponse:
    """Credits at levels, barred units, the limit on transfer (MIT-12)."""
    row = get_own_qualification(qan)
    heading, button = _("Levels, barred units and transfer"), _("Save")
    if request.method != "POST":
        return form_page(request, row, RulesForm.showing(row), heading, button)
    form = RulesForm(request.POST)
    try:
        is_saved = form.is_valid() and tried(
            form, lambda: save_rules(actor=request.standing, qualification=row, **form.cleaned_data)
        )
    except StalePageError as error:
        messages.error(request, str(error))
        row = get_own_qualification(qan)
        return form_page(request, row, RulesForm.showing(row), heading, button, status=409)
    if is_saved:
        return back_to(request, row, _("The rules were saved."))
    return form_page(request, row, form, heading, button)


@editor
@require_safe
def families(request: PortalRequest) -> HttpResponse:
    """Every family of sizes of the AO (MIT-13)."""
    page = Paginator(families_with_sizes(), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"heading": _("Sizes of qualifications"), "breadcrumbs": crumbs(request), "page_obj": page}
    return render(request, "catalogue/families.html", context)


@editor
def family_new(request: PortalRequest) -> HttpResponse:
    """A new family."""
    return _family_page(request, None)


@editor
def family_edit(request: PortalRequest, family_id: int) -> HttpResponse:
    """Which sizes a family has, and in which order."""
    return _family_page(request, get_object_or_404(QualificationFamily, pk=family_id))


@editor
def family_remove(request: PortalRequest, family_id: int) -> HttpResponse:
    """Asks, then takes the family apart. Doing so a second time finds nothing left to do."""
    family = QualificationFamily.objects.filter(pk=family_id).first()
    form = RemoveForm(request.POST or None)
    if family is not None and not form.is_valid():
        heading = _("Take the family “%(name)s” apart") % {"name": family.name}
        return render(request, "catalogue/form.html", _family_context(request, heading, form, _("Go on")))
    if family is not None and form.cleaned_data["sure"] == "yes":
        remove_family(actor=request.standing, family=family)
        messages.success(request, _("The family was taken apart. Its qualifications stand alone now."))
    return redirect("catalogue:families", ao=request.ao.slug)


def _family_page(request: PortalRequest, family: QualificationFamily | None) -> HttpResponse:
    sizes = list(family.sizes.order_by("size", "id")) if family else []
    blank = FamilyForm.showing(family, sizes) if family else FamilyForm()
    form = FamilyForm(request.POST) if request.method == "POST" else blank
    status = 200
    try:
        if form.is_valid() and tried(
            form, lambda: save_family(actor=request.standing, family=family, **form.cleaned_data)
        ):
            messages.success(request, _("The family was saved. Centres can ask to move learners between its sizes."))
            return redirect("catalogue:families", ao=request.ao.slug)
    except StalePageError as error:
        form.add_error(None, str(error))
        status = 409
    heading = _("Change a family of sizes") if family else _("New family of sizes")
    context = _family_context(request, heading, form, _("Save the family"))
    if family is not None:
        kwargs = {"ao": request.ao.slug, "family_id": family.pk}
        context["remove"] = (_("Take the family apart"), reverse("catalogue:family_remove", kwargs=kwargs))
    return render(request, "catalogue/form.html", context, status=status)


def _family_context(request: PortalRequest, heading: str, form: object, button: str) -> dict[str, object]:
    families_url = reverse("catalogue:families", kwargs={"ao": request.ao.slug})
    return {
        "heading": heading, "form": form, "button": button, "back": families_url,
        "breadcrumbs": [*crumbs(request), (_("Sizes"), families_url)],
    }  # fmt: skip
