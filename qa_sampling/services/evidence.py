"""Evidence that a centre sends for a sampled piece."""

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
from awarding.files.services import fingerprint, store_file
from awarding.workflow.services import StalePageError
from qa_sampling.models import EvidenceFile, SamplePick


def _lock_open_pick(actor: Standing, pick_id: int) -> SamplePick:
    pick = SamplePick.objects.select_for_update(of=("self",)).select_related("claim").get(pk=pick_id)
    actor.require(Permission.EVIDENCE_UPLOAD, pick.claim.centre_id)
    if pick.verdict != SamplePick.Verdict.OPEN or pick.requested_at is None or pick.claim.state != "allocated":
        raise StalePageError(_("This evidence is no longer asked for: the verifier has decided or swapped the piece."))
    return pick


@transaction.atomic
def add_evidence(
    *, actor: Standing, pick: SamplePick, handle: IO[bytes], name: str, size: int, caption: str = ""
) -> EvidenceFile:
    """Stores one file for a piece (SMP-07). The same bytes sent twice for it are kept once.

    Raises UnacceptableFileError with the remedy for a file that may not be stored, StalePageError when nobody asks any more.
    """
    pick = _lock_open_pick(actor, pick.pk)
    media_type = recognise(handle, name, max_bytes=settings.EVIDENCE_MAX_BYTES, size=size)
    # Looked up before anything is stored, with the piece locked: the second of two equal files leaves no bytes behind.
    known = fingerprint(handle)
    same = EvidenceFile.objects.filter(pick=pick, removed_at=None, file__sha256=known.sha256).first()
    if same is not None:
        return same
    stored = store_file(
        actor=actor, purpose="evidence", name=name, content=handle, media_type=media_type, known=known
    )  # fmt: skip
    evidence = EvidenceFile.objects.create(
        pick=pick, file=stored, caption=caption.strip()[:200], uploaded_by=actor.person
    )
    record("evidence.added", actor=actor, target=evidence, data={"claim": pick.claim.number, "sha256": stored.sha256})
    return evidence


@transaction.atomic
def remove_evidence(*, actor: Standing, evidence: EvidenceFile) -> None:
    """Takes a file out of view while its piece is undecided. The row and the bytes stay for the record (QTG-19)."""
    _lock_open_pick(actor, evidence.pick_id)
    EvidenceFile.objects.filter(pk=evidence.pk, removed_at=None).update(
        removed_at=timezone.now(), removed_by=actor.person
    )
    record("evidence.removed", actor=actor, target=evidence)
