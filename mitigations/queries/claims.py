"""Reads of claims: which ones a person sees, one claim with what its page shows, the list."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from awarding.accounts.roles import PERMISSIONS, Permission, Role
from awarding.accounts.standing import Standing
from awarding.identifiers import bare_qan
from awarding.tenancy.prepared import Listing, prepared
from awarding.workflow.models import StatusEvent
from awarding.workflow.queries import history
from awarding.workflow.table import Text
from centres.models import Centre, CohortStaff
from centres.queries import COHORT_ROLES
from mitigations.models import Claim, ClaimCell, ClaimLearner, PanelDecision
from mitigations.workflow import CLAIM, EDITABLE_STATES, EVENT_LABELS


def visible_claims(standing: Standing) -> QuerySet[Claim]:
    """The claims this person may see in the open AO.

    The AO's people see all, except that an external verifier sees the claims allocated to them; a centre's people see
    their centre's, teachers and internal verifiers those of the cohorts they are staff of.
    """
    grants = [(role, at) for role, at in standing.grants if Permission.CLAIMS_VIEW in PERMISSIONS[role]]
    if any(at is None and role != Role.EXTERNAL_VERIFIER for role, at in grants):
        return Claim.objects.all()
    whole = {at for role, at in grants if at is not None and role not in COHORT_ROLES}
    partly = {at for role, at in grants if role in COHORT_ROLES} - whole
    where = Q(centre_id__in=whole)
    if partly:
        staffed = CohortStaff.objects.filter(person_id=standing.person.pk).values("cohort_id")
        where |= Q(centre_id__in=partly, cohort_id__in=staffed)
    if (Role.EXTERNAL_VERIFIER, None) in grants:
        where |= Q(pk__in=_verified_by(standing.person.pk))
    return Claim.objects.filter(where)


def _verified_by(person_id: int) -> QuerySet[Any]:
    """Ids of the claims that are with this verifier or were finished by them; what was taken back is not among them."""
    # The relation comes from the later app; its name is all that is known of it here.
    allocations: Any = Claim._meta.get_field("allocations").related_model
    later = allocations.objects.filter(claim_id=OuterRef("claim_id"), pk__gt=OuterRef("pk"))
    in_view = Q(ended_at=None) | Q(claim__state__in=["verified", "processed"])
    return allocations.objects.filter(~Exists(later), in_view, verifier_id=person_id).values("claim_id")


def find_claim(standing: Standing, claim_id: int) -> Claim | None:
    """A visible claim with everything that its page names, in one query; None where this person sees no such claim."""
    return _claim_pages.first(standing=standing, claim_id=claim_id)


@prepared
def _claim_pages(*, standing: Standing, claim_id: int) -> QuerySet[Claim]:
    claims = visible_claims(standing).filter(pk=claim_id).select_related(
        "centre", "qualification", "cohort", "adoption__framework", "outcome", "submitted_by", "opened_by", "continues",
        "checklist_template",
    )  # fmt: skip
    # `adopted_document` knows the framework by its digest: the text is long, and seldom needed.
    return claims.defer("adoption__framework__document")


def can_fill(standing: Standing, claim: Claim) -> bool:
    """Whether this person may change the grid and the checklist of a claim that they can see, as it stands now."""
    return claim.state in EDITABLE_STATES and standing.can(Permission.CLAIMS_FILL, claim.centre_id)


def can_move(standing: Standing, claim: Claim, transition: str) -> bool:
    """Whether the claim's state and this person's roles allow a transition (its guards are asked when it is made)."""
    move = CLAIM.transition(transition)
    return (
        claim.state in move.sources and move.permission is not None and standing.can(move.permission, claim.centre_id)
    )


def list_claims(standing: Standing) -> QuerySet[Claim]:
    """The visible claims, newest first, each with `learner_count`."""
    return _counted(visible_claims(standing).select_related("centre", "qualification", "cohort")).order_by("-id")


def _counted(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    """With the number of learners, counted for the claims that are shown and for no other."""
    learners = ClaimLearner.objects.filter(claim=OuterRef("pk")).order_by().values("claim")
    return claims.annotate(learner_count=Coalesce(Subquery(learners.annotate(n=Count("pk")).values("n")), 0))


def claim_lines(
    standing: Standing, *, state: str = "", centre_id: int | None = None, qan: str = "", search: str = ""
) -> Listing[Any]:
    """What a line of the list shows of each visible claim, newest first, for a paginator. `search` is a part of the number."""
    number = bare_qan(qan)
    asked = {"state": state, "centre_id": centre_id, "qan": number, "search": search.strip()}
    return _lines.listing(standing=standing, **{name: value for name, value in asked.items() if value})


_CONDITIONS = {"state": "state", "centre_id": "centre_id", "qan": "qualification__qan", "search": "number__icontains"}
_SHOWN = ("pk", "number", "state", "state_since", "centre__name", "qualification__qan", "qualification__title")


@prepared
def _lines(*, standing: Standing, **asked: Any) -> QuerySet[Claim, Any]:
    claims = visible_claims(standing).filter(**{_CONDITIONS[name]: value for name, value in asked.items()})
    return _counted(claims).order_by("-id").values_list(*_SHOWN, "cohort__name", "learner_count", named=True)


def centres_with_claims(standing: Standing) -> list[tuple[int, str]]:
    """(id, name) of the centres that have a claim this person sees: the filter of the list."""
    return [(pk, f"{name} ({number})") for pk, name, number in _centres(standing=standing)]


@prepared
def _centres(*, standing: Standing) -> QuerySet[Centre, tuple[int, str, str]]:
    ids = visible_claims(standing).values("centre_id")
    return Centre.objects.filter(pk__in=ids).order_by("name", "id").values_list("pk", "name", "number")


def decisions_told(claim: Claim) -> list[PanelDecision]:
    """What the panel decided and the centre was told, the last one first, with who decided it."""
    return _decisions(claim_id=claim.pk)


@prepared
def _decisions(*, claim_id: int) -> QuerySet[PanelDecision]:
    return PanelDecision.objects.filter(claim_id=claim_id).select_related("decided_by").reverse()


def continuations_of(standing: Standing, claim: Claim) -> list[tuple[int, str]]:
    """(id, number) of the claims that go on from what was returned of this one. No query before anything can be."""
    if claim.state not in ("verified", "processed"):
        return []
    return list(visible_claims(standing).filter(continues=claim).order_by("id").values_list("pk", "number"))


def returned_pieces(claim: Claim) -> list[tuple[str, str, str]]:
    """(learner, unit, the verifier's reason) of what this claim goes on from, in the eRAC's order; empty for any other."""
    if claim.continues_id is None:
        return []
    cells = ClaimCell.objects.filter(claim_id=claim.continues_id, verdict=ClaimCell.Verdict.RETURNED).exclude(value="")
    ordered = cells.select_related("learner__registration__learner", "unit__unit").order_by(
        "learner__position", "unit__position", "id"
    )
    return [(str(cell.learner.registration.learner), str(cell.unit.unit), cell.verdict_reason) for cell in ordered]


def claim_history(claim: Claim, *, with_names: bool) -> list[dict[str, Any]]:
    """What happened to a claim, newest first, as `components/history.html` shows it.

    Without names the AO's people are told by what they are: who sits on the panel or verifies is not a centre's to know.
    """
    return [
        {
            "what": EVENT_LABELS.get(event.transition) or CLAIM.state(event.target).label,
            "who": _who(event, with_names),
            "when": event.at,
            "reason": event.reason,
        }
        for event in reversed(history(claim))
    ]


def _who(event: StatusEvent, with_names: bool) -> Text:
    asked: dict[str, Any] = {move.name: move.permission for move in CLAIM.transitions}
    part = _OF_THE_AO.get(asked.get(event.transition, event.transition))
    return event.who if part is None or with_names else part


# Whose move it was, for a centre: by the permission that it asks for, or by an event that is no move.
_OF_THE_AO: dict[Any, Text] = {
    Permission.PANEL_RELEASE: _("The panel"),
    Permission.PANEL_DECIDE: _("The panel"),
    "open_case": _("The panel"),
    "continue": _("The external verifier"),
    Permission.VERIFICATION_DECIDE: _("The external verifier"),
    Permission.VERIFICATION_ALLOCATE: _("The awarding organisation"),
    Permission.APPEALS_DECIDE: _("The awarding organisation"),
    Permission.CLAIMS_UNSTICK: _("The awarding organisation"),
}


def claim_url(claim: Claim, name: str = "claim") -> str:
    """The address of a claim's page (or of one of its other pages), for notices and redirects."""
    return reverse(f"mitigations:{name}", kwargs={"ao": claim.ao.slug, "claim_id": claim.pk})
