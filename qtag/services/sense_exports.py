"""Comparisons with earlier years as a workbook: a job for an AO's list, at once for a centre's own."""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import asdict, dataclass
from typing import IO, Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.files.models import StoredFile
from awarding.files.services import store_file
from awarding.jobs.models import Job
from awarding.jobs.services import start_job
from awarding.spreadsheets.writer import XLSX, write_table
from qtag.models import SenseRow
from qtag.queries.sense_export import left_out
from qtag.queries.sense_rows import rows_by_evidence
from qtag.workbooks_sense import COLUMNS, comparison_rows, facts_about

EXPORT_JOB = "sense.export"


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter of the list, as `rows_by_evidence` takes it."""

    verdict: str = ""
    level: str = ""
    told: str = ""
    words: str = ""
    centre_id: int | None = None

    def in_words(self) -> str:
        """For the sheet that tells about the file."""
        said = [
            str(dict(SenseRow.Verdict.choices).get(self.verdict, "")), str(dict(SenseRow.Level.choices).get(self.level, "")),
            {
                "waiting": _("differs, nobody has explained it"), "explained": _("explained"),
                "unread": _("explained, not read yet"),
            }.get(self.told, ""),
            self.words,
        ]  # fmt: skip
        return "; ".join(part for part in said if part)


@transaction.atomic
def ask_for_comparisons(*, actor: Standing, asked: Asked) -> Job:
    """Asks for one workbook of the list as it is filtered. The same question while it is open answers the same job.

    For the AO's own people. What is open is decided when the job runs, and by the asker's standing then (SNS-01).
    Raises PermissionMissingError; to a centre's people too, whose file no job may hold: the AO sees all jobs (QTG-17).
    """
    actor.require(Permission.SENSE_VIEW)
    if actor.reach(Permission.SENSE_VIEW) is not None:
        actor.require(Permission.SENSE_MANAGE)
    digest = hashlib.sha256(json.dumps(asdict(asked), sort_keys=True).encode()).hexdigest()[:16]
    return start_job(
        actor=actor, kind=EXPORT_JOB, title=_("Comparisons with earlier years as a spreadsheet"),
        key=f"sense-export-{actor.person.pk}-{digest}", parameters=asdict(asked),
        back_to=reverse("qtag:sense", kwargs={"ao": actor.ao.slug}),
    )  # fmt: skip


@transaction.atomic
def store_comparisons(*, actor: Standing, asked: Asked, job: Job) -> tuple[StoredFile, int]:
    """Writes the workbook that a job was asked for and stores it; answers it and how many groups are in it."""
    with tempfile.TemporaryFile() as target:
        count = _write(target, actor, asked)
        stored = store_file(actor=actor, purpose="export", name=file_name(actor), content=target, media_type=XLSX)
    record("sense_check.exported", actor=actor, target=job, data={"rows": count, "file": stored.pk})
    return stored, count


@transaction.atomic
def export_centre(*, actor: Standing, centre_id: int) -> bytes:
    """A centre's own comparisons as a workbook, for its head and its contact; some hundred rows at most (SNS-01).

    Raises PermissionMissingError.
    """
    actor.require(Permission.SENSE_VIEW, centre_id)
    with tempfile.TemporaryFile() as target:
        count = _write(target, actor, Asked(centre_id=centre_id))
        target.seek(0)
        content = target.read()
    record("sense_check.exported", actor=actor, target=actor.ao, data={"rows": count, "centre": centre_id})
    return content


def file_name(actor: Standing) -> str:
    return f"earlier-years-{actor.ao.slug}-{timezone.localdate():%Y-%m-%d}.xlsx"


def _write(target: IO[bytes], actor: Standing, asked: Asked) -> int:
    found = rows_by_evidence(actor, **asdict(asked))
    count = found.count()
    facts = facts_about(count, left_out(actor, asked.centre_id), asked.in_words())
    rows: Any = comparison_rows(found, to_centre=actor.reach(Permission.SENSE_EXPLAIN) != frozenset())
    return write_table(target, title=_("Beside earlier years"), columns=COLUMNS, rows=rows, facts=facts)  # type: ignore[arg-type]
