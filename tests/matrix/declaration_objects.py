"""A deputy whom the head named, a declaration that was missing on its day, and a hold on evidence."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from awarding.accounts.roles import Role
from centres.models import Centre
from qtag.models import DeclarationConcern, Deputy, EvidenceHold
from qtag.services.deputies import name_deputy
from qtag.services.holds import put_hold
from tests.factories.qtags import qtag_adoption

if TYPE_CHECKING:
    from tests.matrix.scene import Scene


def parameters(scene: Scene) -> dict[str, Any]:
    return {
        "deputy_id": _deputy(scene, Role.SENIOR_DESIGNATED_CONTACT).pk,
        "concern_id": _concern(scene.tenant.centre).pk,
        "hold_id": _hold(scene, scene.tenant.centre).pk,
    }


def grow(scene: Scene) -> None:
    for centre in Centre.objects.exclude(pk=scene.tenant.centre.pk):
        _concern(centre)
        _hold(scene, centre)
    _deputy(scene, Role.TEACHER)
    _deputy(scene, Role.INTERNAL_VERIFIER)


def _deputy(scene: Scene, role: Role) -> Deputy:
    """Named by the head, not answered yet."""
    last_day = timezone.localdate() + dt.timedelta(days=30)
    return name_deputy(
        actor=scene.standing(Role.HEAD_OF_CENTRE), centre=scene.tenant.centre, person=scene.person(role), reason="Away",
        last_day=last_day,
    )  # fmt: skip


def _concern(centre: Centre) -> DeclarationConcern:
    return DeclarationConcern.objects.create(
        centre=centre, adoption=qtag_adoption(), due_on=dt.date(2021, 6, 18), state="raised"
    )


def _hold(scene: Scene, centre: Centre) -> EvidenceHold:
    return put_hold(actor=scene.admin, centre=centre, kind="complaint", reference="C-1", reason="A complaint is open")
