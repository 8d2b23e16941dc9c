"""Reads about people: their standings, who holds a role."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import QuerySet
from django_scopes import scopes_disabled

from awarding.accounts.models import Invitation, Membership, User
from awarding.accounts.roles import AO_ROLES, APPOINTED_BY_AO, Permission, Role
from awarding.accounts.standing import Standing, standing_of
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.prepared import prepared
from awarding.tenancy.queries import find_tenant
from awarding.tenancy.scope import Statement, as_person, open_scope, open_scope_called


def standings_of(person: User) -> list[Standing]:
    """The person's standing in each AO they work for, by AO name. One query; reads their own rows only."""
    with as_person(person.pk), scopes_disabled():
        rows = _memberships_of(person_id=person.pk)
    by_ao: dict[AwardingOrganisation, list[tuple[str, int | None]]] = defaultdict(list)
    for row in rows:
        by_ao[row.ao].append((row.role, row.centre_id))
    return [standing_of(person, ao, grants) for ao, grants in by_ao.items()]


@prepared
def _memberships_of(*, person_id: int) -> QuerySet[Membership]:
    rows = Membership.objects.filter(person_id=person_id, ended_at=None)
    return rows.select_related("ao").order_by("ao__name", "id")


def find_standing(person: User, ao: AwardingOrganisation) -> Standing | None:
    """The person's standing in one AO, or None when they hold no role there. Needs that AO's scope."""
    rows = _roles_of(person_id=person.pk)
    return standing_of(person, ao, rows) if rows else None


@prepared
def _roles_of(*, person_id: int) -> QuerySet[Membership, tuple[str, int | None]]:
    return Membership.objects.filter(person_id=person_id, ended_at=None).values_list("role", "centre_id")


@contextmanager
def open_standing(
    person: User, slug: str, *, read_only: bool
) -> Iterator[tuple[AwardingOrganisation | None, Standing | None]]:
    """Opens the scope of the AO with this short name and answers it with the person's standing there, in one exchange.

    No such AO: neither, and no scope is open. No role there: the AO alone.
    """
    grants: list[tuple[str, int | None]] = []

    def read(opening: Statement) -> AwardingOrganisation | None:
        with scopes_disabled():  # only by the Python manager: the database shows the AO's rows and the person's own
            rows = _roles_at.after(opening, slug=slug, person_id=person.pk)
        if not rows:
            return find_tenant(slug)
        grants.extend(row[:2] for row in rows)
        return AwardingOrganisation.from_db(DEFAULT_DB_ALIAS, _AO_FIELDS, rows[0][2:])

    with open_scope_called(slug, read, person_id=person.pk, read_only=read_only) as ao:
        yield ao, standing_of(person, ao, grants) if ao is not None and grants else None


_AO_FIELDS = [field.attname for field in AwardingOrganisation._meta.concrete_fields]


@prepared
def _roles_at(*, slug: str, person_id: int) -> QuerySet[Membership, tuple[Any, ...]]:
    """Role and centre, and the AO's own columns beside them."""
    rows = Membership.objects.filter(ao__slug=slug, person_id=person_id, ended_at=None).order_by("id")
    return rows.values_list("role", "centre_id", *(f"ao__{name}" for name in _AO_FIELDS))


def holders(roles: set[Role], centre_id: int | None = None) -> QuerySet[User]:
    """The active people who hold one of `roles` in the open AO; at the centre, for centre roles."""
    rows = Membership.objects.filter(role__in=roles, ended_at=None, person__is_active=True)
    if centre_id is not None:
        rows = rows.filter(centre_id=centre_id)
    return User.objects.filter(pk__in=rows.values("person_id")).order_by("pk")


@dataclass(frozen=True)
class Place:
    """Where a person works: the AO, each role with its centre's name ("" for the AO itself), and the centres (id, name)."""

    ao: AwardingOrganisation
    roles: list[tuple[str, str]]
    centres: list[tuple[int, str]]


def places_in_scope(standing: Standing) -> Place:
    """The person's roles in the open AO with the centres' names. One query."""
    rows = _roles_and_centres(person_id=standing.person.pk)
    centres = sorted({(pk, name) for _role, pk, name in rows if pk is not None and name}, key=lambda found: found[1])
    return Place(standing.ao, [(str(Role(role).label), name or "") for role, _pk, name in rows], centres)


@prepared
def _roles_and_centres(*, person_id: int) -> QuerySet[Membership, tuple[str, int | None, str | None]]:
    rows = Membership.objects.filter(person_id=person_id, ended_at=None).order_by("id")
    return rows.values_list("role", "centre_id", "centre__name")


def places_of(person: User) -> list[Place]:
    """The AOs and centres a person works for, by AO name. One query for the AOs, one for each."""
    places = []
    for standing in standings_of(person):
        with open_scope(standing.ao):
            places.append(places_in_scope(standing))
    return places


def can_manage(standing: Standing, role: Role, centre_id: int | None) -> bool:
    """Whether this person may give and end the role at the AO (no centre) or at the centre.

    An AO admin manages everybody. Who manages a centre's people does so at that centre only, and not the roles that the
    AO appoints (head of centre, direct-claims verifier).
    """
    if standing.can(Permission.PEOPLE_MANAGE_AO):
        return True
    if role in AO_ROLES or role in APPOINTED_BY_AO or centre_id is None:
        return False
    return standing.can(Permission.PEOPLE_MANAGE_CENTRE, centre_id)


def manageable_roles(standing: Standing) -> list[Role]:
    """The roles this person may give somewhere, in the order of the table."""
    if standing.can(Permission.PEOPLE_MANAGE_AO):
        return list(Role)
    return [role for role in Role if role not in AO_ROLES and role not in APPOINTED_BY_AO]


def visible_memberships(standing: Standing) -> QuerySet[Membership]:
    """The open memberships this person may see on the people page, by name: an AO admin all, others their centres'."""
    rows = Membership.objects.filter(ended_at=None).select_related("person", "centre", "granted_by")
    reach = standing.reach(Permission.PEOPLE_MANAGE_CENTRE)
    if reach is not None:
        rows = rows.filter(centre_id__in=reach)
    return rows.order_by("person__name", "person_id", "role", "id")


def visible_invitations(standing: Standing) -> QuerySet[Invitation]:
    """Invitations nobody has answered yet, the newest first, within the same bounds."""
    rows = Invitation.objects.filter(accepted_at=None, withdrawn_at=None).select_related("centre", "invited_by", "ao")
    reach = standing.reach(Permission.PEOPLE_MANAGE_CENTRE)
    if reach is not None:
        rows = rows.filter(centre_id__in=reach)
    return rows.order_by("-created_at", "-id")


def find_invitation(digest: str) -> Invitation | None:
    """The invitation with this digest of its token in the open AO, whatever became of it."""
    rows = Invitation.objects.select_related("ao", "centre", "invited_by")
    return rows.filter(token_digest=digest).first()


def manageable_centres(standing: Standing) -> QuerySet[Any]:
    """The centres whose people this person may manage, by name."""
    # The centre's model is reached through the reference: this package knows nothing of the app that holds it.
    model: Any = Membership._meta.get_field("centre").related_model
    centres = model.objects.order_by("name", "id")
    reach = standing.reach(Permission.PEOPLE_MANAGE_CENTRE)
    return centres if reach is None else centres.filter(pk__in=reach)
