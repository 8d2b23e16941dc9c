"""Enquiries, what became of them, and clinics."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from awarding.accounts.roles import Role
from awarding.enquiries.models import Enquiry, HelpSession
from awarding.enquiries.services.answer import publish_answer
from awarding.enquiries.services.enquiry import ask_enquiry, note_on_enquiry
from awarding.enquiries.services.routing import add_rule, add_topic
from awarding.enquiries.services.session import announce_session, sign_up

if TYPE_CHECKING:
    from tests.matrix.scene import Scene


def parameters(scene: Scene) -> dict[str, Any]:
    """An enquiry about the claim, which the panel member owns; an answer; a clinic for everybody."""
    topic = add_topic(actor=scene.admin, name="Evidence")
    rule = add_rule(actor=scene.admin, topic=topic, sector="", person=scene.person(Role.PANEL_MEMBER))
    enquiry = ask_enquiry(
        actor=scene.contact, centre_id=None, about=scene.claim.number, topic=topic, subject="One", question="May we?"
    )
    answer = publish_answer(actor=scene.admin, question="May one?", answer="One may.", topic=topic)
    return {
        "topic_id": topic.pk,
        "rule_row_id": rule.pk,
        "enquiry_id": enquiry.pk,
        "answer_id": answer.pk,
        "session_id": _clinic(scene, "Ask us").pk,
    }


def grow(scene: Scene) -> None:
    """More of what the pages of enquiries list, about the same claim."""
    claim, admin, contact = scene.claim, scene.admin, scene.contact
    enquiry = Enquiry.objects.get(pk=scene.tenant.parameters["enquiry_id"])
    for n in range(2):
        topic = add_topic(actor=admin, name=f"More {n}")
        add_rule(actor=admin, topic=topic, sector="", role=Role.AO_ADMIN)
        for about in (claim.number, claim.qualification.qan):
            ask_enquiry(
                actor=contact, centre_id=scene.tenant.centre.pk, about=about, topic=topic, subject="More", question="?"
            )
        note_on_enquiry(actor=admin, enquiry=enquiry, text="More")
        publish_answer(
            actor=admin, question=f"More {n}", answer="More", qualification=claim.qualification, enquiry=enquiry
        )
        session = _clinic(scene, "More")
        for standing in (contact, admin):
            sign_up(actor=standing, session=session)
    sign_up(actor=contact, session=HelpSession.objects.get(pk=scene.tenant.parameters["session_id"]))


def _clinic(scene: Scene, title: str) -> HelpSession:
    return announce_session(
        actor=scene.admin, kind="clinic", title=title, about="Anything", minutes=30, roles=[role.value for role in Role],
        place="Here", starts_at=dt.datetime(2099, 1, 1, 12, tzinfo=dt.UTC),
    )  # fmt: skip
