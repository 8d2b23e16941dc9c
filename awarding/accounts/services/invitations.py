"""Writes about invitations: ask somebody to take up a role, send it again, withdraw it, accept it."""

from __future__ import annotations

import hashlib
import logging
from datetime import timedelta

from allauth.account.models import EmailAddress
from celery import current_app
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError as BrokerError

from awarding.accounts.models import Invitation, Membership, User
from awarding.accounts.queries import can_manage, find_standing
from awarding.accounts.roles import AO_ROLES, Role
from awarding.accounts.standing import PermissionMissingError, Standing
from awarding.audit.services import record
from awarding.notices.mail import Delivery, try_to_send
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import current_ao, open_scope

log = logging.getLogger(__name__)
VALID_FOR = timedelta(days=14)
MAX_EMAIL_ATTEMPTS = 8


class InvitationError(Exception):
    """An invitation that cannot be made or taken up; the message says why and what to do."""


@transaction.atomic
def invite_person(*, actor: Standing, email: str, name: str, role: Role, centre_id: int | None = None) -> Invitation:
    """Invites somebody to a role, for 14 days; the message with the link goes out after the commit.

    Nobody invites to a role they may not manage (`can_manage`): PermissionMissingError. InvitationError when the person
    holds the role already, or an invitation to it is open.
    """
    email = email.strip().lower()
    _require_manageable(actor, role, centre_id)
    held = Membership.objects.filter(person__email=email, role=role, centre_id=centre_id, ended_at=None)
    if held.exists():
        raise InvitationError(_("%(email)s holds this role already. Nothing needs to be sent.") % {"email": email})
    waiting = Invitation.objects.filter(
        email=email, role=role, centre_id=centre_id, accepted_at=None, withdrawn_at=None, expires_at__gt=timezone.now()
    )
    if waiting.exists():
        raise InvitationError(
            _("%(email)s has been invited to this role already. Send that invitation again from the list.")
            % {"email": email}
        )
    now = timezone.now()
    invitation = Invitation(
        email=email, name=name.strip(), role=role, centre_id=centre_id, invited_by=actor.person,
        created_at=now, expires_at=now + VALID_FOR,
    )  # fmt: skip
    _seal(invitation)
    facts = {"role": role.value, "centre": centre_id}
    record("invitation.sent", actor=actor, target=invitation, data=facts)
    _queue_email()
    return invitation


@transaction.atomic
def resend_invitation(*, actor: Standing, invitation: Invitation) -> Invitation:
    """Sends an open or expired invitation again with a new link, good for 14 days; the old link is dead."""
    locked = _lock(invitation)
    _require_manageable(actor, Role(locked.role), locked.centre_id)
    _require_unanswered(locked)
    locked.expires_at = timezone.now() + VALID_FOR
    locked.emailed_at, locked.email_attempts, locked.sendings = None, 0, locked.sendings + 1
    _seal(locked)
    record("invitation.sent_again", actor=actor, target=locked)
    _queue_email()
    return locked


@transaction.atomic
def withdraw_invitation(*, actor: Standing, invitation: Invitation) -> None:
    """Makes the link worthless. InvitationError when it was accepted meanwhile."""
    locked = _lock(invitation)
    _require_manageable(actor, Role(locked.role), locked.centre_id)
    if locked.withdrawn_at is not None:
        return
    _require_unanswered(locked)
    locked.withdrawn_at = timezone.now()
    locked.save(update_fields=["withdrawn_at"])
    record("invitation.withdrawn", actor=actor, target=locked)


@transaction.atomic
def accept_invitation(*, invitation: Invitation, person: User) -> Membership:
    """Gives the invited role to `person`, whose address must be the invited one. Works once; in the AO's scope.

    InvitationError when it was used, withdrawn or has expired, when the address is another, or when whoever invited may
    no longer give the role.
    """
    locked = _lock(invitation)
    _require_unanswered(locked)
    if locked.expires_at <= timezone.now():
        raise InvitationError(_("This invitation has expired. Ask the person who invited you to send it again."))
    if person.email != locked.email:
        raise InvitationError(
            _("This invitation was sent to %(email)s. Sign in with that address, or ask for one to yours.")
            % {"email": locked.email}
        )
    if not person.is_active:
        raise InvitationError(_("This account is closed. Ask the awarding organisation to open it again."))
    inviter = find_standing(locked.invited_by, locked.ao)
    if inviter is None or not can_manage(inviter, Role(locked.role), locked.centre_id):
        raise InvitationError(
            _("The person who invited you may no longer do so. Ask your organisation for a new invitation.")
        )
    locked.accepted_at, locked.accepted_by = timezone.now(), person
    locked.save(update_fields=["accepted_at", "accepted_by"])
    membership, _made = Membership.objects.get_or_create(
        person=person, role=locked.role, centre_id=locked.centre_id, ended_at=None,
        defaults={"granted_by_id": locked.invited_by_id},
    )  # fmt: skip
    facts = {"role": locked.role, "centre": locked.centre_id, "invitation": locked.pk}
    record("membership.began", actor=person, target=membership, data=facts)
    return membership


@transaction.atomic
def open_account(*, invitation: Invitation, name: str, password: str) -> User:
    """Makes the account of somebody invited who has none, and accepts. The link proves that the address is theirs."""
    locked = _lock(invitation)
    if User.objects.filter(email=locked.email).exists():
        raise InvitationError(_("There is an account with this address already. Sign in, then open the link again."))
    person = User.objects.create_user(locked.email, password, name=name.strip())
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    record("person.account_opened", actor=person, target=person, data={"invitation": locked.pk})
    accept_invitation(invitation=locked, person=person)
    return person


def token_of(invitation: Invitation) -> str:
    """The secret of the link. Made again from the row and the portal's key whenever it is needed: the database alone
    does not hold it."""
    parts = f"{invitation.ao_id}:{invitation.email}:{invitation.created_at.isoformat()}:{invitation.sendings}"
    secret = salted_hmac("awarding.accounts.invitation", parts, algorithm="sha256").hexdigest()
    return f"{invitation.ao.slug}.{secret}"


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def send_waiting_invitations(ao: AwardingOrganisation) -> int:
    """E-mails what has not gone out yet, each row locked while it is sent. Answers how many went out.

    A mail server that is away ends the round and costs no attempt; what the server refuses is given up after eight.
    """
    sent, last_id = 0, 0
    while True:
        with open_scope(ao):
            invitation = (
                Invitation.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("ao", "invited_by", "centre")
                .filter(emailed_at=None, accepted_at=None, withdrawn_at=None, email_attempts__lt=MAX_EMAIL_ATTEMPTS)
                .filter(expires_at__gt=timezone.now(), pk__gt=last_id)
                .order_by("id")
                .first()
            )
            if invitation is None:
                return sent
            last_id = invitation.pk
            delivery = try_to_send(_message(invitation))
            if delivery == Delivery.AWAY:
                return sent
            invitation.email_attempts += 1
            if delivery == Delivery.SENT:
                invitation.emailed_at = timezone.now()
                sent += 1
            invitation.save(update_fields=["emailed_at", "email_attempts"])


def _message(invitation: Invitation) -> EmailMessage:
    path = reverse("invitation", kwargs={"token": token_of(invitation)})
    body = render_to_string(
        "emails/invitation.txt", {"invitation": invitation, "ao": invitation.ao, "url": f"{settings.PUBLIC_URL}{path}"}
    )
    subject = _("[%(ao)s] You are invited: %(role)s") % {
        "ao": invitation.ao.short_name,
        "role": invitation.get_role_display(),
    }
    return EmailMessage(subject, body, to=[invitation.email])


def _queue_email() -> None:
    ao_id = current_ao().pk
    transaction.on_commit(lambda: _queue(ao_id))


def _queue(ao_id: int) -> None:
    try:
        # By its name: the task's module imports this one.
        current_app.send_task("awarding.accounts.tasks.send_invitations", args=[ao_id])
    except (BrokerError, OSError) as error:
        log.warning("Invitations wait until the broker is back: %s", error)


def _seal(invitation: Invitation) -> None:
    invitation.token_digest = digest_of(token_of(invitation))
    invitation.save()


def _lock(invitation: Invitation) -> Invitation:
    return Invitation.objects.select_for_update(of=("self",)).select_related("ao", "invited_by").get(pk=invitation.pk)


def _require_manageable(actor: Standing, role: Role, centre_id: int | None) -> None:
    if (role in AO_ROLES) != (centre_id is None):
        raise InvitationError(_("A role of the awarding organisation has no centre, and a role of a centre needs one."))
    if not can_manage(actor, role, centre_id):
        raise PermissionMissingError(
            _("%(name)s may not give or end the role “%(role)s” here.") % {"name": actor.name, "role": role.label}
        )


def _require_unanswered(invitation: Invitation) -> None:
    if invitation.accepted_at is not None:
        raise InvitationError(_("This invitation has been used already. If that was you, sign in."))
    if invitation.withdrawn_at is not None:
        raise InvitationError(_("This invitation was withdrawn. Ask the person who invited you."))
