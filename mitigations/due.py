"""What notices, delayed assessments, windows and appeals put on a centre's calendar."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from centres.models import Centre
from centres.queries.centre_home import DueItem, due_source
from mitigations.models import Appeal, CentreNotice, DelayQuestion
from mitigations.queries.delays import dates_at
from mitigations.queries.outcomes import adopted_with_outcomes
from mitigations.rules.window import APPLICATION, UPLOAD
from mitigations.workflow_objections import ANSWERED


@due_source
def answers_due(standing: Standing, centre: Centre, today: dt.date) -> list[DueItem]:
    """The notice and the questions that wait for the centre (MIT-10, MIT-16). Two queries."""
    if not standing.can(Permission.IMPACT_VIEW, centre.pk):
        return []
    slug, items = standing.ao.slug, []
    notices = CentreNotice.objects.filter(
        centre=centre, round__superseded_at=None, state__in=("sent", "settled")
    ).select_related("round")
    for notice in notices.order_by("pk")[:5]:
        url = reverse("mitigations:centre_notice", kwargs={"ao": slug, "centre_notice_id": notice.pk})
        items.append(DueItem(notice.round.answer_by, _("Confirm the notice of impacted learners"), url=url))
    questions = DelayQuestion.objects.filter(centre=centre, state="asked").select_related("qualification")
    for question in questions.order_by("answer_by", "pk")[:10]:
        url = reverse("mitigations:delay_question", kwargs={"ao": slug, "delay_question_id": question.pk})
        words = _("Say when your learners can sit: %(title)s") % {"title": question.qualification.title}
        items.append(DueItem(question.answer_by, words, url=url))
    return items


@due_source
def assessments_due(standing: Standing, centre: Centre, today: dt.date) -> list[DueItem]:
    """Published dates of delayed assessments that concern the centre (MIT-16). One query."""
    items = []
    for date in dates_at(centre, today):
        url = reverse("public:qualification", args=[date.qualification.qan])
        words = {"kind": date.get_kind_display(), "title": date.title, "qan": date.qualification.display_qan}
        items.append(DueItem(date.starts_on, _("%(kind)s: %(title)s, %(qan)s") % words, url=url))
        if date.entries_by and date.entries_by >= today:
            items.append(DueItem(date.entries_by, _("Entries close: %(title)s, %(qan)s") % words, url=url))
    return items


@due_source
def windows_due(standing: Standing, centre: Centre, today: dt.date) -> list[DueItem]:
    """Until when a mitigation is applied for and eRACs come back, for those who generate them (MIT-11). One query."""
    if not standing.can(Permission.CLAIMS_GENERATE, centre.pk):
        return []
    url = reverse("mitigations:claims", kwargs={"ao": standing.ao.slug})
    items = []
    for adopted in adopted_with_outcomes():
        if not adopted.document.in_force("MIT-11"):
            continue
        for window in (adopted.document.windows.get(code) for code in (APPLICATION, UPLOAD)):
            if window is not None and window.closes is not None and window.closes >= today:
                words = {"what": _(window.label), "framework": adopted.document.short_title}
                items.append(DueItem(window.closes, _("Last day: %(what)s, %(framework)s") % words, url=url))
    return items


@due_source
def appeals_due(standing: Standing, centre: Centre, today: dt.date) -> list[DueItem]:
    """Until when an answered appeal can go to its next stage (CLM-15). One query."""
    if not standing.can(Permission.APPEALS_LODGE, centre.pk):
        return []
    rows = Appeal.objects.filter(centre=centre, next_lodge_by__gte=today, state__in=ANSWERED).order_by("next_lodge_by")
    return [
        DueItem(
            appeal.next_lodge_by, _("Take appeal %(number)s further, or accept its answer") % {"number": appeal.number},
            url=reverse("mitigations:appeal", kwargs={"ao": standing.ao.slug, "appeal_id": appeal.pk}),
        )
        for appeal in rows[:10]
    ]  # fmt: skip
