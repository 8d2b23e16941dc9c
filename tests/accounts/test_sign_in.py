"""Signing in and out: the pages, the limits, what strangers learn, the audit trail."""

from __future__ import annotations

import datetime as dt

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from awarding.accounts import tasks
from awarding.accounts.roles import Role
from awarding.audit.models import AuditRecord
from awarding.tenancy.scope import open_scope
from tests.factories import make_ao, make_centre, make_membership, make_person
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db
PASSWORD = "four plain words here"


@pytest.fixture
def person():
    person = make_person(email="sam@example.org", password=PASSWORD)
    ao = make_ao("aim")
    with open_scope(ao):
        make_membership(person, Role.TEACHER, make_centre())
    return person


def try_password(client, email: str, password: str = "wrong"):  # noqa: S107
    return client.post(reverse("account_login"), {"login": email, "password": password})


def test_the_right_password_signs_in_and_leads_to_my_work(client, person):
    assert try_password(client, "Sam@Example.org", PASSWORD).headers["Location"] == reverse("my_work")
    assert client.get("/").status_code == 200


def test_a_wrong_password_and_an_unknown_address_are_told_the_same(client, person):
    known = try_password(client, "sam@example.org")
    unknown = try_password(client, "nobody@example.org")
    assert known.status_code == unknown.status_code == 200
    assert known.context["form"].errors == unknown.context["form"].errors != {}


def test_after_five_failures_the_right_password_is_refused_too(client, person):
    for _ in range(5):
        try_password(client, person.email)
    answer = try_password(client, person.email, PASSWORD)
    assert answer.status_code == 200
    assert "Too many failed login attempts" in answer.content.decode()


def test_four_failures_lock_nobody_out(client, person):
    for _ in range(4):
        try_password(client, person.email)
    assert try_password(client, person.email, PASSWORD).headers["Location"] == reverse("my_work")


def test_the_lock_out_of_an_unknown_address_looks_the_same(client, person):
    for _ in range(6):
        answer = try_password(client, "nobody@example.org")
    assert "Too many failed login attempts" in answer.content.decode()


def test_one_address_cannot_try_many_accounts(client, person):
    codes = [try_password(client, f"person{n}@example.org").status_code for n in range(31)]
    assert codes[-1] == 429
    assert "Too many tries" in client.post(reverse("account_login"), {}).content.decode()


def test_two_hundred_requests_for_a_new_password_send_a_handful_of_messages(client, person):
    """Regression of a fault that portals like this have had: somebody's mailbox flooded in seconds."""
    for _ in range(200):
        client.post(reverse("account_reset_password"), {"email": person.email})
    assert 1 <= len(mail.outbox) <= 5


def test_asking_for_a_new_password_tells_nobody_who_has_an_account(client, person):
    known = client.post(reverse("account_reset_password"), {"email": person.email})
    unknown = client.post(reverse("account_reset_password"), {"email": "nobody@example.org"})
    assert known.headers["Location"] == unknown.headers["Location"]
    assert known.status_code == unknown.status_code


def test_a_new_password_through_the_link_and_the_link_works_once(client, person):
    client.post(reverse("account_reset_password"), {"email": person.email})
    link = next(word for word in mail.outbox[0].body.split() if "/password/reset/key/" in word)
    page = client.get(link, follow=True)
    form_address = page.redirect_chain[-1][0]
    words = "another four plain words"
    client.post(form_address, {"password1": words, "password2": words})
    assert try_password(client, person.email, words).headers["Location"] == reverse("my_work")
    client.logout()
    assert "no longer works" in client.get(link, follow=True).content.decode()


def test_a_new_password_leaves_the_second_factor_in_place(client, person):
    from tests.factories.sign_in import give_totp

    give_totp(person)
    client.post(reverse("account_reset_password"), {"email": person.email})
    link = next(word for word in mail.outbox[0].body.split() if "/password/reset/key/" in word)
    address = client.get(link, follow=True).redirect_chain[-1][0]
    words = "another four plain words"
    client.post(address, {"password1": words, "password2": words})
    assert try_password(client, person.email, words).headers["Location"] == reverse("mfa_authenticate")


@pytest.mark.parametrize("weak", ["short", "password1234", "sam@example.org"])
def test_a_weak_password_is_refused_with_the_reason(client, person, weak):
    sign_in(client, person, second_factor=False)
    answer = client.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": weak, "password2": weak}
    )
    assert answer.status_code == 200 and answer.context["form"].errors["password1"]


def test_signing_out_needs_a_post(client, person):
    sign_in(client, person, second_factor=False)
    client.get(reverse("account_logout"))
    assert client.get("/").status_code == 200
    client.post(reverse("account_logout"))
    assert client.get("/").headers["Location"].startswith(reverse("account_login"))


def test_a_closed_account_does_not_sign_in(client, person):
    person.is_active = False
    person.save()
    try_password(client, person.email, PASSWORD)
    assert client.get("/").headers["Location"].startswith(reverse("account_login"))


def test_a_page_of_ones_own_waits_behind_the_sign_in(client, person):
    location = client.get("/account/").headers["Location"]
    answer = client.post(location, {"login": person.email, "password": PASSWORD, "next": "/account/"})
    assert answer.headers["Location"] == "/account/"


def test_the_way_back_after_signing_in_never_leads_to_another_site(client, person):
    address = reverse("account_login") + "?next=https://evil.example/"
    answer = client.post(address, {"login": person.email, "password": PASSWORD, "next": "https://evil.example/"})
    assert answer.headers["Location"] == reverse("my_work")


def test_scripts_hear_401_and_people_see_the_sign_in_page(client, person):
    assert client.get("/account/", headers={"X-Requested-With": "portal"}).status_code == 401
    assert client.get("/account/").status_code == 302


def test_nobody_signs_up_by_themselves(client):
    page = client.get(reverse("account_signup"))
    assert page.status_code == 200 and "invites you" in page.content.decode()
    client.post(reverse("account_signup"), {"email": "x@example.org", "password1": PASSWORD, "password2": PASSWORD})
    assert try_password(client, "x@example.org", PASSWORD).status_code == 200


def test_sign_ins_sign_outs_and_failures_are_on_the_audit_trail(client, person):
    try_password(client, person.email)
    try_password(client, "nobody@example.org")
    try_password(client, person.email, PASSWORD)
    client.post(reverse("account_logout"))
    events = [(row.event, row.actor_id, row.process, row.target_id) for row in AuditRecord.objects.order_by("id")]
    assert events == [
        ("person.sign_in_failed", None, "sign-in", person.pk),
        ("person.sign_in_failed", None, "sign-in", None),
        ("person.signed_in", person.pk, "", person.pk),
        ("person.signed_out", person.pk, "", person.pk),
    ]


def test_what_was_typed_at_a_failed_sign_in_is_kept_nowhere(client, person):
    try_password(client, "my-secret-password@example.org", "hunter2 hunter2")
    row = AuditRecord.objects.get()
    assert "secret" not in str(row.data) and "hunter2" not in str(row.data)


def test_other_sessions_can_be_ended(client, person):
    from django.test import Client

    other = Client()
    for one in (client, other):
        try_password(one, person.email, PASSWORD)
        assert one.get("/").status_code == 200
    page = client.get(reverse("usersessions_list")).content.decode()
    assert "Sign out everywhere else" in page
    client.post(reverse("usersessions_list"))
    assert client.get("/").status_code == 200
    assert other.get("/").status_code == 302


def test_a_session_in_use_lasts_on_and_is_written_seldom(client, person):
    try_password(client, person.email, PASSWORD)
    began = client.session["touched_at"]
    client.get("/account/")
    assert client.session["touched_at"] == began
    session = client.session
    session["touched_at"] = began - 2 * 3600
    session.save()
    client.get("/account/")
    assert client.session["touched_at"] >= began


def test_every_page_of_signing_in_loads_scripts_from_files_only(client, person, settings):
    """The content security policy lets nothing else run."""
    sign_in(client, person, fresh=True)
    for name in ("account_login", "mfa_add_webauthn", "mfa_index", "account_reset_password"):
        if name == "account_login":
            client.logout()
        page = client.get(reverse(name))
        if name == "account_login":
            sign_in(client, person, fresh=True)
        text = page.content.decode()
        assert page.status_code == 200
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
        for part in text.split("<script")[1:]:
            tag = part.split(">")[0]
            assert "src=" in tag or 'type="application/json"' in tag, (name, tag)
        assert " onclick=" not in text and " style=" not in text


def test_at_night_sessions_that_ended_are_forgotten_and_the_others_kept(client, person, settings):
    from django.test import Client

    old = Client()
    for browser in (old, client):
        try_password(browser, person.email, PASSWORD)
    ended = old.cookies[settings.SESSION_COOKIE_NAME].value
    long_ago = timezone.now() - dt.timedelta(days=2)
    Session.objects.filter(session_key=ended).update(expire_date=long_ago)
    UserSession.objects.update(created_at=long_ago)
    assert settings.CELERY_BEAT_SCHEDULE["clear-sessions"]["task"] == tasks.clear_sessions.name
    tasks.clear_sessions()
    now = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert list(Session.objects.values_list("session_key", flat=True)) == [now]
    assert list(UserSession.objects.values_list("session_key", flat=True)) == [now]
    assert client.get("/").status_code == 200
