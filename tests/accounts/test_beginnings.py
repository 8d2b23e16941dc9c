"""An awarding organisation begins: on a portal where nobody can sign in yet."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from awarding.accounts.models import User
from awarding.accounts.queries import find_standing
from awarding.accounts.roles import Role
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import open_scope
from tests.factories import make_ao

pytestmark = pytest.mark.django_db
ADMIN = ("--admin", "Helen@AIM.example", "--admin-name", "Helen Marsh")


def test_an_organisation_of_the_register_begins_with_an_admin_and_again_changes_nothing() -> None:
    known = make_ao("x", name="AIM Qualifications", recognition_number="RN5322")
    AwardingOrganisation.objects.filter(pk=known.pk).update(slug=None)
    for _ in range(2):
        call_command("open_organisation", "aim", "--name", "Another spelling", "--recognition-number", "RN5322", *ADMIN,
                     stdout=StringIO())  # fmt: skip
    ao = AwardingOrganisation.objects.get(slug="aim")
    assert (ao.pk, ao.name) == (known.pk, "AIM Qualifications")
    helen = User.objects.get(email="helen@aim.example")
    with open_scope(ao):
        standing = find_standing(helen, ao)
    assert standing is not None
    assert standing.grants == {(Role.AO_ADMIN, None)}


def test_the_first_admin_gets_in_by_choosing_a_password(client: Client) -> None:
    call_command("open_organisation", "new", "--name", "New Awards", *ADMIN, stdout=StringIO())
    assert not User.objects.get().has_usable_password()
    client.post(reverse("account_reset_password"), {"email": "helen@aim.example"})
    link = re.search(r"https?://[^/]+(/\S+)", mail.outbox[-1].body)
    assert link is not None
    page = client.get(link[1], follow=True)
    secret = "a long enough pass phrase 7"
    client.post(page.redirect_chain[-1][0], {"password1": secret, "password2": secret})
    assert User.objects.get().check_password(secret)


@pytest.mark.parametrize("slug", ["taken", "not a slug"])
def test_an_unfit_or_taken_short_name_is_refused_and_nothing_is_made(slug: str) -> None:
    make_ao("taken")
    with pytest.raises(CommandError):
        call_command("open_organisation", slug, "--name", "New Awards", *ADMIN)
    assert not User.objects.exists()
    assert not AwardingOrganisation.objects.filter(name="New Awards").exists()


def test_an_organisation_that_has_begun_keeps_its_address() -> None:
    ao = make_ao("aim")
    with pytest.raises(CommandError, match="already"):
        call_command("open_organisation", "other", "--name", ao.name, *ADMIN)
