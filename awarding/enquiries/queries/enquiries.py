"""Reads of enquiries: whose they are to see, one with its thread, those about one thing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from awarding.accounts.models import Membership, User
from awarding.accounts.roles import PERMISSIONS, Permission, Role
from awarding.accounts.standing import Standing
from awarding.enquiries.models import Enquiry, EnquiryMessage
from awarding.enquiries.references import QUALIFICATION, get_reference
from awarding.enquiries.workflow import ENQUIRY, OPEN_AT_AO
from awarding.identifiers import bare_qan
from awarding.tenancy.prepared import prepared
from awarding.workflow.queries import history

# At a centre these see what they asked themselves, and what is about things they see.
OWN_ONLY = frozenset({Role.TEACHER, Role.INTERNAL_VERIFIER})
OFTEN_DAYS = 90
MOST_ABOUT = 10
ANSWERING_ROLES = [role for role in Role if Permission.ENQUIRIES_ANSWER in PERMISSIONS[role]]


def visible_enquiries(standing: Standing) -> QuerySet[Enquiry]:
    """The enquiries this person may open in the open AO.

    Who oversees the AO sees all, its other people those they own; a centre's people see their centre's, teachers and
    internal verifiers those they asked.
    """
    if standing.can(Permission.AO_OVERVIEW):
        return Enquiry.objects.all()
    asking = [(role, at) for role, at in standing.grants if Permission.ENQUIRIES_ASK in PERMISSIONS[role]]
    whole = {at for role, at in asking if role not in OWN_ONLY}
    partly = {at for role, at in asking} - whole
    where = Q(centre_id__in=whole) | Q(centre_id__in=partly, asked_by=standing.person)
    if standing.can(Permission.ENQUIRIES_ANSWER):
        where |= Q(owner=standing.person)
    return Enquiry.objects.filter(where)


def find_enquiry(standing: Standing, enquiry_id: int) -> Enquiry | None:
    """One enquiry with what its page names, if this person may see it: also where they see what it is about.

    A qualification is everybody's to see: what was asked about it is read by the AO's people who know all its centres.
    """
    rows = Enquiry.objects.select_related("centre", "asked_by", "owner", "topic", "qualification")
    found = visible_enquiries(standing).filter(pk=enquiry_id).exists()
    enquiry = rows.filter(pk=enquiry_id).first()
    if enquiry is None or found:
        return enquiry
    at_centre = standing.can(Permission.ENQUIRIES_ASK, enquiry.centre_id)
    if not (at_centre or _reads_for_the_ao(standing, enquiry.about_kind)):
        return None
    return enquiry if get_reference(standing, enquiry.about_kind, enquiry.about_id) is not None else None


def _reads_for_the_ao(standing: Standing, kind: str) -> bool:
    """Whether one of the AO's people reads what was asked about a thing of this kind that they see."""
    if not standing.is_ao_staff:
        return False
    return kind != QUALIFICATION or standing.can(Permission.CENTRES_LIST)


def may_see_notes(standing: Standing, enquiry: Enquiry) -> bool:
    """Internal notes are the AO's: never for anybody who also works at the centre that asked."""
    return standing.is_ao_staff and enquiry.centre_id not in standing.centre_ids


def may_answer(standing: Standing, enquiry: Enquiry) -> bool:
    """Whether this person may write for the AO here: nobody answers what their own centre asked."""
    return standing.can(Permission.ENQUIRIES_ANSWER) and may_see_notes(standing, enquiry)


def thread(standing: Standing, enquiry: Enquiry) -> QuerySet[EnquiryMessage]:
    """What was written, oldest first; without internal notes for those who may not see them."""
    rows = enquiry.messages.select_related("author")
    return rows if may_see_notes(standing, enquiry) else rows.filter(is_internal=False)


def list_enquiries(
    standing: Standing,
    *,
    show: str = "open",
    topic_id: int | None = None,
    qan: str = "",
    owner: str = "",
    search: str = "",
) -> QuerySet[Enquiry]:
    """Visible enquiries, what is due first. `show`: a state, open, overdue or all; `owner`: mine or nobody."""
    rows = visible_enquiries(standing).select_related("centre", "owner", "topic", "qualification", "asked_by")
    if show == "open":
        rows = rows.exclude(state="closed")
    elif show == "overdue":
        rows = rows.filter(due_on__lt=timezone.localdate())
    elif show in {state.name for state in ENQUIRY.states}:
        rows = rows.filter(state=show)
    if topic_id is not None:
        rows = rows.filter(topic_id=topic_id)
    if qan:
        rows = rows.filter(qualification__qan=bare_qan(qan))
    if owner == "mine":
        rows = rows.filter(owner=standing.person)
    elif owner == "nobody":
        rows = rows.filter(owner=None)
    if search:
        words = search.strip()
        found = Q(number__icontains=words) | Q(about_number__icontains=words) | Q(subject__icontains=words)
        rows = rows.filter(found)
    return rows.order_by("due_on", "-id")


@dataclass(frozen=True)
class About:
    """An enquiry as it stands on the page of the thing it was about, with the last answer."""

    enquiry: Enquiry
    state: Any
    answer: str
    answered_at: Any


def enquiries_about(standing: Standing, kind: str, about_id: int) -> list[About]:
    """What was asked about one thing, newest first, at most ten (HLP-01: the answer stays with it). One query.

    For whoever already sees that thing: the AO's people see all of it, a centre's people their own centre's.
    """
    rows = _about(_reads_for_the_ao(standing, kind), standing=standing, kind=kind, about_id=about_id)
    return [About(row, ENQUIRY.state(row.state), row.answer or "", row.at) for row in rows]


@prepared
def _about(sees_all: bool, *, standing: Standing, kind: str, about_id: int) -> QuerySet[Any]:
    last = EnquiryMessage.objects.filter(enquiry=OuterRef("pk"), is_internal=False, is_from_centre=False).order_by(
        "-id"
    )
    rows = Enquiry.objects.filter(about_kind=kind, about_id=about_id)
    if not sees_all:
        own = Q(centre_id__in=standing.reach(Permission.ENQUIRIES_ASK) or ())
        rows = rows.filter(own | Q(owner_id=standing.person.pk) if standing.is_ao_staff else own)
    rows = rows.annotate(answer=Subquery(last.values("text")[:1]), at=Subquery(last.values("written_at")[:1]))
    return rows.order_by("-id")[:MOST_ABOUT]


def possible_owners() -> QuerySet[User]:
    """The AO's people who may answer, by name."""
    held = Membership.objects.filter(role__in=ANSWERING_ROLES, ended_at=None, person__is_active=True).values(
        "person_id"
    )
    return User.objects.filter(pk__in=held).order_by("name", "pk")


def open_counts() -> dict[int, int]:
    """{person id: how many enquiries wait for them}. One query."""
    rows = Enquiry.objects.filter(state__in=OPEN_AT_AO).exclude(owner=None).order_by().values_list("owner_id")
    return dict(rows.annotate(open=Count("pk")))


@dataclass(frozen=True)
class Often:
    """How often a topic or a qualification was asked about of late, and how many answers are published on it."""

    name: str
    key: str
    asked: int
    answers: int


def asked_often(days: int = OFTEN_DAYS) -> tuple[list[Often], list[Often]]:
    """(topics, qualifications) that keep coming, the most asked first, twenty of each at most (HLP-02). Two queries."""
    since = timezone.now() - timedelta(days=days)
    recent = Enquiry.objects.filter(asked_at__gte=since).order_by()
    live = Q(topic__answers__withdrawn_at=None, topic__answers__isnull=False)
    topics = recent.exclude(topic=None).values("topic_id", "topic__name").annotate(
        asked=Count("pk", distinct=True), answers=Count("topic__answers", filter=live, distinct=True)
    )  # fmt: skip
    live = Q(qualification__answers__withdrawn_at=None, qualification__answers__isnull=False)
    qualifications = recent.exclude(qualification=None).values("qualification__qan", "qualification__title").annotate(
        asked=Count("pk", distinct=True), answers=Count("qualification__answers", filter=live, distinct=True)
    )  # fmt: skip
    return (
        [
            Often(row["topic__name"], str(row["topic_id"]), row["asked"], row["answers"])
            for row in topics.order_by("-asked", "topic__name")[:20]
        ],
        [
            Often(row["qualification__title"], row["qualification__qan"], row["asked"], row["answers"])
            for row in qualifications.order_by("-asked", "qualification__qan")[:20]
        ],
    )


def enquiry_history(enquiry: Enquiry) -> list[dict[str, Any]]:
    """What happened, newest first, as `components/history.html` shows it."""
    return [
        {
            "what": ENQUIRY.event_label(event.transition),
            "who": str(event.actor) if event.actor else event.process,
            "when": event.at,
            "reason": event.reason,
        }
        for event in reversed(history(enquiry))
    ]
