"""What impact cases, notices to centres and delayed assessments put on people's My work."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Min, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.tenancy.prepared import prepared
from awarding.worklist.registry import WorkItem, work_source
from mitigations.models import CentreNotice, DelayQuestion, ImpactCase, NoticeLine
from mitigations.queries.delays import answered_without_dates

AT_MOST = 8
WAITING = ("sent", "settled")


@work_source
def cases_waiting(standing: Standing) -> list[WorkItem]:
    """Cases to take on, to decide, to answer. At most three queries."""
    items: list[WorkItem] = []
    if standing.can(Permission.IMPACT_MANAGE):
        items += _cases_of_ao(standing)
    if standing.reach(Permission.IMPACT_ANSWER):
        items += [_case_item(standing, case, _("Answer"), 2) for case in _asked(standing=standing)]
    return items


def _cases_of_ao(standing: Standing) -> list[WorkItem]:
    mine = ImpactCase.objects.filter(state="owned", owner=standing.person).order_by("id")[:AT_MOST]
    items = [_case_item(standing, case, _("Decide"), 3) for case in mine]
    facts = ImpactCase.objects.filter(state="raised").aggregate(n=Count("pk"), since=Min("state_since"))
    if facts["n"]:
        title = ngettext(
            "%(n)s learner outside the dates: nobody has the case yet",
            "%(n)s learners outside the dates: nobody has the cases yet",
            facts["n"],
        )
        url = reverse("mitigations:impact_cases", kwargs={"ao": standing.ao.slug}) + "?state=raised"
        items.append(
            WorkItem(title % {"n": facts["n"]}, _("Take them on"), url, facts["since"], count=facts["n"], urgency=4)
        )
    return items


@prepared
def _asked(*, standing: Standing) -> QuerySet[ImpactCase]:
    reach = standing.reach(Permission.IMPACT_ANSWER) or frozenset()
    return ImpactCase.objects.filter(state="asked", centre_id__in=reach).order_by("due_on", "id")[:AT_MOST]


def _case_item(standing: Standing, case: ImpactCase, action: str, urgency: int) -> WorkItem:
    return WorkItem(
        title=_("%(number)s, %(learner)s") % {"number": case.number, "learner": case.learner_name},
        action=action,
        url=reverse("mitigations:impact_case", kwargs={"ao": standing.ao.slug, "case_id": case.pk}),
        since=case.state_since,
        due=case.due_on,
        urgency=urgency,
    )


@work_source
def notices_waiting(standing: Standing) -> list[WorkItem]:
    """Notices to confirm; for the AO lines to answer and notices that have nobody to go to (MIT-10). Three queries."""
    items: list[WorkItem] = []
    if standing.reach(Permission.IMPACT_ANSWER):
        for notice in _to_confirm(standing=standing):
            items.append(
                WorkItem(
                    title=_("Notice of impacted learners, %(centre)s") % {"centre": notice.centre__name},
                    action=_("Confirm it, or say what is missing"),
                    url=reverse(
                        "mitigations:centre_notice", kwargs={"ao": standing.ao.slug, "centre_notice_id": notice.pk}
                    ),
                    since=notice.sent_at,
                    due=notice.round__answer_by,
                    urgency=2,
                )
            )
    if standing.can(Permission.IMPACT_MANAGE):
        items += _notices_of_ao(standing)
    return items


@prepared
def _to_confirm(*, standing: Standing) -> QuerySet[CentreNotice, Any]:
    reach = standing.reach(Permission.IMPACT_ANSWER) or frozenset()
    rows = CentreNotice.objects.filter(centre_id__in=reach, round__superseded_at=None, state__in=WAITING)
    shown = rows.values_list("pk", "centre__name", "sent_at", "round__answer_by", named=True)
    return shown.order_by("round__answer_by", "id")[:AT_MOST]


def _notices_of_ao(standing: Standing) -> list[WorkItem]:
    items = []
    lines = NoticeLine.objects.filter(state="open").aggregate(n=Count("pk"), since=Min("reported_at"))
    if lines["n"]:
        title = ngettext(
            "%(n)s line that a centre reported missing", "%(n)s lines that centres reported missing", lines["n"]
        )
        url = reverse("mitigations:notice_lines", kwargs={"ao": standing.ao.slug})
        items.append(
            WorkItem(title % {"n": lines["n"]}, _("Answer them"), url, lines["since"], count=lines["n"], urgency=3)
        )
    lonely = CentreNotice.objects.filter(state="made", round__superseded_at=None)
    facts = lonely.aggregate(n=Count("pk"), since=Min("state_since"), round=Min("round_id"))
    if facts["n"]:
        title = ngettext(
            "%(n)s notice has no quality contact to go to", "%(n)s notices have no quality contact to go to", facts["n"]
        )
        url = reverse("mitigations:notice_round", kwargs={"ao": standing.ao.slug, "round_id": facts["round"]})
        items.append(
            WorkItem(
                title % {"n": facts["n"]}, _("Invite one at each centre"), f"{url}?show=made", facts["since"],
                count=facts["n"], urgency=4,
            )
        )  # fmt: skip
    return items


@work_source
def delays_waiting(standing: Standing) -> list[WorkItem]:
    """Questions to answer; for the AO qualifications that wait for dates (MIT-16). Two queries."""
    items: list[WorkItem] = []
    if standing.reach(Permission.IMPACT_ANSWER):
        for question in _delays_asked(standing=standing):
            items.append(
                WorkItem(
                    title=_("When can your learners sit? %(title)s") % {"title": question.qualification__title},
                    action=_("Answer"),
                    url=reverse(
                        "mitigations:delay_question", kwargs={"ao": standing.ao.slug, "delay_question_id": question.pk}
                    ),
                    since=question.sent_at,
                    due=question.answer_by,
                    detail=question.centre__name,
                    urgency=3,
                )
            )
    if standing.can(Permission.IMPACT_MANAGE) and (waiting := answered_without_dates().count()):
        title = ngettext(
            "%(n)s delayed qualification waits for its dates",
            "%(n)s delayed qualifications wait for their dates",
            waiting,
        )
        url = reverse("mitigations:delay_calendar", kwargs={"ao": standing.ao.slug})
        items.append(WorkItem(title % {"n": waiting}, _("Publish dates"), url, count=waiting, urgency=4))
    return items


@prepared
def _delays_asked(*, standing: Standing) -> QuerySet[DelayQuestion, Any]:
    reach = standing.reach(Permission.IMPACT_ANSWER) or frozenset()
    rows = DelayQuestion.objects.filter(centre_id__in=reach, state="asked").order_by("answer_by", "id")
    return rows.values_list("pk", "qualification__title", "centre__name", "sent_at", "answer_by", named=True)[:AT_MOST]
