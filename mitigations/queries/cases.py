"""Reads of the panel's cases: who may see which opinion, what waits for a second one, for the chair, for release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import OuterRef, QuerySet, Subquery

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from mitigations.models import Claim, PanelCase, PanelDecision, PanelOpinion, PanelSettings
from mitigations.queries.panel import interest_centre_ids
from mitigations.workflow import OPEN_CASE_STATES, PANEL_CASE

CASES_TO_RELEASE = 20


def panel_settings() -> PanelSettings:
    """How the open AO's panel works; the defaults, unsaved, when nobody has said."""
    return PanelSettings.objects.first() or PanelSettings()


def open_case_of(claim: Claim) -> PanelCase | None:
    """The look that the panel is having at the claim, or None while nobody has given an opinion."""
    cases = PanelCase.objects.filter(claim=claim, state__in=OPEN_CASE_STATES).select_related("claim__centre")
    return cases.first()


def deciding_opinion(case: PanelCase) -> PanelOpinion:
    """The opinion that is the panel's decision: the chair's where there is one, else the first."""
    opinions = {opinion.part: opinion for opinion in case.opinions.select_related("given_by")}
    found: PanelOpinion = opinions.get(PanelOpinion.Part.CHAIR) or opinions[PanelOpinion.Part.FIRST]
    return found


def visible_opinions(standing: Standing, case: PanelCase) -> list[PanelOpinion]:
    """The opinions that this person may read now.

    Until the second opinion is given everybody sees their own only; while two differ the chair sees both. From the
    decision on whoever may see the panel's cases sees all of them.
    """
    opinions = list(case.opinions.select_related("given_by"))
    if case.state not in ("considered", "second", "differing"):
        return opinions
    if case.state == "differing" and standing.can(Permission.PANEL_CHAIR):
        return opinions
    return [opinion for opinion in opinions if opinion.given_by_id == standing.person.pk]


def part_of(standing: Standing, case: PanelCase) -> str:
    """Which opinion this person may give on the case now: a part, or "" for none. Interests are asked elsewhere."""
    if case.opinions.filter(given_by_id=standing.person.pk).exists():
        return ""
    if case.state == "second" and standing.can(Permission.PANEL_DECIDE):
        return PanelOpinion.Part.SECOND
    if case.state == "differing" and standing.can(Permission.PANEL_CHAIR):
        return PanelOpinion.Part.CHAIR
    return ""


def waiting_cases(standing: Standing) -> QuerySet[PanelCase]:
    """The cases on which this person may give an opinion now, in order of their claims' arrival (CLM-08, CLM-12)."""
    states = []
    if standing.can(Permission.PANEL_DECIDE):
        states.append("second")
    if standing.can(Permission.PANEL_CHAIR):
        states.append("differing")
    mine = PanelOpinion.objects.filter(given_by_id=standing.person.pk).values("case_id")
    return (
        PanelCase.objects.filter(state__in=states, claim__state="queued")
        .exclude(pk__in=mine)
        .exclude(claim__centre_id__in=interest_centre_ids(standing.person.pk))
        .select_related("claim__centre", "claim__qualification")
        .order_by("claim__queued_at", "claim_id")
    )


@dataclass(frozen=True)
class CaseRow:
    """One case that is not released. `opinion` is the decision, None while this person may not see it."""

    case: PanelCase
    state: Any
    opinion: PanelOpinion | None
    has_interest: bool
    is_yours: bool

    @property
    def may_release(self) -> bool:
        return self.case.state == "decided" and not self.has_interest


def open_cases(*, state: str = "") -> QuerySet[PanelCase]:
    """The cases with an opinion whose claims still wait, oldest claim first."""
    states = [state] if state in OPEN_CASE_STATES else list(OPEN_CASE_STATES)
    return (
        PanelCase.objects.filter(state__in=states, claim__state="queued")
        .select_related("claim__centre", "claim__qualification")
        .order_by("claim__queued_at", "claim_id")
    )


def released_numbers(ids: Sequence[int]) -> list[str]:
    """The numbers of the claims whose cases, among these, are released: their centres have been told. One query."""
    released = PanelCase.objects.filter(pk__in=ids, state="released").order_by("claim__number")
    return list(released.values_list("claim__number", flat=True))


def cases_page(standing: Standing, number: int | str | None, *, state: str = "") -> tuple[Page, list[CaseRow]]:
    """One page of the cases that are not released, in a fixed number of queries."""
    page = Paginator(open_cases(state=state), CASES_TO_RELEASE).get_page(number)
    return page, case_rows(standing, list(page))


def case_rows(standing: Standing, cases: list[PanelCase]) -> list[CaseRow]:
    """Rows for a list of cases, with what this person may see of each. Two queries."""
    interests = interest_centre_ids(standing.person.pk)
    opinions: dict[int, dict[str, PanelOpinion]] = {}
    for opinion in PanelOpinion.objects.filter(case__in=cases).select_related("given_by"):
        opinions.setdefault(opinion.case_id, {})[opinion.part] = opinion
    rows = []
    for case in cases:
        given = opinions.get(case.pk, {})
        deciding = given.get(PanelOpinion.Part.CHAIR) or given.get(PanelOpinion.Part.FIRST)
        waits = case.state == "second" and standing.can(Permission.PANEL_DECIDE)
        waits = waits or (case.state == "differing" and standing.can(Permission.PANEL_CHAIR))
        is_author = any(opinion.given_by_id == standing.person.pk for opinion in given.values())
        has_interest = case.claim.centre_id in interests
        rows.append(
            CaseRow(
                case, PANEL_CASE.state(case.state), deciding if case.state == "decided" else None, has_interest,
                waits and not is_author and not has_interest,
            )
        )  # fmt: skip
    return rows


def verdict_pairs() -> list[tuple[str, str]]:
    """(first verdict, second verdict) of every case that two members decided, whatever became of it. One query."""
    second = PanelOpinion.objects.filter(case_id=OuterRef("case_id"), part=PanelOpinion.Part.SECOND)
    rows = PanelOpinion.objects.filter(part=PanelOpinion.Part.FIRST).annotate(second=Subquery(second.values("verdict")))
    return list(rows.exclude(second=None).order_by().values_list("verdict", "second"))


def second_opinions() -> QuerySet[PanelOpinion]:
    """The second opinions of cases that are decided, newest first; while two differ theirs is not shown."""
    rows = PanelOpinion.objects.filter(part=PanelOpinion.Part.SECOND).exclude(case__state="differing")
    return rows.select_related("case__claim__qualification", "given_by").order_by("-id")


def released_decisions(claim: Claim) -> QuerySet[PanelDecision]:
    """What the centre was told about a claim, oldest first, with its conditions."""
    return claim.decisions.select_related("decided_by", "released_by").prefetch_related("conditions__file")
