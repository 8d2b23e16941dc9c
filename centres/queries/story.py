"""One learner's whole story."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from centres.models import Learner, Registration
from centres.queries.prior import prior_units
from centres.queries.prospects import Prospect, prospects_of
from centres.queries.visibility import visible_registrations


@dataclass
class Chapter:
    """One registration with its claims, its prospect, and its result once it is released."""

    registration: Registration
    prospect: Prospect
    claims: list[Any] = field(default_factory=list)
    # How many units come by credit transfer or recognition of prior learning.
    brought: int = 0
    result: Any = None
    # Whether the viewer may ask for another size of the qualification (MIT-13).
    may_move: bool = False


def story_of(standing: Standing, learner: Learner) -> list[Chapter]:
    """The learner's registrations that the viewer may see, oldest first, in a fixed number of queries.

    A result is part of it only from its release instant on, whoever looks (RES-01), and only for those who may see
    results there.
    """
    registrations = list(visible_registrations(standing).filter(learner=learner).order_by("starts_on", "pk"))
    prospects = prospects_of(registrations)
    brought = prior_units(row.pk for row in registrations)
    chapters = {row.pk: Chapter(row, prospects[row.pk], brought=len(brought.get(row.pk, ()))) for row in registrations}
    if standing.can(Permission.IMPACT_ANSWER, learner.centre_id):
        for chapter in chapters.values():
            row = chapter.registration
            chapter.may_move = row.status == row.Status.ACTIVE and row.qualification.family_id is not None
    if standing.can(Permission.CLAIMS_VIEW, learner.centre_id):
        for row in _claim_rows(registrations):
            chapters[row.registration_id].claims.append(row.claim)
    if standing.can(Permission.RESULTS_VIEW, learner.centre_id):
        for result in _released_results(registrations):
            chapters[result.registration_id].result = result
    return list(chapters.values())


def _claim_rows(registrations: list[Registration]) -> Any:
    rows = _model_behind("claim_rows").objects
    return rows.filter(registration__in=registrations).select_related("claim").order_by("claim_id")


def _released_results(registrations: list[Registration]) -> Any:
    rows = _model_behind("results").objects
    return rows.filter(registration__in=registrations, release_at__lte=timezone.now())


def _model_behind(relation: str) -> Any:
    """The model of a later app that refers to registrations, which this app may not import."""
    return Registration._meta.get_field(relation).related_model
