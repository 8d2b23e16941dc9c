"""A person's standing in one AO: the roles they hold there, asked by permission."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from awarding.accounts.models import User
from awarding.accounts.roles import PERMISSIONS, SECOND_FACTOR_ROLES, Permission, Role
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.prepared import Compound


class PermissionMissingError(Exception):
    """The actor may not do this; the message says who may."""


@dataclass(frozen=True)
class Standing(Compound):
    """Who acts, for which AO, with which (role, centre id) pairs; a centre id of None reaches the whole AO."""

    person: User
    ao: AwardingOrganisation
    grants: frozenset[tuple[Role, int | None]]

    @property
    def name(self) -> str:
        return str(self.person)

    def has_role(self, role: Role, centre_id: int | None = None) -> bool:
        return any(held == role and (centre_id is None or at in (None, centre_id)) for held, at in self.grants)

    def can(self, permission: Permission, centre_id: int | None = None) -> bool:
        """Whether some role grants `permission`; with a centre, whether it reaches that centre."""
        return any(
            permission in PERMISSIONS[role] and (centre_id is None or at is None or at == centre_id)
            for role, at in self.grants
        )

    def reach(self, permission: Permission) -> frozenset[int] | None:
        """The centres that `permission` reaches: None is all of the AO's, an empty set none."""
        held = [at for role, at in self.grants if permission in PERMISSIONS[role]]
        if None in held:
            return None
        return frozenset(at for at in held if at is not None)

    def require(self, permission: Permission, centre_id: int | None = None) -> None:
        """PermissionMissingError unless `can`."""
        if not self.can(permission, centre_id):
            raise PermissionMissingError(f"{self.name} may not: {permission.label}.")

    @property
    def needs_second_factor(self) -> bool:
        return any(role in SECOND_FACTOR_ROLES for role, _centre in self.grants)

    @property
    def centre_ids(self) -> frozenset[int]:
        return frozenset(at for _role, at in self.grants if at is not None)

    # A value of prepared reads (awarding/tenancy/prepared.py): the roles, and which of them are at the same centre, are its
    # form; the numbers of the person, the AO and the centres are left open.

    @cached_property
    def form(self) -> Hashable:  # type: ignore[override]
        places = {at: place for place, at in enumerate(sorted(self.centre_ids))}
        return frozenset((role, None if at is None else places[at]) for role, at in self.grants)

    @cached_property
    def open_values(self) -> list[int]:  # type: ignore[override]
        return [self.person.pk, self.ao.pk, *sorted(self.centre_ids)]

    def with_values(self, values: Sequence[int]) -> Standing:
        person, ao, *places = values
        moved = dict(zip(sorted(self.centre_ids), places, strict=True))
        grants = frozenset((role, None if at is None else moved[at]) for role, at in self.grants)
        return Standing(User(pk=person), AwardingOrganisation(pk=ao), grants)

    @property
    def is_ao_staff(self) -> bool:
        return any(at is None for _role, at in self.grants)


@dataclass(frozen=True)
class Process:
    """A named process of the portal acting by itself (a job, the beat). Never anonymous."""

    name: str
    person: None = None

    def can(self, permission: Permission, centre_id: int | None = None) -> bool:
        return False


Actor = Standing | Process


def standing_of(person: User, ao: AwardingOrganisation, rows: Iterable[tuple[str, int | None]]) -> Standing:
    return Standing(person, ao, frozenset((Role(role), centre_id) for role, centre_id in rows))
