"""Taking up an invitation through the link in the message."""

from __future__ import annotations

from allauth.account.internal.flows.login import record_authentication
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from awarding.accounts.audience import public
from awarding.accounts.context import remember_organisations
from awarding.accounts.forms.people import OpenAccountForm
from awarding.accounts.models import Invitation, User
from awarding.accounts.queries import find_invitation
from awarding.accounts.services.invitations import InvitationError, accept_invitation, digest_of, open_account
from awarding.tenancy.queries import find_tenant
from awarding.tenancy.scope import open_scope

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@public
@never_cache
@sensitive_post_parameters("password1", "password2")
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link: accept as the person signed in, sign in first, or make an account."""
    ao = find_tenant(token.rpartition(".")[0])
    if ao is None:
        raise Http404(_("No invitation has this link."))
    with open_scope(ao):
        invitation = find_invitation(digest_of(token))
        if invitation is None:
            return _refuse(request, "unknown", 404)
        state = _state_of(invitation)
        if state != "open":
            return _refuse(request, state, 410, invitation)
        if request.user.is_authenticated:
            return _accept_signed_in(request, invitation)
        if User.objects.filter(email=invitation.email).exists():
            context = {"heading": _heading(invitation), "invitation": invitation, "next": request.path}
            return render(request, "accounts/invitation_sign_in.html", context)
        return _open_account(request, invitation)


def _state_of(invitation: Invitation) -> str:
    if invitation.accepted_at is not None:
        return "used"
    if invitation.withdrawn_at is not None:
        return "withdrawn"
    return "expired" if invitation.expires_at <= timezone.now() else "open"


def _heading(invitation: Invitation) -> str:
    return _("You are invited by %(ao)s") % {"ao": invitation.ao.name}


def _refuse(request: HttpRequest, state: str, status: int, invitation: Invitation | None = None) -> HttpResponse:
    context = {"heading": _("This invitation cannot be used"), "state": state, "invitation": invitation}
    return render(request, "accounts/invitation_refused.html", context, status=status)


def _accept_signed_in(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    person: User = request.user  # type: ignore[assignment]
    context = {
        "heading": _heading(invitation), "invitation": invitation, "fits": person.email == invitation.email
    }  # fmt: skip
    if request.method == "POST":
        try:
            accept_invitation(invitation=invitation, person=person)
        except InvitationError as error:
            return render(request, "accounts/invitation.html", context | {"error": str(error)}, status=409)
        remember_organisations(request, person)
        messages.success(request, _("You now hold the role “%(role)s”.") % {"role": invitation.get_role_display()})
        return redirect("my_work")
    return render(request, "accounts/invitation.html", context)


def _open_account(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    form = OpenAccountForm(request.POST or None, email=invitation.email, initial={"name": invitation.name})
    context = {"heading": _heading(invitation), "invitation": invitation, "form": form}
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/invitation_account.html", context)
    try:
        person = open_account(
            invitation=invitation, name=form.cleaned_data["name"], password=form.cleaned_data["password1"]
        )
    except InvitationError as error:
        return render(request, "accounts/invitation_account.html", context | {"error": str(error)}, status=409)
    # They have just chosen the password: adding a second factor need not ask for it at once.
    record_authentication(request, person, "password", email=person.email, reauthenticated=True)
    login(request, person, backend=BACKEND)
    messages.success(request, _("Your account is ready."))
    return redirect("my_work")
