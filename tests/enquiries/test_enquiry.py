"""Asking, finding somebody, answering; what the centre sees and what it never sees."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from awarding.accounts.models import Membership
from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError, Standing
from awarding.enquiries.models import Enquiry, EnquiryMessage, Topic
from awarding.enquiries.queries.enquiries import asked_often, enquiries_about, find_enquiry, list_enquiries, thread
from awarding.enquiries.references import UnknownReferenceError
from awarding.enquiries.services import enquiry as service
from awarding.enquiries.services.routing import RoutingError, add_rule, add_topic, change_settings, drop_topic
from awarding.enquiries.tasks import remind_overdue
from awarding.notices.models import Notice
from awarding.tenancy.scope import open_scope
from awarding.workflow.services import ReasonMissingError, StalePageError
from awarding.working_days import add_working_days, is_working_day
from awarding.worklist.registry import work_items
from tests.factories import make_ao, make_centre, make_claim, make_qualification, make_standing

pytestmark = pytest.mark.django_db


def say(act, place, enquiry, actor, text="Yes", **fields):
    current = Enquiry.objects.get(pk=enquiry.pk)
    return act(actor=actor, enquiry=current, text=text, expected_version=current.version, **fields)


def test_hlp_01_a_question_has_its_number_what_it_is_about_an_owner_and_a_day(scoped):
    change_settings(actor=scoped.admin, answer_days=3, fallback_role=Role.PANEL_MEMBER)
    enquiry = scoped.ask()
    assert (enquiry.about_kind, enquiry.about_id, enquiry.about_number) == (
        "claim",
        scoped.claim.pk,
        scoped.claim.number,
    )
    assert enquiry.qualification == scoped.claim.qualification and enquiry.owner == scoped.panel.person
    assert enquiry.due_on == add_working_days(timezone.localdate(), 3)
    assert Notice.objects.get(person=scoped.panel.person).subject.startswith(enquiry.number)
    assert not Notice.objects.filter(person=scoped.admin.person).exists()
    second = scoped.ask(about=scoped.claim.qualification.display_qan)
    assert second.about_kind == "qualification" and second.number != enquiry.number


@pytest.mark.parametrize("about", ["AIM-2020-999999", "603/3985/8", "nonsense", "   ", "\x00", "%"])
def test_hlp_01_an_unknown_number_is_told_and_nothing_is_asked(scoped, about):
    with pytest.raises(UnknownReferenceError) as refused:
        scoped.ask(about=about)
    assert refused.value.finding.rule == "HLP-01" and refused.value.finding.fix
    assert not Enquiry.objects.exists()


def test_hlp_01_another_centres_claim_is_as_unknown_as_none(scoped):
    other = make_centre("Elsewhere")
    theirs = make_claim(other, make_standing(scoped.ao, Role.QUALITY_CONTACT, other))
    with pytest.raises(UnknownReferenceError):
        scoped.ask(about=theirs.number)


def test_hlp_01_a_qualification_of_another_organisation_is_named_as_theirs(place):
    abroad = make_ao("other")
    with open_scope(abroad):
        theirs = make_qualification()
    with open_scope(place.ao), pytest.raises(UnknownReferenceError, match=f"awarded by {abroad.name}"):
        place.ask(about=theirs.qan)


def test_hlp_01_rules_are_tried_in_order_and_one_that_leads_to_nobody_is_passed_over(scoped):
    evidence, grades = Topic.objects.get(), add_topic(actor=scoped.admin, name="Grades")
    gone = make_standing(scoped.ao, Role.PANEL_MEMBER)
    add_rule(actor=scoped.admin, topic=evidence, sector="", person=gone.person)
    add_rule(actor=scoped.admin, topic=None, sector="science", role=Role.PANEL_MEMBER)
    assert scoped.ask(topic=evidence).owner == gone.person
    assert scoped.ask(topic=grades).owner == scoped.panel.person  # the sector's rule, the less busy member
    Membership.objects.filter(person=gone.person).update(ended_at=timezone.now())
    assert scoped.ask(topic=evidence).owner == scoped.panel.person
    other = make_qualification(sector="Arts")
    assert scoped.ask(about=other.qan, topic=grades).owner == scoped.admin.person


def test_hlp_01_of_several_the_least_busy_answers(scoped):
    second = make_standing(scoped.ao, Role.PANEL_MEMBER)
    add_rule(actor=scoped.admin, topic=None, sector="", role=Role.PANEL_MEMBER)
    owners = [scoped.ask().owner for _ in range(4)]
    assert owners.count(second.person) == owners.count(scoped.panel.person) == 2


def test_a_rule_leads_to_a_role_or_a_person_and_to_somebody_who_answers(scoped):
    for fields in ({}, {"role": Role.AO_ADMIN, "person": scoped.admin.person}, {"person": scoped.teacher.person}):
        with pytest.raises(RoutingError):
            add_rule(actor=scoped.admin, topic=None, sector="", **fields)
    with pytest.raises(PermissionMissingError):
        add_rule(actor=scoped.panel, topic=None, sector="", role=Role.AO_ADMIN)


def test_a_topic_no_longer_offered_stays_with_what_was_asked_and_can_come_back(scoped):
    topic = Topic.objects.get()
    enquiry = scoped.ask(topic=topic)
    drop_topic(actor=scoped.admin, topic=topic)
    assert Enquiry.objects.get(pk=enquiry.pk).topic == topic
    assert add_topic(actor=scoped.admin, name=" evidence ") == topic
    with pytest.raises(RoutingError, match="already"):
        add_topic(actor=scoped.admin, name="EVIDENCE")


def test_hlp_01_answered_asked_back_replied_opened_again_and_closed(scoped):
    enquiry = scoped.ask()
    say(service.ask_back, scoped, enquiry, scoped.admin, "Which unit?")
    waiting = Enquiry.objects.get(pk=enquiry.pk)
    assert (waiting.state, waiting.due_on) == ("waiting", None)
    say(service.reply_to_enquiry, scoped, enquiry, scoped.contact, "The third")
    assert Enquiry.objects.get(pk=enquiry.pk).state == "asked"
    say(service.answer_enquiry, scoped, enquiry, scoped.admin, "Yes, with a reason")
    answered = Enquiry.objects.get(pk=enquiry.pk)
    assert answered.state == "answered" and answered.answered_at and answered.due_on is None
    assert Notice.objects.filter(person=scoped.contact.person, body="Yes, with a reason").count() == 1
    again = say(service.reply_to_enquiry, scoped, enquiry, scoped.contact, "And the fourth?")
    assert again.state == "reopened" and again.due_on is not None
    closed = service.close_enquiry(actor=scoped.contact, enquiry=again, expected_version=again.version)
    assert closed.state == "closed"
    texts = [m.text for m in thread(scoped.contact, closed)]
    assert texts == ["May we leave one out?", "Which unit?", "The third", "Yes, with a reason", "And the fourth?"]


def test_the_awarding_organisation_closes_with_a_reason_only(scoped):
    enquiry = scoped.ask()
    with pytest.raises(ReasonMissingError):
        service.close_enquiry(actor=scoped.admin, enquiry=enquiry, expected_version=enquiry.version)
    service.close_enquiry(actor=scoped.admin, enquiry=enquiry, expected_version=enquiry.version, reason="Asked twice")
    assert Notice.objects.get(person=scoped.contact.person).body == "Asked twice"


def test_a_stale_page_is_told_and_its_words_are_not_sent(scoped):
    enquiry = scoped.ask()
    say(service.answer_enquiry, scoped, enquiry, scoped.admin)
    for act, actor in ((service.answer_enquiry, scoped.admin), (service.reply_to_enquiry, scoped.contact)):
        with pytest.raises(StalePageError):
            act(actor=actor, enquiry=enquiry, text="Late", expected_version=enquiry.version)
    assert not EnquiryMessage.objects.filter(text="Late").exists()


def test_what_was_written_stays_as_it_was_written(scoped):
    message = scoped.ask().messages.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        EnquiryMessage.objects.filter(pk=message.pk).update(text="Other")


def test_who_works_at_the_centre_that_asked_neither_answers_nor_reads_notes(scoped):
    enquiry = scoped.ask()
    service.note_on_enquiry(actor=scoped.admin, enquiry=enquiry, text="Second time this month")
    both = Standing(
        scoped.contact.person, scoped.ao,
        frozenset({(Role.AO_ADMIN, None), (Role.QUALITY_CONTACT, scoped.centre.pk)}),
    )  # fmt: skip
    assert "Second" not in " ".join(m.text for m in thread(both, enquiry))
    with pytest.raises(PermissionMissingError, match="work at the centre"):
        say(service.answer_enquiry, scoped, enquiry, both)


def test_a_teacher_opens_their_own_and_those_about_what_they_see(scoped):
    theirs, others = scoped.ask(about=scoped.claim.qualification.qan, actor=scoped.teacher), scoped.ask()
    assert find_enquiry(scoped.teacher, theirs.pk) == theirs
    assert find_enquiry(scoped.teacher, others.pk) is None  # about a cohort of others
    with pytest.raises(PermissionMissingError):
        say(service.reply_to_enquiry, scoped, others, scoped.teacher)
    assert list(list_enquiries(scoped.teacher)) == [theirs]


def test_the_aos_people_open_what_they_own_or_what_is_about_things_they_see_and_another_centre_nothing(scoped):
    about_claim, about_title = scoped.ask(), scoped.ask(about=scoped.claim.qualification.qan)
    stranger = make_standing(scoped.ao, Role.QUALITY_CONTACT, make_centre("Elsewhere"))
    verifier = make_standing(scoped.ao, Role.EXTERNAL_VERIFIER)  # sees no claim that is not allocated to them
    for enquiry in (about_claim, about_title):
        assert find_enquiry(scoped.panel, enquiry.pk) == enquiry
        for other in (stranger, verifier):
            assert find_enquiry(other, enquiry.pk) is None
    seen = [row.enquiry for row in enquiries_about(scoped.panel, "claim", scoped.claim.pk)]
    assert seen == [about_claim] and not enquiries_about(verifier, "qualification", about_title.about_id)
    service.assign_enquiry(
        actor=scoped.admin, enquiry=about_claim, owner=verifier.person, due_on=None, reason="For you",
        expected_version=about_claim.version,
    )  # fmt: skip
    assert find_enquiry(verifier, about_claim.pk) == about_claim
    assert Notice.objects.filter(person=verifier.person, body="For you").exists()
    fresh = Enquiry.objects.get(pk=about_claim.pk)
    with pytest.raises(service.OwnerError):
        service.assign_enquiry(
            actor=scoped.admin, enquiry=fresh, owner=scoped.teacher.person, due_on=None, expected_version=fresh.version
        )


def test_hlp_01_what_is_overdue_stands_first_in_my_work_and_its_owner_is_told_once(place):
    with open_scope(place.ao):
        enquiry = place.ask()
        Enquiry.objects.filter(pk=enquiry.pk).update(due_on=timezone.localdate() - dt.timedelta(days=1))
        item = next(item for item in work_items(place.admin) if enquiry.number in str(item.title))
        assert item.urgency == 2 and item.due < timezone.localdate()
        assert [row.pk for row in list_enquiries(place.admin, show="overdue")] == [enquiry.pk]
    for _round in range(2):
        remind_overdue()
    with open_scope(place.ao):
        assert Notice.objects.filter(person=place.admin.person, key__contains="overdue").count() == 1
        say(service.answer_enquiry, place, enquiry, place.admin)
        assert not list_enquiries(place.admin, show="overdue")
        assert not [item for item in work_items(place.admin) if enquiry.number in str(item.title)]


def test_hlp_01_nobody_to_answer_is_shown_to_the_admin(scoped):
    Membership.objects.filter(role=Role.AO_ADMIN).update(ended_at=timezone.now())
    enquiry = scoped.ask()
    assert enquiry.owner is None
    assert any("no owner" in str(item.title) for item in work_items(scoped.admin))


def test_hlp_02_what_keeps_coming_is_counted_by_topic_and_qualification(scoped):
    topic = Topic.objects.get()
    for _ in range(3):
        scoped.ask(topic=topic)
    old = scoped.ask(topic=topic)
    Enquiry.objects.filter(pk=old.pk).update(asked_at=timezone.now() - dt.timedelta(days=200))
    topics, qualifications = asked_often()
    assert [(row.name, row.asked, row.answers) for row in topics] == [("Evidence", 3, 0)]
    assert [(row.key, row.asked) for row in qualifications] == [(scoped.claim.qualification.qan, 3)]


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (dt.date(2026, 4, 2), 1, dt.date(2026, 4, 7)),  # Good Friday, the weekend and Easter Monday lie between
        (dt.date(2026, 12, 24), 2, dt.date(2026, 12, 30)),  # Boxing Day is made up for on the Monday
        (dt.date(2026, 11, 20), 5, dt.date(2026, 11, 27)),
        (dt.date(2026, 11, 21), 0, dt.date(2026, 11, 21)),
    ],
)
def test_working_days(start, days, end):
    assert add_working_days(start, days) == end
    assert not is_working_day(dt.date(2026, 12, 25))


def test_hlp_01_what_concerns_the_centre_as_a_whole_is_asked_by_its_number(scoped):
    enquiry = scoped.ask(about=scoped.centre.number)
    assert (enquiry.about_kind, enquiry.about_id, enquiry.qualification) == ("centre", scoped.centre.pk, None)
    asked = {who: enquiries_about(standing, "centre", scoped.centre.pk) for who, standing in
             (("contact", scoped.contact), ("admin", scoped.admin))}  # fmt: skip
    assert all([row.enquiry for row in rows] == [enquiry] for rows in asked.values())
    # A teacher reads what they asked themselves, not what the centre's contact did.
    assert find_enquiry(scoped.teacher, enquiry.pk) is None
    elsewhere = make_standing(scoped.ao, Role.QUALITY_CONTACT, make_centre("Elsewhere"))
    with pytest.raises(UnknownReferenceError):
        service.ask_enquiry(
            actor=elsewhere, centre_id=None, about=scoped.centre.number, topic=Topic.objects.get(), subject="x", question="y"
        )  # fmt: skip


def test_a_centre_without_a_head_is_led_to_the_organisation_that_appoints_one(scoped):
    items = {str(item.title): item.url for item in work_items(scoped.contact)}
    assert (
        f"about={scoped.centre.number}" in items["No head of centre"]
        and "/enquiries/ask/" in items["No head of centre"]
    )
    assert items["No senior designated contact"].endswith("/people/")
