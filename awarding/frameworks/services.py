"""Writes about frameworks: storing the versions that files hold, adopting one for an AO."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.loading import apply_overrides, load_framework_files
from awarding.frameworks.models import Adoption, FrameworkVersion
from awarding.workflow.services import StalePageError


class ChangedVersionError(ValueError):
    """A file changed without a new version number: what was decided under the old text would lose its ground."""


def store_frameworks(documents: list[FrameworkDocument] | None = None) -> list[FrameworkVersion]:
    """Stores each document as an immutable version, once. Answers the versions that are new.

    Raises ChangedVersionError when a stored version's document differs from the file's.
    """
    stored = []
    for document in load_framework_files() if documents is None else documents:
        version, is_new = FrameworkVersion.objects.get_or_create(
            code=document.id,
            number=document.version,
            defaults={"title": document.title, "digest": document.digest, "document": document.as_json()},
        )
        if version.digest != document.digest:
            raise ChangedVersionError(
                f"{document.id} version {document.version} is stored with another text: raise its version number."
            )
        if is_new:
            stored.append(version)
    return stored


@transaction.atomic
def adopt_framework(
    *,
    actor: Standing,
    framework: FrameworkVersion,
    overrides: dict[str, Any] | None = None,
    expected_id: int | None = None,
) -> Adoption:
    """Adopts a version for the open AO, superseding its earlier adoption of the same framework (CLM-02).

    The same version with the same settings again changes nothing: the adoption in force is answered. `expected_id` is
    the adoption that the page showed, 0 for none. Raises OverrideError when an override touches what is not the AO's to
    decide, StalePageError when somebody adopted first.
    """
    actor.require(Permission.FRAMEWORKS_ADOPT)
    apply_overrides(FrameworkDocument.from_stored(framework.document), overrides or {})
    # One adoption of a framework at a time in an AO, also where there is no earlier row to lock.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [actor.ao.pk, f"adopt {framework.code}"])
    held = Adoption.objects.filter(framework__code=framework.code, superseded_at=None).first()
    if held is not None and held.framework_id == framework.pk and held.overrides == (overrides or {}):
        return held
    if expected_id is not None and expected_id != (held.pk if held else 0):
        raise StalePageError(
            _("Someone else adopted this framework since you opened the page. Nothing of yours was saved. Look again.")
        )
    Adoption.objects.filter(framework__code=framework.code, superseded_at=None).update(superseded_at=timezone.now())
    adoption = Adoption.objects.create(framework=framework, overrides=overrides or {}, adopted_by=actor.person)
    facts = {"framework": framework.code, "number": framework.number, "overrides": overrides or {}}
    record("framework.adopted", actor=actor, target=adoption, data=facts)
    return adoption
