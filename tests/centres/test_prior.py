"""Credit transfer and prior learning: recorded by the centre, closed on the eRAC, counted up to the limit (MIT-12)."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from awarding.accounts.roles import Role
from awarding.findings.finding import Severity
from awarding.tenancy.scope import open_scope
from awarding.ui.grid import CellInput
from centres.models import Centre, CohortStaff, PriorAchievement
from centres.services.prior import PriorError, record_prior
from mitigations.models import ClaimCell
from mitigations.queries.findings import claim_findings
from mitigations.services.documents import issue_document
from mitigations.services.grid import save_cells
from mitigations.workbooks import erac_spec
from results.models import UnitResult
from results.queries.processing import plan_results
from tests.factories import adopt_framework, make_ao, make_centre, make_claim, make_standing
from tests.factories.filling import fill_cells, places_of
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def ao(db):
    return make_ao("aim")


@pytest.fixture
def contact(ao):
    with open_scope(ao):
        adopt_framework()
        return make_standing(ao, Role.QUALITY_CONTACT, make_centre())


@pytest.fixture
def claim(ao, contact):
    """One learner, four mandatory units of ten credits, at most half of them by transfer."""
    with open_scope(ao):
        centre = make_centre_of(contact)
        claim = make_claim(centre, contact, learners=1, units=4)
        claim.qualification.transfer_limit = 50
        claim.qualification.save()
        return claim


def make_centre_of(contact):
    return Centre.objects.get(pk=next(at for _role, at in contact.grants))


@pytest.fixture
def desk(client, contact):
    sign_in(client, contact.person)
    return client


def registration_of(claim):
    return claim.learners.select_related("registration__qualification", "registration__learner").first().registration


def units_of(claim):
    return [row.unit for row in claim.units.select_related("unit").order_by("position")]


def url(name, registration, **kwargs):
    return reverse(f"centres:{name}", kwargs={"ao": "aim", "registration_id": registration.pk, **kwargs})


def record_units(claim):
    for cell in ClaimCell.objects.filter(claim=claim).select_related("learner", "unit"):
        UnitResult.objects.create(
            registration_id=cell.learner.registration_id, unit_id=cell.unit.unit_id, claim=claim, grade=cell.value,
            centre_release_at=timezone.now(),
        )  # fmt: skip


def bring(contact, claim, *numbers, kind="CT", grade=""):
    for number in numbers:
        record_prior(
            actor=contact, registration=registration_of(claim), unit=units_of(claim)[number], kind=kind,
            source="Another body", evidence="Certificate 17", grade=grade,
        )  # fmt: skip


def codes(claim):
    return {finding.code: finding.severity for finding in claim_findings(claim)}


def test_mit_12_a_unit_is_recorded_on_the_page_counts_and_closes_its_cell(ao, contact, claim, desk):
    with open_scope(ao):
        registration, units = registration_of(claim), units_of(claim)
    facts = {"unit": units[0].pk, "kind": "CT", "source": "Another body", "evidence": "Certificate 17", "grade": ""}
    assert desk.post(url("prior_new", registration), facts).status_code == 302
    page = desk.get(url("prior", registration)).content.decode()
    assert "10 credits come by transfer. At most 20 of the 40 credits needed may" in page and "Certificate 17" in page
    grid = desk.get(reverse("mitigations:grid", kwargs={"ao": "aim", "claim_id": claim.pk})).content.decode()
    assert "credit transfer" in grid
    with open_scope(ao):
        place = places_of(claim)[0]
        [refused] = save_cells(actor=contact, claim_id=claim.pk, cells=[CellInput(*place, "Pass")])
        assert refused.status == "refused" and not ClaimCell.objects.filter(claim=claim).exists()
        fill_cells(claim, contact)
        assert ClaimCell.objects.filter(claim=claim).count() == 3
        assert not {"combination", "units_only", "over_transfer_limit"} & codes(claim).keys()
    # The same unit again is no second record.
    assert "Choose a unit" in desk.get(url("prior_new", registration)).content.decode()
    assert desk.post(url("prior_new", registration), facts).status_code == 200
    with open_scope(ao):
        assert PriorAchievement.objects.count() == 1


def test_mit_12_more_than_the_limit_does_not_count_and_the_mend_says_what_to_assess(ao, contact, claim, desk):
    with open_scope(ao):
        bring(contact, claim, 0, 1)
        fill_cells(claim, contact)
        assert "combination" not in codes(claim)
        ClaimCell.objects.filter(claim=claim, unit__position=2).update(value="")
        bring(contact, claim, 2)
        found = {finding.code: finding for finding in claim_findings(claim)}
        assert found["over_transfer_limit"].severity is Severity.INFORMS
        assert found["combination"].severity is Severity.BLOCKS
        assert "1 unit and 10 credits short" in str(found["combination"].what)
        assert "Assess here, rather than transfer" in str(found["combination"].fix)
        registration = registration_of(claim)
    shown = desk.get(url("prior", registration)).content.decode()
    assert "30 credits come by transfer; at most 20 of the 40 needed may (50%)" in shown and "/rules/MIT-12/" in shown


@pytest.mark.parametrize(("grade", "held"), [("Pass", False), ("", True)])
def test_mit_12_a_result_counts_what_is_brought_with_its_grade_where_grades_make_it(ao, contact, claim, grade, held):
    with open_scope(ao):
        scale = claim.qualification.scale
        scale.grades.update(points=1)
        scale.grades.create(code="High", label="High", rank=5, points=99)
        bring(contact, claim, 0, grade=grade, kind="RPL")
        fill_cells(claim, contact)
        record_units(claim)
        plan = plan_results(claim)
        if held:
            assert [finding.code for finding in plan.held] == ["transfer_ungraded"] and not plan.grades
        else:
            [worked_out] = plan.grades.values()
            assert worked_out.basis["credits"] == 40
            assert [unit.get("came_by") for unit in worked_out.basis["units"]].count("RPL") == 1


def test_a_unit_filled_in_on_an_erac_is_not_brought_as_well(ao, contact, claim):
    with open_scope(ao):
        fill_cells(claim, contact, only=1)
        with pytest.raises(PriorError, match=f"filled in on eRAC {claim.number}"):
            bring(contact, claim, 0)
        save_cells(actor=contact, claim_id=claim.pk, cells=[CellInput(*places_of(claim)[0], "")])
        bring(contact, claim, 0)


def test_what_cannot_be_recorded_is_refused_at_its_field(ao, contact, claim, desk):
    with open_scope(ao):
        registration, unit = registration_of(claim), units_of(claim)[0]
    facts = {"unit": unit.pk, "kind": "CT", "source": "Elsewhere", "evidence": "Certificate"}
    future = {f"achieved_on-{part}": value for part, value in (("day", "1"), ("month", "1"), ("year", "2090"))}
    for wrong, field in (({"unit": "0"}, "unit"), ({"kind": "X"}, "kind"), ({"evidence": ""}, "evidence"),
                         ({"grade": "Z"}, "grade"), (future, "achieved_on")):  # fmt: skip
        answer = desk.post(url("prior_new", registration), facts | wrong)
        assert answer.status_code == 200 and answer.context["form"].errors[field], field
    with open_scope(ao):
        assert not PriorAchievement.objects.exists()
        registration.status = "withdrawn"
        registration.save()
        with pytest.raises(PriorError, match="has ended"):
            bring(contact, claim, 0)


def test_a_record_is_taken_back_with_a_reason_and_stays_as_history(ao, contact, claim, desk):
    with open_scope(ao):
        bring(contact, claim, 0)
        row, registration = PriorAchievement.objects.get(), registration_of(claim)
        document_closed = [
            bool(line.locked) for line in erac_spec(issue_document(actor=contact, claim_id=claim.pk)).rows
        ]
        assert document_closed == [True]
    page = url("prior_end", registration, prior_id=row.pk)
    assert desk.post(page, {"reason": " "}).status_code == 200
    assert desk.post(page, {"reason": "The certificate was another learner's"}).status_code == 302
    assert desk.post(page, {"reason": "Again"}).status_code == 302
    with open_scope(ao):
        row.refresh_from_db()
        assert row.end_reason.startswith("The certificate") and row.ended_by == contact.person
        fill_cells(claim, contact)
        assert ClaimCell.objects.filter(claim=claim).count() == 4


def test_only_those_who_fill_the_cohort_in_record_and_others_of_the_centre_look(ao, contact, claim, client):
    with open_scope(ao):
        registration, centre = registration_of(claim), make_centre_of(contact)
        head = make_standing(ao, Role.HEAD_OF_CENTRE, centre)
        teacher = make_standing(ao, Role.TEACHER, centre)
        stranger = make_standing(ao, Role.QUALITY_CONTACT, make_centre("Elsewhere"))
    sign_in(client, head.person)
    assert client.get(url("prior", registration)).status_code == 200
    assert client.get(url("prior_new", registration)).status_code == 403
    sign_in(client, stranger.person)
    assert client.get(url("prior", registration)).status_code == 404
    sign_in(client, teacher.person)
    assert client.get(url("prior_new", registration)).status_code == 404
    with open_scope(ao):
        CohortStaff.objects.create(cohort=claim.cohort, person=teacher.person)
    assert client.get(url("prior_new", registration)).status_code == 200
