"""What disputed outcomes and appeals ask of people, for My work."""

from __future__ import annotations

from django.db.models import Count, Min, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.tenancy.prepared import prepared
from awarding.worklist.registry import WorkItem, work_source
from mitigations.models import Appeal, AppealStage, OutcomeDispute
from mitigations.workflow import APPEAL, OUTCOME_DISPUTE
from mitigations.workflow_objections import ANSWERED

MOST_ITEMS = 6


@work_source
def disputes_waiting(standing: Standing) -> list[WorkItem]:
    """Disputed outcomes that the AO keeps or changes; for a centre those that it waits for (MIT-05). One query."""
    if standing.reach(Permission.OUTCOMES_DISPUTE):
        return [
            WorkItem(
                _("Dispute %(number)s: %(qualification)s") % {"number": row.number, "qualification": row.qualification},
                _("See it"),
                reverse("mitigations:dispute", kwargs={"ao": standing.ao.slug, "dispute_id": row.pk}),
                since=row.raised_at,
                waits_for=OUTCOME_DISPUTE.state("raised").holder,
            )
            for row in _disputes_of(standing=standing)
        ]
    if not standing.can(Permission.OUTCOMES_SET):
        return []
    facts = OutcomeDispute.objects.filter(state="raised").aggregate(count=Count("pk"), oldest=Min("raised_at"))
    if not facts["count"]:
        return []
    title = ngettext_lazy("%(count)d outcome is disputed", "%(count)d outcomes are disputed", "count")
    url = reverse("mitigations:disputes", kwargs={"ao": standing.ao.slug})
    return [
        WorkItem(
            title % {"count": facts["count"]}, _("Keep or change"), url, since=facts["oldest"], count=facts["count"],
            urgency=4,
        )
    ]  # fmt: skip


@prepared
def _disputes_of(*, standing: Standing) -> QuerySet[OutcomeDispute]:
    reach = standing.reach(Permission.OUTCOMES_DISPUTE) or frozenset()
    raised = OutcomeDispute.objects.filter(centre_id__in=reach, state="raised").select_related("qualification")
    return raised.order_by("id")[:MOST_ITEMS]


@work_source
def appeals_waiting(standing: Standing) -> list[WorkItem]:
    """Appeals to answer, what is due first; and for a centre those answered, with the day of the next stage (CLM-15)."""
    items: list[WorkItem] = []
    if standing.can(Permission.APPEALS_DECIDE):
        items += [
            _item(standing, appeal, _("Answer"), 2 if appeal.due_on and appeal.due_on < timezone.localdate() else 3)
            for appeal in Appeal.objects.filter(state="lodged").order_by("due_on", "id")[:MOST_ITEMS]
        ]
    if standing.can(Permission.AO_SETTINGS) and not AppealStage.objects.filter(dropped_at=None).exists():
        url = reverse("mitigations:appeal_stages", kwargs={"ao": standing.ao.slug})
        items.append(WorkItem(_("Nobody can appeal yet: no stage is set"), _("Set the stages"), url, urgency=7))
    if standing.reach(Permission.APPEALS_LODGE):
        for appeal in _appeals_of(standing=standing):
            waits = appeal.state == "lodged"
            items.append(_item(standing, appeal, _("See it") if waits else _("Accept it or go on"), 3, waits=waits))
    return items


@prepared
def _appeals_of(*, standing: Standing) -> QuerySet[Appeal]:
    reach = standing.reach(Permission.APPEALS_LODGE) or frozenset()
    return Appeal.objects.filter(centre_id__in=reach, state__in=["lodged", *ANSWERED]).order_by("id")[:MOST_ITEMS]


def _item(standing: Standing, appeal: Appeal, action: object, urgency: int, *, waits: bool = False) -> WorkItem:
    state = APPEAL.state(appeal.state)
    return WorkItem(
        _("Appeal %(number)s: %(state)s") % {"number": appeal.number, "state": state.label},
        action,  # type: ignore[arg-type]
        reverse("mitigations:appeal", kwargs={"ao": standing.ao.slug, "appeal_id": appeal.pk}),
        since=appeal.state_since,
        due=appeal.due_on or appeal.next_lodge_by,
        urgency=urgency,
        waits_for=state.holder if waits else "",
    )
