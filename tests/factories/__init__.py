"""Rows for tests, each made by one function with sensible defaults. Tenant rows need an open scope."""

from tests.factories.awards import adopt_framework, make_qualification, make_registration
from tests.factories.claims import make_claim
from tests.factories.organisation import make_ao, make_centre, make_membership, make_person, make_standing

__all__ = [
    "adopt_framework",
    "make_ao",
    "make_centre",
    "make_claim",
    "make_membership",
    "make_person",
    "make_qualification",
    "make_registration",
    "make_standing",
]
