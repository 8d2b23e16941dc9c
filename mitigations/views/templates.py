"""The AO's pages about checklist templates: which qualifications have one, one with its versions, changing it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from awarding.accounts.audience import allowed
from awarding.accounts.requests import PortalRequest
from awarding.accounts.roles import Permission
from awarding.catalogue.models import Qualification
from awarding.catalogue.queries.qualification import get_own_qualification
from awarding.catalogue.queries.search import own_qualifications, search_qualifications
from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.queries import adopted_document, open_adoptions
from awarding.identifiers import bare_qan
from awarding.ui.errors import linked_errors
from awarding.workflow.services import ReasonMissingError, StalePageError
from mitigations.forms.templates import TemplateForm, TemplateUnitForm, WithdrawTemplateForm, template_input
from mitigations.models import ChecklistTemplate
from mitigations.queries.templates import (
    claims_by_template,
    open_template,
    open_templates,
    qualification_units,
    template_units,
    template_versions,
)
from mitigations.services.templates import TemplateError, save_template, withdraw_template

PAGE_SIZE = 50
VERSIONS_SHOWN = 50


def _chosen(request: PortalRequest) -> tuple[list[FrameworkDocument], FrameworkDocument | None]:
    """The frameworks that the AO runs and that name evidence, and the one asked for (the newest adoption unless said)."""
    documents = [adopted_document(adoption) for adoption in open_adoptions()]
    documents = [document for document in documents if document.evidence_types]
    code = request.GET.get("framework") or request.POST.get("framework")
    chosen = next((document for document in documents if document.id == code), None)
    return documents, chosen or (documents[0] if documents else None)


@allowed(Permission.CHECKLISTS_SET, Permission.AO_OVERVIEW)
@require_safe
def templates(request: PortalRequest) -> HttpResponse:
    """The qualifications with a template under one framework, and by search any other."""
    documents, chosen = _chosen(request)
    context: dict[str, Any] = {"heading": _("Checklist templates"), "documents": documents, "chosen": chosen}
    if chosen is not None:
        text, scope = request.GET.get("q", "").strip()[:200], request.GET.get("show", "")
        found = search_qualifications(own_qualifications(), text=text)
        held = open_templates(chosen.id)
        if scope == "with":
            found = found.filter(pk__in=held.values("qualification_id"))
        page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
        shown = {row.qualification_id: row for row in held.filter(qualification__in=list(page))}
        claims = claims_by_template(list(shown.values()))
        context |= {
            "page_obj": page, "q": text, "show": scope, "count": held.count(),
            "rows": [
                (row, shown.get(row.pk), claims.get(shown[row.pk].pk, 0) if row.pk in shown else 0) for row in page
            ],
        }  # fmt: skip
    return render(request, "mitigations/checklist_templates.html", context)


@allowed(Permission.CHECKLISTS_SET)
@require_http_methods(["GET", "POST"])
def template(request: PortalRequest, qan: str) -> HttpResponse:
    """One qualification's template: what is in force, a new version of it, the versions so far."""
    row = get_own_qualification(qan)
    _documents, chosen = _chosen(request)
    if chosen is None:
        messages.error(request, _("Adopt a framework first: it names the kinds of evidence."))
        return redirect("frameworks:list", ao=request.ao.slug)
    held = open_template(row.pk, chosen.id)
    if request.method != "POST":
        start = held or _borrowed(request, chosen.id)
        form, units = _forms(None, chosen, row, start, held)
        return _page(request, row, chosen, held, form, units)
    form, units = _forms(request.POST, chosen, row, None, held)
    status = 200
    # Every form is asked, so that all faults are shown at once.
    if all([form.is_valid(), *(unit.is_valid() for unit in units)]):
        try:
            saved = save_template(
                actor=request.standing, qualification=row, document=chosen, said=template_input(form, units),
                reason=form.cleaned_data["reason"], expected_number=form.cleaned_data["expected_number"],
            )  # fmt: skip
        except TemplateError as error:
            form.add_error(error.part if error.part in form.fields else None, str(error))
        except ReasonMissingError as error:
            form.add_error("reason", str(error))
        except StalePageError as error:
            form.add_error(None, str(error))
            status = 409
        else:
            words = _("Version %(number)s is in force. Claims started before keep the version they were started under.")
            messages.success(request, words % {"number": saved.number})
            return redirect(_address(request, row, chosen))
    return _page(request, row, chosen, held, form, units, status)


@allowed(Permission.CHECKLISTS_SET)
@require_POST
def withdraw(request: PortalRequest, qan: str) -> HttpResponse:
    """Takes the template away for claims started from now on."""
    row = get_own_qualification(qan)
    _documents, chosen = _chosen(request)
    if chosen is None:
        raise Http404(_("No framework that names evidence has been adopted."))
    form = WithdrawTemplateForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why the template is withdrawn."))
        return redirect(_address(request, row, chosen))
    try:
        withdraw_template(
            actor=request.standing, qualification=row, framework_code=chosen.id, reason=form.cleaned_data["reason"],
            expected_number=form.cleaned_data["expected_number"],
        )  # fmt: skip
    except (StalePageError, ReasonMissingError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The template is withdrawn. Claims started under it keep it."))
    return redirect(_address(request, row, chosen))


def _borrowed(request: PortalRequest, code: str) -> ChecklistTemplate | None:
    """Another qualification's template to begin with, where the address names one."""
    qan = bare_qan(request.GET.get("from", ""))[:8]
    return open_templates(code).filter(qualification__qan=qan).first() if qan else None


def _forms(
    data: Any, document: FrameworkDocument, row: Qualification, start: ChecklistTemplate | None,
    held: ChecklistTemplate | None,
) -> tuple[TemplateForm, list[TemplateUnitForm]]:  # fmt: skip
    form = TemplateForm(data, document=document, shown=start, initial={"expected_number": held.number if held else 0})
    own = template_units(start)
    units = [
        TemplateUnitForm(data, document=document, unit=unit, shown=own.get(unit.pk))
        for unit in qualification_units(row)
    ]
    return form, units


def _page(
    request: PortalRequest, row: Qualification, chosen: FrameworkDocument, held: ChecklistTemplate | None,
    form: TemplateForm, units: list[TemplateUnitForm], status: int = 200,
) -> HttpResponse:  # fmt: skip
    versions = list(template_versions(row.pk, chosen.id)[:VERSIONS_SHOWN])
    claims = claims_by_template(versions)
    others = open_templates(chosen.id).exclude(qualification=row)[:VERSIONS_SHOWN] if held is None else []
    address = {"ao": request.ao.slug, "qan": row.qan}
    context = {
        "heading": _("Checklist template"),
        "breadcrumbs": [
            (_("Checklist templates"), reverse("mitigations:checklist_templates", kwargs={"ao": request.ao.slug})),
            (row.display_qan, reverse("catalogue:qualification", kwargs=address)),
        ],
        "qualification": row, "chosen": chosen, "held": held, "form": form, "units": units, "others": others,
        "errors": linked_errors([form, *units]), "has_errors": bool(form.errors or any(unit.errors for unit in units)),
        "withdraw_form": WithdrawTemplateForm(initial={"expected_number": held.number}) if held else None,
        "versions": [_version(version, claims.get(version.pk, 0)) for version in versions],
        "address": _address(request, row, chosen),
    }  # fmt: skip
    return render(request, "mitigations/checklist_template.html", context, status=status)


def _version(version: ChecklistTemplate, claims: int) -> dict[str, Any]:
    words = {"number": version.number, "claims": claims}
    what = _("Version %(number)s, %(claims)s claims started under it") % words
    return {"what": what, "who": str(version.made_by or ""), "when": version.made_at, "reason": version.reason}


def _address(request: PortalRequest, row: Qualification, chosen: FrameworkDocument) -> str:
    page = reverse("mitigations:checklist_template", kwargs={"ao": request.ao.slug, "qan": row.qan})
    return f"{page}?framework={chosen.id}"
