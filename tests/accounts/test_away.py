"""The database or the broker goes away while somebody uses the portal: told plainly, never a bare fault."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.urls import reverse
from redis.exceptions import ConnectionError as CacheError

from awarding.accounts.views import work
from tests.factories import make_person
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db


def fails_with(error):
    def fails(*args, **kwargs):
        raise error

    return fails


@pytest.fixture
def patient(client):
    """A client that shows the page of a fault, as a browser does."""
    client.raise_request_exception = False
    return client


def test_a_database_that_is_away_is_said_to_be_away(patient, monkeypatch):
    sign_in(patient, make_person(), second_factor=False)
    monkeypatch.setattr(work, "standings_of", fails_with(OperationalError("server closed the connection")))
    answer = patient.get("/")
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "60"
    assert "cannot answer just now" in answer.content.decode()


def test_scripts_are_told_in_their_own_form(patient, monkeypatch):
    sign_in(patient, make_person(), second_factor=False)
    monkeypatch.setattr(work, "standings_of", fails_with(OperationalError("server closed the connection")))
    answer = patient.get("/", headers={"X-Requested-With": "portal"})
    assert answer.status_code == 503 and "kept" in answer.json()["detail"]


def test_a_broker_that_is_away_stops_signing_in_with_a_clear_page(patient, monkeypatch):
    """Without it the limits on guessing cannot be kept, so nobody is let in meanwhile."""
    monkeypatch.setattr(type(cache._connections[cache._alias]), "add", fails_with(CacheError("away")))
    answer = patient.post(reverse("account_login"), {"login": "sam@example.org", "password": "whatever it was"})
    assert answer.status_code == 503


def test_a_fault_of_ours_is_no_503(patient, monkeypatch):
    sign_in(patient, make_person(), second_factor=False)
    monkeypatch.setattr(work, "standings_of", fails_with(ZeroDivisionError()))
    answer = patient.get("/")
    assert answer.status_code == 500 and "broke on our side" in answer.content.decode()


def test_a_form_that_was_open_too_long_says_what_to_do():
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(reverse("account_login"), {"login": "sam@example.org", "password": "x"})
    assert answer.status_code == 403 and "open too long" in answer.content.decode()
