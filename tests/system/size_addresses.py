"""Which qualifications, sizes and component grades of the demonstration show something on their pages."""

from __future__ import annotations

from typing import Any

from awarding.catalogue.models import GradeScale, QualificationFamily, QualificationUnit
from centres.models import PriorAchievement, Registration
from mitigations.models import ComponentTag, SizeMove
from tests.matrix.routes import Route
from tests.system.first import first

QAN = "60339858"
SEEN_BY = {"mitigations:component_tag": "adaeze.obi@aim.example"}
# A request is changed while it is drafted, and read best while it waits.
TAG_STATES = {"mitigations:edit_component_tag": "drafted"}


def things(route: Route) -> dict[str, Any]:
    """A learner who brings units, one who could move to another size, a request to do so, a family of sizes."""
    places = QualificationUnit.objects.filter(qualification__qan=QAN)
    found: dict[str, Any] = {
        "qan": QAN,
        "typed": QAN,
        "scale_id": first(GradeScale.objects.all()),
        "place_id": first(places),
        "group_id": places.values_list("group_id", flat=True).first(),
        "family_id": first(QualificationFamily.objects.all()),
        "size_move_id": first(SizeMove.objects.filter(state="requested")),
        "component_tag_id": first(ComponentTag.objects.filter(state=TAG_STATES.get(route.name, "requested"))),
    }
    prior = PriorAchievement.objects.filter(ended_at=None).order_by("id").first()
    if prior is not None and route.name.startswith("centres:prior"):
        found |= {"prior_id": prior.pk, "registration_id": prior.registration_id}
    if route.name == "mitigations:ask_size_move":
        found["registration_id"] = first(Registration.objects.filter(qualification__size=2, size_moves=None))
    return found
