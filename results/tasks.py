"""The long work of results. Importing it registers the kinds of job."""

from __future__ import annotations

import datetime as dt
import logging
import tempfile
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.queries import find_standing
from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.files.pdf import make_fonts
from awarding.files.services import store_file
from awarding.findings.finding import findings_to_json
from awarding.jobs.models import Job
from awarding.jobs.progress import Progress
from awarding.jobs.registry import job_handler
from awarding.jobs.services import JobFaultError
from awarding.spreadsheets.writer import XLSX, write_table
from awarding.tenancy.scope import open_scope
from awarding.workflow.services import GuardedError
from mitigations.models import Claim
from qtag.models import Award
from results.documents import (
    CertificateFaultError,
    Look,
    certificate_context,
    certificate_html,
    certificate_pdf,
    look_of,
)
from results.models import PROCESS_JOB
from results.queries.certificates import certificate_in_full, drafted_ids
from results.queries.results import list_results
from results.services.certificates import activate_certificate, note_fault
from results.services.exports import EXPORT_JOB
from results.services.processing import Recorded, finish_processing, record_results
from results.services.qtags import QTAG_JOB, record_qtag_results
from results.workbooks import COLUMNS, export_rows

if TYPE_CHECKING:
    from weasyprint.text.fonts import FontConfiguration

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
    made, faults = make_certificates(job, progress, result__claim=claim_id)
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


@job_handler(QTAG_JOB)
def process_qtags(job: Job, progress: Progress) -> dict[str, Any]:
    """Records the results of accepted submissions of Q-TAGs, one by one, and makes their certificates (CLM-14).

    May be killed at any instant and run again: each submission is whole or not begun. One that cannot be recorded any
    more stops no other. Result: as that of `process`, and `refused` ([{"what", "why"}]). No grade stands in it (QTG-17).
    """
    awards = list(job.parameters["awards"])
    progress.start(len(awards))
    recorded, refused = Recorded(), []
    for award_id in awards:
        with open_scope(job.ao):
            try:
                one = record_qtag_results(award_id=award_id)
                recorded.results += one.results
                recorded.held += one.held
            except GuardedError as error:
                award = Award.objects.select_related("submission__qualification", "centre").get(pk=award_id)
                refused.append({"what": str(award.submission), "why": str(error)})
        progress.advance()
    made, faults = make_certificates(job, progress, result__submission__awards__in=awards)
    return _report(recorded, made, faults) | {"refused": refused}


def make_certificates(job: Job, progress: Progress, **of: Any) -> tuple[int, list[dict[str, str]]]:
    """Makes each waiting certificate in steps of its own: what is made stays made, one that fails stops no other.

    `of` says which: a filter of certificates. Answers how many this run made and the faults, each with the learner's name.
    """
    look, fonts = look_of(job.ao), make_fonts()
    made = 0
    faults: list[dict[str, str]] = []
    seen: set[int] = set()
    # Looked for again at the end: a certificate may have been reissued while the others were made.
    while True:
        with open_scope(job.ao):
            waiting = drafted_ids(besides=seen, **of)
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
        certificate = certificate_in_full(certificate_id)
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


@job_handler(EXPORT_JOB)
def export(job: Job, progress: Progress) -> dict[str, Any]:
    """Writes one workbook of results (RES-03). Visibility is that of the asker at this moment (RES-01)."""
    asked = dict(job.parameters)
    for end in ("awarded_from", "awarded_to"):
        asked[end] = dt.date.fromisoformat(asked[end]) if asked[end] else None
    with open_scope(job.ao):
        total = list_results(_asker(job), **asked).count()
    progress.start(total)
    with tempfile.TemporaryFile() as target:
        with open_scope(job.ao):
            standing = _asker(job)
            rows = list_results(standing, **asked)
            columns = [column for column, _field in COLUMNS]
            count = write_table(target, title=_("Results"), columns=columns, rows=export_rows(rows))
        with open_scope(job.ao):
            stored = store_file(
                actor=standing,
                purpose="export",
                name=f"results-{job.ao.slug}-{timezone.localdate():%Y-%m-%d}.xlsx",
                content=target,
                media_type=XLSX,
            )
            record("results.exported", actor=standing, target=job, data={"rows": count, "file": stored.pk})
    return {"file": stored.pk, "rows": count}


def _asker(job: Job) -> Standing:
    """The standing, as it is now, of the person who asked. Needs the AO's scope."""
    standing = find_standing(job.started_by, job.ao) if job.started_by is not None else None
    if standing is None or not standing.can(Permission.RESULTS_EXPORT):
        raise JobFaultError(_("You may no longer export results here."))
    return standing
