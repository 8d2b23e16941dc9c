"""Requests for component grades, for the matrix: written as rows, whatever the claim's framework and the day are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mitigations.models import ComponentTag

if TYPE_CHECKING:
    from tests.matrix.scene import Scene


def parameters(scene: Scene) -> dict[str, Any]:
    """A request about the claim's first learner."""
    return {"component_tag_id": _ask(scene, "requested").pk}


def grow(scene: Scene) -> None:
    """Two more requests on the first claim, turned down before."""
    for _ in range(2):
        _ask(scene, "refused")


def _ask(scene: Scene, state: str) -> ComponentTag:
    return ComponentTag.objects.create(
        centre=scene.claim.centre, claim=scene.claim, learner=scene.learner, unit=scene.unit, grade="Pass", state=state,
        drafted_by=scene.contact.person,
    )  # fmt: skip
