"""Files of evidence: attached while the judgement is open, set aside with a reason, deleted only when their time is over."""

from __future__ import annotations

from typing import IO

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.files.content import recognise
from awarding.files.services import erase_file, fingerprint, store_file
from awarding.workflow.services import ReasonMissingError
from qtag.models import EvidenceFile, EvidenceRecord, Judgement
from qtag.queries.retention import evidence_retention
from qtag.queries.visibility import visible_judgements
from qtag.services.holds import lock_evidence
from qtag.services.locking import lock_open

PURPOSE = "qtag-evidence"


class RetainedError(Exception):
    """The file has to be kept (QTG-19). The text says until when, or what its end waits for."""


@transaction.atomic
def attach_file(*, actor: Standing, piece: EvidenceRecord, handle: IO[bytes], name: str, size: int) -> EvidenceFile:
    """Attaches one file to a piece of an open judgement. The same bytes twice are kept once.

    Raises UnacceptableFileError with the remedy for a file that may not be stored, and what `lock_open` raises.
    """
    judgement = lock_open(actor, piece.judgement_id)
    media_type = recognise(handle, name, max_bytes=settings.EVIDENCE_MAX_BYTES, size=size)
    # Looked up before anything is stored, with the judgement locked: the second of two equal files leaves no bytes behind.
    known = fingerprint(handle)
    there = EvidenceFile.objects.filter(piece=piece, set_aside_at=None, file__erased_at=None, file__sha256=known.sha256)
    same = there.select_related("file").first()
    if same is not None:
        return same
    stored = store_file(actor=actor, purpose=PURPOSE, name=name, content=handle, media_type=media_type, known=known)
    attached = EvidenceFile.objects.create(piece=piece, file=stored, uploaded_by=actor.person)
    record(
        "judgement.file_attached", actor=actor, target=judgement,
        data={"evidence": piece.pk, "file": attached.pk, "sha256": stored.sha256},
    )  # fmt: skip
    return attached


@transaction.atomic
def set_file_aside(*, actor: Standing, attached: EvidenceFile, reason: str) -> EvidenceFile:
    """A file attached by mistake no longer counts; it stays, with the reason, until its time is over (QTG-19)."""
    if not reason.strip():
        raise ReasonMissingError(_("Say why this file is set aside."))
    judgement = lock_open(actor, attached.piece.judgement_id)
    rows = EvidenceFile.objects.filter(pk=attached.pk, set_aside_at=None)
    rows.update(set_aside_at=timezone.now(), set_aside_by=actor.person, set_aside_reason=reason.strip())
    record("judgement.file_set_aside", actor=actor, target=judgement, data={"file": attached.pk})
    attached.refresh_from_db()
    return attached


@transaction.atomic
def delete_file(*, actor: Standing, attached: EvidenceFile) -> EvidenceFile:
    """Erases the bytes of a file whose time is over; its name, size and digest stay in the record (QTG-19).

    Raises RetainedError before that, Judgement.DoesNotExist when it is out of sight, PermissionMissingError.
    """
    seen = visible_judgements(actor).filter(pk=attached.piece.judgement_id)
    if not seen.exists():
        raise Judgement.DoesNotExist
    lock_evidence(attached.piece.judgement.centre_id)
    judgement = (
        Judgement.objects.select_for_update(of=("self",))
        .select_related("submission__adoption__framework")
        .get(pk=attached.piece.judgement_id)
    )
    actor.require(Permission.QTAGS_SUBMIT, judgement.centre_id)
    kept = evidence_retention(judgement)
    if not kept.is_over(timezone.localdate()):
        raise RetainedError(kept.why)
    erase_file(attached.file)
    record(
        "judgement.file_deleted", actor=actor, target=judgement,
        data={"file": attached.pk, "sha256": attached.file.sha256, "kept_until": str(kept.until)},
    )  # fmt: skip
    attached.file.refresh_from_db()
    return attached
