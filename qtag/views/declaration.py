"""The head of centre's declaration: read, confirm each statement, sign; the signed ones; deputies."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from awarding.accounts.audience import member
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.accounts.second_factor import ask_for_second_factor, has_fresh_second_factor
from awarding.files.serving import serve_file
from awarding.frameworks.models import Adoption
from awarding.workflow.services import StalePageError, TransitionError
from centres.models import Centre
from qtag.forms.declaration import SignForm
from qtag.queries.declaration import (
    DeclarationView,
    declaration_view,
    is_declared_late,
    openable_declarations,
    signing_centres,
    signs_as,
    visible_declarations,
)
from qtag.queries.differences import comparison_note, material_differences, signing_findings
from qtag.queries.submissions import running_adoptions
from qtag.services.declaring import sign_declaration
from qtag.views.declaration_history import declaration_or_404

SIGNED_PER_PAGE = 50


@member
@require_GET
def declarations(request: HttpRequest) -> HttpResponse:
    """What is to be signed, and what was."""
    standing = standing_in(request)
    centres = signing_centres(standing)
    signed = list(visible_declarations(standing)[:SIGNED_PER_PAGE])
    if not centres and not signed and not standing.can(P.DECLARATIONS_VIEW):
        raise Http404
    opens = openable_declarations(standing).filter(pk__in=[row.pk for row in signed])
    open_parts = []
    for adoption in running_adoptions():
        for centre in centres:
            view = declaration_view(centre, adoption)
            open_parts.append({"view": view, "late": is_declared_late(view)})
    context = {
        "heading": _("Declarations"), "to_sign": open_parts, "signed": signed,
        "opens": set(opens.values_list("pk", flat=True)), "sees_concerns": standing.can(P.CONCERNS_VIEW),
        "names_deputies": standing.can(P.DECLARATIONS_SIGN) or standing.can(P.DEPUTIES_DECIDE),
    }  # fmt: skip
    return render(request, "qtag/declarations.html", context)


@member
@require_http_methods(["GET", "POST"])
def sign(request: HttpRequest, centre_id: int, adoption_id: int) -> HttpResponse:
    """One page with everything that the signature binds; needs a fresh second factor (HOC-01)."""
    standing = standing_in(request)
    centre = get_object_or_404(Centre, pk=centre_id)
    adoption = get_object_or_404(Adoption.objects.select_related("framework"), pk=adoption_id)
    if not signs_as(standing.person, standing, centre.pk):
        raise Http404
    kept_as = f"signing-{centre.pk}-{adoption.pk}"
    if not has_fresh_second_factor(request):
        if request.method == "POST":
            # Whoever has read for longer than a code is fresh comes back to what they had confirmed.
            request.session[kept_as] = {name: "on" for name in request.POST} | {
                "digest": request.POST.get("digest", "")
            }
        return ask_for_second_factor(request)
    view = declaration_view(centre, adoption)
    kept = request.session.get(kept_as, {})
    confirmed = kept if kept.get("digest") == view.digest else {}
    form = SignForm(
        request.POST if request.method == "POST" else None, statements=view.statements,
        initial=confirmed | {"digest": view.digest},
    )  # fmt: skip
    status = 200
    if form.is_bound and form.is_valid():
        try:
            sign_declaration(
                actor=standing, centre=centre, adoption=adoption, shown_digest=form.cleaned_data["digest"],
                statements=form.confirmed,
            )  # fmt: skip
        except StalePageError as error:
            messages.error(request, str(error))
            return redirect(request.path)
        except TransitionError as error:
            form.add_error(None, str(error))
            status = 409
        else:
            for name in (kept_as, "go_on_to"):
                request.session.pop(name, None)
            messages.success(request, _("Signed. The document is below; the quality contact is told."))
            return redirect(ao_url(request, "qtag:declarations"))
    return _show(request, view, form, status)


def _show(request: HttpRequest, view: DeclarationView, form: SignForm, status: int) -> HttpResponse:
    submissions = [part.submission for part in view.parts]
    stopping = signing_findings(view.centre.pk, submissions)
    context = {
        "differences": material_differences(view.centre.pk, submissions),
        "stopping": stopping, "comparison_note": comparison_note(submissions) if not stopping else "",
        "heading": _("Declaration of %(centre)s") % {"centre": view.centre.name}, "view": view, "form": form,
        "is_late": is_declared_late(view),
        "learners": sum(part.learners for part in view.parts),
        "late": sum(part.late for part in view.parts),
        "waiting": sum(part.waiting for part in view.parts),
        "breadcrumbs": [(_("Declarations"), ao_url(request, "qtag:declarations"))],
    }  # fmt: skip
    return render(request, "qtag/sign.html", context, status=status)


@member
@require_GET
def document(request: HttpRequest, declaration_id: int) -> FileResponse:
    """The signed document. It counts grades, so only the centre and whoever signed it open it before results (QTG-17)."""
    found = declaration_or_404(standing_in(request), declaration_id)
    if found.document is None:
        raise Http404
    return serve_file(found.document)
