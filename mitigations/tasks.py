"""The queue's and the clock's side of claims."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from awarding.accounts.standing import Process
from awarding.jobs.models import Job
from awarding.jobs.progress import Progress
from awarding.jobs.registry import job_handler
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.rounds import in_every_ao, one_by_one
from awarding.tenancy.scope import open_scope
from mitigations.documents_appeal import bundle_context, bundle_html, bundle_pdf, bundle_pieces, read_pieces
from mitigations.models import Appeal
from mitigations.queries.conditions import fallen_due
from mitigations.services.appeals import end_lapsed_appeals
from mitigations.services.bundles import BUNDLE_JOB, keep_bundle
from mitigations.services.conditions import bring_back, remind_of_conditions
from mitigations.tasks_impact import chase_centres, make_round, write_again

__all__ = ["chase_centres", "make_round", "watch_conditions", "write_again"]


@shared_task(ignore_result=True)
def watch_conditions() -> None:
    """Every hour (settings): approvals in principle that expired come back to the panel, others are reminded of (CLM-07)."""
    in_every_ao(_watch)


def _watch(ao: AwardingOrganisation) -> None:
    today = timezone.localdate()
    with open_scope(ao):
        due = list(fallen_due(today).values_list("pk", flat=True))

    def bring_back_claim(claim_id: int) -> None:
        with open_scope(ao):
            bring_back(claim_id=claim_id, today=today)

    one_by_one(bring_back_claim, due)
    with open_scope(ao):
        remind_of_conditions(today)


@shared_task(ignore_result=True)
def end_appeals() -> None:
    """Every hour (settings): appeals whose next stage was not taken in time end (CLM-15). Twice is once."""
    in_every_ao(_end_lapsed)


def _end_lapsed(ao: AwardingOrganisation) -> None:
    with open_scope(ao):
        end_lapsed_appeals(timezone.localdate())


@job_handler(BUNDLE_JOB)
def make_appeal_bundle(job: Job, progress: Progress) -> dict[str, Any]:
    """Puts together everything that an appeal rests on (CLM-15). Drawn in no transaction; may be killed and run again."""
    progress.start(2)
    with open_scope(job.ao):
        appeal = Appeal.objects.select_related(
            "ao", "claim__centre", "claim__qualification", "claim__cohort", "claim__adoption__framework",
            "claim__checklist_template", "decision", "stage", "bundle",
        ).get(pk=job.parameters["appeal"])  # fmt: skip
        if appeal.bundle is not None and appeal.bundle_version >= appeal.version:
            return {"file": appeal.bundle_id}
        pieces = bundle_pieces(appeal)
        readers = read_pieces(pieces)
        html = bundle_html(bundle_context(appeal, pieces))
    progress.advance()
    pdf = bundle_pdf(html, readers)
    with open_scope(job.ao):
        stored = keep_bundle(process=Process("appeals"), appeal_id=appeal.pk, version=appeal.version, pdf=pdf)
    left_out = [f"{piece.file.name}: {piece.note}" for piece in pieces if piece.note]
    return {"file": stored.pk, "files": len(pieces), "faults": left_out}
