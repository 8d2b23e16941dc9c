"""Frameworks: which there are, what one says, adopting it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from awarding.accounts.audience import allowed, member
from awarding.accounts.requests import PortalRequest
from awarding.accounts.roles import Permission
from awarding.frameworks.consequences import Proposal, consequences_of
from awarding.frameworks.differences import list_differences
from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.explain import explain
from awarding.frameworks.forms import AdoptionForm, field_name
from awarding.frameworks.loading import OverrideError, apply_overrides
from awarding.frameworks.models import Adoption, FrameworkVersion
from awarding.frameworks.parts import Change
from awarding.frameworks.queries import adopted_document, list_changes_since, newest_versions, open_adoptions
from awarding.frameworks.services import adopt_framework
from awarding.frameworks.wording import plain
from awarding.workflow.services import StalePageError


@member
@require_safe
def frameworks(request: PortalRequest) -> HttpResponse:
    """The newest version of every framework, and whether this AO has adopted it."""
    adopted = {row.framework.code: row for row in open_adoptions()}
    rows = []
    for version in newest_versions():
        adoption = adopted.get(version.code)
        is_behind = adoption is not None and adoption.framework_id != version.pk
        rows.append((version, FrameworkDocument.from_stored(version.document), adoption, is_behind))
    context = {
        "heading": _("Frameworks"),
        "rows": rows,
        "can_adopt": request.standing.can(Permission.FRAMEWORKS_ADOPT),
    }
    return render(request, "frameworks/frameworks.html", context)


@member
@require_safe
def framework(request: PortalRequest, code: str) -> HttpResponse:
    """A framework in words: as the AO runs it, or as published where it has not adopted it."""
    version = _newest(code)
    adoption = _open_adoption(code)
    document = adopted_document(adoption) if adoption else FrameworkDocument.from_stored(version.document)
    context = {
        "heading": _(document.title),
        "breadcrumbs": crumbs(request),
        "version": adoption.framework if adoption else version,
        "adoption": adoption,
        "is_behind": adoption is not None and adoption.framework_id != version.pk,
        "sections": explain(document),
        "can_adopt": request.standing.can(Permission.FRAMEWORKS_ADOPT),
    }
    return render(request, "frameworks/framework.html", context)


@allowed(Permission.FRAMEWORKS_ADOPT)
def adopt(request: PortalRequest, code: str) -> HttpResponse:
    """Choose what is the AO's to choose, see what that would change, adopt."""
    version, adoption = _newest(code), _open_adoption(code)
    document = FrameworkDocument.from_stored(version.document)
    if request.method != "POST":
        return _adopt_page(request, version, adoption, _form(document, adoption))
    form = AdoptionForm(request.POST, document=document)
    if not form.is_valid():
        return _adopt_page(request, version, adoption, form)
    try:
        applied = apply_overrides(document, form.overrides())
        if request.POST.get("step") != "adopt":
            before = adopted_document(adoption) if adoption else None
            return _adopt_page(request, version, adoption, form, proposal=Proposal(applied, before, adoption))
        adopt_framework(
            actor=request.standing,
            framework=version,
            overrides=form.overrides(),
            expected_id=form.cleaned_data["expected"],
        )
    except OverrideError as error:
        for fault in error.faults:
            name = field_name(fault.path)
            form.add_error(name if name in form.fields else None, f"{fault.path} {fault.what} {fault.fix}")
        return _adopt_page(request, version, adoption, form)
    except StalePageError as error:
        messages.error(request, str(error))
        adoption = _open_adoption(code)
        return _adopt_page(request, version, adoption, _form(document, adoption), status=409)
    messages.success(request, _("The framework was adopted. Documents made under the earlier adoption are superseded."))
    return redirect("frameworks:framework", ao=request.ao.slug, code=code)


def _form(document: FrameworkDocument, adoption: Adoption | None) -> AdoptionForm:
    """The form with what the AO has chosen so far, so far as this version still leaves it to the AO."""
    chosen = adoption.overrides if adoption else {}
    kept = {path: value for path, value in chosen.items() if path in document.ao_decides}
    return AdoptionForm(document=document, overrides=kept, initial={"expected": adoption.pk if adoption else 0})


def _adopt_page(
    request: PortalRequest,
    version: FrameworkVersion,
    adoption: Adoption | None,
    form: AdoptionForm,
    *,
    proposal: Proposal | None = None,
    status: int = 200,
) -> HttpResponse:
    address = {"ao": request.ao.slug, "code": version.code}
    context: dict[str, Any] = {
        "heading": _("Adopt %(title)s") % {"title": _(version.title)},
        "breadcrumbs": [*crumbs(request), (_(version.title), reverse("frameworks:framework", kwargs=address))],
        "version": version,
        "adoption": adoption,
        "form": form,
        "is_previewed": proposal is not None,
    }
    if proposal is not None:
        before, after = proposal.before, proposal.after
        is_newer = before is not None and before.version != after.version
        context |= {
            "preview": list_changes_since(before, after),
            "differences": list_differences(before, after) if before is not None and is_newer else (),
            "versions": [
                row for row in after.data["changes"] if before is not None and row["version"] > before.version
            ],
            "consequences": consequences_of(proposal),
        }
        context["preview_rows"] = [_in_words(change, _("not set")) for change in context["preview"]]
        context["difference_rows"] = [_in_words(change, "–") for change in context["differences"]]
    return render(request, "frameworks/adopt.html", context, status=status)


def _in_words(change: Change, nothing: str) -> tuple[str, str, str]:
    """A change as the page shows it: what, before, after."""
    before, after = (nothing if value is None else plain(value) for value in (change.before, change.after))
    return _(change.label), before, after


def crumbs(request: PortalRequest) -> list[tuple[str, str]]:
    return [(_("Frameworks"), reverse("frameworks:list", kwargs={"ao": request.ao.slug}))]


def _newest(code: str) -> FrameworkVersion:
    version = next((row for row in newest_versions() if row.code == code), None)
    if version is None:
        raise Http404(_("There is no framework of that name."))
    return version


def _open_adoption(code: str) -> Adoption | None:
    return next((row for row in open_adoptions() if row.framework.code == code), None)
