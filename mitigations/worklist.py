"""What claims ask of people, for My work."""

from __future__ import annotations

from django.db.models import Count, F, Max, Min
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.worklist.registry import WorkItem, work_source
from mitigations.models import Claim, PanelDecision
from mitigations.queries.claims import claim_url, visible_claims
from mitigations.queries.impact import impacted_without_outcome
from mitigations.queries.outcomes import NONE_YET, adopted_with_outcomes
from mitigations.queries.panel import next_case, panel_queue
from mitigations.workflow import CLAIM

MOST_ITEMS = 18


@work_source
def claims_waiting(standing: Standing) -> list[WorkItem]:
    """The claims that are this person's to fill in, mend or decide, and those they wait for."""
    items: list[WorkItem] = []
    if standing.can(Permission.PANEL_DECIDE):
        items += _panel_items(standing)
    if standing.can(Permission.CLAIMS_FILL):
        items += _centre_items(standing)
    return items[:MOST_ITEMS]


def _panel_items(standing: Standing) -> list[WorkItem]:
    first = next_case(standing)
    if first is None:
        return []
    facts = panel_queue().aggregate(count=Count("pk"), oldest=Min("queued_at"))
    title = ngettext_lazy("%(count)d claim waits for the panel", "%(count)d claims wait for the panel", "count")
    return [
        WorkItem(
            title % {"count": facts["count"]},
            _("Take the next case"),
            reverse("mitigations:case", kwargs={"ao": standing.ao.slug, "claim_id": first.pk}),
            since=facts["oldest"],
            detail=first.number,
            count=facts["count"],
            urgency=3,
        )
    ]


def _centre_items(standing: Standing) -> list[WorkItem]:
    reach = standing.reach(Permission.CLAIMS_FILL) or frozenset()
    submits = standing.reach(Permission.CLAIMS_SUBMIT) or frozenset()
    mine = visible_claims(standing).filter(centre_id__in=reach)
    due = {
        row["claim_id"]: row["due"]
        for row in PanelDecision.objects.filter(claim__in=mine.filter(state="returned"))
        .values("claim_id")
        .annotate(due=Max("next_step_due"))
    }
    held = mine.filter(state__in=["drafted", "returned", "approved_in_principle"]).select_related("cohort", "ao")
    items = [_claim_item(claim, due.get(claim.pk), claim.centre_id in submits) for claim in held.order_by("id")[:12]]
    waiting = mine.filter(state__in=["queued", "unallocated", "allocated", "verified"], centre_id__in=submits)
    counts = waiting.values(name=F("state")).annotate(count=Count("pk"), oldest=Min("state_since")).order_by("name")
    for row in counts:
        state = CLAIM.state(row["name"])
        title = ngettext_lazy("%(count)d claim: %(state)s", "%(count)d claims: %(state)s", "count")
        items.append(
            WorkItem(
                title % {"count": row["count"], "state": state.label},
                _("See them"),
                reverse("mitigations:claims", kwargs={"ao": standing.ao.slug}) + f"?state={row['name']}",
                since=row["oldest"],
                count=row["count"],
                waits_for=state.holder,
            )
        )
    return items


def _claim_item(claim: Claim, due: object, may_submit: bool) -> WorkItem:
    state = CLAIM.state(claim.state)
    urgency = {"returned": 2, "approved_in_principle": 4}.get(claim.state, 6)
    return WorkItem(
        f"{claim.number}: {state.label}",
        state.next if may_submit else _("Fill in the eRAC and its checklist"),
        claim_url(claim),
        since=claim.state_since,
        due=due,  # type: ignore[arg-type]
        detail=claim.cohort.name,
        urgency=urgency,
    )


@work_source
def outcomes_waiting(standing: Standing) -> list[WorkItem]:
    """Qualifications whose learners wait to hear what happens, one line for each framework that the AO runs."""
    if not standing.can(Permission.OUTCOMES_SET):
        return []
    items = []
    for adopted in adopted_with_outcomes():
        waiting, learners = impacted_without_outcome(adopted.document)
        if not waiting:
            continue
        title = ngettext_lazy(
            "%(count)d qualification with impacted learners has no outcome",
            "%(count)d qualifications with impacted learners have no outcome",
            "count",
        )
        address = reverse("mitigations:outcomes", kwargs={"ao": standing.ao.slug})
        items.append(
            WorkItem(
                title % {"count": waiting},
                _("Set the outcomes"),
                f"{address}?framework={adopted.code}&kind={NONE_YET}",
                detail=_("%(framework)s; learners: %(learners)s")
                % {"framework": adopted.document.short_title, "learners": learners},
                count=waiting,
                urgency=4,
            )
        )
    return items
