"""Invitations: who may send them, what the link does, and what it never does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from awarding.accounts.models import Invitation, Membership, User
from awarding.accounts.roles import Role
from awarding.accounts.services.invitations import (
    InvitationError,
    accept_invitation,
    invite_person,
    resend_invitation,
    send_waiting_invitations,
    token_of,
    withdraw_invitation,
)
from awarding.accounts.services.memberships import end_membership
from awarding.accounts.standing import PermissionMissingError
from awarding.tenancy.scope import open_scope
from tests.factories import make_ao, make_centre, make_person, make_standing
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db
WORDS = "four plain words here"


@pytest.fixture
def ao():
    return make_ao("aim")


@pytest.fixture
def admin(ao):
    with open_scope(ao):
        return make_standing(ao, Role.AO_ADMIN)


@pytest.fixture
def centre(ao):
    with open_scope(ao):
        return make_centre("Northfield College")


@pytest.fixture
def quality_contact(ao, centre):
    with open_scope(ao):
        return make_standing(ao, Role.QUALITY_CONTACT, centre)


def invite(ao, actor, role=Role.TEACHER, centre=None, email="new@example.org") -> Invitation:
    with open_scope(ao):
        return invite_person(
            actor=actor, email=email, name="New Person", role=role, centre_id=centre.pk if centre else None
        )


def link(ao, invitation) -> str:
    with open_scope(ao):
        return reverse("invitation", kwargs={"token": token_of(Invitation.objects.get(pk=invitation.pk))})


def roles_of(ao, email) -> list[tuple[str, int | None]]:
    with open_scope(ao):
        rows = Membership.objects.filter(person__email=email, ended_at=None)
        return list(rows.values_list("role", "centre_id"))


def test_from_the_form_to_an_account_with_the_role(client, ao, quality_contact, centre):
    sign_in(client, quality_contact.person)
    facts = {"name": "New Person", "email": "New@Example.org", "role": Role.TEACHER, "centre": centre.pk}
    assert client.post(reverse("people:invite", kwargs={"ao": "aim"}), facts).headers["Location"] == "/ao/aim/people/"
    assert send_waiting_invitations(ao) == 1
    message = mail.outbox[0]
    assert message.to == ["new@example.org"] and "Northfield College" in message.body
    address = next(word for word in message.body.split() if "/invitations/" in word)
    stranger = Client()
    page = stranger.get(address)
    assert page.status_code == 200 and "Make your account" in page.content.decode()
    answer = stranger.post(address, {"name": "New Person", "password1": WORDS, "password2": WORDS})
    assert answer.headers["Location"] == "/"
    assert roles_of(ao, "new@example.org") == [(Role.TEACHER, centre.pk)]
    assert stranger.get("/ao/aim/").status_code == 200
    assert stranger.get("/").status_code == 200


def test_a_role_that_needs_a_second_factor_leads_to_setting_one_up(ao, admin):
    invitation = invite(ao, admin, Role.PANEL_MEMBER)
    stranger = Client()
    address = link(ao, invitation)
    stranger.post(address, {"name": "New Person", "password1": WORDS, "password2": WORDS})
    assert stranger.get("/").headers["Location"] == reverse("second_factor_needed")
    # The password was chosen a moment ago: it is not asked for again.
    assert stranger.get(reverse("mfa_activate_totp")).status_code == 200


def test_somebody_who_has_an_account_signs_in_and_accepts(client, ao, admin, centre):
    person = make_person(email="new@example.org", password=WORDS)
    address = link(ao, invite(ao, admin, Role.TEACHER, centre))
    page = client.get(address).content.decode()
    assert "There is an account with this address" in page and "password1" not in page
    sign_in(client, person, second_factor=False)
    assert client.post(address).headers["Location"] == "/"
    assert roles_of(ao, person.email) == [(Role.TEACHER, centre.pk)]


def test_somebody_else_cannot_take_it_up(client, ao, admin, centre):
    address = link(ao, invite(ao, admin, Role.TEACHER, centre))
    other = make_person(email="other@example.org")
    sign_in(client, other, second_factor=False)
    assert "It was sent to" in client.get(address).content.decode()
    answer = client.post(address)
    assert answer.status_code == 409 and "new@example.org" in answer.content.decode()
    assert roles_of(ao, other.email) == []


def test_opening_the_link_alone_changes_nothing(client, ao, admin, centre):
    person = make_person(email="new@example.org")
    sign_in(client, person, second_factor=False)
    client.get(link(ao, invite(ao, admin, Role.TEACHER, centre)))
    assert roles_of(ao, person.email) == []


def test_it_works_once(client, ao, admin, centre):
    address = link(ao, invite(ao, admin, Role.TEACHER, centre))
    facts = {"name": "New Person", "password1": WORDS, "password2": WORDS}
    client.post(address, facts)
    again = Client().post(address, facts)
    assert again.status_code == 410 and "used already" in again.content.decode()
    assert User.objects.filter(email="new@example.org").count() == 1


def test_it_expires_after_14_days_and_can_be_sent_again_with_a_new_link(client, ao, admin, centre):
    invitation = invite(ao, admin, Role.TEACHER, centre)
    old = link(ao, invitation)
    with open_scope(ao):
        Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    page = client.get(old)
    assert page.status_code == 410 and "send it again" in page.content.decode()
    with open_scope(ao):
        resend_invitation(actor=admin, invitation=invitation)
    new = link(ao, invitation)
    assert new != old
    assert client.get(old).status_code == 404
    assert client.get(new).status_code == 200
    with open_scope(ao):
        left = Invitation.objects.get(pk=invitation.pk).expires_at - timezone.now()
    assert timedelta(days=13, hours=23) < left <= timedelta(days=14)


def test_a_withdrawn_one_says_so(client, ao, admin, centre):
    invitation = invite(ao, admin, Role.TEACHER, centre)
    sign_in(client, admin.person)
    client.post(reverse("people:withdraw", kwargs={"ao": "aim", "invitation_id": invitation.pk}))
    answer = Client().get(link(ao, invitation))
    assert answer.status_code == 410 and "withdrawn" in answer.content.decode()


@pytest.mark.parametrize("token", ["aim.0000", "nobody.0000", "aim", "...", "%C3%A9.x"])
def test_a_made_up_link_is_no_invitation(client, ao, token):
    assert client.get(f"/invitations/{token}/").status_code == 404


def test_the_database_holds_no_link(ao, admin, centre):
    invitation = invite(ao, admin, Role.TEACHER, centre)
    with open_scope(ao):
        row = Invitation.objects.filter(pk=invitation.pk).values().get()
        secret = token_of(Invitation.objects.get(pk=invitation.pk)).partition(".")[2]
    assert secret not in str(row)


@pytest.mark.parametrize("role", [Role.HEAD_OF_CENTRE, Role.DIRECT_CLAIMS_VERIFIER, Role.AO_ADMIN, Role.PANEL_MEMBER])
def test_a_quality_contact_may_not_give_what_the_ao_gives(ao, quality_contact, centre, role):
    with pytest.raises((PermissionMissingError, InvitationError)):
        invite(ao, quality_contact, role, centre)
    with pytest.raises((PermissionMissingError, InvitationError)):
        invite(ao, quality_contact, role, None)


def test_a_quality_contact_may_give_centre_roles_at_their_own_centre_only(ao, quality_contact, centre):
    with open_scope(ao):
        elsewhere = make_centre("Elsewhere College")
    assert invite(ao, quality_contact, Role.QUALITY_CONTACT, centre).pk
    with pytest.raises(PermissionMissingError):
        invite(ao, quality_contact, Role.TEACHER, elsewhere)


def test_the_form_refuses_a_centre_or_role_that_was_not_offered(client, ao, quality_contact, centre):
    with open_scope(ao):
        elsewhere = make_centre("Elsewhere College")
    sign_in(client, quality_contact.person)
    address = reverse("people:invite", kwargs={"ao": "aim"})
    base = {"name": "New", "email": "new@example.org"}
    for facts in (
        {"role": Role.TEACHER, "centre": elsewhere.pk},
        {"role": Role.HEAD_OF_CENTRE, "centre": centre.pk},
        {"role": Role.AO_ADMIN, "centre": ""},
        {"role": Role.TEACHER, "centre": ""},
    ):
        answer = client.post(address, base | facts)
        assert answer.status_code == 200 and answer.context["form"].errors, facts
    with open_scope(ao):
        assert not Invitation.objects.exists()


def test_a_teacher_invites_nobody(client, ao, centre):
    with open_scope(ao):
        teacher = make_standing(ao, Role.TEACHER, centre)
    with pytest.raises(PermissionMissingError):
        invite(ao, teacher, Role.TEACHER, centre)
    sign_in(client, teacher.person)
    assert client.get(reverse("people:invite", kwargs={"ao": "aim"})).status_code == 403


def test_it_gives_nothing_once_who_sent_it_may_no_longer(ao, admin, quality_contact, centre):
    person = make_person(email="new@example.org")
    invitation = invite(ao, quality_contact, Role.TEACHER, centre)
    with open_scope(ao):
        end_membership(actor=admin, membership=Membership.objects.get(person=quality_contact.person))
        with pytest.raises(InvitationError, match="may no longer"):
            accept_invitation(invitation=invitation, person=person)
    assert roles_of(ao, person.email) == []


def test_the_same_invitation_twice_is_refused_with_what_to_do(ao, admin, centre):
    invite(ao, admin, Role.TEACHER, centre)
    with pytest.raises(InvitationError, match="Send that invitation again"):
        invite(ao, admin, Role.TEACHER, centre)
    assert invite(ao, admin, Role.INTERNAL_VERIFIER, centre).pk


def test_somebody_who_holds_the_role_is_not_invited_to_it(ao, admin, quality_contact, centre):
    with pytest.raises(InvitationError, match="holds this role already"):
        invite(ao, admin, Role.QUALITY_CONTACT, centre, quality_contact.person.email)


def test_another_aos_invitation_cannot_be_touched(client, ao, admin, centre):
    invitation = invite(ao, admin, Role.TEACHER, centre)
    other = make_ao("other")
    with open_scope(other):
        stranger = make_standing(other, Role.AO_ADMIN)
    sign_in(client, stranger.person)
    for name in ("people:resend", "people:withdraw"):
        assert client.post(reverse(name, kwargs={"ao": "other", "invitation_id": invitation.pk})).status_code == 404
        assert client.post(reverse(name, kwargs={"ao": "aim", "invitation_id": invitation.pk})).status_code == 404


def test_a_mail_server_that_is_away_loses_no_invitation(ao, admin, centre, monkeypatch):
    from django.core.mail import EmailMessage

    invitation = invite(ao, admin, Role.TEACHER, centre)
    works = EmailMessage.send
    monkeypatch.setattr(EmailMessage, "send", lambda self: (_ for _ in ()).throw(ConnectionRefusedError("away")))
    assert send_waiting_invitations(ao) == 0
    monkeypatch.setattr(EmailMessage, "send", works)
    assert send_waiting_invitations(ao) == 1
    assert send_waiting_invitations(ao) == 0
    assert len(mail.outbox) == 1
    with open_scope(ao):
        assert Invitation.objects.get(pk=invitation.pk).email_attempts == 1


def test_nothing_is_sent_for_a_withdrawn_one(ao, admin, centre):
    invitation = invite(ao, admin, Role.TEACHER, centre)
    with open_scope(ao):
        withdraw_invitation(actor=admin, invitation=invitation)
    assert send_waiting_invitations(ao) == 0 and mail.outbox == []


def test_two_passwords_that_differ_and_weak_ones_are_refused(ao, admin, centre):
    address = link(ao, invite(ao, admin, Role.TEACHER, centre))
    for first, second in ((WORDS, "something else again"), ("short", "short"), ("new@example.org", "new@example.org")):
        answer = Client().post(address, {"name": "New", "password1": first, "password2": second})
        assert answer.status_code == 200 and answer.context["form"].errors
    assert not User.objects.filter(email="new@example.org").exists()


def test_the_message_is_handed_to_the_queue_and_a_queue_that_is_away_loses_nothing(
    ao, admin, centre, monkeypatch, django_capture_on_commit_callbacks
):
    from celery import current_app
    from kombu.exceptions import OperationalError as QueueError

    from awarding.accounts import tasks

    asked = []

    def no_queue(name, args):
        asked.append((name, args))
        raise QueueError("away")

    monkeypatch.setattr(current_app._get_current_object(), "send_task", no_queue)
    with django_capture_on_commit_callbacks(execute=True):
        invite(ao, admin, Role.TEACHER, centre)
    assert asked == [(tasks.send_invitations.name, [ao.pk])] and mail.outbox == []
    tasks.sweep_invitations()
    assert len(mail.outbox) == 1
