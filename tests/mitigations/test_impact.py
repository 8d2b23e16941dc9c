"""Who is impacted and why, and the cases of those whom the dates leave out."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError
from awarding.notices.models import Notice
from awarding.tenancy.scope import open_scope
from awarding.workflow.services import GuardedError, StalePageError, TransitionError
from centres.models import Registration
from mitigations.models import ImpactCase, Outcome
from mitigations.queries.findings import claim_findings
from mitigations.queries.impact import REASONS, explain_impact, impacted_registrations, list_impact, with_reason
from mitigations.queries.outcomes import adopted_with_impact
from mitigations.services.generation import generate_claim
from mitigations.services.impact_cases import move_case, raise_case, raise_unregistered_case
from mitigations.worklist_impact import cases_waiting
from tests.factories import adopt_framework, make_centre, make_qualification, make_registration, make_standing
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db
IMPACT_DAY = dt.date(2020, 3, 20)
DAY = dt.timedelta(days=1)


@pytest.fixture
def qualification(aim):
    with open_scope(aim):
        return make_qualification()


@pytest.fixture
def admin(aim):
    with open_scope(aim):
        return make_standing(aim, Role.AO_ADMIN)


def adoption():
    return adopted_with_impact()[0].adoption


def raised(contact, registration, **more) -> ImpactCase:
    facts = {"kind": "overran", "why": "Fell ill in May.", "evidence": "Units 1 and 2, assessed."}
    return raise_case(actor=contact, adoption=adoption(), registration=registration, **(facts | more))


# --- who is impacted ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ends_on", "status", "reason"),
    [
        (IMPACT_DAY, "active", "within"),
        (IMPACT_DAY + DAY, "completed", "within"),
        (IMPACT_DAY - DAY, "active", "before"),
        (IMPACT_DAY + DAY, "withdrawn", "withdrawn"),
        (IMPACT_DAY - DAY, "withdrawn", "withdrawn"),
    ],
)
def test_mit_06_each_learner_is_explained_by_status_and_end_date(ends_on, status, reason, scope, centre, qualification):
    registration = make_registration(centre, qualification, ends_on=ends_on)
    Registration.objects.filter(pk=registration.pk).update(status=status)
    document = adopted_with_impact()[0].document
    explained = explain_impact(document, with_reason(Registration.objects.all(), document).get())
    assert explained.reason == reason
    assert explained.is_impacted == (reason == "within") == impacted_registrations(document).exists()
    assert str(explained.why) and str(explained.change)
    assert explained.can_be_raised == (reason == "before")


def test_mit_06_without_an_impact_date_nobody_is_impacted_and_the_page_says_who_sets_it(db, client):
    from tests.factories import make_ao

    ao = make_ao("aim")
    with open_scope(ao):
        centre = make_centre()
        make_registration(centre, make_qualification())
        held = adopt_framework()
        stored = dict(held.framework.document)
        stored["dates"] = stored["dates"] | {"impact": {"label": "Impact", "on": None, "source": "S1", "ao_sets": True}}
        from awarding.frameworks.document import FrameworkDocument

        document = FrameworkDocument.from_stored(stored)
        contact = make_standing(ao, Role.QUALITY_CONTACT, centre)
        row = list_impact(contact, document).get()
        assert row.impact == "no_date"
        assert not impacted_registrations(document).exists()
        assert "Frameworks" in explain_impact(document, row).change


def test_mit_06_the_page_shows_why_for_each_learner_with_counts_as_links(client, aim, contact, centre, qualification):
    with open_scope(aim):
        inside = make_registration(centre, qualification, given="Ida")
        outside = make_registration(centre, qualification, given="Olu", ends_on=IMPACT_DAY - DAY)
        other = make_registration(make_centre(), qualification, given="Foreign")
    sign_in(client, contact.person)
    page = client.get(reverse("mitigations:impact", args=["aim"])).content.decode()
    assert "1 of 2 registrations are impacted" in page
    assert inside.learner.full_name in page and outside.learner.full_name in page
    assert other.learner.full_name not in page
    assert "Planned to end on 19 March 2020, before 20 March 2020" in page
    assert "reason=before" in page and "/rules/MIT-06/" in page
    assert reverse("mitigations:raise_impact_case", args=["aim", outside.pk]) in page
    assert reverse("mitigations:raise_impact_case", args=["aim", inside.pk]) not in page
    filtered = client.get(reverse("mitigations:impact", args=["aim"]), {"reason": "within"}).content.decode()
    assert inside.learner.full_name in filtered and outside.learner.full_name not in filtered


def test_every_reason_is_counted_by_the_chart_and_a_bad_filter_is_no_fault(client, aim, contact):
    sign_in(client, contact.person)
    address = reverse("mitigations:impact", args=["aim"])
    page = client.get(address, {"centre": "x", "reason": "nonsense", "page": "99"})
    assert page.status_code == 200
    assert all(str(words) in page.content.decode() for words in REASONS.values())


# --- cases -------------------------------------------------------------------------------------


def test_mit_08_a_learner_who_overran_is_taken_in_case_by_case_and_counts_as_impacted(
    client, aim, contact, admin, centre, qualification
):
    """MIT-08, on the pages: eRAC number and evidence go to the AO, which accepts; without evidence or a reason neither goes."""
    with open_scope(aim):
        registration = make_registration(centre, qualification, ends_on=IMPACT_DAY - DAY)
        held = adoption()
        Outcome.objects.create(
            qualification=qualification, adoption=held, framework_code="erf_2020", kind="calculated_grade"
        )
        claim = generate_claim(actor=contact, cohort=registration.cohort)
    sign_in(client, contact.person)
    address = reverse("mitigations:raise_impact_case", args=["aim", registration.pk])
    assert "Planned to end on" in client.get(address).content.decode()
    empty = client.post(address, {"kind": "overran"}).content.decode()
    assert "Fill in “Evidence to hand now”" in empty
    facts = {"kind": "overran", "why": "Ill from February.", "evidence": "Two units, in the office."}
    page = client.post(address, facts, follow=True).content.decode()
    assert claim.number in page and "Waiting to be taken on" in page and "Two units, in the office." in page
    with open_scope(aim):
        case = ImpactCase.objects.get()
        assert case.claim == claim
        assert Notice.objects.filter(person=admin.person, subject__contains=case.number).count() == 1
        assert any(f.code == "not_impacted" for f in claim_findings(claim))
    sign_in(client, admin.person)
    move = reverse("mitigations:move_impact_case", args=["aim", case.pk])
    client.post(move, {"move": "take", "expected_version": 1})
    refused = client.post(move, {"move": "accept", "reason": "", "expected_version": 2}).content.decode()
    assert "Say why: the people concerned will read it" in refused
    page = client.post(move, {"move": "accept", "reason": "The GP's letter.", "expected_version": 2}, follow=True)
    assert "Accepted" in page.content.decode()
    with open_scope(aim):
        document = adopted_with_impact()[0].document
        assert list(impacted_registrations(document)) == [registration]
        assert not any(f.code == "not_impacted" for f in claim_findings(claim))
        told = Notice.objects.filter(person=contact.person, subject__contains="Accepted")
        assert told.get().body == "The GP's letter."


def test_mit_08_no_case_for_who_is_impacted_and_none_twice(scope, contact, centre, qualification):
    """MIT-08, refused: no case where the dates reach the learner already, and no second one."""
    inside = make_registration(centre, qualification)
    with pytest.raises(GuardedError, match="impacted already") as refused:
        raised(contact, inside)
    assert [f.rule for f in refused.value.findings] == ["MIT-06"]
    outside = make_registration(centre, qualification, ends_on=IMPACT_DAY - DAY)
    case = raised(contact, outside)
    with pytest.raises(GuardedError, match=case.number):
        raised(contact, outside)
    assert ImpactCase.objects.count() == 1


def test_mit_08_a_case_has_one_owner_who_decides(scope, contact, admin, centre, qualification):
    case = raised(contact, make_registration(centre, qualification, ends_on=IMPACT_DAY - DAY))
    other = make_standing(scope, Role.AO_ADMIN)
    case = move_case(actor=admin, case=case, move="take", expected_version=1)
    with pytest.raises(StalePageError):
        move_case(actor=other, case=case, move="take", expected_version=1)
    with pytest.raises(GuardedError, match="somebody else"):
        move_case(actor=other, case=case, move="refuse", reason="No.")
    case = move_case(actor=other, case=case, move="take")
    assert case.owner == other.person
    refused = move_case(actor=other, case=case, move="refuse", reason="The work ended before the closures.")
    reopened = move_case(actor=admin, case=refused, move="reopen", reason="A letter came.")
    assert (reopened.state, reopened.owner) == ("owned", admin.person)


def test_mit_08_the_centre_is_asked_answers_and_may_withdraw(scope, contact, admin, centre, qualification):
    case = raised(contact, make_registration(centre, qualification, ends_on=IMPACT_DAY - DAY))
    case = move_case(actor=admin, case=case, move="take")
    due = dt.date(2030, 1, 1)
    case = move_case(actor=admin, case=case, move="ask", reason="Which units?", due_on=due)
    assert [item.due for item in cases_waiting(contact)] == [due]
    with pytest.raises(TransitionError):
        move_case(actor=admin, case=case, move="accept", reason="Without waiting.")
    case = move_case(actor=contact, case=case, move="answer", reason="Units 3 and 4.")
    assert (case.state, case.due_on) == ("owned", None)
    assert cases_waiting(contact) == []
    assert move_case(actor=contact, case=case, move="withdraw", reason="Not needed.").state == "withdrawn"


def test_mit_08_a_case_that_the_centre_never_answers_goes_on(scope, contact, admin, centre, qualification):
    case = raised(contact, make_registration(centre, qualification, ends_on=IMPACT_DAY - DAY))
    case = move_case(actor=admin, case=case, move="take")
    case = move_case(actor=admin, case=case, move="ask", reason="Which units?", due_on=dt.date(2030, 1, 1))
    other = make_standing(scope, Role.AO_ADMIN)
    with pytest.raises(TransitionError):
        move_case(actor=other, case=case, move="recall", reason=" ")
    with pytest.raises(PermissionMissingError):
        move_case(actor=contact, case=case, move="recall", reason="Never mind.")
    case = move_case(actor=other, case=case, move="recall", reason="Two reminders, no answer.")
    assert (case.state, case.owner, case.due_on) == ("owned", other.person, None)
    assert move_case(actor=other, case=case, move="refuse", reason="Nothing shows it.").state == "refused"


def test_what_was_written_to_a_case_that_moved_meanwhile_is_shown_again(
    client, aim, contact, admin, centre, qualification
):
    with open_scope(aim):
        case = raised(contact, make_registration(centre, qualification, ends_on=IMPACT_DAY - DAY))
        case = move_case(actor=admin, case=case, move="take")
        move_case(actor=admin, case=case, move="take")
    sign_in(client, admin.person)
    url = reverse("mitigations:move_impact_case", args=["aim", case.pk])
    typed = {"move": "refuse", "reason": "The <work> ended in May.", "expected_version": case.version}
    answer = client.post(url, typed)
    assert answer.status_code == 409
    assert "You had written:" in (page := answer.content.decode()) and "The &lt;work&gt; ended in May." in page


def test_mit_08_only_the_centre_raises_and_only_the_ao_decides(scope, contact, admin, centre, qualification):
    registration = make_registration(centre, qualification, ends_on=IMPACT_DAY - DAY)
    stranger = make_standing(scope, Role.QUALITY_CONTACT, make_centre())
    teacher = make_standing(scope, Role.TEACHER, centre)
    for who in (stranger, teacher, admin):
        with pytest.raises(PermissionMissingError):
            raised(who, registration)
    case = raised(contact, registration)
    for who in (contact, stranger):
        with pytest.raises(PermissionMissingError):
            move_case(actor=who, case=case, move="take")


def test_mit_07_an_unregistered_learner_is_refused_with_the_way_to_register_until_they_are(
    client, aim, contact, admin, centre, qualification
):
    sign_in(client, contact.person)
    address = reverse("mitigations:raise_unregistered", args=["aim", centre.pk])
    page = client.get(address).content.decode()
    assert reverse("centres:upload_new", args=["aim", centre.pk]) in page and "/rules/MIT-07/" in page
    facts = {
        "learner_name": "Noor Late",
        "uln": "12345",
        "qan": "nonsense",
        "why": "Joined late.",
        "evidence": "Unit 1.",
    }
    wrong = client.post(address, facts).content.decode()
    assert "is not the number of a qualification here" in wrong and "ULN" in wrong
    facts |= {"uln": "", "qan": qualification.display_qan}
    page = client.post(address, facts, follow=True).content.decode()
    assert "No learner with the ULN" in page and "Upload registrations" in page
    with open_scope(aim):
        case = move_case(actor=admin, case=ImpactCase.objects.get(), move="take")
    sign_in(client, admin.person)
    move = reverse("mitigations:move_impact_case", args=["aim", case.pk])
    refused = client.post(
        move, {"move": "accept", "reason": "Fine.", "expected_version": case.version}
    ).content.decode()
    assert "Must be put right" in refused and "/rules/MIT-07/" in refused
    with open_scope(aim):
        registration = make_registration(centre, qualification, given="Noor", ends_on=IMPACT_DAY - DAY)
        registration.learner.name_key = "late noor"
        registration.learner.save()
        accepted = move_case(actor=admin, case=ImpactCase.objects.get(), move="accept", reason="Registered now.")
        assert accepted.registration == registration
        assert list(impacted_registrations(adopted_with_impact()[0].document)) == [registration]


def test_mit_07_somebody_who_is_registered_after_all_gets_an_ordinary_case(scope, contact, centre, qualification):
    registration = make_registration(centre, qualification, ends_on=IMPACT_DAY - DAY)
    case = raise_unregistered_case(
        actor=contact, adoption=adoption(), centre=centre, qualification=qualification, learner_name="Whoever",
        uln=registration.learner.uln, why="Not found.", evidence="Unit 1.",
    )  # fmt: skip
    assert (case.registration, case.kind) == (registration, "overran")
