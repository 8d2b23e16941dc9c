"""The pages of enquiries, answers and sessions, without JavaScript."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError
from awarding.catalogue.panels import panels_of
from awarding.enquiries.models import Enquiry, HelpSession, PublishedAnswer, RoutingRule, SignUp, Topic
from awarding.enquiries.services import enquiry as service
from awarding.enquiries.services.answer import change_answer, publish_answer, withdraw_answer
from awarding.enquiries.services.session import SessionError, announce_session, call_off_session, give_up_place, sign_up
from awarding.notices.models import Notice
from awarding.tenancy.scope import open_scope
from awarding.workflow.services import StalePageError
from tests.factories import make_standing

pytestmark = pytest.mark.django_db


def url(name, **kwargs):
    return reverse(f"enquiries:{name}", kwargs={"ao": "aim", **kwargs})


def test_hlp_01_from_the_claims_page_to_the_answer_on_it(place):
    client, admin = place.client(place.contact), place.client(place.admin)
    with open_scope(place.ao):
        topic = Topic.objects.get()
    claim_page = reverse("mitigations:claim", kwargs={"ao": "aim", "claim_id": place.claim.pk})
    ask = url("ask") + f"?about={place.claim.number}"
    assert ask in client.get(claim_page).content.decode()
    assert place.claim.number in client.get(ask).content.decode()
    empty = client.post(ask, {"topic": topic.pk})
    assert "Your question" in empty.content.decode() and empty.context["form"].errors
    sent = client.post(ask, {"topic": topic.pk, "subject": "Unit 3", "question": "May we leave it out?"}, follow=True)
    assert sent.status_code == 200 and "is sent" in sent.content.decode()
    with open_scope(place.ao):
        enquiry = Enquiry.objects.get()
    page = url("enquiry", enquiry_id=enquiry.pk)
    for text, kind in (("They ask this every year", "note"), ("No, it is mandatory.", "answer")):
        with open_scope(place.ao):
            version = Enquiry.objects.get().version
        form = {"kind": kind, "text": text, "expected_version": version}
        assert admin.post(url("write", enquiry_id=enquiry.pk), form).status_code == 302
    assert "every year" in admin.get(page).content.decode()
    for shown in (client.get(page), client.get(claim_page)):
        assert "No, it is mandatory." in shown.content.decode() and "every year" not in shown.content.decode()


def test_hlp_01_an_unknown_number_is_explained_on_the_form(place):
    response = place.client(place.contact).get(url("ask") + "?about=AIM-1999-000001")
    assert response.status_code == 200 and "is not a number that you can see here" in response.content.decode()


def test_hlp_01_an_internal_note_never_reaches_the_centre(place):
    """A sweep of every page of enquiries as everybody at the centre, and of what they are told."""
    with open_scope(place.ao):
        enquiry = place.ask(about=place.claim.qualification.qan)
        service.note_on_enquiry(actor=place.admin, enquiry=enquiry, text="ZZSECRET")
        service.answer_enquiry(actor=place.admin, enquiry=enquiry, text="Open", expected_version=enquiry.version)
        people = [make_standing(place.ao, role, place.centre) for role in Role if "centre" in role or "contact" in role]
        told = " ".join(Notice.objects.filter(person=place.contact.person).values_list("body", flat=True))
    pages = [
        url("list") + "?show=all", url("enquiry", enquiry_id=enquiry.pk), url("answers"), "/inbox/", "/",
        reverse("catalogue:qualification", kwargs={"ao": "aim", "qan": place.claim.qualification.qan}),
        reverse("mitigations:claim", kwargs={"ao": "aim", "claim_id": place.claim.pk}),
    ]  # fmt: skip
    for person in [place.contact, *people]:
        client = place.client(person)
        bodies = [client.get(page).content.decode() for page in pages]
        assert "Open" in bodies[1] and "ZZSECRET" not in " ".join(bodies)
    assert "Open" in told and "ZZSECRET" not in told


def test_two_who_answer_at_once_the_second_is_told_and_keeps_what_was_typed(place):
    with open_scope(place.ao):
        enquiry = place.ask()
    client = place.client(place.admin)
    form = {"kind": "answer", "text": "First", "expected_version": enquiry.version}
    done = client.post(url("write", enquiry_id=enquiry.pk), form, follow=True)
    assert done.redirect_chain and "whoever asked is told" in done.content.decode()
    late = client.post(url("write", enquiry_id=enquiry.pk), form | {"text": "Second words"})
    assert late.status_code == 409 and "Second words" in late.content.decode()
    with open_scope(place.ao):
        assert [m.text for m in enquiry.messages.filter(is_from_centre=False)] == ["First"]


def test_the_admin_sets_days_topics_and_rules(place):
    client, page = place.client(place.admin), url("routing")
    with open_scope(place.ao):
        topic = Topic.objects.get()
    assert client.post(page, {"save": "days", "days-answer_days": "0", "days-fallback_role": "ao_admin"}).context[
        "has_errors"
    ]
    client.post(page, {"save": "days", "days-answer_days": "9", "days-fallback_role": "panel_member"})
    client.post(page, {"save": "topic", "topic-name": "Grades"})
    client.post(page, {"save": "rule", "rule-topic": topic.pk, "rule-person": place.panel.person.pk})
    client.post(page, {"save": "rule", "rule-sector": "Science", "rule-role": "ao_admin", "rule-first": "on"})
    shown = client.get(page).content.decode()
    assert "Grades" in shown and str(place.panel.person) in shown
    with open_scope(place.ao):
        first, second = RoutingRule.objects.order_by("position", "id")
        assert (first.sector, second.person) == ("Science", place.panel.person)
    client.post(url("remove_rule", rule_row_id=first.pk))
    client.post(url("drop_topic", topic_id=topic.pk))
    with open_scope(place.ao):
        assert RoutingRule.objects.get() == second and not Topic.objects.get(pk=topic.pk).is_offered
    assert place.client(place.panel).get(page).status_code == 403


def test_handing_on_and_closing_through_the_page(place):
    with open_scope(place.ao):
        enquiry = place.ask()
    admin = place.client(place.admin)
    form = {"assign-owner": place.panel.person.pk, "assign-due_on": "2030-01-02", "assign-expected_version": 1}
    assert admin.post(url("assign", enquiry_id=enquiry.pk), form).status_code == 302
    with open_scope(place.ao):
        assert Enquiry.objects.get().due_on == dt.date(2030, 1, 2)
    assert admin.post(url("assign", enquiry_id=enquiry.pk), form).status_code == 409
    assert place.client(place.teacher).get(url("enquiry", enquiry_id=enquiry.pk)).status_code == 404
    closed = place.client(place.contact).post(url("close", enquiry_id=enquiry.pk), {"close-expected_version": 2})
    assert closed.status_code == 302
    with open_scope(place.ao):
        assert Enquiry.objects.get().state == "closed"


def test_hlp_02_an_answer_is_published_with_its_date_and_offered_before_asking(place):
    """HLP-02: the AO publishes, everybody reads it with its date; a centre may not publish."""
    with open_scope(place.ao):
        enquiry = place.ask(subject="Sam Okafor asks about Kim Learner", topic=Topic.objects.get())
    admin, client = place.client(place.admin), place.client(place.contact)
    proposed = admin.get(url("publish") + f"?enquiry={enquiry.pk}")
    form = proposed.context["form"]
    assert form["question"].value() is None and form["answer"].value() is None
    given = {"question": "May a unit be left out?", "answer": "Only an optional one.", "topic": enquiry.topic_id,
             "qualification": form["qualification"].value()}  # fmt: skip
    assert admin.post(url("publish") + f"?enquiry={enquiry.pk}", given | {"qualification": "1"}).context["form"].errors
    assert admin.post(url("publish") + f"?enquiry={enquiry.pk}", given).status_code == 302
    today = timezone.localdate()
    for page in (url("answers"), url("answers") + "?q=OPTIONAL+left", url("ask") + f"?about={place.claim.number}"):
        shown = client.get(page).content.decode()
        assert "Only an optional one." in shown and f"As of {today.day} {today:%B} {today.year}" in shown, page
        assert "Kim Learner" not in shown
    assert "Only an optional one." not in client.get(url("answers") + "?q=horses").content.decode()
    with open_scope(place.ao):
        panel = next(p for p in panels_of(place.claim.qualification, place.contact) if "Questions" in str(p.heading))
        assert ("May a unit be left out?", "Only an optional one.") in panel.rows
    assert client.get(url("publish")).status_code == 403 and client.get(url("often")).status_code == 403
    assert f"topic={enquiry.topic_id}" in admin.get(url("often")).content.decode()


def test_hlp_02_a_changed_answer_bears_its_new_date_and_a_withdrawn_one_is_gone(scoped):
    made = publish_answer(actor=scoped.admin, question="Q", answer="Old")
    PublishedAnswer.objects.filter(pk=made.pk).update(dated_on=dt.date(2020, 6, 1))
    fields = {"question": "Q", "answer": "New", "topic": None, "qualification": None}
    changed = change_answer(actor=scoped.admin, published=made, expected_version=1, **fields)
    assert changed.dated_on == timezone.localdate()
    with pytest.raises(StalePageError):
        withdraw_answer(actor=scoped.admin, published=made, expected_version=1)
    with pytest.raises(PermissionMissingError):
        withdraw_answer(actor=scoped.panel, published=made, expected_version=2)
    withdraw_answer(actor=scoped.admin, published=made, expected_version=2)
    assert "New" not in scoped.client(scoped.contact).get(url("answers")).content.decode()


def announce(scene, **fields):
    values = {"kind": "clinic", "title": "eRAC clinic", "about": "Bring yours", "minutes": 30, "place": "Online",
              "roles": ["quality_contact"], "starts_at": timezone.now() + dt.timedelta(days=2)}  # fmt: skip
    return announce_session(actor=scene.admin, **(values | fields))


def test_hlp_02_a_clinic_is_told_to_the_roles_it_is_for_and_to_nobody_else(scoped):
    """HLP-02: announced to the roles ticked; for others it is not there."""
    session = announce(scoped, link="https://meet.example/1")
    assert [n.person for n in Notice.objects.filter(subject__contains="eRAC clinic")] == [scoped.contact.person]
    contact, teacher = scoped.client(scoped.contact), scoped.client(scoped.teacher)
    page = url("session", session_id=session.pk)
    assert teacher.get(page).status_code == 404 and teacher.post(url("place", session_id=session.pk)).status_code == 404
    assert "eRAC clinic" in contact.get(url("sessions")).content.decode()
    assert "meet.example" not in contact.get(page).content.decode()
    contact.post(url("place", session_id=session.pk))
    contact.post(url("place", session_id=session.pk))
    assert SignUp.objects.get().person == scoped.contact.person
    assert "meet.example" in contact.get(page).content.decode()
    call_off_session(actor=scoped.admin, session=session, reason="The speaker is ill")
    assert Notice.objects.filter(person=scoped.contact.person, body="The speaker is ill").exists()
    second = scoped.client(scoped.admin).post(url("call_off", session_id=session.pk), {"reason": "Snow"}, follow=True)
    assert "called off already" in second.content.decode() and "Snow" in second.content.decode()


def test_hlp_02_a_full_clinic_takes_nobody_until_a_place_is_given_up(scoped):
    """HLP-02, refused: no place in a full clinic, or in one that has begun."""
    session = announce(scoped, capacity=1)
    second = make_standing(scoped.ao, Role.QUALITY_CONTACT, scoped.centre)
    sign_up(actor=scoped.contact, session=session)
    with pytest.raises(SessionError, match="taken"):
        sign_up(actor=second, session=session)
    give_up_place(actor=scoped.contact, session=session)
    assert sign_up(actor=second, session=session).person == second.person
    HelpSession.objects.filter(pk=session.pk).update(starts_at=timezone.now())
    with pytest.raises(SessionError, match="begun"):
        sign_up(actor=scoped.contact, session=session)


@pytest.mark.parametrize(
    "fault",
    [{"place": ""}, {"roles": []}, {"starts_at": timezone.now() - dt.timedelta(days=1)}],
    ids=["nowhere", "for nobody", "in the past"],
)
def test_a_session_nowhere_for_nobody_or_in_the_past_is_refused(scoped, fault):
    with pytest.raises(SessionError):
        announce(scoped, **fault)
    assert not HelpSession.objects.exists()


def test_a_session_is_announced_through_the_page_in_londons_time(place):
    client = place.client(place.admin)
    form = {"kind": "demonstration", "title": "The grid", "about": "How to fill it in", "minutes": "20", "place": "Online",
            "roles": ["teacher", "panel_member"], "time": "14:30", "day": "2030-07-01"}  # fmt: skip
    assert client.post(url("announce"), form | {"time": "half past"}).context["form"].errors["time"]
    assert client.post(url("announce"), form).status_code == 302
    with open_scope(place.ao):
        assert HelpSession.objects.get().starts_at == dt.datetime(2030, 7, 1, 13, 30, tzinfo=dt.UTC)
        assert {n.person for n in Notice.objects.all()} == {place.teacher.person, place.panel.person}
