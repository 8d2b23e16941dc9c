"""Making an eRAC from the registrations of a cohort."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification, QualificationUnit
from awarding.findings.finding import Finding
from awarding.frameworks.models import Adoption
from awarding.tenancy.scope import current_ao
from awarding.tenancy.services import mint_number
from awarding.workflow.services import write_event
from centres.models import Cohort, Registration
from mitigations.models import Claim, ClaimLearner, ClaimUnit, Outcome
from mitigations.queries.outcomes import application_findings_of, ground_of, mitigation_of
from mitigations.queries.templates import open_template
from mitigations.workflow import CLAIM


class GenerationError(ValueError):
    """No eRAC can be made of this cohort; the text says why and who can mend it."""


class ApplicationRefusedError(GenerationError):
    """A mitigation cannot be applied for now (MIT-11); `findings` say since when and where to ask."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        super().__init__(" ".join(f"{finding.what} {finding.fix}" for finding in findings))


class ClaimExistsError(GenerationError):
    """The cohort already has an eRAC under way: `claim`."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        super().__init__(
            _("This cohort already has the eRAC %(number)s. Go on with that one, or withdraw it first.")
            % {"number": claim.number}
        )


@transaction.atomic
def generate_claim(*, actor: Standing, cohort: Cohort, declined_reason: str = "") -> Claim:
    """A drafted, numbered eRAC (CLM-01) of the cohort's active registrations by the units of its qualification.

    It pins the open adoption under which the qualification has an outcome and the checklist template in force there
    (later versions of either do not touch it), and takes its mitigation from that outcome unless the centre declines it
    with a reason (MIT-04). Only registered learners come on it (MIT-07). Outside the framework's application window a
    mitigation is refused (MIT-11: ApplicationRefusedError). Raises GenerationError, or ClaimExistsError while an earlier
    eRAC of the cohort is still under way.
    """
    actor.require(Permission.CLAIMS_GENERATE, cohort.centre_id)
    # The cohort's lock makes a second click wait, and then find the first one's claim.
    cohort = Cohort.objects.select_for_update(of=("self",)).select_related("qualification").get(pk=cohort.pk)
    final = [state.name for state in CLAIM.states if state.is_final]
    under_way = Claim.objects.filter(cohort=cohort).exclude(state__in=final).order_by("id").first()
    if under_way is not None:
        raise ClaimExistsError(under_way)
    registrations = _active_registrations(cohort)
    units = _units_of(cohort.qualification)
    adoption, outcome = _ground_of(cohort.qualification)
    kind = mitigation_of(adoption, outcome)
    if kind and not declined_reason.strip() and (closed := application_findings_of(cohort.qualification)):
        raise ApplicationRefusedError(closed)
    claim = Claim.objects.create(
        centre_id=cohort.centre_id, qualification=cohort.qualification, cohort=cohort, number=next_claim_number(),
        adoption=adoption, outcome=outcome, mitigation="" if declined_reason.strip() else kind, state=CLAIM.initial,
        mitigation_declined_reason=declined_reason.strip() if kind else "", created_by=actor.person,
        checklist_template=open_template(cohort.qualification_id, adoption.framework.code),
    )  # fmt: skip
    ClaimLearner.objects.bulk_create(
        ClaimLearner(claim=claim, registration=registration, position=position)
        for position, registration in enumerate(registrations)
    )
    ClaimUnit.objects.bulk_create(
        ClaimUnit(claim=claim, unit_id=place.unit_id, position=position) for position, place in enumerate(units)
    )
    facts = {"learners": len(registrations), "units": len(units), "mitigation": claim.mitigation}
    write_event(claim, "generate", "", actor=actor, reason=claim.mitigation_declined_reason, data=facts)
    return claim


def next_claim_number() -> str:
    """The next eRAC number of the open AO, such as AIM-2026-000123 (CLM-01). Call inside a transaction."""
    ao, year = current_ao(), timezone.localdate().year
    prefix = ao.claim_prefix or (ao.slug or "").upper()[:8]
    return f"{prefix}-{year}-{mint_number(f'claim-{year}'):06d}"


def _active_registrations(cohort: Cohort) -> list[Registration]:
    found = list(
        Registration.objects.filter(cohort=cohort, status=Registration.Status.ACTIVE).order_by(
            "learner__name_key", "learner_id", "id"
        )
    )
    if not found:
        raise GenerationError(
            _(
                "Nobody in the cohort “%(cohort)s” is registered now, so there is no learner to claim for. The centre’s "
                "quality contact registers them by uploading learners and registrations."
            )
            % {"cohort": cohort.name}
        )
    return found


def _units_of(qualification: Qualification) -> list[QualificationUnit]:
    found = list(
        QualificationUnit.objects.filter(qualification=qualification).order_by("group__position", "position", "id")
    )
    if not found or qualification.unit_scale_id is None:
        missing = _("no units") if not found else _("no grade scale for its units")
        raise GenerationError(
            _("%(qan)s has %(missing)s in the catalogue yet. The awarding organisation’s admin enters them there.")
            % {"qan": qualification.display_qan, "missing": missing}
        )
    return found


def _ground_of(qualification: Qualification) -> tuple[Adoption, Outcome | None]:
    adoption, outcome = ground_of(qualification)
    if adoption is None:
        raise GenerationError(
            _("The awarding organisation has adopted no framework yet. Its admin adopts one under “Frameworks”.")
        )
    return adoption, outcome
