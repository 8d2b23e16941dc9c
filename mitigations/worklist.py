"""What claims ask of people, for My work."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from awarding.accounts.queries import holders
from awarding.accounts.roles import Permission, Role
from awarding.accounts.standing import Standing
from awarding.tenancy.prepared import prepared
from awarding.ui.addresses import address, addresses
from awarding.worklist.registry import WorkItem, work_source
from mitigations.models import Claim, PanelDecision
from mitigations.queries.cases import open_cases, waiting_cases
from mitigations.queries.claims import visible_claims
from mitigations.queries.holding import count_stuck
from mitigations.queries.impact import impacted_without_outcome
from mitigations.queries.outcomes import NONE_YET, adopted_with_outcomes
from mitigations.queries.panel import next_case, panel_queue
from mitigations.queries.verification import records_to_sign
from mitigations.workflow import CLAIM

MOST_ITEMS = 18
# Made once: each call of ngettext_lazy makes a class.
_CLAIMS_IN_STATE = ngettext_lazy("%(count)d claim: %(state)s", "%(count)d claims: %(state)s", "count")
MOST_OF_VERIFIER = 9


@work_source
def claims_waiting(standing: Standing) -> list[WorkItem]:
    """The claims that are this person's to fill in, mend or decide, and those they wait for."""
    items: list[WorkItem] = []
    if standing.can(Permission.PANEL_DECIDE):
        items += _panel_items(standing)
    if standing.can(Permission.CLAIMS_FILL):
        items += _centre_items(standing)
    elif standing.reach(Permission.RESULTS_VIEW):
        items += _way_items(standing, _of_the_centre(standing=standing))
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
    submits = standing.reach(Permission.CLAIMS_SUBMIT) or frozenset()
    due = dict(_returned_until(standing=standing))
    page_of_claim = addresses("mitigations:claim", "claim_id", ao=standing.ao.slug)
    items = [
        _claim_item(claim, page_of_claim(claim.pk), due.get(claim.pk) or claim.held_until, claim.centre_id in submits)
        for claim in _held(standing=standing)
    ]
    return items + _way_items(standing, _on_their_way(standing=standing))


def _way_items(standing: Standing, rows: Iterable[tuple[str, int, datetime]]) -> list[WorkItem]:
    """One line for each state in which somebody else has claims of the centre."""
    page = address("mitigations:claims", ao=standing.ao.slug)
    items = []
    for name, count, oldest in rows:
        state = CLAIM.state(name)
        title = _CLAIMS_IN_STATE % {"count": count, "state": state.label}
        items.append(
            WorkItem(title, _("See them"), f"{page}?state={name}", since=oldest, count=count, waits_for=state.holder)
        )
    return items


@prepared
def _of_the_centre(*, standing: Standing) -> QuerySet[Claim, Any]:
    """(state, how many, since when the oldest) of all that is under way, for those who lead the centre and fill in nothing."""
    led = standing.reach(Permission.RESULTS_VIEW) or frozenset()
    open_states = [state.name for state in CLAIM.states if not state.is_final]
    rows = visible_claims(standing).filter(centre_id__in=led, state__in=open_states)
    return rows.values_list("state").annotate(count=Count("pk"), oldest=Min("state_since")).order_by("state")


def _to_fill(standing: Standing) -> QuerySet[Claim]:
    return visible_claims(standing).filter(centre_id__in=standing.reach(Permission.CLAIMS_FILL) or frozenset())


@prepared
def _returned_until(*, standing: Standing) -> QuerySet[PanelDecision, Any]:
    """(claim id, by when what the panel asked for is due) of the claims that are returned."""
    rows = PanelDecision.objects.filter(claim__in=_to_fill(standing).filter(state="returned"))
    return rows.values_list("claim_id").annotate(due=Max("next_step_due"))


@prepared
def _held(*, standing: Standing) -> QuerySet[Claim, Any]:
    rows = _to_fill(standing).filter(state__in=["drafted", "returned", "approved_in_principle"]).order_by("id")
    latest = PanelDecision.objects.filter(claim=OuterRef("pk"), claim__state="approved_in_principle").order_by("-id")
    rows = rows.annotate(held_until=Subquery(latest.values("expires_on")[:1]))
    return rows.values_list(
        "pk", "number", "state", "state_since", "centre_id", "cohort__name", "qualification__title", "held_until", named=True
    )[:12]  # fmt: skip


@prepared
def _on_their_way(*, standing: Standing) -> QuerySet[Claim, Any]:
    """(state, how many, since when the oldest) of what is with somebody else."""
    submits = standing.reach(Permission.CLAIMS_SUBMIT) or frozenset()
    rows = _to_fill(standing).filter(
        state__in=["with_iv", "queued", "with_dcv", "unallocated", "allocated", "verified"], centre_id__in=submits
    )
    return rows.values_list("state").annotate(count=Count("pk"), oldest=Min("state_since")).order_by("state")


def _claim_item(claim: Any, url: str, due: object, may_submit: bool) -> WorkItem:
    state = CLAIM.state(claim.state)
    urgency = {"returned": 2, "approved_in_principle": 4}.get(claim.state, 6)
    return WorkItem(
        f"{claim.number}: {state.label}",
        state.next if may_submit else _("Fill in the eRAC and its checklist"),
        url,
        since=claim.state_since,
        due=due,  # type: ignore[arg-type]
        detail=f"{claim.qualification__title}, {claim.cohort__name}",
        urgency=urgency,
    )


@work_source
def opinions_waiting(standing: Standing) -> list[WorkItem]:
    """Second opinions and the chair's decisions that are this person's to give, and decisions to release."""
    items = []
    cases = list(waiting_cases(standing)[:1]) if standing.can(Permission.PANEL_DECIDE) else []
    if cases:
        count = waiting_cases(standing).count()
        title = ngettext_lazy("%(count)d case asks for your opinion", "%(count)d cases ask for your opinion", "count")
        items.append(
            WorkItem(
                title % {"count": count},
                _("Give your opinion"),
                reverse("mitigations:case", kwargs={"ao": standing.ao.slug, "claim_id": cases[0].claim_id}),
                since=cases[0].state_since,
                detail=cases[0].claim.number,
                count=count,
                urgency=3,
            )
        )
    if standing.can(Permission.PANEL_RELEASE):
        facts = open_cases(state="decided").aggregate(count=Count("pk"), oldest=Min("state_since"))
        if facts["count"]:
            title = ngettext_lazy("%(count)d decision is not released", "%(count)d decisions are not released", "count")
            items.append(
                WorkItem(
                    title % {"count": facts["count"]},
                    _("Release or undo"),
                    reverse("mitigations:panel_cases", kwargs={"ao": standing.ao.slug}) + "?state=decided",
                    since=facts["oldest"],
                    count=facts["count"],
                    urgency=3,
                )
            )
    return items + (_missing_chair(standing) if standing.can(Permission.PEOPLE_MANAGE_AO) else [])


def _missing_chair(standing: Standing) -> list[WorkItem]:
    """Opinions that differ wait for a chair; where the AO has none it is told to name one."""
    count = open_cases(state="differing").count()
    if not count or holders({Role.PANEL_CHAIR}, None):
        return []
    title = ngettext_lazy(
        "%(count)d case waits for a panel chair, and nobody is one", "%(count)d cases wait for a panel chair, and nobody is one",
        "count",
    )  # fmt: skip
    url = reverse("people:list", kwargs={"ao": standing.ao.slug})
    return [WorkItem(title % {"count": count}, _("Name a panel chair"), url, count=count, urgency=2)]


@work_source
def verifiers_work(standing: Standing) -> list[WorkItem]:
    """Claims and records that wait for a verifier of the centre, and for the AO what is stuck (CLM-11, CLM-13)."""
    items: list[WorkItem] = []
    parts = (
        (Permission.CLAIMS_VERIFY_INTERNALLY, "with_iv", "sign_off", _("Sign it off, or send it back")),
        (Permission.DIRECT_CLAIMS_VERIFY, "with_dcv", "confirm_direct", _("Confirm it, or send it back")),
    )
    for permission, state, page, action in parts:
        if standing.can(permission):
            page_of = addresses(f"mitigations:{page}", "claim_id", ao=standing.ao.slug)
            items += [
                WorkItem(
                    f"{row.number}: {CLAIM.state(state).label}", action, page_of(row.pk), since=row.state_since,
                    detail=row.cohort__name, urgency=3,
                )
                for row in _with_verifier(permission, state, standing=standing)
            ]  # fmt: skip
    if standing.can(Permission.DIRECT_CLAIMS_VERIFY):
        page_of = addresses("mitigations:verifier_record", "claim_id", ao=standing.ao.slug)
        items += [
            WorkItem(
                _("%(number)s: your record (QA5)") % {"number": row.number}, _("Look at it and sign"), page_of(row.pk),
                since=row.state_since, detail=row.cohort__name, urgency=4,
            )
            for row in records_to_sign(standing=standing)
        ]  # fmt: skip
    if standing.can(Permission.CLAIMS_UNSTICK):
        count, since = count_stuck(standing)
        if count:
            title = ngettext_lazy("%(count)d claim is stuck", "%(count)d claims are stuck", "count")
            url = address("mitigations:stuck", ao=standing.ao.slug)
            items.append(
                WorkItem(title % {"count": count}, _("See who holds them"), url, since=since, count=count, urgency=3)
            )
    return items


@prepared
def _with_verifier(permission: Permission, state: str, *, standing: Standing) -> QuerySet[Claim, Any]:
    reach = standing.reach(permission)
    rows = visible_claims(standing).filter(state=state)
    rows = rows if reach is None else rows.filter(centre_id__in=reach)
    return rows.order_by("state_since", "id").values_list("pk", "number", "state_since", "cohort__name", named=True)[
        :MOST_OF_VERIFIER
    ]


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
