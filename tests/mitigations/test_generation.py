"""Generating eRACs from registrations."""

from __future__ import annotations

import datetime as dt

import pytest

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError
from awarding.tenancy.scope import open_scope
from awarding.workflow.queries import history
from centres.models import Cohort, Registration
from mitigations.models import Outcome
from mitigations.services.generation import ClaimExistsError, GenerationError, generate_claim
from tests.factories import (
    adopt_framework,
    make_ao,
    make_centre,
    make_claim,
    make_qualification,
    make_registration,
    make_standing,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def aim():
    ao = make_ao("aim")
    with open_scope(ao):
        yield ao


@pytest.fixture
def centre(aim):
    return make_centre()


@pytest.fixture
def contact(aim, centre):
    return make_standing(aim, Role.QUALITY_CONTACT, centre)


def cohort_of(centre, learners=2, **fields):
    qualification = make_qualification(**fields)
    cohort = Cohort.objects.create(centre=centre, qualification=qualification, name="2019-20")
    for _ in range(learners):
        make_registration(centre, qualification, cohort=cohort)
    return cohort


def test_clm_01_each_erac_of_an_ao_has_a_number_of_its_own(aim, centre, contact):
    """CLM-01: no number is given twice in one awarding organisation."""
    numbers = [make_claim(centre, contact).number for _ in range(3)]
    assert len(set(numbers)) == 3
    assert all(number.startswith("AIM-") for number in numbers)


def test_clm_01_another_ao_counts_for_itself(aim, centre, contact):
    """CLM-01: numbers are an organisation’s own."""
    mine = make_claim(centre, contact).number
    other = make_ao("other")
    with open_scope(other):
        theirs = make_claim(*_centre_and_contact(other)).number
    assert theirs.startswith("OTHER-") and mine.startswith("AIM-")
    assert theirs[-6:] == mine[-6:] == "000001"


def _centre_and_contact(ao):
    centre = make_centre("Elsewhere")
    return centre, make_standing(ao, Role.QUALITY_CONTACT, centre)


def test_clm_02_it_holds_every_active_registration_by_every_unit_and_pins_the_adoption(aim, centre, contact):
    claim = make_claim(centre, contact, learners=3, units=4)
    assert (claim.learners.count(), claim.units.count()) == (3, 4)
    assert claim.adoption.superseded_at is None
    assert [event.transition for event in history(claim)] == ["generate"]


def test_mit_07_a_learner_whose_registration_ended_does_not_come_on_it(aim, centre, contact):
    adopt_framework()
    cohort = cohort_of(centre, learners=2)
    gone = Registration.objects.filter(cohort=cohort).first()
    gone.status = Registration.Status.WITHDRAWN
    gone.save()
    claim = generate_claim(actor=contact, cohort=cohort)
    assert gone.pk not in claim.learners.values_list("registration_id", flat=True)
    assert claim.learners.count() == 1


def test_mit_07_a_cohort_without_registrations_is_refused_with_the_way_to_register(aim, centre, contact):
    adopt_framework()
    with pytest.raises(GenerationError, match="uploading learners and registrations"):
        generate_claim(actor=contact, cohort=cohort_of(centre, learners=0))


def test_units_that_nobody_entered_are_named_with_who_enters_them(aim, centre, contact):
    adopt_framework()
    with pytest.raises(GenerationError, match="admin enters them"):
        generate_claim(actor=contact, cohort=cohort_of(centre, units=0))


def test_mit_04_a_declined_mitigation_is_recorded_with_its_reason(aim, centre, contact):
    """MIT-04: the claim carries the centre’s decision and its reason; another of the same cohort would carry the outcome."""
    adoption = adopt_framework()
    cohort = cohort_of(centre)
    Outcome.objects.create(
        qualification=cohort.qualification, adoption=adoption, framework_code="erf_2020", kind="calculated_grade"
    )
    claim = generate_claim(actor=contact, cohort=cohort, declined_reason="All assessed by February")
    assert (claim.mitigation, claim.mitigation_declined_reason) == ("", "All assessed by February")
    assert history(claim)[0].reason == "All assessed by February"


def test_mit_01_the_outcome_of_the_qualification_becomes_the_claims_mitigation(aim, centre, contact):
    assert make_claim(centre, contact, kind="adapted_assessment").mitigation == "adapted_assessment"
    assert make_claim(centre, contact, kind="no_change_needed").mitigation == ""
    assert make_claim(centre, contact, kind="out_of_scope").mitigation == ""
    assert make_claim(centre, contact, kind="").mitigation == ""


def test_a_second_click_finds_the_first_ones_claim(aim, centre, contact):
    claim = make_claim(centre, contact)
    with pytest.raises(ClaimExistsError) as refused:
        generate_claim(actor=contact, cohort=claim.cohort)
    assert refused.value.claim == claim


def test_a_contact_of_another_centre_may_not_generate(aim, centre):
    adopt_framework()
    stranger = make_standing(aim, Role.QUALITY_CONTACT, make_centre("Southfield"))
    with pytest.raises(PermissionMissingError):
        generate_claim(actor=stranger, cohort=cohort_of(centre))


def test_without_an_adopted_framework_the_admin_is_named(aim, centre, contact):
    with pytest.raises(GenerationError, match="adopted no framework"):
        generate_claim(actor=contact, cohort=cohort_of(centre))


def test_dates_of_the_number_are_londons(aim, centre, contact, monkeypatch):
    from mitigations.services import generation

    monkeypatch.setattr(generation.timezone, "localdate", lambda: dt.date(2021, 1, 1))
    assert make_claim(centre, contact).number == "AIM-2021-000001"
