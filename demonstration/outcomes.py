"""What happens to the body's qualifications under the first framework of 2020."""

from __future__ import annotations

from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification
from awarding.frameworks.models import Adoption
from demonstration.awards import Body
from mitigations.services.outcomes import set_outcome

FRAMEWORK = "erf_2020"


def seed_outcomes(body: Body, admin: Standing, qualifications: dict[str, Qualification]) -> None:
    """One outcome for each award that names one. Needs the AO's scope."""
    adoption = Adoption.objects.select_related("framework").get(framework__code=FRAMEWORK, superseded_at=None)
    for award in body.awards:
        if award.outcome:
            set_outcome(
                actor=admin, qualification=qualifications[award.qan], adoption=adoption, kind=award.outcome,
                reason=award.why,
            )  # fmt: skip
