"""The bundle of an appeal: asked for as a job, kept with the appeal."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Process, Standing
from awarding.audit.services import record
from awarding.files.models import StoredFile
from awarding.files.services import store_file
from awarding.jobs.models import Job
from awarding.jobs.services import start_job
from mitigations.models import Appeal
from mitigations.services.appeals import require_sight

BUNDLE_JOB = "appeal_bundle"


def ask_for_bundle(*, actor: Standing, appeal: Appeal) -> Job:
    """Starts making the bundle of an appeal as it stands now; while one is made, asking again answers that job (CLM-15)."""
    require_sight(actor, appeal)
    is_centres = actor.can(Permission.APPEALS_LODGE, appeal.centre_id)
    return start_job(
        actor=actor, kind=BUNDLE_JOB, title=_("Bundle of %(number)s") % {"number": appeal.number},
        key=f"{BUNDLE_JOB}-{appeal.pk}", parameters={"appeal": appeal.pk},
        centre_id=appeal.centre_id if is_centres else None,
        back_to=reverse("mitigations:appeal", kwargs={"ao": actor.ao.slug, "appeal_id": appeal.pk}),
    )  # fmt: skip


@transaction.atomic
def keep_bundle(*, process: Process, appeal_id: int, version: int, pdf: bytes) -> StoredFile:
    """Keeps a bundle with its appeal. One that was made of the same version already stays, so twice is once."""
    appeal = Appeal.objects.select_for_update(of=("self",)).select_related("bundle").get(pk=appeal_id)
    if appeal.bundle is not None and appeal.bundle_version >= version:
        return appeal.bundle
    stored = store_file(
        actor=process, purpose="appeal", name=f"{appeal.number}.pdf", content=pdf, media_type="application/pdf"
    )
    appeal.bundle, appeal.bundle_version = stored, version
    appeal.save(update_fields=["bundle", "bundle_version"])
    record("appeal.bundled", actor=process, target=appeal, data={"sha256": stored.sha256, "version": version})
    return stored
