"""Writes about frameworks: storing the versions that files hold, adopting one for an AO."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.loading import apply_overrides, load_framework_files
from awarding.frameworks.models import Adoption, FrameworkVersion


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
    *, actor: Standing, framework: FrameworkVersion, overrides: dict[str, Any] | None = None
) -> Adoption:
    """Adopts a version for the open AO, superseding its earlier adoption of the same framework (CLM-02).

    Raises OverrideError when an override touches what is not the AO's to decide.
    """
    actor.require(Permission.FRAMEWORKS_ADOPT)
    apply_overrides(FrameworkDocument.from_stored(framework.document), overrides or {})
    Adoption.objects.select_for_update().filter(framework__code=framework.code, superseded_at=None).update(
        superseded_at=timezone.now()
    )
    adoption = Adoption.objects.create(framework=framework, overrides=overrides or {}, adopted_by=actor.person)
    facts = {"framework": framework.code, "number": framework.number, "overrides": overrides or {}}
    record("framework.adopted", actor=actor, target=adoption, data=facts)
    return adoption
