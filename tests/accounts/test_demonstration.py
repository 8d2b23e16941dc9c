"""The one-click sign-in: there in a demonstration, for its invented people only, and nowhere else."""

from __future__ import annotations

import subprocess
import sys

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from awarding.accounts.demonstration import give_demo_second_factor, list_demo_people, waiting_code
from awarding.accounts.models import User
from awarding.accounts.roles import Role
from awarding.audit.models import AuditRecord
from awarding.tenancy.scope import open_scope
from tests.factories import make_ao, make_centre, make_membership
from tests.factories.sign_in import sign_in, totp_code

pytestmark = pytest.mark.django_db
WORDS = "four plain words here"


def invented(name: str, email: str, is_demo: bool = True) -> User:
    return User.objects.create_user(email, WORDS, name=name, is_demo=is_demo)


@pytest.fixture
def people():
    """An admin, a teacher, and a real person who must never be offered."""
    ao = make_ao("aim")
    admin, teacher = invented("Ada Admin", "ada@demo.example"), invented("Tess Teacher", "tess@demo.example")
    real = invented("Rita Real", "rita@example.org", is_demo=False)
    with open_scope(ao):
        make_membership(admin, Role.AO_ADMIN)
        make_membership(real, Role.AO_ADMIN)
        make_membership(teacher, Role.TEACHER, make_centre("Northfield College"))
    return admin, teacher, real


@pytest.fixture
def demo(settings):
    settings.DEMO = True


def click(client, person):
    return client.post(reverse("demo_sign_in"), {"person": person.pk})


def test_the_sign_in_page_offers_the_invented_people_by_ao_and_role(client, people, demo):
    page = client.get(reverse("account_login")).content.decode()
    assert page.index("Ada Admin") < page.index("Tess Teacher") and "Teacher or assessor, Northfield College" in page
    assert "Rita Real" not in page


def test_one_click_signs_in_second_factor_included_and_the_trail_says_how(client, people, demo):
    assert click(client, people[0]).headers["Location"] == "/"
    assert client.get("/ao/aim/").status_code == 200
    row = AuditRecord.objects.get(event="person.signed_in")
    assert row.data["demonstration"] is True and row.data["methods"] == ["totp"]


def test_changing_from_one_person_to_the_next_leaves_nothing_behind(client, people, demo):
    click(client, people[0])
    first = client.session.session_key
    click(client, people[1])
    assert client.session.session_key != first
    assert client.get("/account/").content.decode().count("tess@demo.example")
    assert client.get(reverse("people:list", kwargs={"ao": "aim"})).status_code == 403


def test_a_real_person_cannot_be_signed_in_so(client, people, demo):
    assert click(client, people[2]).status_code == 404
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("number", ["", "x", "-1", "99999999999999999999", "0"])
def test_nonsense_signs_nobody_in(client, people, demo, number):
    assert client.post(reverse("demo_sign_in"), {"person": number}).status_code == 404


def test_a_get_signs_nobody_in(client, people, demo):
    assert client.get(reverse("demo_sign_in"), {"person": people[0].pk}).status_code == 405


def test_without_the_setting_the_route_and_the_list_are_absent(client, people):
    assert click(client, people[0]).status_code == 404
    assert client.get(reverse("demo_sign_in")).status_code == 404
    assert list_demo_people() == []
    assert "Ada Admin" not in client.get(reverse("account_login")).content.decode()
    assert Authenticator.objects.count() == 0


def test_the_code_page_shows_the_waiting_code_to_invented_people_only(client, people, demo):
    admin, _teacher, real = people
    for person in (admin, real):
        give_demo_second_factor(person)
        client.post(reverse("account_login"), {"login": person.email, "password": WORDS})
        page = client.get(reverse("mfa_authenticate")).content.decode()
        assert (totp_code(person) in page) is person.is_demo
        client.post(reverse("account_logout"))
        client.cookies.clear()


def test_who_is_asked_once_more_is_shown_the_code_in_a_demonstration_only(client, people, demo, settings):
    """A head of centre signs with it (HOC-01): without it the demonstration would end there."""
    person = people[0]
    give_demo_second_factor(person)
    sign_in(client, person)
    where = reverse("mfa_reauthenticate")
    assert waiting_code(person) in client.get(where).content.decode()
    settings.DEMO = False
    assert "would now show" not in client.get(where).content.decode()


def test_the_waiting_code_works(client, people, demo):
    admin = people[0]
    give_demo_second_factor(admin)
    client.post(reverse("account_login"), {"login": admin.email, "password": WORDS})
    assert client.post(reverse("mfa_authenticate"), {"code": waiting_code(admin)}).headers["Location"] == "/"


def test_without_the_setting_no_code_is_shown(people):
    give_demo_second_factor(people[0])
    assert waiting_code(people[0]) == ""


def test_production_does_not_start_as_a_demonstration():
    import os

    environment = os.environ | {
        "PORTAL_ENV": "production", "PORTAL_DEMO": "1", "SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "a.example",
        "PUBLIC_URL": "https://a.example",
    }  # fmt: skip
    run = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"], env=environment, capture_output=True, text=True
    )
    assert run.returncode != 0 and "PORTAL_DEMO must be off in production" in run.stderr
