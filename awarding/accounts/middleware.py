"""Decides who reaches a view, and runs it inside the transaction that carries the tenant.

Order of answers: no such AO, or one where the person holds no role: 404; not signed in: the sign-in page (401 for
scripts); a second factor is owed: set it up; a role without the permission: 403.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.middleware import get_user
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awarding.accounts.audience import Audience, audience_of
from awarding.accounts.context import TOUCHED_KEY, is_due_a_touch, touch
from awarding.accounts.queries import open_standing
from awarding.accounts.second_factor import has_second_factor
from awarding.accounts.standing import PermissionMissingError, Standing
from awarding.tenancy.queries import find_tenant
from awarding.tenancy.scope import open_scope

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_NO_SUCH_AO = gettext_lazy("No awarding organisation here has that address.")


class AudienceMiddleware:
    """See the module's docstring. Sets `request.ao` and `request.standing` (None outside an AO)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.ao = None  # type: ignore[attr-defined]
        request.standing = None  # type: ignore[attr-defined]
        response = self.get_response(request)
        # A session that is used lasts on; written seldom, so that reading pages does not write.
        if request.session.accessed and request.session.get(TOUCHED_KEY) and is_due_a_touch(request):
            touch(request)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        audience = audience_of(view, match.url_name if match else None)
        if audience is None:
            raise ImproperlyConfigured(f"The route {match and match.view_name!r} declares no audience.")
        if "ao" not in kwargs:
            if audience.kind == "public":
                return None
            if not request.user.is_authenticated:
                return _ask_to_sign_in(request)
            if audience.kind == "signed_in":
                return None
            raise ImproperlyConfigured(f"The audience of {match and match.view_name!r} needs an AO in the path.")
        try:
            return _run_in_scope(request, audience, view, args, kwargs)
        except (PermissionDenied, Http404) as refusal:
            if not _is_script(request):
                raise
            status = 403 if isinstance(refusal, PermissionDenied) else 404
            return JsonResponse({"detail": str(refusal) or _("There is nothing here.")}, status=status)


def _run_in_scope(
    request: HttpRequest, audience: Audience, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> HttpResponseBase:
    slug, read_only = kwargs.pop("ao"), request.method in SAFE_METHODS
    # The person themselves instead of a stand-in: every step below asks for something of them.
    person = request.user = get_user(request)
    if isinstance(person, AnonymousUser):
        ao = find_tenant(slug)
        if ao is None:
            raise Http404(_NO_SUCH_AO)
        if audience.kind != "public":
            return _ask_to_sign_in(request)
        with open_scope(ao, read_only=read_only):
            request.ao = ao  # type: ignore[attr-defined]
            return _answer(request, view, args, kwargs)
    # The person's own rows are opened along with the AO's: the count of unread notices asks for them on every page.
    with open_standing(person, slug, read_only=read_only) as (found, standing):
        if found is None:
            raise Http404(_NO_SUCH_AO)
        # Not even that the page exists is told to people of other AOs; whose it would be is not told either.
        if standing is None and audience.kind != "public":
            raise Http404
        request.ao, request.standing = found, standing  # type: ignore[attr-defined]
        if standing is not None and audience.kind != "public":
            refusal = _refusal(request, audience, standing)
            if refusal is not None:
                return refusal
        return _answer(request, view, args, kwargs)


def _refusal(request: HttpRequest, audience: Audience, standing: Standing) -> HttpResponse | None:
    """What stands between this person and the page: a second factor that is owed, a permission that is missing."""
    if standing.needs_second_factor and not has_second_factor(request):
        if _is_script(request):
            raise PermissionDenied(_("Your role needs a second factor: sign in with it first."))
        return redirect("second_factor_needed")
    if audience.permissions and not any(standing.can(p) for p in audience.permissions):
        wanted = " · ".join(str(p.label) for p in audience.permissions)
        raise PermissionDenied(_("This page is for: %(what)s.") % {"what": wanted})
    return None


def _answer(
    request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> HttpResponseBase:
    try:
        response = view(request, *args, **kwargs)
    except PermissionMissingError as error:
        raise PermissionDenied(str(error)) from error
    if hasattr(response, "render") and not getattr(response, "is_rendered", True):
        # Rendering reads the database: it belongs inside the scope.
        response = response.render()
    return cast(HttpResponseBase, response)


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """A page for people; a plain 401 for scripts, which keep what was typed and say so."""
    if _is_script(request):
        return JsonResponse({"detail": _("Sign in again; what you typed is kept.")}, status=401)
    return redirect_to_login(request.get_full_path())


def _is_script(request: HttpRequest) -> bool:
    """The grid's script and callers of the API understand JSON, not a page."""
    return "X-Requested-With" in request.headers or request.path.startswith("/api/")
