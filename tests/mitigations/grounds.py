"""What the tests of outcomes stand on: an AO with an admin, a framework adopted, and a qualification."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from awarding.accounts.models import User
from awarding.accounts.roles import Role
from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification
from awarding.frameworks.models import Adoption
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import open_scope
from mitigations.models import Outcome
from mitigations.services.outcomes import set_outcome
from tests.factories import (
    adopt_framework,
    make_ao,
    make_person,
    make_qualification,
    make_standing,
)


class Ground:
    """One AO with an admin, the summer 2020 framework adopted, and one qualification."""

    def __init__(self, slug: str = "aim", framework: str = "erf_2020", **fields: Any) -> None:
        self.ao: AwardingOrganisation = make_ao(slug)
        with open_scope(self.ao):
            self.person: User = make_person("The admin")
            self.admin: Standing = make_standing(self.ao, Role.AO_ADMIN, person=self.person)
            self.adoption: Adoption = adopt_framework(framework)
            self.qualification: Qualification = make_qualification(**fields)

    def set(self, kind: str, reason: str = "", **more: Any) -> Outcome:
        with open_scope(self.ao):
            return set_outcome(
                actor=self.admin, qualification=self.qualification, adoption=self.adoption, kind=kind, reason=reason,
                **more,
            )  # fmt: skip

    def url(self, name: str, **kwargs: Any) -> str:
        return reverse(f"mitigations:{name}", kwargs={"ao": self.ao.slug, **kwargs})
