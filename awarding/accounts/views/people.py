"""The people of an AO and its centres: who holds which role, invitations, ending a role."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from awarding.accounts.audience import allowed
from awarding.accounts.forms.people import EndForm, InviteForm
from awarding.accounts.models import Membership
from awarding.accounts.queries import can_manage, visible_invitations, visible_memberships
from awarding.accounts.roles import Permission, Role
from awarding.accounts.services.invitations import (
    InvitationError,
    invite_person,
    resend_invitation,
    withdraw_invitation,
)
from awarding.accounts.services.memberships import MembershipError, end_membership
from awarding.accounts.standing import Standing

PAGE = 50


def _standing(request: HttpRequest) -> Standing:
    return request.standing  # type: ignore[attr-defined]


def _to_list(request: HttpRequest) -> HttpResponse:
    return redirect("people:list", ao=_standing(request).ao.slug)


def _crumbs(request: HttpRequest) -> list[tuple[str, str]]:
    return [(str(_("People")), reverse("people:list", kwargs={"ao": _standing(request).ao.slug}))]


@allowed(Permission.PEOPLE_MANAGE_CENTRE)
def people_list(request: HttpRequest) -> HttpResponse:
    """Roles held and invitations open, within what the person manages."""
    standing = _standing(request)
    page = Paginator(visible_memberships(standing), PAGE).get_page(request.GET.get("page"))
    invitations = Paginator(visible_invitations(standing), PAGE).get_page(request.GET.get("invitations"))
    context = {
        "heading": _("People"),
        "page_obj": page,
        "rows": [(row, can_manage(standing, Role(row.role), row.centre_id)) for row in page],
        "invitations": invitations,
        "waiting": [(row, can_manage(standing, Role(row.role), row.centre_id)) for row in invitations],
    }
    return render(request, "accounts/people.html", context)


@allowed(Permission.PEOPLE_MANAGE_CENTRE)
def invite(request: HttpRequest) -> HttpResponse:
    """The form of an invitation."""
    standing = _standing(request)
    form = InviteForm(request.POST or None, standing=standing)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        centre = facts["centre"]
        try:
            invite_person(
                actor=standing, email=facts["email"], name=facts["name"], role=Role(facts["role"]),
                centre_id=centre.pk if centre else None,
            )  # fmt: skip
        except InvitationError as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, _("The invitation to %(email)s is on its way.") % {"email": facts["email"]})
            return _to_list(request)
    context = {"heading": _("Invite somebody"), "form": form, "breadcrumbs": _crumbs(request)}
    return render(request, "accounts/invite.html", context)


@allowed(Permission.PEOPLE_MANAGE_CENTRE)
@require_POST
def resend(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Sends an invitation again."""
    invitation = get_object_or_404(visible_invitations(_standing(request)), pk=invitation_id)
    try:
        resend_invitation(actor=_standing(request), invitation=invitation)
    except InvitationError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The invitation to %(email)s is sent again.") % {"email": invitation.email})
    return _to_list(request)


@allowed(Permission.PEOPLE_MANAGE_CENTRE)
@require_POST
def withdraw(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Withdraws an invitation; its link stops working."""
    invitation = get_object_or_404(visible_invitations(_standing(request)), pk=invitation_id)
    try:
        withdraw_invitation(actor=_standing(request), invitation=invitation)
    except InvitationError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The invitation to %(email)s is withdrawn.") % {"email": invitation.email})
    return _to_list(request)


@allowed(Permission.PEOPLE_MANAGE_CENTRE)
def end(request: HttpRequest, membership_id: int) -> HttpResponse:
    """Asks once more, then ends a role."""
    standing = _standing(request)
    membership: Membership = get_object_or_404(visible_memberships(standing), pk=membership_id)
    is_own = membership.person_id == standing.person.pk
    form = EndForm(request.POST if request.method == "POST" else None, is_own=is_own)
    if request.method == "POST" and form.is_valid():
        try:
            end_membership(actor=standing, membership=membership, own_confirmed=is_own)
        except MembershipError as error:
            form.add_error(None, str(error))
        else:
            text = _("%(name)s is no longer “%(role)s”.")
            messages.success(request, text % {"name": membership.person, "role": membership.get_role_display()})
            return redirect("my_work") if is_own else _to_list(request)
    context = {
        "heading": _("End a role"), "form": form, "membership": membership, "breadcrumbs": _crumbs(request)
    }  # fmt: skip
    return render(request, "accounts/end_membership.html", context)
