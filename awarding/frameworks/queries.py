"""Reads about frameworks: what an AO has adopted, and the document as it applies there."""

from __future__ import annotations

from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.loading import apply_overrides
from awarding.frameworks.models import Adoption, FrameworkVersion
from awarding.frameworks.parts import Change


def open_adoptions() -> list[Adoption]:
    """The open AO's adoptions in force, newest first."""
    return list(Adoption.objects.filter(superseded_at=None).select_related("framework"))


def adopted_document(adoption: Adoption) -> FrameworkDocument:
    """The framework as the AO applies it: the pinned version with the AO's own settings."""
    return apply_overrides(FrameworkDocument.from_stored(adoption.framework.document), adoption.overrides)


def newest_versions() -> list[FrameworkVersion]:
    """The newest stored version of each framework, by code. One query."""
    return list(FrameworkVersion.objects.order_by("code", "-number").distinct("code"))


def list_changes_since(before: FrameworkDocument | None, after: FrameworkDocument) -> tuple[Change, ...]:
    """What differs between two documents in the settings left to the AO; against the published values where the AO
    runs nothing yet."""
    if before is None or before.id != after.id:
        return after.changes
    changes = []
    for path, setting in after.ao_decides.items():
        new = after.setting(path)
        # A newer version may leave to the AO what an older one did not have at all.
        old = before.setting(path) if path in before.ao_decides else None
        if old != new:
            changes.append(Change(path, setting.label, old, new))
    return tuple(changes)
