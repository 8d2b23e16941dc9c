"""Grades by teachers for single components of category B, and adaptations that carry on."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError
from awarding.findings.finding import Severity
from awarding.tenancy.scope import open_scope
from awarding.workflow.services import GuardedError, StalePageError
from centres.models import Cohort, DeclaredInterest
from mitigations.models import Claim, ClaimCell, ComponentTag, Outcome
from mitigations.queries.component_tags import waiting_tags
from mitigations.queries.findings import claim_findings
from mitigations.queries.outcomes import answers_for
from mitigations.services.component_tags import TagInput, draft_tag, edit_tag, move_tag
from mitigations.services.generation import generate_claim
from mitigations.services.submission import submit_claim, withdraw_claim
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
JUNE = dt.datetime(2021, 6, 10, 12, tzinfo=dt.UTC)
# Summer: London's 31 August ends at 23:00 UTC.
LAST = dt.datetime(2021, 8, 31, 22, 59, 59, tzinfo=dt.UTC)
WHOLE = {
    "grade": "Pass",
    "statements": ["no_assessment_possible", "holistic_reviewed"],
    "tells": {"history": "Began in 2019.", "engagement": "Came to all lessons.", "achievement": "Passed the rest."},
    "evidence_types": ["classwork"],
    "evidence": "A portfolio of May 2021.",
}


@pytest.fixture
def at(monkeypatch):
    def set_clock(instant):
        monkeypatch.setattr("django.utils.timezone.now", lambda: instant)

    set_clock(JUNE)
    return set_clock


@pytest.fixture
def aim(db):
    return make_ao("aim")


@pytest.fixture
def scope(aim):
    with open_scope(aim):
        yield aim


@pytest.fixture
def adoption(aim):
    with open_scope(aim):
        return adopt_framework("vcrf_2021")


@pytest.fixture
def centre(aim):
    with open_scope(aim):
        return make_centre()


@pytest.fixture
def claim(aim, adoption, centre, contact):
    with open_scope(aim):
        return make_claim(centre, contact, learners=1, units=2, kind="component_tag", adoption=adoption)


def draft(claim, actor, place=0, **changes):
    learner, unit = claim.learners.get(), claim.units.all()[place]
    said = TagInput(**(WHOLE | changes))
    return draft_tag(actor=actor, claim=claim, learner_id=learner.pk, unit_id=unit.pk, said=said)


def requested(claim, actor, **changes):
    return move_tag(actor=actor, tag=draft(claim, actor, **changes), move="request")


def rules(error):
    return {finding.rule for finding in error.value.findings}


def about(claim):
    return {finding.code for finding in claim_findings(claim) if finding.rule == "CTB-02"}


# --- CTB-01, CTB-03, CTB-04: what a request says -------------------------------------------------


@pytest.mark.parametrize("said", [["no_assessment_possible"], ["holistic_reviewed"], []])
def test_ctb_01_without_both_statements_a_request_is_not_sent(at, scope, claim, contact, said):
    """CTB-01."""
    tag = draft(claim, contact, statements=said)
    with pytest.raises(GuardedError) as error:
        move_tag(actor=contact, tag=tag, move="request")
    assert rules(error) == {"CTB-01"} and len(error.value.findings) == 2 - len(said)
    assert ComponentTag.objects.get().state == "drafted"


def test_ctb_01_with_both_it_is(at, scope, claim, contact):
    """CTB-01."""
    assert requested(claim, contact).requested_on == dt.date(2021, 6, 10)


@pytest.mark.parametrize("types", [["tracker"], ["predicted_grade"], ["specialist", "observation"], []])
def test_ctb_03_without_anything_of_the_learners_own_the_component_is_refused(at, scope, claim, contact, types):
    """CTB-03."""
    tag = draft(claim, contact, evidence_types=types)
    with pytest.raises(GuardedError) as error:
        move_tag(actor=contact, tag=tag, move="request")
    assert rules(error) == {"CTB-03"}


def test_ctb_03_beside_a_piece_of_their_own_other_evidence_is_welcome(at, scope, claim, contact):
    """CTB-03."""
    assert requested(claim, contact, evidence_types=["tracker", "recording"]).state == "requested"
    with pytest.raises(GuardedError) as error:
        requested(claim, contact, place=1, evidence="  ")
    assert rules(error) == {"CTB-03"}


@pytest.mark.parametrize("missing", ["history", "engagement", "achievement"])
def test_ctb_04_each_part_of_the_learners_story_is_told(at, scope, claim, contact, missing):
    """CTB-04."""
    tag = draft(claim, contact, tells=WHOLE["tells"] | {missing: "  "})
    with pytest.raises(GuardedError) as error:
        move_tag(actor=contact, tag=tag, move="request")
    assert [(row.rule, row.code) for row in error.value.findings] == [("CTB-04", f"{missing}_not_told")]
    edited = edit_tag(actor=contact, tag=tag, said=TagInput(**WHOLE), expected_version=tag.version)
    assert move_tag(actor=contact, tag=edited, move="request").state == "requested"


# --- CTB-02: agreed before it counts --------------------------------------------------------------


def test_ctb_02_a_grade_counts_once_agreed_and_blocks_the_claim_until_then(at, scope, claim, contact, member):
    """CTB-02."""
    fill_cells(claim, contact)
    ClaimCell.objects.filter(unit=claim.units.all()[0]).update(value="")
    tag = draft(claim, contact)
    assert about(claim) == {"tag_not_sent"}
    tag = move_tag(actor=contact, tag=tag, move="request")
    assert about(claim) == {"tag_not_agreed"}
    with pytest.raises(GuardedError) as error:
        submit_claim(actor=contact, claim=claim, expected_version=claim.version)
    assert "CTB-02" in rules(error)
    agreed = move_tag(actor=member, tag=tag, move="agree", reason="Borne out.", expected_version=tag.version)
    cell = ClaimCell.objects.get(learner=agreed.learner_id, unit=agreed.unit_id)
    assert (cell.value, cell.is_incomplete, cell.updated_by) == ("Pass", True, member.person)
    assert about(claim) == set()
    assert submit_claim(actor=contact, claim=claim, expected_version=claim.version, answer="x").state != "drafted"


def test_ctb_02_the_centre_does_not_agree_to_its_own_request(at, scope, claim, contact, member):
    """CTB-02."""
    tag = requested(claim, contact)
    with pytest.raises(PermissionMissingError):
        move_tag(actor=contact, tag=tag, move="agree", reason="Fine")
    move_tag(actor=member, tag=tag, move="refuse", reason="A remote session was open.", expected_version=tag.version)
    with pytest.raises(StalePageError):
        move_tag(actor=member, tag=tag, move="agree", reason="Yes", expected_version=tag.version)
    assert not ClaimCell.objects.exclude(value="").exists()


def test_ctb_02_a_grade_turned_down_or_another_than_agreed_does_not_slip_in(at, scope, claim, contact, member):
    """CTB-02."""
    tag = requested(claim, contact)
    move_tag(actor=member, tag=tag, move="refuse", reason="No")
    assert about(claim) == set()
    fill_cells(claim, contact)
    assert about(claim) == {"claimed_without_agreement"}
    fill_checklist(claim, contact)
    assert about(claim) == set()  # assessed since: an ordinary claim
    fill_checklist(claim, contact, "partial")
    assert about(claim) == {"claimed_without_agreement"}


def test_ctb_02_what_was_agreed_and_is_withdrawn_leaves_the_erac(at, scope, claim, contact, member):
    """CTB-02."""
    tag = move_tag(actor=member, tag=requested(claim, contact), move="agree", reason="Yes")
    ClaimCell.objects.update(value="Other")
    assert about(claim) == {"differs_from_agreed"}
    ClaimCell.objects.update(value="Pass")
    move_tag(actor=contact, tag=tag, move="withdraw", reason="It was assessed after all.")
    assert ClaimCell.objects.get().value == ""
    assert draft(claim, contact).state == "drafted"


def test_ctb_02_with_the_erac_go_the_requests_that_nobody_answered(at, scope, claim, contact, member):
    """CTB-02: a withdrawn eRAC leaves nothing in the panel's list; what was agreed stays on record."""
    agreed = requested(claim, contact)
    move_tag(actor=member, tag=agreed, move="agree", reason="The films bear it out.")
    waiting = move_tag(actor=contact, tag=draft(claim, contact, 1), move="request")
    withdraw_claim(actor=contact, claim=claim, reason="Claimed in autumn.", expected_version=claim.version)
    states = dict(ComponentTag.objects.values_list("pk", "state"))
    assert states == {agreed.pk: "agreed", waiting.pk: "withdrawn"} and not waiting_tags().exists()


def test_ctb_02_what_was_agreed_holds_for_what_the_verifier_returned(at, scope, claim, contact, member):
    """CTB-02."""
    move_tag(actor=member, tag=requested(claim, contact), move="agree", reason="Yes")
    fill_cells(claim, contact)
    ClaimCell.objects.filter(claim=claim).update(verdict=ClaimCell.Verdict.RETURNED)
    Claim.objects.filter(pk=claim.pk).update(state="processed")
    later = generate_claim(actor=contact, cohort=claim.cohort)
    fill_cells(later, contact)
    fill_checklist(later, contact, "partial")
    refused = [row for row in claim_findings(later) if row.rule == "CTB-02"]
    assert len(refused) == 2
    Claim.objects.filter(pk=later.pk).update(continues=claim)
    later.refresh_from_db()
    refused = [row for row in claim_findings(later) if row.rule == "CTB-02"]
    second = claim.units.all()[1].unit.reference
    assert [second in str(row.where) for row in refused] == [True]


def test_ctb_02_a_claim_without_such_grades_or_a_second_request_is_refused(at, scope, claim, centre, contact, adoption):
    """CTB-02."""
    draft(claim, contact)
    with pytest.raises(GuardedError, match="already"):
        draft(claim, contact)
    with pytest.raises(GuardedError, match="not a grade"):
        draft(claim, contact, place=1, grade="A*")
    other = make_claim(centre, contact, learners=1, units=1, kind="adapted_assessment", adoption=adoption)
    with pytest.raises(GuardedError, match="no grades for single components"):
        draft(other, contact)


def test_clm_08_nobody_with_an_interest_agrees(at, scope, claim, centre, contact, member):
    """CLM-08."""
    tag = requested(claim, contact)
    interest = DeclaredInterest.objects.create(person=member.person, centre=centre, nature="Taught there")
    with pytest.raises(GuardedError) as error:
        move_tag(actor=member, tag=tag, move="agree", reason="Yes")
    assert rules(error) == {"CLM-08"}
    DeclaredInterest.objects.filter(pk=interest.pk).update(ended_at=JUNE)
    assert move_tag(actor=member, tag=tag, move="agree", reason="Yes").state == "agreed"


# --- CTB-05: the window, and banking ---------------------------------------------------------------


def test_ctb_05_after_the_frameworks_end_a_request_is_refused_and_ordinary_claims_go_on(
    at, scope, claim, contact, member
):
    """CTB-05."""
    at(LAST)
    first = requested(claim, contact)
    second = draft(claim, contact, place=1)
    at(LAST + dt.timedelta(seconds=1))
    with pytest.raises(GuardedError) as error:
        move_tag(actor=contact, tag=second, move="request")
    assert [(row.rule, row.code) for row in error.value.findings] == [("CTB-05", "tags_closed")]
    # What was sent in time is answered; what could not be sent is claimed in the ordinary way.
    move_tag(actor=member, tag=first, move="agree", reason="Yes")
    move_tag(actor=contact, tag=second, move="withdraw", reason="Assessed in September.")
    fill_cells(claim, contact)
    fill_checklist(claim, contact)
    moved = submit_claim(actor=contact, claim=claim, expected_version=claim.version, answer="x")
    assert moved.state in ("queued", "unallocated")


def test_ctb_05_components_are_banked_without_any_request(at, scope, claim, contact):
    """CTB-05."""
    fill_cells(claim, contact, only=1)
    assert about(claim) == set()
    at(dt.datetime(2021, 3, 1, 12, tzinfo=dt.UTC))
    with pytest.raises(GuardedError) as error:
        requested(claim, contact)
    assert error.value.findings[0].code == "tags_not_open"


# --- CTB-06: what carries on -----------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "carries"), [("adapted_assessment", True), ("delayed_assessment", False)])
def test_ctb_06_an_adaptation_agreed_before_stands_under_the_new_framework(
    client, scope, centre, contact, kind, carries
):
    """CTB-06: what was agreed before is told on the claim's page; another outcome is not carried on."""
    earlier = adopt_framework("eerf_2020")
    qualification = make_qualification(units=1)
    cohort = Cohort.objects.create(centre=centre, qualification=qualification, name="2020-21")
    make_registration(centre, qualification, cohort=cohort)
    Outcome.objects.create(qualification=qualification, adoption=earlier, framework_code="eerf_2020", kind=kind)
    adopt_framework("vcrf_2021")
    answer = next(row for row in answers_for(qualification) if "2021" in row.framework)
    assert answer.is_decided is carries
    claim = generate_claim(actor=contact, cohort=cohort)
    assert (claim.adoption.framework.code == "vcrf_2021") is carries
    told = [finding for finding in claim_findings(claim) if finding.rule == "CTB-06"]
    assert [finding.severity for finding in told] == [Severity.INFORMS] * carries
    sign_in(client, contact.person)
    page = client.get(reverse("mitigations:claim", kwargs={"ao": "aim", "claim_id": claim.pk})).content.decode()
    assert ("/rules/CTB-06/" in page) is carries


def test_ctb_06_an_outcome_of_its_own_comes_first(scope, centre, contact):
    """CTB-06."""
    earlier, now = adopt_framework("eerf_2020"), adopt_framework("vcrf_2021")
    claim = make_claim(centre, contact, learners=1, units=1, kind="no_change_needed", adoption=now)
    Outcome.objects.create(
        qualification=claim.qualification, adoption=earlier, framework_code="eerf_2020", kind="adapted_assessment"
    )
    again = answers_for(claim.qualification)
    assert {row.label for row in again} == {"No change needed", "Adapted assessment"}
    assert not [finding for finding in claim_findings(claim) if finding.rule == "CTB-06"]


# --- Pages -----------------------------------------------------------------------------------------


def test_ctb_01_to_04_from_the_claims_page_to_the_panels_answer(at, client, aim, claim, contact, member):
    """CTB-01 CTB-02 CTB-03 CTB-04."""
    sign_in(client, contact.person)
    page = client.get(reverse("mitigations:claim", kwargs={"ao": "aim", "claim_id": claim.pk})).content.decode()
    listed = reverse("mitigations:claim_component_tags", kwargs={"ao": "aim", "claim_id": claim.pk})
    ask = reverse("mitigations:ask_component_tag", kwargs={"ao": "aim", "claim_id": claim.pk})
    assert listed in page and ask in client.get(listed).content.decode()
    with open_scope(aim):
        learner, unit = claim.learners.get().pk, claim.units.first().pk
    answer = client.post(ask, {"learner": learner, "unit": unit, "grade": "Pass"})
    assert answer.status_code == 302
    shown = client.get(answer.url).content.decode()
    assert all(f"CTB-0{n}" in shown for n in (1, 3, 4)) and "CTB-05" not in shown
    told = {f"tell_{code}": text for code, text in WHOLE["tells"].items()}
    fields = {name: WHOLE[name] for name in ("grade", "statements", "evidence_types", "evidence")} | told
    stale = client.post(f"{answer.url}edit/", fields | {"expected_version": 7})
    assert stale.status_code == 409
    assert client.post(f"{answer.url}edit/", fields | {"expected_version": 1}).status_code == 302
    assert "CTB-0" not in client.get(answer.url).content.decode()
    client.post(f"{answer.url}move/", {"move": "request", "expected_version": 2})
    assert client.post(f"{answer.url}move/", {"move": "agree", "reason": "x", "expected_version": 3}).status_code == 200
    sign_in(client, member.person)
    waiting = client.get(reverse("mitigations:component_tags", kwargs={"ao": "aim"}) + "?state=requested")
    assert answer.url in waiting.content.decode()
    # Both answers need a reason, so the box does not say "optional".
    assert "(optional)" not in client.get(answer.url).content.decode()
    unsaid = client.post(f"{answer.url}move/", {"move": "agree", "expected_version": 3}).content.decode()
    assert "Say why" in unsaid
    done = client.post(f"{answer.url}move/", {"move": "agree", "reason": "Borne out.", "expected_version": 3})
    assert done.status_code == 302
    with open_scope(aim):
        assert ComponentTag.objects.get().state == "agreed" and ClaimCell.objects.get().value == "Pass"


def test_ctb_02_whoever_refuses_is_told_what_that_means(at, client, aim, claim, contact, member):
    with open_scope(aim):
        tag = requested(claim, contact)
    page = reverse("mitigations:component_tag", kwargs={"ao": "aim", "component_tag_id": tag.pk})
    sign_in(client, contact.person)
    shown = client.get(page).content.decode()
    assert "(optional)" not in shown and "Say why" not in shown
    sign_in(client, member.person)
    said = {"move": "refuse", "reason": "A remote session was open.", "expected_version": tag.version}
    done = client.post(f"{page}move/", said, follow=True).content.decode()
    assert f"does not count in eRAC {claim.number}" in done and "or ask anew" in done


def test_a_reason_that_only_some_moves_need_says_which(at, client, aim, claim, contact):
    with open_scope(aim):
        tag = draft(claim, contact)
    sign_in(client, contact.person)
    page = reverse("mitigations:component_tag", kwargs={"ao": "aim", "component_tag_id": tag.pk})
    shown = client.get(page).content.decode()
    assert "Needed for: Withdraw." in shown and "(optional)" not in shown


def test_another_centres_people_see_none_of_it(at, client, aim, claim, contact):
    with open_scope(aim):
        tag = requested(claim, contact)
        stranger = make_standing(aim, Role.QUALITY_CONTACT, make_centre("Elsewhere"))
    sign_in(client, stranger.person)
    page = reverse("mitigations:component_tag", kwargs={"ao": "aim", "component_tag_id": tag.pk})
    assert client.get(page).status_code == 404
    assert client.post(f"{page}move/", {"move": "withdraw", "reason": "x", "expected_version": 2}).status_code == 404
