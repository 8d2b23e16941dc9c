from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils.html import escape

from awarding.findings.catalogue import all_rules, catalogue

pytestmark = pytest.mark.django_db


def test_list_names_every_rule(client: Client) -> None:
    page = client.get("/rules/").content.decode()
    assert set(re.findall(r'href="/rules/([A-Z]{3}-\d\d)/"', page)) == {rule.id for rule in all_rules()}
    assert all(f'<h2 class="govuk-heading-m" id="{code}">' in page for code in catalogue().areas)


def test_list_can_be_searched(client: Client) -> None:
    page = client.get("/rules/", {"q": "half EVIDENCE complete"}).content.decode()
    found = re.findall(r'href="/rules/([A-Z]{3}-\d\d)/"', page)
    assert 0 < len(found) < 5
    assert "rule found" in page or "rules found" in page


def test_search_without_result_says_what_to_try(client: Client) -> None:
    page = client.get("/rules/", {"q": '<script>"'}).content.decode()
    assert "No rule holds all of these words" in page
    assert '<script>"' not in page


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_rule_page_explains(client: Client, rule) -> None:  # noqa: ANN001
    response = client.get(f"/rules/{rule.id}/")
    page = response.content.decode()
    assert response.status_code == 200
    for text in (rule.title, rule.says, rule.why, rule.mend):
        assert escape(text) in page
    assert page.count("<h1") == 1
    assert 'aria-current="page"' in page


def test_small_letters_lead_to_the_proper_address(client: Client) -> None:
    first = all_rules()[0].id
    response = client.get(f"/rules/{first.lower()}/")
    assert (response.status_code, response["Location"]) == (301, f"/rules/{first}/")


@pytest.mark.parametrize("name", ["NOP-01", "x", "%00", "..%2f", "é"])
def test_unknown_rule_is_not_found(client: Client, name: str) -> None:
    assert client.get(f"/rules/{name}/").status_code == 404


def test_pages_are_only_read(client: Client) -> None:
    assert client.post("/rules/").status_code == 405
    assert client.post(f"/rules/{all_rules()[0].id}/").status_code == 405
