"""The stages of the AO's appeals."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.requests import PortalRequest, ao_url
from awarding.accounts.roles import Permission as P
from mitigations.forms.objections import StageForm
from mitigations.models import AppealStage
from mitigations.queries.appeals import stages_in_order
from mitigations.services.appeals import drop_stage, save_stage


@allowed(P.AO_SETTINGS)
@require_http_methods(["GET", "POST"])
def stages(request: PortalRequest) -> HttpResponse:
    """The stages in their order, and a form for one more."""
    rows = stages_in_order()
    first = {"position": rows[-1].position + 1 if rows else 1}
    form = StageForm(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        save_stage(actor=request.standing, **form.cleaned_data)
        messages.success(request, _("The stage is added."))
        return redirect("mitigations:appeal_stages", ao=request.ao.slug)
    context = {
        "heading": _("Stages of an appeal"),
        "breadcrumbs": [(_("Appeals"), ao_url(request, "mitigations:appeals"))],
        "stages": rows,
        "form": form,
    }
    return render(request, "mitigations/appeal_stages.html", context)


@allowed(P.AO_SETTINGS)
@require_http_methods(["GET", "POST"])
def stage(request: PortalRequest, stage_id: int) -> HttpResponse:
    """Changes one stage. Days that run already stay as they were told."""
    row = get_object_or_404(AppealStage, pk=stage_id, dropped_at=None)
    first = {name: getattr(row, name) for name in ("name", "position", "lodge_days", "answer_days")}
    form = StageForm(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        save_stage(actor=request.standing, stage=row, **form.cleaned_data)
        messages.success(request, _("The stage is changed. Days that run already stay as they were told."))
        return redirect("mitigations:appeal_stages", ao=request.ao.slug)
    way = [
        (_("Appeals"), ao_url(request, "mitigations:appeals")),
        (_("Stages of an appeal"), ao_url(request, "mitigations:appeal_stages")),
    ]
    context = {"heading": row.name, "breadcrumbs": way, "form": form, "stage": row}
    return render(request, "mitigations/appeal_stage.html", context)


@allowed(P.AO_SETTINGS)
@require_POST
def drop(request: PortalRequest, stage_id: int) -> HttpResponse:
    """Takes a stage out of the procedure."""
    drop_stage(actor=request.standing, stage=get_object_or_404(AppealStage, pk=stage_id))
    messages.success(request, _("The stage is dropped. Appeals that are at it are answered there."))
    return redirect("mitigations:appeal_stages", ao=request.ao.slug)
