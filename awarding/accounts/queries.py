"""Reads about people: their standings, who holds a role."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import QuerySet
from django_scopes import scopes_disabled

from awarding.accounts.models import Membership, User
from awarding.accounts.roles import Role
from awarding.accounts.standing import Standing, standing_of
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import as_person


def standings_of(person: User) -> list[Standing]:
    """The person's standing in each AO they work for, by AO name. One query; reads their own rows only."""
    with as_person(person.pk), scopes_disabled():
        rows = list(
            Membership.objects.filter(person=person, ended_at=None).select_related("ao").order_by("ao__name", "id")
        )
    by_ao: dict[AwardingOrganisation, list[tuple[str, int | None]]] = defaultdict(list)
    for row in rows:
        by_ao[row.ao].append((row.role, row.centre_id))
    return [standing_of(person, ao, grants) for ao, grants in by_ao.items()]


def find_standing(person: User, ao: AwardingOrganisation) -> Standing | None:
    """The person's standing in one AO, or None when they hold no role there. Needs that AO's scope."""
    rows = list(Membership.objects.filter(person=person, ended_at=None).values_list("role", "centre_id"))
    return standing_of(person, ao, rows) if rows else None


def holders(roles: set[Role], centre_id: int | None = None) -> QuerySet[User]:
    """The active people who hold one of `roles` in the open AO; at the centre, for centre roles."""
    rows = Membership.objects.filter(role__in=roles, ended_at=None, person__is_active=True)
    if centre_id is not None:
        rows = rows.filter(centre_id=centre_id)
    return User.objects.filter(pk__in=rows.values("person_id")).order_by("pk")
