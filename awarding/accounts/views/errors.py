"""What people meet when something was refused before a view ran."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open too long, or opened before signing in: what to do, and that typing is not lost."""
    message = _(
        "This page was open for a long time, or you signed in again elsewhere. Go back, reload it and send it again."
    )
    if "X-Requested-With" in request.headers:
        return JsonResponse({"detail": message}, status=403)
    return render(request, "403.html", {"exception": message}, status=403)
