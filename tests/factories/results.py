"""Claims that have come through verification, and the jobs that process them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from awarding.jobs.models import Job
from awarding.jobs.services import perform_job
from awarding.tenancy.models import AwardingOrganisation
from awarding.workflow.services import apply_transition
from mitigations.models import Claim, ClaimCell
from mitigations.workflow import CLAIM
from qa_sampling.models import Allocation
from tests.factories.verification import Scene, make_allocated


def make_verified(ao: AwardingOrganisation, **sizes: int) -> Scene:
    """A claim whose every cell was accepted, waiting to be processed. Needs the AO's scope."""
    scene = make_allocated(ao, **sizes)
    ClaimCell.objects.filter(claim=scene.claim).update(verdict=ClaimCell.Verdict.ACCEPTED)
    scene.claim = apply_transition(CLAIM, scene.claim, "verify", actor=scene.verifier)
    Allocation.objects.filter(claim=scene.claim, ended_at=None).update(ended_at=timezone.now())
    return scene


def make_verified_claim(ao: AwardingOrganisation, **sizes: int) -> Claim:
    """The claim of `make_verified`, for tests that need nobody else."""
    return make_verified(ao, **sizes).claim


def run_job(job: Job) -> Job:
    """Performs a job here and now, as a worker would; answers it as it is afterwards. Call in no scope or in the job's."""
    import results.tasks  # noqa: F401 - registers its kinds
    from awarding.tenancy.scope import open_scope

    perform_job(job.ao, job.pk)
    with open_scope(job.ao):
        return Job.objects.get(pk=job.pk)


def make_processed(ao: AwardingOrganisation, *, release_at: dt.datetime | None = None, **sizes: int) -> Scene:
    """As make_verified, with results recorded and certificates made without drawing their PDFs.

    `release_at` is the instant from which anybody may see them (as if a framework had set it).
    """
    from results import rules
    from results.models import Certificate
    from results.services import processing
    from results.services.certificates import activate_certificate

    scene = make_verified(ao, **sizes)
    original = processing.release_instants

    def instants(releases: Any, now: dt.datetime) -> rules.ReleaseInstants:
        return original(releases, now) if release_at is None else rules.ReleaseInstants(release_at, release_at)

    processing.release_instants = instants
    try:
        processing.record_results(claim_id=scene.claim.pk)
    finally:
        processing.release_instants = original
    for certificate in Certificate.objects.filter(result__claim=scene.claim):
        activate_certificate(certificate_id=certificate.pk, pdf=b"%PDF-1.7 not drawn in this test")
    processing.finish_processing(claim_id=scene.claim.pk, facts={})
    scene.claim.refresh_from_db()
    return scene
