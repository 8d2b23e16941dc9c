"""What Q-TAGs ask of people, for My work: counts, never a grade (QTG-17)."""

from __future__ import annotations

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.worklist.registry import WorkItem, work_source
from qtag.models import DeclarationPart
from qtag.queries.visibility import visible_judgements
from qtag.workflow import JUDGEMENT

MOST_ITEMS = 12
# By permission, the state whose judgements then wait for its holder.
TURNS = (
    (Permission.QTAGS_JUDGE, "open"),
    (Permission.QTAGS_ENDORSE_LEAD, "proposed"),
    (Permission.QTAGS_ENDORSE_DEPARTMENT, "lead_endorsed"),
    (Permission.QTAGS_AGREE, "department_endorsed"),
    (Permission.QTAGS_SUBMIT, "agreed"),
)


@work_source
def qtags_waiting(standing: Standing) -> list[WorkItem]:
    """One line for each qualification and state that waits for this person."""
    if not standing.can(Permission.QTAGS_VIEW):
        return []
    states = {state for permission, state in TURNS if standing.can(permission)}
    rows = (
        visible_judgements(standing)
        .filter(state__in=states)
        .values("submission_id", "submission__qualification__title", "state")
        .annotate(count=Count("pk"), since=Min("state_since"))
        .order_by("submission__qualification__title", "submission_id", "state")[:MOST_ITEMS]
    )
    title = ngettext_lazy("%(count)d Q-TAG: %(state)s", "%(count)d Q-TAGs: %(state)s", "count")
    return [
        WorkItem(
            title % {"count": row["count"], "state": JUDGEMENT.state(row["state"]).label},
            JUDGEMENT.state(row["state"]).next,
            reverse("qtag:submission", kwargs={"ao": standing.ao.slug, "submission_id": row["submission_id"]}),
            since=row["since"],
            detail=row["submission__qualification__title"],
            count=row["count"],
            urgency=4,
        )
        for row in rows
    ]


@work_source
def declarations_waiting(standing: Standing) -> list[WorkItem]:
    """Signed parts that a later change has voided: to be signed again (HOC-04)."""
    reach = standing.reach(Permission.DECLARATIONS_SIGN)
    if not reach:
        return []
    newest = (
        DeclarationPart.objects.filter(centre_id__in=reach).order_by("submission_id", "-id").distinct("submission_id")
    )
    voided = [part for part in newest if part.state == "voided"]
    if not voided:
        return []
    return [
        WorkItem(
            _("A signed declaration no longer covers everything"),
            _("Read what changed and sign again"),
            reverse("qtag:declarations", kwargs={"ao": standing.ao.slug}),
            since=min(part.state_since for part in voided),
            count=len(voided),
            urgency=1,
        )
    ]
