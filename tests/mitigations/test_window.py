"""Two windows of the framework: until when a mitigation is applied for, and until when its eRAC can come back."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from awarding.accounts.roles import Role
from awarding.tenancy.scope import open_scope
from awarding.workflow.services import GuardedError
from centres.models import Cohort
from mitigations.models import ChecklistUpload, Claim, EracUpload, Outcome
from mitigations.services.checklist_uploads import apply_checklist, issue_sheet, receive_checklist
from mitigations.services.documents import issue_document
from mitigations.services.generation import ApplicationRefusedError, generate_claim
from mitigations.services.submission import submit_claim
from mitigations.services.uploads import UploadError, apply_upload, receive_upload
from mitigations.workbooks import erac_workbook
from mitigations.workbooks_checklist import checklist_workbook
from tests.factories import (
    adopt_framework,
    make_ao,
    make_centre,
    make_claim,
    make_qualification,
    make_registration,
    make_standing,
)
from tests.factories.filling import fill_cells, fill_checklist
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db
# Summer: London is an hour ahead, so its day ends at 23:00 UTC. Winter: at midnight.
SUMMER = dt.datetime(2020, 6, 21, 22, 59, 59, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
UPLOAD_DAYS = {
    "2020-08-31": dt.datetime(2020, 8, 31, 22, 59, 59, tzinfo=dt.UTC),
    "2020-12-31": dt.datetime(2020, 12, 31, 23, 59, 59, tzinfo=dt.UTC),
}


@pytest.fixture
def at(monkeypatch):
    """Sets the portal's clock."""

    def set_clock(instant: dt.datetime) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: instant)

    return set_clock


@pytest.fixture
def ao():
    return make_ao("aim")


@pytest.fixture
def scope(ao):
    with open_scope(ao):
        yield ao


def make_cohort(ao, *, kind: str = "calculated_grade", **overrides):
    """A cohort whose qualification has an outcome, the windows as published unless an override says otherwise."""
    adoption = adopt_framework(overrides={f"dates.{name}": day for name, day in overrides.items()})
    centre, qualification = make_centre(), make_qualification(units=1)
    cohort = Cohort.objects.create(centre=centre, qualification=qualification, name="2019-20")
    make_registration(centre, qualification, cohort=cohort)
    Outcome.objects.create(qualification=qualification, adoption=adoption, framework_code="erf_2020", kind=kind)
    return cohort, make_standing(ao, Role.QUALITY_CONTACT, centre)


def test_mit_11_the_last_second_of_the_window_is_in_time_and_the_next_is_not(scope, at):
    cohort, contact = make_cohort(scope)
    at(SUMMER + SECOND)
    with pytest.raises(ApplicationRefusedError, match="closed at the end of 21 June 2020") as refused:
        generate_claim(actor=contact, cohort=cohort)
    finding = refused.value.findings[0]
    assert (finding.rule, finding.code) == ("MIT-11", "application_closed") and "enquiry" in finding.fix
    assert not Claim.objects.exists()
    at(SUMMER)
    assert generate_claim(actor=contact, cohort=cohort).mitigation == "calculated_grade"


def test_mit_11_the_first_second_of_the_window_is_in_time_and_the_one_before_is_not(scope, at):
    cohort, contact = make_cohort(scope)
    at(dt.datetime(2020, 5, 31, 22, 59, 59, tzinfo=dt.UTC))
    with pytest.raises(ApplicationRefusedError, match="open on 1 June 2020"):
        generate_claim(actor=contact, cohort=cohort)
    at(dt.datetime(2020, 5, 31, 23, 0, tzinfo=dt.UTC))
    assert generate_claim(actor=contact, cohort=cohort).mitigation


def test_mit_11_an_organisation_may_set_another_last_day(scope, at):
    cohort, contact = make_cohort(scope, application_closes="2020-07-05")
    at(SUMMER + SECOND)
    assert generate_claim(actor=contact, cohort=cohort).mitigation


@pytest.mark.parametrize(("kind", "declined"), [("calculated_grade", "We have every unit"), ("no_change_needed", "")])
def test_mit_11_who_claims_in_the_ordinary_way_applies_for_nothing(scope, at, kind, declined):
    cohort, contact = make_cohort(scope, kind=kind)
    at(SUMMER + SECOND)
    assert generate_claim(actor=contact, cohort=cohort, declined_reason=declined).mitigation == ""


def applied_in_time(scope, at, **overrides):
    cohort, contact = make_cohort(scope, **overrides)
    at(SUMMER)
    claim = generate_claim(actor=contact, cohort=cohort)
    document = issue_document(actor=contact, claim_id=claim.pk)
    return claim, contact, erac_workbook(document)


def upload(claim, contact, content):
    return receive_upload(actor=contact, claim_id=claim.pk, name="erac.xlsx", content=content)


@pytest.mark.parametrize(("day", "last"), UPLOAD_DAYS.items())
def test_mit_11_an_erac_is_uploaded_until_a_last_day_of_its_own(scope, at, day, last):
    claim, contact, content = applied_in_time(scope, at, upload_until=day)
    at(last)
    checked = upload(claim, contact, content)
    assert checked.state == EracUpload.State.CHECKED
    at(last + SECOND)
    late = upload(claim, contact, content)
    assert late.state == EracUpload.State.REFUSED and "Send an enquiry" in late.refusal
    with pytest.raises(UploadError, match="could be uploaded"):
        apply_upload(actor=contact, upload=checked, choices={})


def test_mit_11_the_checklists_workbook_has_the_same_last_day(scope, at):
    claim, contact, _content = applied_in_time(scope, at, upload_until="2020-08-31")
    content = checklist_workbook(issue_sheet(actor=contact, claim_id=claim.pk))
    last = UPLOAD_DAYS["2020-08-31"]
    for instant, state in ((last, "checked"), (last + SECOND, "refused")):
        at(instant)
        found = receive_checklist(actor=contact, claim_id=claim.pk, name="checklist.xlsx", content=content)
        assert found.state == state and ("Send an enquiry" in found.refusal) == (state == "refused")
    # What was checked in time is not applied late either, as with the eRAC's own workbook.
    with pytest.raises(UploadError, match="could be uploaded"):
        apply_checklist(actor=contact, upload=ChecklistUpload.objects.get(state="checked"), choices={})


def test_mit_11_an_erac_is_submitted_until_that_day_and_without_one_as_long_as_it_takes(scope, at):
    last = UPLOAD_DAYS["2020-08-31"]
    claim, contact, _content = applied_in_time(scope, at, upload_until="2020-08-31")
    fill_cells(claim, contact)
    fill_checklist(claim, contact)
    at(last + SECOND)
    with pytest.raises(GuardedError) as refused:
        submit_claim(actor=contact, claim=claim, expected_version=claim.version)
    assert [finding.rule for finding in refused.value.findings] == ["MIT-11"]
    # A later adoption moves the day for claims that were made under the earlier one.
    claim.adoption.superseded_at = last
    claim.adoption.save()
    adopt_framework(overrides={})
    assert submit_claim(actor=contact, claim=claim, expected_version=claim.version).state != "drafted"


def test_mit_11_what_the_panel_sent_back_is_not_held_to_the_day(scope, at):
    claim, contact, content = applied_in_time(scope, at, upload_until="2020-08-31")
    Claim.objects.filter(pk=claim.pk).update(state="returned")
    at(UPLOAD_DAYS["2020-08-31"] + SECOND)
    assert upload(claim, contact, content).state == EracUpload.State.CHECKED


def test_mit_11_the_page_says_so_and_leads_to_an_enquiry_that_is_filled_in(ao, client):
    with open_scope(ao):
        cohort, contact = make_cohort(ao)  # closed in 2020
    sign_in(client, contact.person)
    page = reverse("mitigations:generate", kwargs={"ao": "aim"})
    for response in (client.get(page, {"cohort": cohort.pk}), client.post(page, {"cohort": cohort.pk})):
        shown = response.content.decode()
        assert "closed at the end of 21 June 2020" in shown and "/rules/MIT-11/" in shown
        ask = response.context["ask_url"]
        assert ask.replace("&", "&amp;") in shown
    question = client.get(ask)
    assert question.status_code == 200 and "Late application" in question.content.decode()
    assert cohort.qualification.display_qan in question.content.decode()
    with open_scope(ao):
        assert not Claim.objects.exists()
    form = {"cohort": cohort.pk, "mitigation": "decline", "declined_reason": "Everything is there"}
    assert client.post(page, form).status_code == 302


def test_mit_11_a_framework_without_the_rule_or_the_window_asks_nothing(scope, at):
    at(SUMMER + SECOND)
    centre = make_centre()
    adoption = adopt_framework("vcrf_2021")
    contact = make_standing(scope, Role.QUALITY_CONTACT, centre)
    assert make_claim(centre, contact, adoption=adoption, kind="q_tag").pk


def test_mit_11_both_last_days_stand_on_the_centres_calendar(ao, client):
    with open_scope(ao):
        cohort, contact = make_cohort(ao, application_closes="2034-07-05", upload_until="2034-08-31")
    sign_in(client, contact.person)
    shown = client.get(reverse("centres:home", kwargs={"ao": "aim", "centre_id": cohort.centre_id})).content.decode()
    assert "5 July 2034" in shown and "31 August 2034" in shown
