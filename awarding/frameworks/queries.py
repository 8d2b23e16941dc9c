"""Reads about frameworks: what an AO has adopted, and the document as it applies there."""

from __future__ import annotations

from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.loading import apply_overrides
from awarding.frameworks.models import Adoption


def open_adoptions() -> list[Adoption]:
    """The open AO's adoptions in force, newest first."""
    return list(Adoption.objects.filter(superseded_at=None).select_related("framework"))


def adopted_document(adoption: Adoption) -> FrameworkDocument:
    """The framework as the AO applies it: the pinned version with the AO's own settings."""
    return apply_overrides(FrameworkDocument.from_stored(adoption.framework.document), adoption.overrides)
