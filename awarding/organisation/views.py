"""The AO's settings page."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awarding.accounts.audience import allowed
from awarding.accounts.requests import PortalRequest
from awarding.accounts.roles import Permission
from awarding.organisation.services import change_look
from awarding.ui.colour import ColourError
from awarding.ui.forms import PortalForm


class LookForm(PortalForm):
    """The colour of the header and buttons, and whom people write to."""

    brand_colour = forms.CharField(
        label=gettext_lazy("Colour"),
        max_length=7,
        help_text=gettext_lazy("Six hexadecimal digits after a #, such as #1d4f6e. It must be readable on white."),
    )
    contact_email = forms.EmailField(label=gettext_lazy("Contact address"), required=False)


@allowed(Permission.AO_SETTINGS)
def look(request: PortalRequest) -> HttpResponse:
    """Change the AO's colour and contact address."""
    initial = {"brand_colour": request.ao.brand_colour, "contact_email": request.ao.contact_email}
    form = LookForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            change_look(actor=request.standing, **form.cleaned_data)
        except ColourError as error:
            form.add_error("brand_colour", str(error))
        else:
            messages.success(request, _("Saved. It may take five minutes until everybody sees the new colour."))
            return redirect("organisation_look", ao=request.ao.slug)
    context = {"heading": _("Look and contact address"), "form": form}
    return render(request, "organisation/look.html", context)
