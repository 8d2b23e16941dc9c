"""Who must use a second factor, and what counts as having used it."""

from __future__ import annotations

import time

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from awarding.accounts.roles import Role
from awarding.audit.models import AuditRecord
from awarding.tenancy.scope import open_scope
from tests.factories import make_ao, make_centre, make_membership, make_person
from tests.factories.sign_in import TOTP_SECRET, give_totp, sign_in, totp_code

pytestmark = pytest.mark.django_db
PASSWORD = "four plain words here"


@pytest.fixture
def ao():
    return make_ao("aim")


def someone(ao, role: Role):
    person = make_person(password=PASSWORD)
    with open_scope(ao):
        make_membership(person, role, None if role == Role.AO_ADMIN else make_centre())
    return person


@pytest.mark.parametrize("role", [Role.AO_ADMIN, Role.HEAD_OF_CENTRE])
def test_a_role_that_binds_others_is_shown_nothing_without_a_second_factor(client, ao, role):
    person = someone(ao, role)
    sign_in(client, person, second_factor=False)
    needed = reverse("second_factor_needed")
    assert client.get("/ao/aim/").headers["Location"] == needed
    assert client.get("/").headers["Location"] == needed
    assert client.get("/inbox/").headers["Location"] == needed
    page = client.get(needed).content.decode()
    assert ao.name in page and reverse("mfa_activate_totp") in page


@pytest.mark.parametrize("role", [Role.AO_ADMIN, Role.HEAD_OF_CENTRE])
def test_with_the_second_factor_used_the_pages_open(client, ao, role):
    sign_in(client, someone(ao, role))
    assert client.get("/ao/aim/").status_code == 200
    assert client.get("/").status_code == 200
    assert client.get("/inbox/").status_code == 200


def test_a_teacher_needs_none(client, ao):
    sign_in(client, someone(ao, Role.TEACHER), second_factor=False)
    assert client.get("/ao/aim/").status_code == 200
    assert client.get("/").status_code == 200


def test_having_one_configured_without_using_it_is_not_enough(client, ao):
    person = someone(ao, Role.AO_ADMIN)
    give_totp(person)
    sign_in(client, person, second_factor=False)
    assert client.get("/ao/aim/").headers["Location"] == reverse("second_factor_needed")
    assert reverse("mfa_reauthenticate") in client.get(reverse("second_factor_needed")).content.decode()


def test_using_it_later_in_the_session_counts(client, ao):
    person = someone(ao, Role.AO_ADMIN)
    give_totp(person)
    sign_in(client, person, second_factor=False)
    client.post(reverse("mfa_reauthenticate"), {"code": totp_code(person)})
    assert client.get("/ao/aim/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_setting_up_the_first_one_in_this_session_counts(client, ao):
    person = someone(ao, Role.AO_ADMIN)
    sign_in(client, person, second_factor=False, fresh=True)
    set_up_app(client)
    assert Authenticator.objects.filter(user=person, type="totp").exists()
    assert client.get("/ao/aim/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_adding_another_to_an_account_that_has_one_does_not_count(client, ao):
    """A session opened with a stolen password must not pass by adding a factor of its own."""
    person = someone(ao, Role.AO_ADMIN)
    Authenticator.objects.create(user=person, type="webauthn", data={"name": "laptop", "credential": {}})
    sign_in(client, person, second_factor=False, fresh=True)
    set_up_app(client)
    assert Authenticator.objects.filter(user=person, type="totp").exists()
    assert client.get("/ao/aim/").headers["Location"] == reverse("second_factor_needed")


def test_a_factor_removed_during_the_session_no_longer_counts(client, ao):
    person = someone(ao, Role.AO_ADMIN)
    sign_in(client, person)
    Authenticator.objects.filter(user=person).delete()
    assert client.get("/ao/aim/").headers["Location"] == reverse("second_factor_needed")


def test_records_of_another_person_in_the_session_do_not_count(client, ao):
    person = someone(ao, Role.AO_ADMIN)
    sign_in(client, person)
    session = client.session
    session["account_authentication_methods_user"] = str(person.pk + 1)
    session.save()
    assert client.get("/ao/aim/").headers["Location"] == reverse("second_factor_needed")


def test_the_whole_way_in_with_password_and_code(client, ao):
    person = someone(ao, Role.AO_ADMIN)
    give_totp(person)
    first = client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert first.headers["Location"] == reverse("mfa_authenticate")
    assert client.get("/ao/aim/").headers["Location"].startswith(reverse("account_login"))
    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert wrong.status_code == 200 and "Incorrect code" in wrong.content.decode()
    assert client.post(reverse("mfa_authenticate"), {"code": totp_code(person)}).headers["Location"] == "/"
    assert client.get("/ao/aim/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_recovery_code_signs_in_once(client, ao):
    person = someone(ao, Role.AO_ADMIN)
    sign_in(client, person, second_factor=False, fresh=True)
    set_up_app(client)
    code = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"][0]
    client.logout()
    for answer in ("/", None):
        client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
        response = client.post(reverse("mfa_authenticate"), {"code": code})
        assert response.headers.get("Location") == answer
        client.logout()


def test_removing_the_second_factor_asks_who_it_is_first(client, ao):
    """Regression of a fault that portals like this have had: a session left open must not be enough."""
    person = someone(ao, Role.AO_ADMIN)
    sign_in(client, person)
    answer = client.post(reverse("mfa_deactivate_totp"))
    assert answer.status_code == 302 and "reauthenticate" in answer.headers["Location"]
    assert Authenticator.objects.filter(user=person).exists()


def test_after_proving_who_it_is_the_second_factor_can_be_removed(client, ao):
    person = someone(ao, Role.TEACHER)
    sign_in(client, person, fresh=True)
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=person).exists()


def test_proof_grows_old(client, ao, settings):
    person = someone(ao, Role.AO_ADMIN)
    sign_in(client, person, fresh=True)
    session = client.session
    records = session["account_authentication_methods"]
    records[-1]["at"] = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT - 1
    session["account_authentication_methods"] = records
    session.save()
    assert "reauthenticate" in client.post(reverse("mfa_deactivate_totp")).headers["Location"]


def test_there_is_no_address_to_change_the_email_at(client, ao):
    """The address is proved by an invitation and cannot be exchanged by whoever holds the session."""
    person = someone(ao, Role.AO_ADMIN)
    sign_in(client, person)
    assert client.post("/accounts/email/", {"email": "thief@example.org", "action_add": ""}).status_code == 404
    client.post(reverse("my_account"), {"name": "Sam", "language": "en-gb", "email": "thief@example.org"})
    person.refresh_from_db()
    assert person.email != "thief@example.org"


@pytest.mark.django_db(transaction=True)
def test_changes_of_second_factors_are_on_the_audit_trail(client, ao):
    person = someone(ao, Role.TEACHER)
    sign_in(client, person, second_factor=False, fresh=True)
    set_up_app(client)
    client.post(reverse("mfa_deactivate_totp"))
    events = list(AuditRecord.objects.filter(actor=person).values_list("event", "data__type"))
    assert ("person.second_factor_added", "totp") in events
    assert ("person.second_factor_removed", "totp") in events


def set_up_app(client) -> None:
    """Walks through the page that sets up an authenticator app. Needs real commits: allauth tells of it after one."""
    client.get(reverse("mfa_activate_totp"))
    session = client.session
    session["mfa.totp.secret"] = TOTP_SECRET
    session.save()
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    code = format_hotp_value(hotp_value(TOTP_SECRET, int(time.time()) // 30))
    answer = client.post(reverse("mfa_activate_totp"), {"code": code})
    assert answer.status_code == 302


def test_somebody_who_lost_everything_gets_in_again_through_whoever_runs_the_portal(client, ao):
    from django.core.management import call_command

    person = someone(ao, Role.AO_ADMIN)
    give_totp(person)
    call_command("remove_second_factors", person.email, reason="Rang back on the number on file")
    row = AuditRecord.objects.get(event="person.second_factors_removed")
    assert (row.process, row.target_id, row.data["number"]) == ("remove_second_factors", person.pk, 1)
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert client.get("/ao/aim/").headers["Location"] == reverse("second_factor_needed")


def test_second_factors_are_not_removed_without_a_reason_or_for_nobody(ao):
    from django.core.management import CommandError, call_command

    person = someone(ao, Role.AO_ADMIN)
    give_totp(person)
    with pytest.raises(CommandError):
        call_command("remove_second_factors", person.email, reason="  ")
    with pytest.raises(CommandError, match="no account"):
        call_command("remove_second_factors", "nobody@example.org", reason="x")
    assert Authenticator.objects.filter(user=person).exists()
