"""eRAC claims for tests, made through the services that the portal uses."""

from __future__ import annotations

from awarding.accounts.standing import Standing
from awarding.frameworks.models import Adoption
from centres.models import Centre, Cohort
from mitigations.models import Claim, Outcome
from tests.factories.awards import adopt_framework, make_qualification, make_registration


def make_claim(
    centre: Centre,
    actor: Standing,
    *,
    learners: int = 2,
    units: int = 2,
    kind: str = "calculated_grade",
    adoption: Adoption | None = None,
) -> Claim:
    """A drafted claim of a new cohort of `learners`, on a new qualification with an outcome of `kind`."""
    from mitigations.services.generation import generate_claim

    adoption = adoption or Adoption.objects.filter(superseded_at=None).order_by("pk").first() or adopt_framework()
    qualification = make_qualification(units=units)
    cohort = Cohort.objects.create(centre=centre, qualification=qualification, name="2019-20")
    for _ in range(learners):
        make_registration(centre, qualification, cohort=cohort)
    if kind:
        Outcome.objects.create(
            qualification=qualification, adoption=adoption, framework_code=adoption.framework.code, kind=kind
        )
    return generate_claim(actor=actor, cohort=cohort)
