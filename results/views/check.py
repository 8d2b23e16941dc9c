"""Public: is this certificate genuine? No sign-in, little told, and not often."""

from __future__ import annotations

import logging

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from awarding.accounts.audience import public
from results.forms import CheckForm
from results.queries.certificates import certificate_facts
from results.queries.checking import check_certificate

log = logging.getLogger(__name__)
CHECKS_PER_MINUTE = 30
WINDOW_SECONDS = 60


def is_too_often(request: HttpRequest) -> bool:
    """Counts this address's checks in the running minute. Without a cache nobody is locked out: the codes still guard."""
    key = f"check-certificate:{get_adapter().get_client_ip(request)}"
    try:
        cache.add(key, 0, WINDOW_SECONDS)
        return int(cache.incr(key)) > CHECKS_PER_MINUTE
    except ValueError:  # the window ended between the two
        return False
    except Exception:  # whatever the client raises, the cache is away
        log.warning("Checks of certificates are not counted: the cache is away")
        return False


@public
def check_search(request: HttpRequest) -> HttpResponse:
    """Type the number and the code, if the QR code cannot be scanned."""
    form = CheckForm(request.GET if request.GET else None)
    if request.GET and form.is_valid():
        found = form.cleaned_data
        return redirect("public:check_certificate", ao=found["ao"], number=found["number"], code=found["code"])
    return render(request, "results/check_search.html", {"heading": _("Check a certificate"), "form": form})


@public
def check(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """Genuine, revoked or unknown."""
    if is_too_often(request):
        response = render(request, "results/check_too_often.html", {"heading": _("Wait a minute")}, status=429)
        response["Retry-After"] = str(WINDOW_SECONDS)
        return response
    found = check_certificate(number, code)
    context = {"heading": _("Check a certificate"), "checked": found, "number": number}
    if found.certificate is not None and found.verdict == "genuine":
        context["facts"] = certificate_facts(found.certificate)
    response = render(request, "results/check.html", context, status=404 if found.verdict == "unknown" else 200)
    # A revocation must be seen at once; names do not belong in search engines.
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
