"""The long work of results. Importing it registers the kinds of job."""

from __future__ import annotations

import logging
from typing import Any

from django.utils.translation import gettext as _
from weasyprint.text.fonts import FontConfiguration

from awarding.findings.finding import findings_to_json
from awarding.jobs.models import Job
from awarding.jobs.progress import Progress
from awarding.jobs.registry import job_handler
from awarding.jobs.services import JobFaultError
from awarding.tenancy.scope import open_scope
from awarding.workflow.services import GuardedError
from mitigations.models import Claim
from results.documents import (
    CertificateFaultError,
    Look,
    certificate_context,
    certificate_html,
    certificate_pdf,
    look_of,
)
from results.queries.certificates import certificates_in_full, drafted_ids
from results.services.certificates import activate_certificate, note_fault
from results.services.processing import PROCESS_JOB, Recorded, finish_processing, record_results

log = logging.getLogger(__name__)


@job_handler(PROCESS_JOB)
def process(job: Job, progress: Progress) -> dict[str, Any]:
    """Records a claim's results and makes its certificates (CLM-14). May be killed at any instant and run again.

    Result: counts of what this run added, `held` (findings: no grade yet) and `faults` ([{"learner", "number", "why"}],
    certificates that could not be made; the others are).
    """
    claim_id = job.parameters["claim"]
    with open_scope(job.ao):
        if not Claim.objects.filter(pk=claim_id, state__in=["verified", "processed"]).exists():
            raise JobFaultError(_("The claim is not verified any more: look at it again."))
        try:
            recorded = record_results(claim_id=claim_id)
        except GuardedError as error:
            raise JobFaultError(str(error)) from error
    made, faults = make_certificates(job, progress, claim_id)
    facts = {"unit_results": recorded.units, "results": recorded.results, "faults": len(faults)}
    with open_scope(job.ao):
        finish_processing(claim_id=claim_id, facts=facts)
    return _report(recorded, made, faults)


def _report(recorded: Recorded, made: int, faults: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "unit_results": recorded.units,
        "results": recorded.results,
        "certificates": made,
        "held": findings_to_json(recorded.held),
        "faults": faults,
    }


def make_certificates(job: Job, progress: Progress, claim_id: int) -> tuple[int, list[dict[str, str]]]:
    """Makes each waiting certificate in steps of its own: what is made stays made, one that fails stops no other.

    Answers how many this run made and the faults, each with the learner's name.
    """
    look, fonts = look_of(job.ao), FontConfiguration()
    made, faults, seen = 0, [], set()
    # Looked for again at the end: a certificate may have been reissued while the others were made.
    while True:
        with open_scope(job.ao):
            waiting = drafted_ids(claim_id, besides=seen)
        if not waiting:
            return made, faults
        if not seen:
            progress.start(len(waiting))
        for certificate_id in waiting:
            seen.add(certificate_id)
            fault = _make_one(job, certificate_id, look, fonts)
            if fault is None:
                made += 1
            else:
                faults.append(fault)
            progress.advance()


def _make_one(job: Job, certificate_id: int, look: Look, fonts: FontConfiguration) -> dict[str, str] | None:
    """Makes one certificate; the fault with the learner's name when it cannot be made. The PDF is drawn in no transaction."""
    with open_scope(job.ao):
        certificate = certificates_in_full().get(pk=certificate_id)
        context = certificate_context(certificate, look)
    try:
        pdf = certificate_pdf(certificate_html(context), fonts)
    except Exception as error:  # whatever the typesetter raises belongs to this learner, and the rest go on
        log.exception("Certificate %s could not be made", certificate.number)
        why = (
            str(error)
            if isinstance(error, CertificateFaultError)
            else _("The page could not be drawn. Make the missing certificates again; if it fails again, tell support.")
        )
        with open_scope(job.ao):
            note_fault(certificate_id=certificate_id, fault=why)
        return {"learner": context["name"], "number": certificate.number, "why": why}
    with open_scope(job.ao):
        activate_certificate(certificate_id=certificate_id, pdf=pdf)
    return None
