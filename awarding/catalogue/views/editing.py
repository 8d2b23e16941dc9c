"""What an AO admin edits: a qualification's facts, its groups and units."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from awarding.accounts.audience import allowed
from awarding.accounts.requests import PortalRequest
from awarding.accounts.roles import Permission
from awarding.catalogue.forms.qualification import GroupForm, QualificationForm, RemoveForm, UnitForm
from awarding.catalogue.models import Qualification, QualificationUnit, UnitGroup
from awarding.catalogue.queries.qualification import get_own_qualification
from awarding.catalogue.services.qualification import CatalogueError, edit_qualification
from awarding.catalogue.services.reading import read_unit_reference
from awarding.catalogue.services.units import add_group, add_unit, edit_group, edit_unit, remove_group, remove_unit
from awarding.catalogue.views.qualifications import crumbs
from awarding.ui.forms import PortalForm
from awarding.workflow.services import StalePageError

editor = allowed(Permission.CATALOGUE_EDIT)


def form_page(
    request: PortalRequest, row: Qualification, form: PortalForm, heading: str, button: str, **more: Any
) -> HttpResponse:
    """One form about one qualification."""
    context = {
        "heading": heading,
        "form": form,
        "button": button,
        "qualification": row,
        "breadcrumbs": crumbs(request, row),
        "back": reverse("catalogue:qualification", kwargs={"ao": request.ao.slug, "qan": row.qan}),
    }
    return render(request, "catalogue/form.html", context | more, status=more.get("status", 200))


def tried(form: PortalForm, act: Callable[[], Any]) -> bool:
    """Runs the service; puts what it refuses beside the field it is about."""
    try:
        act()
    except CatalogueError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return False
    return True


def back_to(request: PortalRequest, row: Qualification, message: str = "") -> HttpResponse:
    if message:
        messages.success(request, message)
    return redirect("catalogue:qualification", ao=request.ao.slug, qan=row.qan)


@editor
def edit(request: PortalRequest, qan: str) -> HttpResponse:
    """Category, grades, credits."""
    row = get_own_qualification(qan)
    heading, button = _("Category, grades and credits"), _("Save")
    if request.method != "POST":
        return form_page(request, row, QualificationForm.showing(row), heading, button)
    form = QualificationForm(request.POST)
    if not form.is_valid():
        return form_page(request, row, form, heading, button)
    try:
        is_saved = tried(
            form, lambda: edit_qualification(actor=request.standing, qualification=row, **form.cleaned_data)
        )
    except StalePageError as error:
        messages.error(request, str(error))
        row = get_own_qualification(qan)
        return form_page(request, row, QualificationForm.showing(row), heading, button, status=409)
    return back_to(request, row, _("Saved.")) if is_saved else form_page(request, row, form, heading, button)


@editor
def group_new(request: PortalRequest, qan: str) -> HttpResponse:
    """A new group of units."""
    row = get_own_qualification(qan)
    form = GroupForm(request.POST or None, qualification=row)
    if form.is_valid() and tried(
        form, lambda: add_group(actor=request.standing, qualification=row, draft=form.draft())
    ):
        return back_to(request, row, _("The group was added. Now add its units."))
    return form_page(request, row, form, _("Add a group of units"), _("Add the group"))


@editor
def group_edit(request: PortalRequest, qan: str, group_id: int) -> HttpResponse:
    """What a group asks for."""
    row = get_own_qualification(qan)
    group = get_object_or_404(UnitGroup, pk=group_id, qualification=row)
    posted = request.POST if request.method == "POST" else None
    form = GroupForm(posted, qualification=row, group=group) if posted else GroupForm.showing(group)
    if form.is_valid() and tried(form, lambda: edit_group(actor=request.standing, group=group, draft=form.draft())):
        return back_to(request, row, _("The group was saved."))
    return form_page(request, row, form, _("Change the group “%(name)s”") % {"name": group.name}, _("Save"))


@editor
def group_remove(request: PortalRequest, qan: str, group_id: int) -> HttpResponse:
    """Asks, then removes an empty group. Removing it a second time finds nothing left to do."""
    row = get_own_qualification(qan)
    group = UnitGroup.objects.filter(pk=group_id, qualification=row).first()
    if group is None:
        return back_to(request, row)
    form = RemoveForm(request.POST or None)
    if form.is_valid():
        if form.cleaned_data["sure"] == "no":
            return back_to(request, row)
        if tried(form, lambda: remove_group(actor=request.standing, group=group)):
            return back_to(request, row, _("The group was removed."))
    return form_page(request, row, form, _("Remove the group “%(name)s”") % {"name": group.name}, _("Go on"))


@editor
def unit_new(request: PortalRequest, qan: str) -> HttpResponse:
    """A unit in one of the groups."""
    row = get_own_qualification(qan)
    if not row.groups.exists():
        messages.error(request, _("A unit stands in a group. Make the first group, then add its units."))
        return redirect("catalogue:group_new", ao=request.ao.slug, qan=row.qan)
    form = UnitForm(request.POST or None, qualification=row)
    if form.is_valid():
        facts, draft = {name: form.cleaned_data[name] for name in ("group", "also")}, form.draft()
        if tried(form, lambda: add_unit(actor=request.standing, qualification=row, draft=draft, **facts)):
            _warn_of_reference(request, draft.reference)
            return back_to(request, row, _("The unit was added."))
    return form_page(request, row, form, _("Add a unit"), _("Add the unit"))


@editor
def unit_edit(request: PortalRequest, qan: str, place_id: int) -> HttpResponse:
    """A unit's facts, and its group."""
    row = get_own_qualification(qan)
    place = _place(row, place_id)
    form = UnitForm(request.POST, qualification=row) if request.method == "POST" else UnitForm.showing(place)
    if form.is_valid():
        facts, draft = {name: form.cleaned_data[name] for name in ("group", "also")}, form.draft()
        if tried(form, lambda: edit_unit(actor=request.standing, place=place, draft=draft, **facts)):
            _warn_of_reference(request, draft.reference)
            return back_to(request, row, _("The unit was saved."))
    heading = _("Change the unit %(reference)s") % {"reference": place.unit.reference}
    return form_page(request, row, form, heading, _("Save"), used_in=place.unit.places.count())


@editor
def unit_remove(request: PortalRequest, qan: str, place_id: int) -> HttpResponse:
    """Asks, then takes the unit out of the qualification."""
    row = get_own_qualification(qan)
    place = row.unit_places.select_related("unit", "group", "qualification").filter(pk=place_id).first()
    if place is None:
        return back_to(request, row)
    form = RemoveForm(request.POST or None)
    if form.is_valid():
        if form.cleaned_data["sure"] == "yes":
            remove_unit(actor=request.standing, place=place)
            return back_to(request, row, _("The unit was removed. Claims that have it keep it."))
        return back_to(request, row)
    return form_page(request, row, form, _("Remove the unit %(unit)s") % {"unit": place.unit}, _("Go on"))


def _place(row: Qualification, place_id: int) -> QualificationUnit:
    places = QualificationUnit.objects.select_related("unit", "group", "qualification")
    return get_object_or_404(places, pk=place_id, qualification=row)


def _warn_of_reference(request: PortalRequest, typed: str) -> None:
    reference, doubtful = read_unit_reference(typed)
    if doubtful:
        words = _("“%(reference)s” is no usual unit reference. It was kept; compare it with the specification.")
        messages.warning(request, words % {"reference": reference})
