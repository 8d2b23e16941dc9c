"""My work over all AOs, an AO's home, switching, my account, and the page of who can do what."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from awarding.accounts.models import Membership
from awarding.accounts.roles import PERMISSIONS, Permission, Role
from awarding.audit.models import AuditRecord
from awarding.tenancy.scope import current_ao, open_scope
from awarding.ui.charts import Bar, BarChart
from awarding.ui.templatetags.ui import london_date
from awarding.workflow.registry import workflows
from awarding.worklist import overview
from awarding.worklist.registry import WorkItem
from centres.models import Centre
from tests.factories import make_ao, make_centre, make_membership, make_person
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    """Works for centres of two AOs."""
    person = make_person("Sam Okafor")
    for slug in ("aim", "other"):
        with open_scope(make_ao(slug)):
            make_membership(person, Role.TEACHER, make_centre(f"Centre of {slug}"))
    return person


def test_the_work_of_all_aos_stands_together_the_most_urgent_first(client, person, work_sources):
    def source(standing):
        # Reads through the scope: each AO shows its own centre only.
        centre = Centre.objects.get()
        assert current_ao() == standing.ao
        urgency = 1 if standing.ao.slug == "other" else 5
        return [
            WorkItem(f"Fill in at {centre.name}", "Fill in", f"/ao/{standing.ao.slug}/x/", urgency=urgency),
            WorkItem(f"Sent from {centre.name}", "Look", "/y/", waits_for="the panel"),
        ]

    work_sources.append(source)
    sign_in(client, person, second_factor=False)
    page = client.get("/").content.decode()
    assert page.index("Fill in at Centre of other") < page.index("Fill in at Centre of aim")
    assert (
        page.index("Fill in at Centre of aim") < page.index("What I wait for") < page.index("Sent from Centre of aim")
    )
    assert "Whose turn: the panel" in page and 'href="/ao/other/x/"' in page


def test_within_one_urgency_the_nearest_date_then_the_oldest_comes_first(client, person, work_sources):
    now = timezone.now()
    items = [
        WorkItem("Undated old", "Do", "/1/", since=now - timedelta(days=9)),
        WorkItem("Undated new", "Do", "/2/", since=now),
        WorkItem("Due later", "Do", "/3/", due=now.date() + timedelta(days=9)),
        WorkItem("Overdue", "Do", "/4/", due=now.date() - timedelta(days=2)),
    ]
    work_sources.append(lambda standing: items if standing.ao.slug == "aim" else [])
    sign_in(client, person, second_factor=False)
    page = client.get("/").content.decode()
    places = [page.index(f"{title}") for title in ("Overdue", "Due later", "Undated old", "Undated new")]
    assert places == sorted(places)
    assert page.count(">Late<") == 1


def test_what_is_late_says_by_when_it_was_due(client, person, work_sources):
    """Whoever is late reads it in words, and not a day that has passed as if it were to come; today is not late yet."""
    today = timezone.localdate()
    items = [
        WorkItem(name, "Do", f"/{name}/", since=timezone.now() - timedelta(days=9), due=today + timedelta(days=days))
        for name, days in (("Over", -1), ("Now", 0), ("Soon", 1))
    ]
    work_sources.append(lambda standing: items if standing.ao.slug == "aim" else [])
    sign_in(client, person, second_factor=False)
    for address in ("/", reverse("ao_home", kwargs={"ao": "aim"})):
        lines = client.get(address).content.decode().split("portal-work__line")
        said = {
            name: next(line for line in lines if f">{name}" in line.replace("\n", ""))
            for name in ("Over", "Now", "Soon")
        }
        assert f"Was due by {london_date(items[0].due)}" in said["Over"] and ">Late<" in said["Over"]
        for item in items[1:]:
            assert f"Due by {london_date(item.due)}" in said[str(item.title)] and ">Late<" not in said[str(item.title)]
        assert all("Waiting since" in line for line in said.values())


def test_a_number_stands_beside_a_title_that_does_not_say_it(client, person, work_sources):
    items = [WorkItem("3 claims to decide", "Do", "/1/", count=3), WorkItem("No head of centre", "Do", "/2/", count=3)]
    work_sources.append(lambda standing: items if standing.ao.slug == "aim" else [])
    sign_in(client, person, second_factor=False)
    assert client.get("/").content.decode().count("(3)") == 1


def test_a_centres_people_find_its_page_from_where_they_start(client, person):
    sign_in(client, person, second_factor=False)
    for start in (reverse("my_work"), reverse("ao_home", kwargs={"ao": "aim"})):
        page = client.get(start).content.decode()
        address = re.search(r'href="(/ao/aim/centres/\d+/)"', page)
        assert address and "Centre of aim" in client.get(address[1]).content.decode()


def test_whose_an_address_would_be_is_not_told_to_strangers(client, person):
    name = make_ao("hidden").name
    sign_in(client, person, second_factor=False)
    for path in ("/ao/hidden/", "/ao/hidden/claims/", "/ao/nobody/"):
        answer = client.get(path)
        assert answer.status_code == 404 and name not in answer.content.decode()
        assert "brand.css" not in answer.content.decode()


def test_an_empty_list_teaches_and_the_places_stand_there(client, person):
    sign_in(client, person, second_factor=False)
    page = client.get("/").content.decode()
    assert "Nothing waits for you" in page
    assert "Centre of aim" in page and "Centre of other" in page and reverse("ao_home", kwargs={"ao": "other"}) in page


def test_somebody_without_any_role_is_told_what_to_do(client):
    sign_in(client, make_person(), second_factor=False)
    assert "You hold no role at present" in client.get("/").content.decode()


def test_a_source_that_writes_fails(client, person, work_sources):
    def writes(standing):
        make_centre("Written by a GET")
        return []

    work_sources.append(writes)
    sign_in(client, person, second_factor=False)
    with pytest.raises(Exception, match="read-only"):
        client.get("/")


def test_the_page_costs_the_same_for_one_line_and_for_three(client, person, work_sources, django_assert_num_queries):
    lines = [WorkItem("One", "Do", "/1/")]
    work_sources.append(lambda standing: lines)
    sign_in(client, person, second_factor=False)
    with CaptureQueriesContext(connection) as one:
        client.get("/")
    lines += [WorkItem("Two", "Do", "/2/"), WorkItem("Three", "Do", "/3/")]
    with django_assert_num_queries(len(one)):
        assert client.get("/").content.decode().count('class="portal-work__line') == 6


def test_an_aos_home_shows_its_own_work_only(client, person, work_sources, monkeypatch):
    work_sources.append(lambda standing: [WorkItem(f"At {standing.ao.slug}", "Do", "/x/")])
    chart = BarChart("Claims by state", [Bar("Drafted", 3, "/claims/")], "State", "Claims")
    monkeypatch.setattr(overview, "_sources", [lambda standing: [chart] if standing.ao.slug == "aim" else []])
    sign_in(client, person, second_factor=False)
    page = client.get("/ao/aim/").content.decode()
    assert "At aim" in page and "At other" not in page
    assert "Claims by state" in page and "How things stand" in page
    assert "How things stand" not in client.get("/ao/other/").content.decode()


def test_an_ao_one_does_not_work_for_is_not_there(client, person):
    make_ao("third")
    sign_in(client, person, second_factor=False)
    assert client.get("/ao/third/").status_code == client.get("/ao/nowhere/").status_code == 404


def test_switching_is_offered_to_those_with_several_aos(client, person):
    sign_in(client, person, second_factor=False)
    assert "Change organisation" in client.get("/ao/aim/").content.decode()
    one = make_person("Only One")
    with open_scope(Membership.objects.model.ao.field.related_model.objects.get(slug="aim")):
        make_membership(one, Role.TEACHER, Centre.objects.get())
    sign_in(client, one, second_factor=False)
    assert "Change organisation" not in client.get("/ao/aim/").content.decode()


def test_my_account_changes_name_and_language_and_says_so_on_the_trail(client, person):
    sign_in(client, person, second_factor=False)
    answer = client.post(reverse("my_account"), {"name": "Sam O’Kafor-Ní", "language": "cy"})
    assert answer.cookies["django_language"].value == "cy"
    person.refresh_from_db()
    assert (person.name, person.language) == ("Sam O’Kafor-Ní", "cy")
    assert AuditRecord.objects.get(event="person.account_changed").data["before"]["name"] == "Sam Okafor"


@pytest.mark.parametrize("facts", [{"name": "", "language": "cy"}, {"name": "Sam", "language": "xx"}])
def test_my_account_refuses_nonsense(client, person, facts):
    sign_in(client, person, second_factor=False)
    answer = client.post(reverse("my_account"), facts)
    assert answer.status_code == 200 and answer.context["form"].errors
    person.refresh_from_db()
    assert person.name == "Sam Okafor"


def test_who_can_do_what_shows_every_role_permission_and_move(client):
    page = unescape(client.get(reverse("who_can_do_what")).content.decode())
    for role in Role:
        assert str(role.label) in page
    for permission in Permission:
        assert f">{permission.label}<" in page.replace("\n", "")
    yes = sum(len(held) for held in PERMISSIONS.values())
    assert page.count(">Yes<") == yes
    assert [workflow.name for workflow in workflows()] and all(
        str(move.label) in page for workflow in workflows() for move in workflow.transitions
    )
    assert "The portal itself" in page
    assert all(f">{workflow.title}<" in page for workflow in workflows())


@pytest.mark.parametrize(("title", "count", "beside"), [
    ("2 claims to process", 2, None), ("No head of centre", 4, 4), ("Claim 14 waits", 4, 4), ("One enquiry", 1, None),
])  # fmt: skip
def test_a_line_of_my_work_says_its_count_once(title, count, beside):
    assert WorkItem(title, "Go", "/", count=count).count_beside == beside


def test_the_languages_cookie_follows_the_person_at_sign_in(client):
    words = "four plain words here"
    person = make_person(password=words)
    person.language = "cy"
    person.save()
    answer = client.post(reverse("account_login"), {"login": person.email, "password": words})
    assert answer.cookies["django_language"].value == "cy"
