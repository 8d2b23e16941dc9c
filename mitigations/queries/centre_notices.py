"""Reads of notices to centres: what goes into them, who has answered, what was reported."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from awarding.accounts.models import Membership, User
from awarding.accounts.roles import Permission, Role
from awarding.accounts.standing import Standing
from awarding.frameworks.document import FrameworkDocument
from awarding.ui.templatetags.ui import qan as display_qan
from centres.models import Centre, Cohort
from mitigations.models import CentreNotice, ClaimLearner, NoticeLine, NoticeRound, Outcome
from mitigations.queries.impact import impacted_registrations, with_reason
from mitigations.queries.outcomes import kind_in_words
from mitigations.workflow import CENTRE_NOTICE, CLAIM

UNANSWERED = ("made", "sent", "settled")
# Filters of a round's list besides the states.
WAITING, OVERDUE, NO_CONTACT = "waiting", "overdue", "no_contact"


# --- what goes into a notice -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NoticedLearner:
    """A row of the learners' sheet. `document` is the eRAC's number, empty while the learner is on none."""

    name: str
    uln: str
    reference: str
    qan: str
    title: str
    cohort: str
    document: str
    mitigation: str
    ends_on: dt.date
    why: str


@dataclass(slots=True)
class NoticedDocument:
    """A row of the eRACs' sheet: an eRAC, or a cohort that has none yet (`number` empty)."""

    number: str
    state: str
    qan: str
    title: str
    cohort: str
    mitigation: str
    impacted: int = 0


@dataclass(slots=True)
class NoticeContents:
    """What the notice to one centre says."""

    centre_id: int
    centre_name: str
    documents: list[NoticedDocument] = field(default_factory=list)
    learners: list[NoticedLearner] = field(default_factory=list)

    @property
    def without_claim(self) -> int:
        return sum(not learner.document for learner in self.learners)


def impacted_centre_ids(document: FrameworkDocument) -> list[int]:
    """The centres with impacted learners, by id."""
    rows = impacted_registrations(document).order_by("centre_id").values_list("centre_id", flat=True)
    return list(rows.distinct())


def impacted_counts(document: FrameworkDocument) -> dict[str, int]:
    """{"centres", "learners", "without_contact"}: what a round would reach now. Two queries."""
    rows = impacted_registrations(document)
    facts = rows.aggregate(centres=Count("centre_id", distinct=True), learners=Count("pk"))
    lonely = rows.filter(~Exists(contacts_at(OuterRef("centre_id"))))
    return facts | lonely.aggregate(without_contact=Count("centre_id", distinct=True))


def contacts_at(centre_id: Any) -> QuerySet[Membership]:
    """The open memberships of a centre's quality contacts."""
    return Membership.objects.filter(
        centre_id=centre_id, role=Role.QUALITY_CONTACT, ended_at=None, person__is_active=True
    )


def contacts_of(centre_ids: Iterable[int]) -> dict[int, list[User]]:
    """{centre id: its quality contacts}. One query."""
    rows = Membership.objects.filter(
        centre_id__in=list(centre_ids), role=Role.QUALITY_CONTACT, ended_at=None, person__is_active=True
    )
    found: dict[int, list[User]] = defaultdict(list)
    for row in rows.select_related("person").order_by("person__name", "id"):
        if row.centre_id is not None and row.person not in found[row.centre_id]:
            found[row.centre_id].append(row.person)
    return found


def contents_of(document: FrameworkDocument, centre_ids: Sequence[int]) -> list[NoticeContents]:
    """What the notices to these centres say now, by centre id (MIT-09). Five queries, however many centres."""
    names = dict(Centre.objects.filter(pk__in=centre_ids).values_list("pk", "name"))
    found = {pk: NoticeContents(pk, names[pk]) for pk in centre_ids if pk in names}
    claims = _claims_at(centre_ids)
    none_yet, labels = _("No outcome yet"), _labels(document)
    claimed = {code: kind_in_words(document, code) for code in document.outcomes}
    claimed[""] = _("None: claimed in the ordinary way")
    cohorts = dict(Cohort.objects.filter(centre_id__in=centre_ids).values_list("pk", "name"))
    day = document.date("impact")
    within = _("planned to end on or after %(day)s") % {"day": date_format(day, "j F Y") if day else ""}
    taken_in = _("accepted case by case")
    documents: dict[tuple[int, int, str], NoticedDocument] = {}
    rows = with_reason(impacted_registrations(document).filter(centre_id__in=centre_ids), document)
    fields = (
        "pk", "centre_id", "qualification_id", "cohort_id", "qualification__qan", "qualification__title",
        "learner__given_names", "learner__family_name", "learner__uln", "learner__reference", "ends_on", "impact",
    )  # fmt: skip
    in_order = rows.order_by("centre_id", "qualification__title", "cohort_id", "learner__name_key", "pk")
    for pk, centre_id, award_id, cohort_id, number, title, given, family, uln, reference, ends_on, why in (
        in_order.values_list(*fields)
    ):  # fmt: skip
        if centre_id not in found:
            continue
        claim = claims.get(pk)
        name, state, mitigation = claim or ("", "", None)
        label = labels.get(award_id, none_yet) if mitigation is None else claimed.get(mitigation, mitigation)
        key = (centre_id, cohort_id, name)
        row = documents.get(key)
        if row is None:
            row = NoticedDocument(name, state, display_qan(number), title, cohorts.get(cohort_id, ""), label)
            documents[key] = row
            found[centre_id].documents.append(row)
        row.impacted += 1
        found[centre_id].learners.append(
            NoticedLearner(
                f"{given} {family}", uln, reference, row.qan, title, row.cohort, name, label, ends_on,
                within if why == "within" else taken_in,
            )
        )  # fmt: skip
    return [found[pk] for pk in sorted(found)]


def _claims_at(centre_ids: Sequence[int]) -> dict[int, tuple[str, str, str]]:
    """{registration id: (number, state in words, mitigation) of its newest claim that was not withdrawn}."""
    rows = ClaimLearner.objects.filter(claim__centre_id__in=centre_ids).exclude(claim__state="withdrawn")
    words = {state.name: str(state.label) for state in CLAIM.states}
    fields = ("registration_id", "claim__number", "claim__state", "claim__mitigation")
    return {
        pk: (number, words[state], mitigation)
        for pk, number, state, mitigation in rows.order_by("claim_id").values_list(*fields)
    }


def _labels(document: FrameworkDocument) -> dict[int, str]:
    """{qualification id: its outcome in force, in words}."""
    rows = Outcome.objects.filter(framework_code=document.id, superseded_at=None)
    return {pk: kind_in_words(document, kind) for pk, kind in rows.values_list("qualification_id", "kind")}


# --- rounds and answers ------------------------------------------------------------------------


def list_rounds() -> QuerySet[NoticeRound]:
    """Every round of the open AO, newest first, with how many notices it has and how many are confirmed."""
    rounds = NoticeRound.objects.select_related("adoption__framework", "job").annotate(
        made=Count("notices"), confirmed=Count("notices", filter=Q(notices__state="confirmed"))
    )
    # Counting forgets the model's own order.
    return rounds.order_by("-pk")


def last_number(framework_code: str) -> int:
    """The number of the framework's newest round, 0 when there is none."""
    newest = NoticeRound.objects.filter(framework_code=framework_code).order_by("-number").first()
    return newest.number if newest else 0


def count_answers(round_: NoticeRound) -> dict[str, int]:
    """{state: notices} and {WAITING, OVERDUE, NO_CONTACT: notices}. One query."""
    rows = CentreNotice.objects.filter(round=round_)
    counts: dict[str, int] = rows.aggregate(
        **{state.name: Count("pk", filter=Q(state=state.name)) for state in CENTRE_NOTICE.states},
        **{name: Count("pk", filter=_condition(name, round_)) for name in (WAITING, OVERDUE, NO_CONTACT)},
    )
    return counts


def _condition(show: str, round_: NoticeRound) -> Q:
    waiting = Q(state__in=UNANSWERED)
    if show == OVERDUE:
        # Nobody is late before the day has passed.
        return waiting if round_.answer_by < timezone.localdate() else Q(pk=None)
    if show == NO_CONTACT:
        return waiting & Q(~Exists(contacts_at(OuterRef("centre_id"))))
    return waiting


def list_notices(round_: NoticeRound, *, show: str = "", words: str = "") -> QuerySet[CentreNotice]:
    """The notices of a round by centre, each with `open_lines`. `show` is a state or one of the filters."""
    rows = CentreNotice.objects.filter(round=round_).select_related("centre", "round", "answered_by")
    if show in (WAITING, OVERDUE, NO_CONTACT):
        rows = rows.filter(_condition(show, round_))
    elif show:
        rows = rows.filter(state=show)
    for word in words.split():
        rows = rows.filter(Q(centre__name__icontains=word) | Q(centre__number__iexact=word))
    rows = rows.annotate(open_lines=Count("lines", filter=Q(lines__state="open")))
    return rows.order_by("centre__name", "centre_id")


def visible_notices(standing: Standing) -> QuerySet[CentreNotice]:
    """The notices this person may see: the AO's people all, a centre's people their centre's. Newest first."""
    reach = standing.reach(Permission.IMPACT_VIEW)
    rows = CentreNotice.objects.select_related(
        "centre", "round__adoption__framework", "file", "answered_by", "ao"
    ).order_by("-round_id", "centre__name", "pk")
    return rows if reach is None else rows.filter(centre_id__in=reach)


def visible_lines(standing: Standing) -> QuerySet[NoticeLine]:
    """The reported lines this person may see, oldest first."""
    reach = standing.reach(Permission.IMPACT_VIEW)
    rows = NoticeLine.objects.select_related(
        "notice__round__adoption__framework", "centre", "qualification", "reported_by", "ao"
    ).order_by("pk")
    return rows if reach is None else rows.filter(centre_id__in=reach)
