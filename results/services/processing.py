"""Processing a verified claim: results recorded once, certificates drafted, the claim moved on (CLM-14)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission, Role
from awarding.accounts.standing import Process, Standing
from awarding.audit.services import record
from awarding.findings.finding import Finding, blocking
from awarding.jobs.models import Job, JobState
from awarding.jobs.services import start_job
from awarding.notices.services import notify_roles
from awarding.tenancy.scope import current_ao
from awarding.tenancy.services import mint_numbers
from awarding.workflow.services import GuardedError, StalePageError, apply_transition
from mitigations.models import Claim
from mitigations.workflow import CLAIM
from results.models import PROCESS_JOB, Certificate, QualificationResult, UnitResult, process_key
from results.queries.processing import achieved_cells, is_work_left, off_scale_findings, plan_results, releases_for
from results.queries.withdrawn import next_editions
from results.rules import ReleaseInstants, release_findings, release_instants

PROCESSOR = Process("results")
# No letters or digits that are mistaken for one another when somebody types what is printed.
CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 10


@transaction.atomic
def process_claim(*, actor: Standing, claim: Claim) -> Job:
    """Asks for a verified claim to be processed; asking again answers the same job, or the finished one (CLM-14).

    A processed claim is processed further only when something is left: a certificate that could not be made, a result that
    was held. Raises StalePageError for a claim that is not verified, GuardedError while the release is undated
    (RES-01) or a grade is off the scale (QTG-09).
    """
    actor.require(Permission.RESULTS_PROCESS, claim.centre_id)
    claim = locked_claim(claim.pk)
    if claim.state not in ("verified", "processed"):
        raise StalePageError(
            _("%(number)s is “%(state)s”: only a verified claim can be processed.")
            % {"number": claim.number, "state": CLAIM.state(claim.state).label}
        )
    if claim.state == "processed":
        last = Job.objects.filter(kind=PROCESS_JOB, key=process_key(claim.pk)).order_by("-id").first()
        if last is not None and (last.is_open or (last.state == JobState.SUCCEEDED and not is_work_left(claim))):
            return last
    stopping = blocking(findings_before(claim))
    if stopping:
        raise GuardedError(stopping)
    return start_job(
        actor=actor,
        kind=PROCESS_JOB,
        title=_("Process %(number)s") % {"number": claim.number},
        key=process_key(claim.pk),
        parameters={"claim": claim.pk},
        back_to=reverse("results:claim", kwargs={"ao": actor.ao.slug, "claim_id": claim.pk}),
    )


def findings_before(claim: Claim) -> list[Finding]:
    """What stands in the way of processing the claim."""
    return release_findings(releases_for(claim), claim.qualification.level) + off_scale_findings(claim)


def locked_claim(claim_id: int) -> Claim:
    """The claim with what processing needs, its row locked: whoever comes second waits, and then finds it done."""
    claim: Claim = (
        Claim.objects.select_for_update(of=("self",))
        .select_related("centre", "qualification", "adoption__framework")
        .get(pk=claim_id)
    )
    return claim


@dataclass
class Recorded:
    """What one run added, and what it could not."""

    units: int = 0
    results: int = 0
    held: list[Finding] = field(default_factory=list)


@transaction.atomic
def record_results(*, claim_id: int) -> Recorded:
    """Records unit and qualification results and drafts the certificates, all or nothing (CLM-14).

    What an earlier run recorded is left as it is: run it as often as you like, also side by side.
    """
    claim = locked_claim(claim_id)
    stopping = blocking(findings_before(claim))
    if stopping:
        raise GuardedError(stopping)
    now = timezone.now()
    release = release_instants((release for _name, release in releases_for(claim)), now)
    units = _record_units(claim, release)
    plan = plan_results(claim)
    editions = next_editions(plan.grades)
    results = QualificationResult.objects.bulk_create(
        QualificationResult(
            registration_id=registration_id,
            claim=claim,
            edition=editions.get(registration_id, 1),
            grade=grade.code,
            basis=grade.basis,
            release_at=release.to_learners,
            centre_release_at=release.to_centres,
            recorded_at=now,
        )
        for registration_id, grade in plan.grades.items()
    )
    draft_certificates(results)
    if units or results:
        record("results.recorded", actor=PROCESSOR, target=claim, data={"unit_results": units, "results": len(results)})
    return Recorded(units, len(results), plan.held)


def _record_units(claim: Claim, release: ReleaseInstants) -> int:
    before = UnitResult.objects.filter(claim=claim).count()
    UnitResult.objects.bulk_create(
        (
            UnitResult(
                registration_id=registration_id,
                unit_id=unit_id,
                claim=claim,
                grade=grade,
                centre_release_at=release.to_centres,
            )
            for registration_id, unit_id, grade in achieved_cells(claim)
        ),
        ignore_conflicts=True,
        batch_size=2000,
    )
    return UnitResult.objects.filter(claim=claim).count() - before


def draft_certificates(results: list[QualificationResult], *, replaces: Certificate | None = None) -> list[Certificate]:
    """A numbered certificate for each result, to be made. Call inside a transaction."""
    if not results:
        return []
    year = timezone.localdate().year
    numbers = mint_numbers(f"certificate-{year}", len(results))
    ao = current_ao()
    prefix = ao.claim_prefix or (ao.slug or "").upper()[:8]
    return Certificate.objects.bulk_create(
        Certificate(
            result=result, number=f"{prefix}-C-{year}-{number:07d}", check_code=new_check_code(), replaces=replaces
        )
        for result, number in zip(results, numbers, strict=True)
    )


def new_check_code() -> str:
    """Ten characters nobody can guess; printed with the number."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


@transaction.atomic
def finish_processing(*, claim_id: int, facts: dict[str, int]) -> bool:
    """Moves a verified claim to processed and tells its centre, once. Answers whether this call did it (CLM-14)."""
    claim = locked_claim(claim_id)
    if claim.state != "verified":
        return False
    claim = apply_transition(CLAIM, claim, "record_results", actor=PROCESSOR, data=facts)
    # No grades and no numbers of achievement: a notice may be read before the instant of release (RES-01).
    notify_roles(
        roles={Role(role) for role in CLAIM.transition("record_results").notifies},
        centre_id=claim.centre_id,
        key=f"claim-{claim.pk}-processed",
        subject=_("%(number)s has been processed") % {"number": claim.number},
        body=_("The results are recorded. The page says from when you can see them."),
        url=reverse("results:claim", kwargs={"ao": current_ao().slug, "claim_id": claim.pk}),
        target=claim,
    )
    return True
