"""What people meet when something was refused before a view ran, or when a part of the portal is away."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError as QueueError
from redis.exceptions import ConnectionError as CacheError
from redis.exceptions import TimeoutError as CacheTimeoutError

AWAY = (OperationalError, InterfaceError, QueueError, CacheError, CacheTimeoutError)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open too long, or opened before signing in: what to do, and that typing is not lost."""
    message = _(
        "This page was open for a long time, or you signed in again elsewhere. Go back, reload it and send it again."
    )
    if "X-Requested-With" in request.headers:
        return JsonResponse({"detail": message}, status=403)
    return render(request, "403_csrf.html", {"reason": message}, status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for a fault of ours: 503 when the database or the queue is away, which passes, otherwise 500.

    Rendered without the request: whatever the layout would ask for may be what is broken.
    """
    away = isinstance(sys.exc_info()[1], AWAY)
    status = 503 if away else 500
    if "X-Requested-With" in request.headers:
        message = (
            _("The portal cannot answer just now. What you typed is kept and is sent again.")
            if away
            else _("Something went wrong on our side. Nothing was half saved.")
        )
        response: HttpResponse = JsonResponse({"detail": message}, status=status)
    else:
        response = HttpResponse(render_to_string(f"{status}.html"), status=status)
    if away:
        response["Retry-After"] = "60"
    return response
