"""A claim that breaks the rules of combination, and one that leaves eligible units out, through the page (MIT-12, MIT-14)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from awarding.catalogue.models import QualificationUnit, Unit, UnitGroup
from awarding.findings.finding import Severity
from awarding.tenancy.scope import open_scope
from awarding.ui.grid import CellInput
from mitigations.models import Claim
from mitigations.queries.findings import claim_findings
from mitigations.services.grid import save_cells
from tests.factories import make_claim
from tests.factories.filling import fill_cells, fill_checklist, places_of
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim(aim, centre, contact):
    """Two learners, two mandatory units of 10 credits, and a choice of two more of which one is needed."""
    with open_scope(aim):
        claim = make_claim(centre, contact, units=4)
        qualification = claim.qualification
        qualification.groups.update(min_units=0, min_credits=0)
        choice = UnitGroup.objects.create(qualification=qualification, name="Choice", position=1, min_units=1)
        places = list(QualificationUnit.objects.filter(qualification=qualification).order_by("position"))
        QualificationUnit.objects.filter(pk__in=[place.pk for place in places[2:]]).update(group=choice)
        qualification.min_credits = 30
        qualification.save()
        return claim


def fill(claim, contact, *rows):
    """The given columns of each learner, the first learner first."""
    places = places_of(claim)
    cells = [
        CellInput(*places[learner * 4 + unit], grade)
        for learner, units in enumerate(rows)
        for unit, grade in units.items()
    ]
    save_cells(actor=contact, claim_id=claim.pk, cells=cells)


def found(claim, code):
    return [finding for finding in claim_findings(claim) if finding.code == code]


def post(client, contact, claim, answer=""):
    sign_in(client, contact.person)
    url = reverse("mitigations:submit", kwargs={"ao": "aim", "claim_id": claim.pk})
    facts = {"expected_version": claim.version, "answer": answer, "is_true": "on"}
    return client.post(url, facts)


def state(aim, claim):
    with open_scope(aim):
        return Claim.objects.get(pk=claim.pk).state


def test_mit_12_a_claim_that_can_never_be_complete_is_not_submitted_and_the_page_names_the_mend(
    aim, contact, claim, client
):
    with open_scope(aim):
        names = list(Unit.objects.filter(places__qualification=claim.qualification).values_list("reference", flat=True))
        claim.qualification.unit_scale.grades.create(code="U", label="Unclassified", rank=9, is_achieved=False)
        fill(claim, contact, {0: "Pass", 1: "Pass", 2: "U", 3: "U"}, {0: "Pass", 1: "Pass", 2: "Pass"})
        fill_checklist(claim, contact)
    shown = post(client, contact, claim).content.decode()
    assert "The group “Choice” is 1 unit short" in shown and "This would mend it" in shown
    assert sum(name in shown for name in names[2:]) >= 1 and "/rules/MIT-12/" in shown
    assert state(aim, claim) == "drafted"
    with open_scope(aim):
        fill(claim, contact, {3: "Pass"})
    assert post(client, contact, claim).status_code == 302
    assert state(aim, claim) == "queued"


def test_mit_12_a_forgotten_optional_unit_is_asked_about_and_can_be_answered(aim, contact, claim, client):
    with open_scope(aim):
        fill(claim, contact, {0: "Pass", 1: "Pass"}, {0: "Pass", 1: "Pass", 3: "Pass"})
        fill_checklist(claim, contact)
        assert [f.severity for f in found(claim, "optional_short")] == [Severity.WARNS]
    assert "“Choice” is 1 unit short" in post(client, contact, claim).content.decode()
    assert state(aim, claim) == "drafted"
    assert post(client, contact, claim, "The learner left after two units").status_code == 302


def test_mit_12_single_units_are_claimed_without_a_question(aim, contact, claim, client):
    with open_scope(aim):
        fill(claim, contact, {0: "Pass"})
        fill_checklist(claim, contact)
        assert not found(claim, "combination") and not found(claim, "optional_short")
        assert [f.severity for f in found(claim, "units_only")] == [Severity.INFORMS]
    assert post(client, contact, claim).status_code == 302


def test_mit_12_many_learners_are_named_up_to_a_number_and_then_counted(aim, centre, contact):
    with open_scope(aim):
        claim = make_claim(centre, contact, learners=24, units=1)
        claim.qualification.groups.update(min_credits=50)
        fill_cells(claim, contact)
        told = found(claim, "combination")
        assert len(told) == 21 and "4 more learners" in str(told[-1].what)
        assert all(finding.severity is Severity.BLOCKS for finding in told)
        assert "No unit that is left can mend this" in str(told[0].fix)


def test_mit_14_leaving_eligible_incomplete_units_out_is_answered_on_the_page_before_it_goes(
    aim, contact, claim, client
):
    with open_scope(aim):
        fill(claim, contact, {0: "Pass", 1: "Pass", 2: "Pass"}, {0: "Pass", 1: "Pass", 2: "Pass"})
        fill_checklist(claim, contact)
        assert not found(claim, "incomplete_left_out")
        fill_checklist(claim, contact, "partial")
    shown = post(client, contact, claim).content.decode()
    assert "Units with partial evidence are eligible and not claimed" in shown and "/rules/MIT-14/" in shown
    assert state(aim, claim) == "drafted"
    assert post(client, contact, claim, "Both chose the other unit").status_code == 302
