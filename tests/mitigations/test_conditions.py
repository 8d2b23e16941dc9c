"""Approvals in principle: conditions, their evidence, reminders, and coming back by themselves (CLM-07)."""

from __future__ import annotations

import datetime as dt
import io
import threading

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError, Process
from awarding.files.content import UnacceptableFileError
from awarding.notices.models import Notice
from awarding.tenancy.scope import open_scope
from awarding.workflow.queries import history
from awarding.workflow.services import GuardedError, StalePageError, apply_transition
from mitigations.models import Claim, PanelCondition, PanelDecision
from mitigations.queries.conditions import condition_rows, conditions_of
from mitigations.queries.panel import panel_queue, queue_page
from mitigations.rules.conditions import Condition, next_due, reminder_due
from mitigations.services.conditions import (
    ConditionError,
    bring_back,
    meet_condition,
    remind_of_conditions,
    reopen_condition,
)
from mitigations.services.panel import decide_claim
from mitigations.services.submission import resume_claim
from mitigations.tasks import watch_conditions
from mitigations.workflow import CLAIM
from tests.factories import adopt_framework, make_ao, make_centre, make_claim, make_standing
from tests.factories.filling import fill_and_submit, fill_checklist
from tests.factories.sign_in import sign_in

TODAY = timezone.localdate()
pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n%%EOF\n"


def day(n):
    return TODAY + dt.timedelta(days=n)


def hold(claim, member, *, expires=14, due=7):
    """The claim, approved in principle until `expires` days from now with one condition."""
    decide_claim(
        actor=member, claim=claim, verdict="in_principle", reasons="Wait", expected_version=claim.version,
        conditions=[Condition("The logbooks", day(due))], expires_on=None if expires is None else day(expires),
    )  # fmt: skip
    return fresh(claim)


def fresh(claim):
    return Claim.objects.get(pk=claim.pk)


@pytest.fixture
def thin(scope, centre, contact):
    """Submitted with too little evidence."""
    return fill_and_submit(make_claim(centre, contact), contact, status="none")


@pytest.fixture
def held(thin, member):
    return hold(thin, member)


def test_clm_07_conditions_are_met_with_evidence_and_then_the_claim_resumes_where_it_stood(held, contact, centre):
    later = fill_and_submit(make_claim(centre, contact), contact)
    fill_checklist(held, contact)
    with pytest.raises(GuardedError) as refused:
        resume_claim(actor=contact, claim=held, expected_version=held.version)
    assert [(f.rule, f.where) for f in refused.value.findings] == [("CLM-07", "The logbooks")]
    condition = condition_rows(held)[0]
    meet_condition(actor=contact, condition=condition, handle=io.BytesIO(PDF), name="logs.pdf", size=len(PDF))
    resume_claim(actor=contact, claim=held, expected_version=held.version)
    assert [claim.pk for claim in panel_queue()] == [held.pk, later.pk]


def test_a_condition_is_not_met_by_nothing_nor_by_a_program(held, contact):
    condition = condition_rows(held)[0]
    with pytest.raises(ConditionError, match="Choose a file"):
        meet_condition(actor=contact, condition=condition, note="  ")
    with pytest.raises(UnacceptableFileError):
        meet_condition(actor=contact, condition=condition, handle=io.BytesIO(b"MZ\x90"), name="logs.pdf", size=3)
    assert [c.is_met for c in conditions_of(held)] == [False]
    meet_condition(actor=contact, condition=condition, note="In the checklist now")
    assert [c.is_met for c in conditions_of(held)] == [True]
    reopen_condition(actor=contact, condition=condition)
    assert [c.is_met for c in conditions_of(held)] == [False]


def test_neither_another_centre_nor_the_panel_says_that_a_condition_is_met(held, aim, member):
    stranger = make_standing(aim, Role.QUALITY_CONTACT, make_centre("Elsewhere"))
    for actor in (stranger, member):
        with pytest.raises(PermissionMissingError):
            meet_condition(actor=actor, condition=condition_rows(held)[0], note="There")


@pytest.mark.parametrize(
    ("due", "expires", "says"),
    [
        (-1, 14, "lies in the past"),
        (20, 14, "after the approval expires"),
        (-3, -2, "approval expires lies in the past"),
    ],
)
def test_clm_07_days_that_make_no_sense_are_refused(thin, member, due, expires, says):
    with pytest.raises(GuardedError, match=says) as refused:
        hold(thin, member, due=due, expires=expires)
    assert {finding.rule for finding in refused.value.findings} == {"CLM-07"}
    assert not PanelDecision.objects.exists()


# --- coming back by itself -----------------------------------------------------------------------


def test_clm_07_an_expired_approval_comes_back_once_to_its_place_and_says_why(held, centre, contact, member):
    later = fill_and_submit(make_claim(centre, contact), contact)
    assert not bring_back(claim_id=held.pk, today=day(14)), "the last day still counts"
    assert bring_back(claim_id=held.pk, today=day(15))
    assert not bring_back(claim_id=held.pk, today=day(15)), "a second run finds nothing to do"
    assert [claim.pk for claim in panel_queue()] == [held.pk, later.pk]
    events = [event for event in history(held) if event.transition == "fall_due"]
    assert [(event.process, event.data["open"]) for event in events] == [("panel clock", ["The logbooks"])]
    assert "time ran out" in str(queue_page(member, 1)[1][0].came_back)
    assert Notice.objects.filter(person=contact.person, key__contains="fall_due").count() == 1


def test_clm_07_late_by_months_it_comes_back_and_a_new_approval_holds_anew(held, member):
    assert bring_back(claim_id=held.pk, today=day(200))
    hold(fresh(held), member, expires=30)
    assert not bring_back(claim_id=held.pk, today=day(15)), "the first approval's day is past and does not count"
    assert bring_back(claim_id=held.pk, today=day(31))


def test_clm_07_without_a_day_of_expiry_it_waits(thin, member):
    held = hold(thin, member, expires=None)
    assert not bring_back(claim_id=held.pk, today=day(1000))
    assert fresh(held).state == "approved_in_principle"


def test_only_the_clock_brings_back(held, contact, member):
    for actor in (contact, member):
        with pytest.raises(PermissionMissingError):
            apply_transition(CLAIM, held, "fall_due", actor=actor)
    assert apply_transition(CLAIM, held, "fall_due", actor=Process("panel clock")).state == "queued"


def test_once_it_came_back_its_conditions_are_closed(held, contact):
    condition = condition_rows(held)[0]
    bring_back(claim_id=held.pk, today=day(15))
    with pytest.raises(StalePageError):
        meet_condition(actor=contact, condition=condition, note="Late")


@pytest.mark.django_db(transaction=True)
def test_clm_07_two_clocks_at_once_bring_back_once_and_the_task_serves_every_ao():
    ao = make_ao("aim")
    with open_scope(ao):
        adopt_framework()
        centre = make_centre()
        contact, member = make_standing(ao, Role.QUALITY_CONTACT, centre), make_standing(ao, Role.PANEL_MEMBER)
        claims = [fill_and_submit(make_claim(centre, contact), contact, status="none") for _ in range(2)]
        for claim in claims:
            hold(claim, member, expires=0, due=0)
    start, moved = threading.Barrier(2), []

    def run():
        try:
            start.wait(10)
            with open_scope(ao):
                moved.append(bring_back(claim_id=claims[0].pk, today=day(1)))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(moved) == [False, True]
    watch_conditions()  # nothing is due today
    with open_scope(ao):
        assert [fresh(claim).state for claim in claims] == ["queued", "approved_in_principle"]


def test_the_task_brings_back_and_reminds(held, aim, contact, monkeypatch):
    monkeypatch.setattr("mitigations.tasks.timezone.localdate", lambda: day(15))
    watch_conditions()
    watch_conditions()
    assert fresh(held).state == "queued"
    assert len([event for event in history(held) if event.transition == "fall_due"]) == 1


# --- reminders -----------------------------------------------------------------------------------


def reminders(contact):
    return list(Notice.objects.filter(person=contact.person, key__startswith="conditions-").order_by("id"))


def test_clm_07_reminders_go_out_once_and_name_what_is_open(held, contact):
    remind_of_conditions(day(-1))
    assert reminders(contact) == [], "eight days before is too early"
    for _run in range(2):
        remind_of_conditions(TODAY)
    (first,) = reminders(contact)
    assert held.number in first.subject and "The logbooks" in first.body
    remind_of_conditions(day(6))
    assert len(reminders(contact)) == 2


def test_clm_07_after_missed_runs_only_the_most_pressing_reminder_is_sent(held, contact):
    remind_of_conditions(day(7))
    assert [notice.key.rsplit("-", 1)[1] for notice in reminders(contact)] == ["1"]
    remind_of_conditions(day(7))
    assert len(reminders(contact)) == 1


def test_an_ao_that_wants_no_reminders_sends_none(held, contact, aim):
    from mitigations.services.panel_settings import change_panel_settings

    change_panel_settings(
        actor=make_standing(aim, Role.AO_ADMIN), releases_apart=False, second_opinion_share=0, in_principle_days=28,
        reminder_days=[],
    )  # fmt: skip
    assert remind_of_conditions(day(6)) == 0 and reminders(contact) == []


@pytest.mark.parametrize(
    ("left", "days", "due"),
    [(8, [7, 1], None), (7, [7, 1], 7), (2, [7, 1], 7), (1, [7, 1], 1), (0, [7, 1], 1), (3, [], None)],
)
def test_which_reminder_is_due(left, days, due):
    assert reminder_due(day(left), days, TODAY) == due


def test_the_next_day_is_that_of_the_first_open_condition_or_of_expiry():
    rows = [Condition("a", day(3), True), Condition("b", day(5)), Condition("c", day(-2))]
    assert next_due(rows, day(9), TODAY) == day(5)
    assert next_due(rows[:1], day(9), TODAY) == day(9)
    assert next_due(rows, None, day(6)) is None


# --- pages ---------------------------------------------------------------------------------------


def at(name, **kwargs):
    return reverse(f"mitigations:{name}", kwargs={"ao": "aim", **kwargs})


@pytest.fixture
def kept(aim, centre, contact, member):
    """As held, with no scope open: for pages."""
    with open_scope(aim):
        return hold(fill_and_submit(make_claim(centre, contact), contact, status="none"), member)


def test_clm_07_the_centre_meets_a_condition_on_its_page(client, aim, kept, contact):
    client.force_login(contact.person)
    page = client.get(at("claim", claim_id=kept.pk)).content.decode()
    assert at("conditions", claim_id=kept.pk) in page and "The approval holds until" in page
    with open_scope(aim):
        condition = PanelCondition.objects.get()
    url = at("condition", claim_id=kept.pk, condition_id=condition.pk)
    assert "Choose a file, or say where" in client.post(url, {"note": ""}).content.decode()
    page = client.post(url, {"note": "In the shared folder"}, follow=True).content.decode()
    assert "is marked as met" in page and "In the shared folder" in page
    client.post(at("reopen_condition", claim_id=kept.pk, condition_id=condition.pk))
    with open_scope(aim):
        assert PanelCondition.objects.get().met_at is None


def test_clm_07_what_is_still_missing_is_told_to_the_centre_as_what_it_can_do(client, aim, kept, contact):
    client.force_login(contact.person)
    shown = client.get(at("claim", claim_id=kept.pk)).content.decode()
    assert "0 of 1 met" in shown and "with too little" in shown and "What is to do" in shown
    page = client.get(at("resume", claim_id=kept.pk)).content.decode()
    for words in (shown, page):
        assert (
            "Mark in the checklist what is complete by now" in words and "Approve the claim in principle" not in words
        )
    # The condition stops it, too, and the page says so before a button is pressed.
    assert "The logbooks" in page and "Send it back to the panel" not in page
    with open_scope(aim):
        fill_checklist(kept, contact)
        meet_condition(actor=contact, condition=condition_rows(kept)[0], note="In the shared folder")
    assert "Send it back to the panel" in client.get(at("resume", claim_id=kept.pk)).content.decode()


def test_a_condition_s_file_is_no_link_for_those_who_may_not_open_it(client, aim, kept, contact):
    with open_scope(aim):
        condition = PanelCondition.objects.get()
        meet_condition(actor=contact, condition=condition, handle=io.BytesIO(PDF), name="logs.pdf", size=len(PDF))
        reader = make_standing(aim, Role.SENIOR_DESIGNATED_CONTACT, kept.centre)
    link = at("condition_file", claim_id=kept.pk, condition_id=condition.pk)
    for person, is_linked in ((contact.person, True), (reader.person, False)):
        client.force_login(person)
        page = client.get(at("conditions", claim_id=kept.pk)).content.decode()
        assert "logs.pdf" in page and (link in page) == is_linked


def test_a_file_for_a_condition_is_opened_by_those_who_see_the_claim(client, aim, kept, contact, member):
    with open_scope(aim):
        condition = PanelCondition.objects.get()
        meet_condition(actor=contact, condition=condition, handle=io.BytesIO(PDF), name="logs.pdf", size=len(PDF))
        stranger = make_standing(aim, Role.QUALITY_CONTACT, make_centre("Elsewhere"))
    url = at("condition_file", claim_id=kept.pk, condition_id=condition.pk)
    for person, status in ((contact.person, 200), (stranger.person, 404)):
        client.force_login(person)
        assert client.get(url).status_code == status
    sign_in(client, member.person)
    assert client.get(url).status_code == 200


def test_clm_07_the_panel_sees_what_is_open_and_when_it_comes_back(client, aim, kept, member):
    sign_in(client, member.person)
    page = client.get(at("panel_conditions")).content.decode()
    assert kept.number in page and "1 of 1 open" in page
    assert kept.number not in client.get(at("panel_conditions") + "?show=overdue").content.decode()


def test_clm_07_the_form_of_the_decision_sets_conditions_and_says_what_is_wrong(client, aim, centre, contact, member):
    with open_scope(aim):
        claim = fill_and_submit(make_claim(centre, contact), contact, status="none")
    sign_in(client, member.person)
    client.post(at("open_case", claim_id=claim.pk))
    data = {
        "expected_version": claim.version, "verdict": "in_principle", "reasons": "Wait", "expires_on": day(10).isoformat(),
        "condition_1": "The logbooks", "condition_1_due": "", "condition_2": "", "condition_2_due": day(3).isoformat(),
    }  # fmt: skip
    page = client.post(at("decide", claim_id=claim.pk), data).content.decode()
    assert "Say by when this condition" in page and "Say what is needed by this day" in page
    data |= {"condition_1_due": day(11).isoformat(), "condition_2_due": ""}
    assert "after the approval expires" in client.post(at("decide", claim_id=claim.pk), data).content.decode()
    data["condition_1_due"] = day(9).isoformat()
    assert client.post(at("decide", claim_id=claim.pk), data).status_code == 302
    with open_scope(aim):
        assert [(c.what, c.due_on) for c in PanelCondition.objects.all()] == [("The logbooks", day(9))]
        assert PanelDecision.objects.get().expires_on == day(10)
