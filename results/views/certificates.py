"""Certificates: download, revoke, issue again."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.files.serving import serve_file
from awarding.workflow.services import GuardedError, StalePageError
from results.forms import RevokeForm
from results.models import Certificate
from results.queries.certificates import certificate_facts, visible_certificates
from results.services.certificates import reissue_certificate, revoke_certificate


@allowed(P.RESULTS_VIEW)
@require_GET
def certificate(request: HttpRequest, certificate_id: int) -> HttpResponseBase:
    """The PDF, for those who may see the result now (RES-01). A revoked one is the AO's to open only."""
    standing = standing_in(request)
    found: Certificate = get_object_or_404(visible_certificates(standing), pk=certificate_id)
    if found.file is None:
        raise Http404(_("This certificate is still being made. Look again in a minute."))
    if found.state == Certificate.State.REVOKED and not standing.is_ao_staff:
        raise Http404(_("This certificate was revoked. If there is another, it stands with the result."))
    return serve_file(found.file, inline=True)


@allowed(P.RESULTS_PROCESS)
@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, certificate_id: int) -> HttpResponse:
    """Take a certificate out of force with a reason, and make another if asked."""
    standing = standing_in(request)
    found: Certificate = get_object_or_404(visible_certificates(standing), pk=certificate_id)
    name, back = _source(request, found)
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            job = revoke_certificate(actor=standing, certificate=found, **form.cleaned_data)
        except (StalePageError, GuardedError) as error:
            messages.error(request, str(error))
        else:
            text = _("%(number)s is revoked.") % {"number": found.number}
            if job is not None:
                text += " " + _("A new certificate is being made.")
            messages.success(request, text)
        return redirect(back)
    is_revoked = found.state == Certificate.State.REVOKED
    others = Certificate.objects.filter(result=found.result).exclude(state=Certificate.State.REVOKED)
    title = _("%(number)s is revoked") if is_revoked else _("Revoke %(number)s")
    context = {
        "instead": others.first() if is_revoked else None,
        "heading": title % {"number": found.number},
        "certificate": found,
        "facts": certificate_facts(found),
        "form": form,
        "breadcrumbs": [
            (_("Results"), ao_url(request, "results:list")),
            (name, back),
        ],
    }
    return render(request, "results/revoke.html", context)


@allowed(P.RESULTS_PROCESS)
@require_POST
def reissue(request: HttpRequest, certificate_id: int) -> HttpResponse:
    """Make a new certificate in place of a revoked one."""
    standing = standing_in(request)
    found: Certificate = get_object_or_404(visible_certificates(standing), pk=certificate_id)
    try:
        reissue_certificate(actor=standing, certificate=found)
    except (StalePageError, GuardedError) as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, _("A new certificate is being made instead of %(number)s.") % {"number": found.number}
        )
    return redirect(_source(request, found)[1])


def _source(request: HttpRequest, certificate: Certificate) -> tuple[str, str]:
    """The name and the address of the page that the certificate's result stands on."""
    result = certificate.result
    if result.claim is not None:
        return result.claim.number, ao_url(request, "results:claim", claim_id=result.claim_id)
    return _("Q-TAG results"), ao_url(request, "results:qtag_submission", submission_id=result.submission_id)
