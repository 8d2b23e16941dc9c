"""Reads about frameworks: what an AO has adopted, and the document as it applies there."""

from __future__ import annotations

import json
from collections import OrderedDict

from django.db.models import QuerySet

from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.loading import apply_overrides
from awarding.frameworks.models import Adoption, FrameworkVersion
from awarding.frameworks.parts import Change
from awarding.tenancy.prepared import prepared

# Documents as AOs apply them, the latest used last. A stored version never changes, so its digest and the AO's
# settings say all that the outcome depends on; checking one against the schema costs more than most pages.
_APPLIED: OrderedDict[tuple[str, str], FrameworkDocument] = OrderedDict()
_KEPT = 256


def open_adoptions() -> list[Adoption]:
    """The open AO's adoptions in force, newest first."""
    return _open_adoptions()


@prepared
def _open_adoptions() -> QuerySet[Adoption]:
    return Adoption.objects.filter(superseded_at=None).select_related("framework")


def adopted_document(adoption: Adoption) -> FrameworkDocument:
    """The framework as the AO applies it: the pinned version with the AO's own settings."""
    key = (adoption.framework.digest, json.dumps(adoption.overrides, sort_keys=True))
    document = _APPLIED.pop(key, None)
    if document is None:
        document = apply_overrides(FrameworkDocument.from_stored(adoption.framework.document), adoption.overrides)
    _APPLIED[key] = document
    while len(_APPLIED) > _KEPT:
        _APPLIED.popitem(last=False)
    return document


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
