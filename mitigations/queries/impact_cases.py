"""Reads of cases about learners outside the dates."""

from __future__ import annotations

from django.db.models import Count, QuerySet

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.identifiers import is_temporary_uln
from centres.models import Registration
from centres.rules.names import unaccented
from mitigations.models import ImpactCase

UNDER_WAY = ("raised", "owned", "asked")


def visible_cases(standing: Standing) -> QuerySet[ImpactCase]:
    """The cases this person may see: the AO's people all, a centre's people their centre's. Newest first."""
    reach = standing.reach(Permission.IMPACT_VIEW)
    cases = ImpactCase.objects.select_related(
        "centre", "qualification", "claim", "registration__learner", "owner", "raised_by", "adoption__framework", "ao"
    )
    return cases if reach is None else cases.filter(centre_id__in=reach)


def list_cases(
    standing: Standing, *, state: str = "", kind: str = "", centre_id: int | None = None, owner: str = ""
) -> QuerySet[ImpactCase]:
    """Visible cases, filtered. `state` may be "open": under way; `owner` may be "me"."""
    cases = visible_cases(standing)
    if state == "open":
        cases = cases.filter(state__in=UNDER_WAY)
    elif state:
        cases = cases.filter(state=state)
    if kind:
        cases = cases.filter(kind=kind)
    if centre_id is not None:
        cases = cases.filter(centre_id=centre_id)
    if owner == "me":
        cases = cases.filter(owner=standing.person)
    return cases.order_by("-id")


def count_cases(standing: Standing) -> dict[str, int]:
    """{state: visible cases}. One query."""
    rows = visible_cases(standing).order_by().values_list("state")
    return dict(rows.annotate(n=Count("pk")))


def open_case_of(registration: Registration, framework_code: str) -> ImpactCase | None:
    """The case about a registration that is under way or accepted under the framework."""
    cases = ImpactCase.objects.filter(registration=registration, framework_code=framework_code)
    return cases.filter(state__in=[*UNDER_WAY, "accepted"]).first()


def open_cases_of(registration_ids: list[int], framework_code: str) -> dict[int, ImpactCase]:
    """{registration id: its case under way or accepted}. One query."""
    cases = ImpactCase.objects.filter(registration_id__in=registration_ids, framework_code=framework_code)
    rows = cases.filter(state__in=[*UNDER_WAY, "accepted"])
    return {case.registration_id: case for case in rows if case.registration_id is not None}


def find_registration(centre_id: int, qualification_id: int, *, uln: str, name: str) -> Registration | None:
    """The registration at the centre that a ULN, or else a name that only one learner has, stands for."""
    rows = Registration.objects.filter(centre_id=centre_id, qualification_id=qualification_id).select_related("learner")
    rows = rows.exclude(status=Registration.Status.WITHDRAWN)
    if uln and not is_temporary_uln(uln):
        return rows.filter(learner__uln=uln).first()
    words = unaccented(name).split()
    for word in words:
        rows = rows.filter(learner__name_key__contains=word)
    found = list(rows[:2]) if words else []
    return found[0] if len(found) == 1 else None
