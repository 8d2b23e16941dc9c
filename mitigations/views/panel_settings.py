"""The page on which an AO says how its panel works."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from mitigations.forms.panel import PanelSettingsForm
from mitigations.queries.cases import panel_settings
from mitigations.services.panel_settings import change_panel_settings
from mitigations.views.sections import panel_sections


@allowed(P.AO_SETTINGS)
@require_http_methods(["GET", "POST"])
def settings_page(request: HttpRequest) -> HttpResponse:
    """How the AO's panel works: telling the centre at once or apart, second opinions, expiry and reminders."""
    known = panel_settings()
    initial = {
        "releases_apart": "apart" if known.releases_apart else "at_once",
        "second_opinion_share": known.second_opinion_share,
        "in_principle_days": known.in_principle_days,
        "reminder_days": ", ".join(str(days) for days in known.reminder_days),
    }
    form = PanelSettingsForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data | {"releases_apart": form.cleaned_data["releases_apart"] == "apart"}
        change_panel_settings(actor=standing_in(request), **said)
        messages.success(request, _("Saved. Cases that were drawn or decided before stay as they are."))
        return redirect(ao_url(request, "mitigations:panel_settings"))
    context = {
        "heading": _("Panel settings"),
        "form": form,
        "seed": known.draw_seed,
        "sections": panel_sections(request),
        "breadcrumbs": [(_("Panel queue"), ao_url(request, "mitigations:panel_queue"))],
    }
    return render(request, "mitigations/panel_settings.html", context)
