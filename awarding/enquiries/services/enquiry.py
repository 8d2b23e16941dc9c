"""Asking, answering, asking back, handing on, closing."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.models import User
from awarding.accounts.roles import Permission
from awarding.accounts.standing import PermissionMissingError, Standing
from awarding.audit.services import record
from awarding.enquiries.models import Enquiry, EnquiryMessage, Topic
from awarding.enquiries.queries.enquiries import find_enquiry, may_answer, possible_owners
from awarding.enquiries.queries.routing import enquiry_settings
from awarding.enquiries.references import find_reference
from awarding.enquiries.services.routing import find_owner
from awarding.enquiries.workflow import ENQUIRY, OPEN_AT_AO
from awarding.notices.services import notify_people
from awarding.tenancy.services import mint_number
from awarding.workflow.services import (
    ReasonMissingError,
    StalePageError,
    TransitionError,
    apply_transition,
    write_event,
)
from awarding.working_days import add_working_days


class OwnerError(TransitionError):
    """The enquiry cannot be handed to this person; the text says why."""


@transaction.atomic
def ask_enquiry(
    *, actor: Standing, centre_id: int | None, about: str, subject: str, question: str, topic: Topic | None = None
) -> Enquiry:
    """A new enquiry about what `about` names, with its owner and its day (HLP-01).

    About a thing of one centre it is asked for that centre. Raises UnknownReferenceError for a number that the actor
    does not see, PermissionMissingError, ReasonMissingError without a question.
    """
    actor.require(Permission.ENQUIRIES_ASK)
    reference = find_reference(actor, about)
    at = reference.centre_id if reference.centre_id is not None else centre_id
    if at is None:
        raise PermissionMissingError(_("Say for which centre you ask."))
    actor.require(Permission.ENQUIRIES_ASK, at)
    _require_text(question)
    owner = find_owner(topic, reference.qualification, besides=actor.person)
    year = timezone.localdate().year
    enquiry = Enquiry.objects.create(
        number=f"ENQ-{year}-{mint_number(f'enquiry-{year}'):06d}", centre_id=at, asked_by=actor.person, topic=topic,
        about_kind=reference.kind, about_id=reference.id, about_number=reference.number,
        qualification=reference.qualification, subject=subject.strip()[:150], owner=owner, due_on=_due(),
        state=ENQUIRY.initial,
    )  # fmt: skip
    _write(enquiry, actor, question, is_from_centre=True)
    write_event(enquiry, "ask", "", actor=actor, data={"about": reference.number, "owner": str(owner or "")})
    _tell_owner(enquiry, "asked", _("%(number)s: a question for you") % {"number": enquiry.number})
    return enquiry


@transaction.atomic
def reply_to_enquiry(*, actor: Standing, enquiry: Enquiry, text: str, expected_version: int) -> Enquiry:
    """The centre writes: what was asked back is answered, what was answered or closed is opened again, and while it is the
    AO's turn the words are added. Raises StalePageError when it moved on meanwhile."""
    locked = _lock(actor, enquiry)
    actor.require(Permission.ENQUIRIES_ASK, locked.centre_id)
    _require_text(text)
    move = {"waiting": "reply", "answered": "reopen", "closed": "reopen"}.get(locked.state)
    if move is None:
        _refuse_stale(locked, expected_version)
        record("enquiry.added_to", actor=actor, target=locked)
    else:
        changes: dict[str, Any] = {"due_on": _due()}
        if locked.owner is None or locked.owner not in possible_owners():
            changes["owner"] = find_owner(locked.topic, locked.qualification, besides=actor.person)
        locked = apply_transition(
            ENQUIRY, locked, move, actor=actor, expected_version=expected_version, changes=changes
        )
    message = _write(locked, actor, text, is_from_centre=True)
    _tell_owner(locked, f"message-{message.pk}", _("%(number)s: the centre wrote") % {"number": locked.number})
    return locked


@transaction.atomic
def answer_enquiry(*, actor: Standing, enquiry: Enquiry, text: str, expected_version: int) -> Enquiry:
    """The AO's answer; whoever asked is told. Who answers what nobody owned owns it."""
    return _say(actor, enquiry, "answer", text, expected_version, answered_at=timezone.now())


@transaction.atomic
def ask_back(*, actor: Standing, enquiry: Enquiry, text: str, expected_version: int) -> Enquiry:
    """The AO needs to know something first: the enquiry waits for its centre."""
    return _say(actor, enquiry, "ask_back", text, expected_version)


@transaction.atomic
def note_on_enquiry(*, actor: Standing, enquiry: Enquiry, text: str) -> EnquiryMessage:
    """An internal note, which the centre never sees."""
    locked = _lock_to_answer(actor, enquiry)
    _require_text(text)
    message = _write(locked, actor, text, is_internal=True)
    record("enquiry.noted", actor=actor, target=locked)
    if locked.owner is not None and locked.owner != actor.person:
        _tell(locked, [locked.owner], f"note-{message.pk}", _("%(number)s: a note for you") % {"number": locked.number})
    return message


@transaction.atomic
def close_enquiry(*, actor: Standing, enquiry: Enquiry, expected_version: int, reason: str = "") -> Enquiry:
    """Ends it: the centre when it has what it wanted, the AO with a reason, which the centre reads."""
    locked = _lock(actor, enquiry)
    move = "close" if actor.can(Permission.ENQUIRIES_ASK, locked.centre_id) else "close_by_ao"
    if move == "close_by_ao" and not may_answer(actor, locked):
        actor.require(Permission.ENQUIRIES_ANSWER)
    locked = apply_transition(
        ENQUIRY, locked, move, actor=actor, reason=reason, expected_version=expected_version, changes={"due_on": None}
    )
    if move == "close_by_ao":
        subject = _("%(number)s is closed") % {"number": locked.number}
        _tell(locked, [locked.asked_by], f"closed-{locked.version}", subject, reason)
    return locked


@transaction.atomic
def assign_enquiry(
    *, actor: Standing, enquiry: Enquiry, owner: User, due_on: date | None, expected_version: int, reason: str = ""
) -> Enquiry:
    """Hands an enquiry to somebody who may answer it, or gives it another day. Its history says who did and why."""
    locked = _lock_to_answer(actor, enquiry)
    _refuse_stale(locked, expected_version)
    if owner not in possible_owners():
        raise OwnerError(_("%(who)s does not answer enquiries here. Choose somebody else.") % {"who": owner})
    before = {"owner": str(locked.owner or ""), "due": str(locked.due_on or "")}
    is_new = locked.owner != owner
    locked.owner = owner
    if locked.state in OPEN_AT_AO:
        locked.due_on = due_on or locked.due_on
    locked.version += 1
    locked.save(update_fields=["owner", "due_on", "version"])
    write_event(
        locked, "assign", locked.state, actor=actor, reason=reason, data={"before": before, "owner": str(owner)}
    )
    if is_new and owner != actor.person:
        subject = _("%(number)s: a question for you") % {"number": locked.number}
        _tell(locked, [owner], f"assigned-{locked.version}", subject, reason)
    return locked


def remind_of_overdue() -> int:
    """Tells the owner of every overdue enquiry, once for each day that it was due. Answers how many are overdue."""
    rows = Enquiry.objects.filter(state__in=OPEN_AT_AO, due_on__lt=timezone.localdate()).select_related("owner")
    for enquiry in rows:
        subject = _("%(number)s should have been answered by now") % {"number": enquiry.number}
        if enquiry.owner is not None:
            _tell(enquiry, [enquiry.owner], f"overdue-{enquiry.due_on}", subject)
    return len(rows)


def _say(actor: Standing, enquiry: Enquiry, move: str, text: str, expected_version: int, **changes: Any) -> Enquiry:
    locked = _lock_to_answer(actor, enquiry)
    _require_text(text)
    if locked.owner is None:
        changes["owner"] = actor.person
    moved = apply_transition(
        ENQUIRY, locked, move, actor=actor, expected_version=expected_version, changes={"due_on": None} | changes
    )
    message = _write(moved, actor, text)
    words = _("%(number)s is answered") if move == "answer" else _("%(number)s: something is asked back")
    _tell(moved, [moved.asked_by], f"message-{message.pk}", words % {"number": moved.number}, text)
    return moved


def _lock(actor: Standing, enquiry: Enquiry) -> Enquiry:
    """The enquiry under a lock, for somebody who may see it."""
    if find_enquiry(actor, enquiry.pk) is None:
        raise PermissionMissingError(_("This enquiry is not yours to see."))
    rows = Enquiry.objects.select_for_update(of=("self",))
    locked: Enquiry = rows.select_related("owner", "asked_by", "topic", "qualification").get(pk=enquiry.pk)
    return locked


def _lock_to_answer(actor: Standing, enquiry: Enquiry) -> Enquiry:
    actor.require(Permission.ENQUIRIES_ANSWER)
    locked = _lock(actor, enquiry)
    if not may_answer(actor, locked):
        raise PermissionMissingError(_("You work at the centre that asked this: leave the answer to somebody else."))
    return locked


def _refuse_stale(locked: Enquiry, expected_version: int) -> None:
    if locked.version != expected_version:
        raise StalePageError(
            _(
                "Somebody wrote or moved this on since you opened the page. Read it again below; nothing of yours was sent."
            )
        )


def _require_text(text: str) -> None:
    if not text.strip():
        raise ReasonMissingError(_("Write something first."))


def _due() -> date:
    return add_working_days(timezone.localdate(), enquiry_settings().answer_days)


def _write(
    enquiry: Enquiry, actor: Standing, text: str, *, is_from_centre: bool = False, is_internal: bool = False
) -> EnquiryMessage:
    return EnquiryMessage.objects.create(
        enquiry=enquiry, author=actor.person, text=text.strip(), is_from_centre=is_from_centre, is_internal=is_internal
    )


def _tell_owner(enquiry: Enquiry, key: str, subject: str) -> None:
    if enquiry.owner is not None:
        body = _("%(subject)s. Answer by %(day)s.") % {"subject": enquiry.subject, "day": enquiry.due_on}
        _tell(enquiry, [enquiry.owner], key, subject, body)


def _tell(enquiry: Enquiry, people: list[User], key: str, subject: str, body: str = "") -> None:
    notify_people(
        people=people, key=f"enquiry-{enquiry.pk}-{key}", subject=subject, body=body or enquiry.subject, target=enquiry,
        url=reverse("enquiries:enquiry", kwargs={"ao": enquiry.ao.slug, "enquiry_id": enquiry.pk}),
    )  # fmt: skip
