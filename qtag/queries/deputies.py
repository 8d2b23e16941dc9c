"""Deputies: who was named, who may sign today, whom a head of centre can name."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from awarding.accounts.models import User
from awarding.accounts.queries import holders
from awarding.accounts.roles import CENTRE_ROLES, Permission, Role
from awarding.accounts.standing import Standing
from centres.models import Centre
from qtag.models import Deputy


def signing_deputies(today: date) -> QuerySet[Deputy]:
    """The deputies whom the AO has accepted and whose last day is not over (HOC-01)."""
    return Deputy.objects.filter(state="accepted", last_day__gte=today)


def visible_deputies(standing: Standing) -> QuerySet[Deputy]:
    """Newest first: those of every centre for whoever decides at the AO, those of their centre for its head."""
    rows = Deputy.objects.select_related("centre", "person", "named_by").order_by("-id")
    if standing.can(Permission.DEPUTIES_DECIDE):
        return rows
    return rows.filter(centre_id__in=standing.reach(Permission.DECLARATIONS_SIGN) or ())


def people_to_name(centre: Centre) -> QuerySet[User]:
    """The centre's people who are not its head, by name; nobody who was named already and is waiting or accepted."""
    named = Deputy.objects.filter(centre=centre, state__in=["named", "accepted"]).values("person_id")
    heads = holders({Role.HEAD_OF_CENTRE}, centre.pk).values("pk")
    return holders(set(CENTRE_ROLES), centre.pk).exclude(pk__in=heads).exclude(pk__in=named).order_by("name", "pk")
