"""Who may have a Q-TAG: yes, no or not yet (QTG-01 to -06, -20), pure and through the page."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError
from awarding.catalogue.models import Qualification
from awarding.frameworks.loading import load_framework_files
from awarding.tenancy.scope import open_scope
from awarding.workflow.services import ReasonMissingError
from qtag.models import Judgement, Submission
from qtag.rules.eligibility import Answer, answer_of, eligibility_findings
from qtag.rules.facts import EvidenceFact, LearnerFacts, SubmissionFacts, TermsFacts, UnitFact
from qtag.services.preparing import record_agreement, record_last_resort, set_terms
from tests.factories.awards import make_qualification, make_registration
from tests.qtag.conftest import Scene, build_scene

VCRF = next(document for document in load_framework_files() if document.id == "vcrf_2021")
ABOUT = SubmissionFacts(VCRF, "B1")
FINE = LearnerFacts(is_certificating=True, ready_on=dt.date(2021, 6, 1), evidence=(EvidenceFact("classwork", 2),))
LAST = frozenset({"all_content_taught", "nothing_else_possible"})
RECORDED = {"category": "B2", "last_resort_statements": LAST, "has_last_resort_reason": True}
EXAMINER = TermsFacts(agreement_with="the external examiner")
BODY = frozenset({"the awarding organisation"})
ELSEWHERE = TermsFacts(out_of_scope_reason="Accredited elsewhere")
LINKED = TermsFacts(licence_units=(UnitFact(7, "Safeguarding", False), UnitFact(8, "First aid", True)))
CHOSE_AID = {"passed_units": frozenset({7}), "chosen_units": frozenset({8})}


def codes(about: SubmissionFacts, learner: LearnerFacts) -> set[tuple[str, str]]:
    return {(finding.rule, finding.code) for finding in eligibility_findings(about, learner)}


@pytest.mark.parametrize(
    ("about", "learner", "expected", "answer"),
    [
        # all is well
        ({}, {}, set(), Answer.YES),
        # QTG-01 category A never
        ({"category": "A"}, {}, {("QTG-01", "category")}, Answer.NO),
        # QTG-01 no category
        ({"category": ""}, {}, {("QTG-01", "no_category")}, Answer.NOT_YET),
        # QTG-01 B2 needs more
        ({"category": "B2"}, {}, {("QTG-01", "last_resort")}, Answer.NOT_YET),
        # QTG-01 B2 recorded
        (RECORDED, {}, set(), Answer.YES),
        # QTG-01 B2 no reason
        ({"category": "B2", "last_resort_statements": LAST}, {}, {("QTG-01", "last_resort")}, Answer.NOT_YET),
        # QTG-01 B2 one statement of two
        (
            RECORDED | {"last_resort_statements": frozenset({"all_content_taught"})}, {},
            {("QTG-01", "last_resort")}, Answer.NOT_YET,
        ),
        # QTG-01 B agreed one by one
        ({"category": "B"}, {}, {("QTG-01", "not_agreed")}, Answer.NOT_YET),
        # QTG-01 B agreed
        ({"category": "B", "agreed_with": BODY}, {}, set(), Answer.YES),
        # QTG-02 goes on
        ({}, {"is_certificating": False}, {("QTG-02", "mid_flight")}, Answer.NO),
        # QTG-02 not said
        ({}, {"is_certificating": None}, {("QTG-02", "not_said")}, Answer.NOT_YET),
        # QTG-02 top-up
        ({}, {"is_certificating": False, "is_top_up": True}, set(), Answer.YES),
        # QTG-03 a day early
        ({}, {"ready_on": dt.date(2020, 7, 31)}, {("QTG-03", "outside_window")}, Answer.NO),
        # QTG-03 first day
        ({}, {"ready_on": dt.date(2020, 8, 1)}, set(), Answer.YES),
        # QTG-03 last day
        ({}, {"ready_on": dt.date(2021, 8, 31)}, set(), Answer.YES),
        # QTG-03 a day late
        ({}, {"ready_on": dt.date(2021, 9, 1)}, {("QTG-03", "outside_window")}, Answer.NO),
        # QTG-04 apprenticeship
        ({}, {"is_apprenticeship": True}, {("QTG-04", "apprenticeship")}, Answer.NO),
        # QTG-04 out of scope
        ({"terms": ELSEWHERE}, {}, {("QTG-04", "out_of_scope")}, Answer.NO),
        # QTG-05 all linked
        ({"terms": TermsFacts(is_all_licence=True)}, {}, {("QTG-05", "all_licence")}, Answer.NO),
        # QTG-05 unit not passed
        ({"terms": LINKED}, {}, {("QTG-05", "licence_unit")}, Answer.NOT_YET),
        # QTG-05 conditional not chosen
        ({"terms": LINKED}, {"passed_units": frozenset({7})}, set(), Answer.YES),
        # QTG-05 conditional chosen
        ({"terms": LINKED}, CHOSE_AID, {("QTG-05", "licence_unit")}, Answer.NOT_YET),
        # QTG-06 no evidence
        ({}, {"evidence": ()}, {("QTG-06", "no_evidence")}, Answer.NOT_YET),
        # QTG-06 absent
        ({}, {"was_absent": True}, {("QTG-06", "absent")}, Answer.NO),
        # QTG-20 no agreement
        ({"terms": EXAMINER}, {}, {("QTG-20", "agreement")}, Answer.NOT_YET),
        # QTG-20 agreed
        ({"terms": EXAMINER, "agreed_with": frozenset({"the external examiner"})}, {}, set(), Answer.YES),
        # QTG-20 agreed with somebody else
        ({"terms": EXAMINER, "agreed_with": BODY}, {}, {("QTG-20", "agreement")}, Answer.NOT_YET),
        # QTG-01 QTG-20 each agreement for itself
        (
            {"category": "B", "terms": EXAMINER, "agreed_with": frozenset({"the external examiner"})}, {},
            {("QTG-01", "not_agreed")}, Answer.NOT_YET,
        ),
        (
            {"category": "B", "terms": EXAMINER, "agreed_with": BODY | {"the external examiner"}}, {}, set(), Answer.YES,
        ),
    ],
)  # fmt: skip
def test_each_fact_stops_or_frees_the_learner(about, learner, expected, answer):
    """QTG-01 QTG-02 QTG-03 QTG-04 QTG-05 QTG-06 QTG-20"""
    found = codes(dataclasses.replace(ABOUT, **about), dataclasses.replace(FINE, **learner))
    assert found == expected
    assert (
        answer_of(eligibility_findings(dataclasses.replace(ABOUT, **about), dataclasses.replace(FINE, **learner)))
        is answer
    )


@given(
    st.builds(
        LearnerFacts,
        is_certificating=st.sampled_from([None, True, False]),
        is_top_up=st.booleans(),
        is_apprenticeship=st.booleans(),
        was_absent=st.booleans(),
        ready_on=st.dates(dt.date(2020, 1, 1), dt.date(2022, 1, 1)),
        evidence=st.sampled_from([(), (EvidenceFact("classwork"),)]),
    )
)
def test_a_yes_has_no_findings_and_every_finding_says_how_to_mend_it(learner):
    findings = eligibility_findings(ABOUT, learner)
    assert (answer_of(findings) is Answer.YES) == (not findings)
    assert all(str(finding.fix) for finding in findings)


def eligibility_page(scene: Scene, role: Role = Role.TEACHER, asked: str = "") -> str:
    client = scene.client(role)
    return client.get(scene.url(f"qtags/{scene.submission.pk}/eligibility/{asked}")).content.decode()


def test_the_list_says_for_every_learner_what_would_change_the_answer(scene):
    """QTG-02 QTG-06: before anything is recorded nobody may have one, and the page says why with a link to the rule."""
    page = eligibility_page(scene)
    assert page.count("Not yet") == 4 and "Not yet</a> (3)" in page  # three rows, and the way to just those
    assert "Say whether they finish, top up, or go on." in page and "/rules/QTG-06/" in page


def test_the_answer_follows_the_ao_terms_at_once(agreed):
    """QTG-04 QTG-05 QTG-20: what the AO says of the qualification changes every learner's answer, and back."""
    scene = agreed
    admin, code = scene.people[Role.AO_ADMIN], "vcrf_2021"
    assert eligibility_page(scene).count("Nothing stands in the way.") == 3
    for terms, words in (
        ({"out_of_scope_reason": "Accredited elsewhere"}, "Accredited elsewhere"),
        ({"is_all_licence": True}, "Every unit is linked"),
        ({"agreement_with": "the external examiner"}, "the external examiner"),
    ):
        with open_scope(scene.ao):
            set_terms(actor=admin, qualification=scene.submission.qualification, framework_code=code, **terms)
        assert words in eligibility_page(scene)
    with open_scope(scene.ao), pytest.raises(PermissionMissingError):
        record_agreement(
            actor=scene.people[Role.QUALITY_CONTACT], submission=scene.submission, agreed_with="the external examiner",
            agreed_on=dt.date(2021, 5, 1),
        )  # fmt: skip
    client, where = scene.client(Role.AO_ADMIN), scene.url(f"qtags/progress/{scene.submission.pk}/")
    assert 'value="the external examiner"' in client.get(where).content.decode()  # whom the terms name is filled in
    said = {"agreed_on-day": "1", "agreed_on-month": "5", "agreed_on-year": "2021", "note": "By telephone"}
    answer = client.post(where, said | {"agreed_with": "The moderator"}, follow=True).content.decode()
    assert "The agreement is recorded. It first needs an agreement with: the external examiner." in answer
    assert "the external examiner" in eligibility_page(scene)
    answer = client.post(where, said | {"agreed_with": "The External  Examiner"}, follow=True).content.decode()
    assert "The agreement is recorded. The centre&#x27;s learners can go on." in answer
    assert eligibility_page(scene).count("Nothing stands in the way.") == 3


def test_a_unit_linked_to_a_licence_is_named_until_it_is_banked(agreed):
    """QTG-05 QTG-14"""
    scene = agreed
    with open_scope(scene.ao):
        place = scene.submission.qualification.unit_places.select_related("unit")[0]
        set_terms(
            actor=scene.people[Role.AO_ADMIN], qualification=scene.submission.qualification,
            framework_code="vcrf_2021", licence_units={place.unit: False},
        )  # fmt: skip
    page = eligibility_page(scene)
    assert page.count(place.unit.title) == 3 and page.count("is not passed") == 3


def test_a_last_resort_is_recorded_statement_by_statement(db, calendar):
    """QTG-01: category B2 is refused until each statement is confirmed and a reason given."""
    scene = build_scene(category="B2")
    assert "is a last resort" in eligibility_page(scene)
    client = scene.client(Role.QUALITY_CONTACT)
    address = scene.url(f"qtags/{scene.submission.pk}/last-resort/")
    assert "There is a problem" in client.post(address, {"all_content_taught": "on", "reason": "Shut"}).content.decode()
    with open_scope(scene.ao):
        assert Submission.objects.get(pk=scene.submission.pk).last_resort_at is None
    said = {"all_content_taught": "on", "nothing_else_possible": "on", "reason": "The workshop stayed shut."}
    assert scene.client(Role.TEACHER).post(address, said).status_code == 403
    with open_scope(scene.ao):
        contact = {"actor": scene.people[Role.QUALITY_CONTACT], "submission": scene.submission}
        for statements, reason in (([*LAST][:1], "Shut"), ([], "Shut"), ([*LAST], "  ")):
            with pytest.raises(ReasonMissingError):
                record_last_resort(statements=statements, reason=reason, **contact)
        with pytest.raises(PermissionMissingError):
            record_last_resort(
                actor=scene.people[Role.TEACHER], submission=scene.submission, statements=[*LAST], reason="Shut"
            )
        assert Submission.objects.get(pk=scene.submission.pk).last_resort_at is None
    assert client.post(address, said).status_code == 302
    assert "is a last resort" not in eligibility_page(scene)


def test_what_holds_of_many_learners_is_said_at_once(scene):
    """QTG-02: ticked learners finish; the list follows, by answer, too; who was changed meanwhile, or moved on, is named."""
    client, where = scene.client(Role.TEACHER), scene.url(f"qtags/{scene.submission.pk}/eligibility/say/")
    rows = scene.judgements()
    ticks = [f"{row.pk}-{row.facts_version}" for row in rows]
    assert "Tick at least one learner" in client.post(where, {"going": "finishes"}).content.decode()
    assert "Choose an answer" in client.post(where, {"learner": ticks}).content.decode()
    assert all(row.is_certificating is None for row in scene.judgements())
    with open_scope(scene.ao):
        Judgement.objects.filter(pk=rows[2].pk).update(facts_version=1)
    refused = client.post(where, {"learner": ticks, "going": "goes_on"})
    assert refused.status_code == 409 and "Somebody else changed these facts" in refused.content.decode()
    assert [row.is_certificating for row in scene.judgements()] == [False, False, None]
    shown = eligibility_page(scene, asked="?answer=no")
    assert shown.count("The learner goes on after this summer") == 2 and "Nobody has said" not in shown
    assert shown.count("Use reduced assessment: set the Z flag") == 2
    assert "Everybody</a> (3)" in shown and "<strong>No</strong> (2)" in shown
    assert "No learner with this answer" in eligibility_page(scene, asked="?answer=yes")
    assert scene.client(Role.HEAD_OF_CENTRE).post(where, {"learner": ticks, "going": "finishes"}).status_code == 403
    with open_scope(scene.ao):
        Judgement.objects.filter(pk=rows[0].pk).update(state="submitted")
    ticks = [f"{row.pk}-{row.facts_version}" for row in scene.judgements()]
    assert client.post(where, {"learner": ticks, "going": "tops_up"}).status_code == 409
    assert [row.is_top_up for row in scene.judgements()] == [False, True, True]


def test_what_is_to_do_counts_those_who_can_have_one(scene):
    """QTG-02: of three learners one goes on; the list of tasks says so, and asks for two."""
    with open_scope(scene.ao):
        first = Judgement.objects.order_by("pk")[0]
        Judgement.objects.filter(pk=first.pk).update(is_certificating=False)
    page = scene.client(Role.TEACHER).get(scene.url(f"qtags/{scene.submission.pk}/")).content.decode()
    assert "Yes: 0, Not yet: 2, No: 1" in page
    assert "0 of 2 recorded" in page and "0 of 2 submitted" in page


def test_what_holds_for_every_learner_is_said_once_and_everybody_is_one_tick(scene):
    """QTG-01 QTG-02: thirty learners under one missing record are not thirty times the same sentence."""
    with open_scope(scene.ao):
        Qualification.objects.filter(pk=scene.submission.qualification_id).update(category="B2")
    page = eligibility_page(scene)
    assert page.count("a Q-TAG is a last resort") == 1 and "Not yet</a> (3)" in page
    client, where = scene.client(Role.TEACHER), scene.url(f"qtags/{scene.submission.pk}/eligibility/say/")
    shown = [f"{row.pk}-{row.facts_version}" for row in scene.judgements()]
    answer = client.post(where, {"everybody": "1", "shown": shown, "learner": shown[:1], "going": "finishes"})
    assert answer.status_code == 302
    assert [row.is_certificating for row in scene.judgements()] == [True, True, True]


def test_beginning_chooses_nothing_and_says_where_there_will_be_none(scene):
    """QTG-01: the first of the list is not begun by whoever presses at once; category A and what has begun say so."""
    with open_scope(scene.ao):
        registration = make_registration(scene.centre, make_qualification(grades=("P",), category="A"))
    contact, where = scene.client(Role.QUALITY_CONTACT), scene.url("qtags/begin/")
    page = contact.get(where).content.decode()
    assert f"{registration.qualification} (category A: no Q-TAGs)" in page
    assert f"{scene.submission.qualification} (begun: adds who was registered since)" in page
    assert "Choose an answer" in contact.post(where, {"course": ""}).content.decode()
    with open_scope(scene.ao):
        assert Submission.objects.count() == 1
