"""Which centre and learner of the demonstration show something on their pages."""

from __future__ import annotations

from typing import Any

from centres.models import Cohort, DeclaredInterest, DirectClaimsStatus, Registration, RegistrationUpload
from tests.matrix.routes import Route
from tests.system.first import first, first_centre

SEEN_BY = {
    "centres:home": "sam.okafor@northfield.example",
    "centres:interests": "adaeze.obi@aim.example",
}


def things(route: Route) -> dict[str, Any]:
    centre = first_centre()
    registrations = Registration.objects.filter(centre=centre).order_by("id")
    return {
        "centre_id": centre.pk if centre else 0,
        "cohort_id": first(Cohort.objects.filter(centre=centre)),
        "registration_id": first(registrations.filter(impact_cases=None)),
        "learner_id": registrations.values_list("learner_id", flat=True).first(),
        "upload_id": first(RegistrationUpload.objects.all()),
        "status_id": first(DirectClaimsStatus.objects.filter(state="granted")),
        "move": "freeze",
        "interest_id": first(DeclaredInterest.objects.all()),
    }
