"""The pages of centres, driven as a browser drives them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from awarding.accounts.models import User
from awarding.accounts.roles import Role
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import open_scope
from centres.models import Centre, Cohort, CohortStaff, DeclaredInterest, Learner
from centres.queries import has_open_interest
from tests.factories import make_ao, make_centre, make_claim, make_qualification, make_registration, make_standing
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db


class Place:
    """An AO with a centre; `at` answers a client signed in with a role."""

    def __init__(self) -> None:
        self.ao: AwardingOrganisation = make_ao()
        with open_scope(self.ao):
            self.centre: Centre = make_centre("Northfield College", number="N1")

    def at(self, role: Role, centre: Centre | None = None) -> tuple[Client, User]:
        with open_scope(self.ao):
            standing = make_standing(self.ao, role, centre)
        client = Client()
        sign_in(client, standing.person)
        return client, standing.person

    def url(self, name: str, **kwargs: Any) -> str:
        return reverse(f"centres:{name}", kwargs={"ao": self.ao.slug, **kwargs})


@pytest.fixture
def place() -> Place:
    return Place()


def test_the_list_finds_centres_by_name_number_risk_and_missing_people(place: Place) -> None:
    client, _admin = place.at(Role.AO_ADMIN)
    with open_scope(place.ao):
        make_centre("Southgate School", number="S1", risk=Centre.Risk.HIGH)
    assert b"Southgate" in client.get(place.url("list")).content
    for query in ("?q=south", "?q=S1", "?risk=4"):
        page = client.get(place.url("list") + query).content.decode()
        assert "Southgate School" in page and "Northfield College" not in page, query
    assert "No centre fits" in client.get(place.url("list") + "?q=nothing").content.decode()
    make_at = place.at(Role.HEAD_OF_CENTRE, place.centre)
    assert make_at
    page = client.get(place.url("list") + "?missing=head_of_centre").content.decode()
    assert "Southgate School" in page and "Northfield College" not in page


def test_a_centre_is_approved_by_its_national_number_or_as_new(place: Place) -> None:
    client, _admin = place.at(Role.AO_ADMIN)
    facts = {"number": "77", "risk": "2", "national_number": "", "name": ""}
    refused = client.post(place.url("approve"), facts)
    assert refused.status_code == 200 and "Enter the name of the provider" in refused.content.decode()
    done = client.post(place.url("approve"), facts | {"name": "New School", "national_number": "100 006"})
    assert done.status_code == 302
    with open_scope(place.ao):
        centre = Centre.objects.select_related("establishment").get(number="77")
    assert (centre.name, centre.establishment.urn, centre.risk) == ("New School", "100006", 2)
    again = client.post(place.url("approve"), facts | {"number": "78", "national_number": "100006"})
    assert "approved already" in again.content.decode()
    taken = client.post(place.url("approve"), facts | {"name": "Other", "national_number": ""})
    assert "belongs to New School" in taken.content.decode()


def test_only_an_ao_admin_approves_and_changes(place: Place) -> None:
    for role, centre in ((Role.PANEL_MEMBER, None), (Role.QUALITY_CONTACT, place.centre)):
        client, _person = place.at(role, centre)
        assert client.get(place.url("approve")).status_code == 403
        assert client.post(place.url("change", centre_id=place.centre.pk), {"name": "x"}).status_code == 403


def test_a_changed_risk_is_kept_and_not_shown_to_the_centre(place: Place) -> None:
    client, _admin = place.at(Role.AO_ADMIN)
    url = place.url("change", centre_id=place.centre.pk)
    assert client.post(url, {"name": "Northfield", "risk": "4"}).status_code == 302
    home = place.url("home", centre_id=place.centre.pk)
    assert "4 High" in client.get(home).content.decode()
    theirs, _contact = place.at(Role.QUALITY_CONTACT, place.centre)
    page = theirs.get(home).content.decode()
    assert "4 High" not in page


def test_act_05_and_hoc_01_the_home_says_which_people_are_missing(place: Place) -> None:
    """HOC-01: without a head of centre nobody can sign; ACT-05: nobody is reached out of term. Both link to their rule."""
    client, _contact = place.at(Role.QUALITY_CONTACT, place.centre)
    page = client.get(place.url("home", centre_id=place.centre.pk)).content.decode()
    assert "No senior designated contact" in page and "/rules/ACT-05/" in page
    assert "No head of centre" in page and "/rules/HOC-01/" in page
    assert "No quality contact" not in page
    place.at(Role.SENIOR_DESIGNATED_CONTACT, place.centre)
    assert (
        "No senior designated contact" not in client.get(place.url("home", centre_id=place.centre.pk)).content.decode()
    )


def test_another_centre_and_another_ao_are_not_there(place: Place) -> None:
    with open_scope(place.ao):
        other = make_centre("Southgate School")
        learner = make_registration(other, make_qualification()).learner
    client, _contact = place.at(Role.QUALITY_CONTACT, place.centre)
    assert client.get(place.url("home", centre_id=other.pk)).status_code == 404
    assert client.get(place.url("learner", learner_id=learner.pk)).status_code == 404
    assert client.get(place.url("upload_new", centre_id=other.pk)).status_code == 404
    assert client.get(place.url("registrations") + f"?centre={other.pk}").status_code == 404
    far = make_ao("ocn")
    assert client.get(reverse("centres:registrations", kwargs={"ao": far.slug})).status_code == 404


def test_learners_are_found_by_name_without_accents_uln_qualification_and_cohort(place: Place) -> None:
    with open_scope(place.ao):
        qualification, other = make_qualification(), make_qualification()
        zoe = make_registration(place.centre, qualification, given="Zoë").learner
        Learner.objects.filter(pk=zoe.pk).update(name_key="synthetic zoe")
        adam = make_registration(place.centre, other, given="Adam").learner
        cohort = Cohort.objects.get(qualification=qualification)
    client, _contact = place.at(Role.QUALITY_CONTACT, place.centre)
    for query in ("q=zo%C3%AB", "q=ZOE+synth", f"q={zoe.uln}", f"qan={qualification.qan}", f"cohort={cohort.pk}"):
        page = client.get(place.url("registrations") + "?" + query).content.decode()
        assert "Zoë Synthetic" in page and adam.full_name not in page, query
    page = client.get(place.url("registrations") + "?q=9999999980").content.decode()
    assert "Nobody here has this ULN" in page


def test_mit_07_an_unregistered_learner_is_answered_with_the_way_to_register(place: Place) -> None:
    client, _contact = place.at(Role.QUALITY_CONTACT, place.centre)
    page = client.get(place.url("registrations") + "?q=1000102504").content.decode()
    assert "cannot be put on a claim" in page and place.url("upload_new", centre_id=place.centre.pk) in page


def test_ao_staff_choose_a_centre_first_or_give_a_uln(place: Place) -> None:
    with open_scope(place.ao):
        make_centre("Southgate School")
        learner = make_registration(place.centre, make_qualification()).learner
    client, _admin = place.at(Role.AO_ADMIN)
    page = client.get(place.url("registrations")).content.decode()
    assert "Choose a centre" in page and learner.full_name not in page
    assert learner.full_name in client.get(place.url("registrations") + f"?q={learner.uln}").content.decode()
    assert learner.full_name in client.get(place.url("registrations") + f"?centre={place.centre.pk}").content.decode()


def test_teachers_see_the_cohorts_they_are_staff_of_and_no_other(place: Place) -> None:
    with open_scope(place.ao):
        mine = make_registration(place.centre, make_qualification(), given="Mine")
        theirs = make_registration(place.centre, make_qualification(), given="Theirs")
    client, teacher = place.at(Role.TEACHER, place.centre)
    assert client.get(place.url("cohort", cohort_id=mine.cohort_id)).status_code == 404
    contact, _person = place.at(Role.QUALITY_CONTACT, place.centre)
    url = place.url("cohort_staff", cohort_id=mine.cohort_id)
    assert contact.post(url, {"people": [teacher.pk]}).status_code == 302
    assert client.get(place.url("cohort", cohort_id=mine.cohort_id)).status_code == 200
    assert client.get(place.url("cohort", cohort_id=theirs.cohort_id)).status_code == 404
    assert client.get(place.url("learner", learner_id=theirs.learner_id)).status_code == 404
    page = client.get(place.url("registrations")).content.decode()
    assert "Mine" in page and "Theirs" not in page
    assert contact.post(url, {"people": []}).status_code == 302
    assert client.get(place.url("learner", learner_id=mine.learner_id)).status_code == 404


def test_only_teachers_and_verifiers_of_the_centre_become_staff(place: Place) -> None:
    with open_scope(place.ao):
        cohort = make_registration(place.centre, make_qualification()).cohort
        stranger = make_standing(place.ao, Role.TEACHER, make_centre("Elsewhere")).person
    contact, _person = place.at(Role.QUALITY_CONTACT, place.centre)
    place.at(Role.TEACHER, place.centre)
    answer = contact.post(place.url("cohort_staff", cohort_id=cohort.pk), {"people": [stranger.pk]})
    assert answer.status_code == 200
    with open_scope(place.ao):
        assert not CohortStaff.objects.exists()
    teacher, _person = place.at(Role.TEACHER, place.centre)
    assert teacher.post(place.url("cohort_staff", cohort_id=cohort.pk), {}).status_code == 403


def test_a_learners_page_tells_the_whole_story(place: Place) -> None:
    with open_scope(place.ao):
        contact = make_standing(place.ao, Role.QUALITY_CONTACT, place.centre)
        claim = make_claim(place.centre, contact)
        learner = Learner.objects.first()
    client = Client()
    sign_in(client, contact.person)
    page = client.get(place.url("learner", learner_id=learner.pk)).content.decode()
    assert learner.uln in page and claim.number in page and "Will they get a result?" in page
    assert "On the way" in page and "Fill in the eRAC and its checklist, then submit" in page and "The centre" in page


def test_a_learner_without_a_claim_is_told_what_is_missing_and_who_has_it(place: Place) -> None:
    with open_scope(place.ao):
        learner = make_registration(place.centre, make_qualification()).learner
    client, _contact = place.at(Role.QUALITY_CONTACT, place.centre)
    page = client.get(place.url("learner", learner_id=learner.pk)).content.decode()
    assert "Not yet" in page and "generates an eRAC" in page and "quality contact" in page


def test_a_correction_is_saved_with_its_reason_and_never_by_a_teacher(place: Place) -> None:
    with open_scope(place.ao):
        registration = make_registration(place.centre, make_qualification())
    learner = registration.learner
    data = {
        "given_names": "Zoë",
        "family_name": "O’Connor",
        "date_of_birth": "2002-05-04",
        "reference": "",
        "reason": "typo",
    }
    url = place.url("correct_learner", learner_id=learner.pk)
    teacher, person = place.at(Role.TEACHER, place.centre)
    with open_scope(place.ao):
        CohortStaff.objects.create(cohort=registration.cohort, person=person)
    assert teacher.post(url, data).status_code == 403
    client, _contact = place.at(Role.QUALITY_CONTACT, place.centre)
    assert "no letter" in client.post(url, data | {"family_name": "123"}).content.decode()
    assert client.post(url, data).status_code == 302
    with open_scope(place.ao):
        learner.refresh_from_db()
    assert (learner.full_name, learner.name_key) == ("Zoë O’Connor", "o’connor zoe")


def test_clm_08_an_interest_is_declared_and_ended(place: Place) -> None:
    client, person = place.at(Role.PANEL_MEMBER)
    url = place.url("interests")
    assert "Fill in" in client.post(url, {"centre": place.centre.pk, "nature": " "}).content.decode()
    for _twice in range(2):
        assert client.post(url, {"centre": place.centre.pk, "nature": "My sister works there"}).status_code == 302
    with open_scope(place.ao):
        interest = DeclaredInterest.objects.get()
        assert has_open_interest(person.pk, place.centre.pk)
    stranger, _other = place.at(Role.EXTERNAL_VERIFIER)
    assert stranger.post(place.url("interest_end", interest_id=interest.pk)).status_code == 404
    assert client.post(place.url("interest_end", interest_id=interest.pk)).status_code == 302
    with open_scope(place.ao):
        assert not has_open_interest(person.pk, place.centre.pk)
    assert "Ended" in client.get(url).content.decode()


def test_smp_10_an_interest_in_one_centre_says_nothing_of_another(place: Place) -> None:
    client, person = place.at(Role.EXTERNAL_VERIFIER)
    with open_scope(place.ao):
        other = make_centre("Southgate School")
    client.post(place.url("interests"), {"centre": place.centre.pk, "nature": "Taught there"})
    with open_scope(place.ao):
        assert has_open_interest(person.pk, place.centre.pk) and not has_open_interest(person.pk, other.pk)
    contact, _person = place.at(Role.QUALITY_CONTACT, place.centre)
    assert contact.get(place.url("interests")).status_code == 403


def _more_learners(place: Place) -> None:
    make_registration(place.centre, make_qualification())


def _more_centres(place: Place) -> None:
    make_centre()


@pytest.mark.parametrize(
    ("name", "query", "more"),
    [
        ("list", "", _more_centres),
        ("registrations", "?centre={centre}", _more_learners),
        ("cohorts", "?centre={centre}", _more_learners),
    ],
)
def test_lists_cost_the_same_however_many_rows(
    place: Place, django_assert_num_queries: Any, name: str, query: str, more: Callable[[Place], None]
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, _admin = place.at(Role.AO_ADMIN)
    url = place.url(name) + query.format(centre=place.centre.pk)
    with open_scope(place.ao):
        more(place)
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        assert client.get(url).status_code == 200
        queries = len(one)
    with open_scope(place.ao):
        for _again in range(2):
            more(place)
    with django_assert_num_queries(queries):
        client.get(url)


def test_the_home_shows_progress_and_what_is_due(place: Place) -> None:
    with open_scope(place.ao):
        soon, qualification = dt.date.today() + dt.timedelta(days=20), make_qualification(title="Certificate in Bees")
        for _each in range(3):
            make_registration(place.centre, qualification, ends_on=soon)
        make_registration(place.centre, qualification, ends_on=soon + dt.timedelta(days=400))
    for role in (Role.QUALITY_CONTACT, Role.HEAD_OF_CENTRE):
        client, _person = place.at(role, place.centre)
        page = client.get(place.url("home", centre_id=place.centre.pk)).content.decode()
        assert "2019-20, Certificate in Bees: 3 learners finish" in page
        assert f"qan={qualification.qan}" in page and ">4<" in page
