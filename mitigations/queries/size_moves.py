"""Reads of moves between sizes, and the facts that their checks look at (MIT-13)."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.catalogue.models import Grade, Qualification, QualificationUnit
from awarding.catalogue.queries.combination import combination_with_names
from awarding.frameworks.models import Adoption
from centres.models import Registration
from centres.queries.prior import prior_units
from mitigations.models import ClaimCell, SizeMove
from mitigations.queries.outcomes import Adopted, adopted_with_impact
from mitigations.rules.size_move import SizeFacts

RULE, WINDOW = "MIT-13", "impact"


def visible_moves(standing: Standing) -> QuerySet[SizeMove]:
    """The requests this person may see: the AO's people all, a centre's people their centre's. Newest first."""
    reach = standing.reach(Permission.IMPACT_VIEW)
    moves = SizeMove.objects.select_related(
        "centre", "registration__learner", "registration__cohort", "registration__qualification", "source", "target",
        "adoption__framework", "requested_by", "ao",
    )  # fmt: skip
    return (moves if reach is None else moves.filter(centre_id__in=reach)).order_by("-id")


def list_moves(standing: Standing, *, flagged: bool = False, state: str = "") -> QuerySet[SizeMove]:
    """Visible requests: all, or those that are a possible disadvantage; in one state, or in any."""
    moves = visible_moves(standing)
    if flagged:
        moves = moves.exclude(adoption=None)
    return moves.filter(state=state) if state else moves


def disrupted_by(registration: Registration, on: date) -> Adopted | None:
    """The adopted framework whose rule on sizes holds, whose disrupted period runs on that day and reaches the learner."""
    for adopted in adopted_with_impact():
        document = adopted.document
        window, impact = document.windows.get(WINDOW), document.date("impact")
        if window is None or impact is None or not document.in_force(RULE):
            continue
        if window.is_open(on) and registration.ends_on >= impact:
            return adopted
    return None


def size_facts(registration: Registration, target: Qualification, on: date) -> tuple[SizeFacts, Adoption | None]:
    """What the checks of one move look at, and the adoption under which it is a possible disadvantage."""
    source = registration.qualification
    disrupted = disrupted_by(registration, on)
    of_source = QualificationUnit.objects.filter(qualification=source).values_list("unit_id", flat=True)
    rules, names = combination_with_names(target)
    facts = SizeFacts(
        learner=registration.learner.full_name,
        target=str(target),
        is_smaller=target.size < source.size,
        framework=disrupted.document.short_title if disrupted else "",
        rules=rules,
        shared=frozenset(of_source) & rules.by_id.keys(),
        achieved=frozenset(_achieved(registration)),
        brought=frozenset(prior_units([registration.pk]).get(registration.pk, set())),
        names=names,
    )
    return facts, disrupted.adoption if disrupted and facts.is_flagged else None


def _achieved(registration: Registration) -> set[int]:
    """Units with a result, and units claimed with an achieved grade on whichever eRAC."""
    # Unit results belong to a later app; the relation's name is all that is known of them here.
    rows = Registration.objects.filter(pk=registration.pk, unit_results__isnull=False)
    found = set(rows.values_list("unit_results__unit_id", flat=True))
    grades = Grade.objects.filter(scale_id=registration.qualification.unit_scale_id, is_achieved=True)
    cells = ClaimCell.objects.filter(learner__registration=registration, value__in=grades.values("code"))
    return found | set(cells.values_list("unit__unit_id", flat=True))


def open_move_of(registration: Registration) -> SizeMove | None:
    return SizeMove.objects.filter(registration=registration, state="requested").first()
