"""What enquiries ask of people, for My work."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Min, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.enquiries.models import Enquiry
from awarding.enquiries.queries.enquiries import visible_enquiries
from awarding.enquiries.workflow import ENQUIRY, OPEN_AT_AO
from awarding.tenancy.prepared import prepared
from awarding.worklist.registry import WorkItem, work_source

MOST_ITEMS = 8


@work_source
def enquiries_waiting(standing: Standing) -> list[WorkItem]:
    """Questions to answer, the overdue first; and for centres what was answered or asked back, and what they wait for."""
    items: list[WorkItem] = []
    if standing.can(Permission.ENQUIRIES_ANSWER):
        items += _to_answer(standing)
    if standing.can(Permission.HELP_PUBLISH):
        items += _nobodys(standing)
    if standing.can(Permission.ENQUIRIES_ASK):
        items += _of_centre(standing)
    return items


def _to_answer(standing: Standing) -> list[WorkItem]:
    rows = Enquiry.objects.filter(owner=standing.person, state__in=OPEN_AT_AO).order_by("due_on", "id")
    return [
        WorkItem(
            _("%(number)s: %(subject)s") % {"number": row.number, "subject": row.subject},
            _("Answer"),
            _url(standing, row),
            since=row.state_since,
            due=row.due_on,
            detail=row.about_number,
            urgency=2 if row.is_overdue else 4,
        )
        for row in rows[:MOST_ITEMS]
    ]


def _nobodys(standing: Standing) -> list[WorkItem]:
    """What has no owner, or is overdue with somebody else: one line each."""
    waiting = Enquiry.objects.filter(state__in=OPEN_AT_AO)
    late = waiting.filter(due_on__lt=timezone.localdate()).exclude(owner=standing.person).exclude(owner=None)
    lines = (
        (waiting.filter(owner=None), "?owner=nobody", _("Find somebody"),
         ngettext_lazy("%(count)d enquiry has no owner", "%(count)d enquiries have no owner", "count")),
        (late, "?show=overdue", _("See them"),
         ngettext_lazy("%(count)d enquiry of others is overdue", "%(count)d enquiries of others are overdue", "count")),
    )  # fmt: skip
    items = []
    for rows, query, action, title in lines:
        facts = rows.aggregate(count=Count("pk"), oldest=Min("state_since"), due=Min("due_on"))
        if facts["count"]:
            items.append(
                WorkItem(
                    title % {"count": facts["count"]}, action, _list_url(standing) + query, since=facts["oldest"],
                    due=facts["due"], count=facts["count"], urgency=2,
                )
            )  # fmt: skip
    return items


def _of_centre(standing: Standing) -> list[WorkItem]:
    items = []
    for row in _to_read(standing=standing):
        state = ENQUIRY.state(row.state)
        action = _("Answer what was asked back") if row.state == "waiting" else _("Read the answer")
        title = _("%(number)s: %(state)s") % {"number": row.number, "state": state.label}
        urgency = 3 if row.state == "waiting" else 5
        items.append(
            WorkItem(title, action, _url(standing, row), since=row.state_since, detail=row.subject, urgency=urgency)
        )
    for _ao, count, oldest, due in _with_the_ao(standing=standing):  # one row, or none
        words = ngettext_lazy("%(count)d question to the AO", "%(count)d questions to the AO", "count")
        items.append(
            WorkItem(
                words % {"count": count}, _("See them"), _list_url(standing), since=oldest, due=due, count=count,
                waits_for=ENQUIRY.state("asked").holder,
            )
        )  # fmt: skip
    return items


def _centres_own(standing: Standing) -> QuerySet[Enquiry]:
    return visible_enquiries(standing).filter(centre_id__in=standing.centre_ids)


@prepared
def _to_read(*, standing: Standing) -> QuerySet[Enquiry]:
    rows = _centres_own(standing).filter(state__in=["waiting", "answered"], asked_by_id=standing.person.pk)
    return rows.order_by("id")[:MOST_ITEMS]


@prepared
def _with_the_ao(*, standing: Standing) -> QuerySet[Enquiry, Any]:
    rows = _centres_own(standing).filter(state__in=OPEN_AT_AO).order_by().values_list("ao_id")
    return rows.annotate(count=Count("pk"), oldest=Min("state_since"), due=Min("due_on"))


def _url(standing: Standing, enquiry: Enquiry) -> str:
    return reverse("enquiries:enquiry", kwargs={"ao": standing.ao.slug, "enquiry_id": enquiry.pk})


def _list_url(standing: Standing) -> str:
    return reverse("enquiries:list", kwargs={"ao": standing.ao.slug})
