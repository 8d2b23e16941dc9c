"""Qualifications and their sizes: groups, scales, families, barred sets, earlier achievements, moves to another size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awarding.catalogue.models import BarredSet, BarredUnit, Qualification, QualificationFamily
from awarding.catalogue.queries.combination import sizes_of
from centres.models import Learner, PriorAchievement
from mitigations.models import SizeMove
from tests.factories import make_qualification, make_registration

if TYPE_CHECKING:
    from tests.matrix.scene import Scene


def parameters(scene: Scene) -> dict[str, Any]:
    """The claim's qualification, and one of each about it."""
    qualification = scene.claim.qualification
    family = QualificationFamily.objects.create(name=f"Testing {scene.tenant.ao.slug}")
    for size, row in enumerate((make_qualification(units=1), qualification), 1):
        row.family, row.size = family, size
        row.save()
    return {
        "group_id": qualification.groups.get().pk,
        "place_id": qualification.unit_places.first().pk,
        "scale_id": qualification.scale_id,
        "typed": qualification.qan,
        "family_id": family.pk,
        "prior_id": _prior(scene, scene.unit.unit),
        "size_move_id": _move(scene).pk,
    }


def grow(scene: Scene) -> None:
    """Two more requests for another size, families, barred sets, and units that the first learner brings."""
    places = list(scene.claim.qualification.unit_places.order_by("position"))
    for n in range(2):
        _move(scene)
        QualificationFamily.objects.create(name=f"More {n} {scene.tenant.ao.slug}")
        barred = BarredSet.objects.create(qualification=scene.claim.qualification)
        for place in places[:2]:
            BarredUnit.objects.create(barred_set=barred, place=place)
        _prior(scene, make_qualification(units=1).unit_places.get().unit)


def _prior(scene: Scene, unit: Any) -> int:
    """A unit that the claim's first learner brings by credit transfer."""
    registration = scene.learner.registration
    made = PriorAchievement.objects.create(
        centre_id=registration.centre_id, registration=registration, unit=unit, kind="CT", source="Elsewhere",
        evidence="Certificate", recorded_by=scene.contact.person,
    )  # fmt: skip
    return int(made.pk)


def _move(scene: Scene) -> SizeMove:
    """A flagged request about another learner of the claim's qualification."""
    claim = scene.claim
    other = make_registration(claim.centre, claim.qualification)
    Learner.objects.filter(pk=other.learner_id).update(family_name=scene.learner.registration.learner.family_name)
    source = Qualification.objects.get(pk=claim.qualification_id)
    return SizeMove.objects.create(
        centre=claim.centre, registration=other, source=source, target=sizes_of(source)[0], adoption=claim.adoption,
        reason="Illness", requested_by=scene.contact.person, state="requested",
    )  # fmt: skip
