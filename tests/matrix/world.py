"""Two AOs with a centre or two, somebody in every role, and one of every thing that an address can name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from awarding.accounts.models import User
from awarding.accounts.roles import AO_ROLES, Role
from awarding.accounts.standing import Standing
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import open_scope
from centres.models import Centre, CohortStaff, Learner
from mitigations.models import Claim
from tests.factories import make_ao, make_centre, make_claim, make_membership, make_person
from tests.factories.organisation import make_standing
from tests.matrix import objects

FOREIGN = "Zzforeign"
OTHER_CENTRE = "Zzothercentre"


@dataclass
class Tenant:
    """One AO of the world: its people by role and the parameters that name its things in addresses."""

    ao: AwardingOrganisation
    centre: Centre
    people: dict[Role, User] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)


def build_tenant(slug: str, family_name: str) -> Tenant:
    """An AO whose learners all carry `family_name`, with a second centre whose learners carry OTHER_CENTRE."""
    ao = make_ao(slug)
    with open_scope(ao):
        centre, other = make_centre(f"{slug} college"), make_centre(f"{OTHER_CENTRE} {slug} college")
        tenant = Tenant(ao, centre)
        for role in Role:
            person = make_person(name=f"{role.label} of {slug}")
            make_membership(person, role, None if role in AO_ROLES else centre)
            tenant.people[role] = person
        contact = Standing(tenant.people[Role.QUALITY_CONTACT], ao, frozenset({(Role.QUALITY_CONTACT, centre.pk)}))
        claim = make_claim(centre, contact)
        make_claim(other, make_standing(ao, Role.QUALITY_CONTACT, other))
        Learner.objects.filter(centre=centre).update(family_name=family_name)
        Learner.objects.filter(centre=other).update(family_name=OTHER_CENTRE)
        for role in (Role.TEACHER, Role.INTERNAL_VERIFIER):
            CohortStaff.objects.create(cohort=claim.cohort, person=tenant.people[role])
        tenant.parameters = objects.parameters_of(tenant, Claim.objects.get(pk=claim.pk), contact)
    tenant.parameters["ao"] = slug
    return tenant
