"""The demonstration's shortcut: anybody may sign in as one of its invented people. Off unless settings.DEMO is on.

Production refuses to start with that setting. Everything here asks it once more, and takes demonstration people only.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.contrib.auth import login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from awarding.accounts.models import Membership, User
from awarding.accounts.roles import Role
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.queries import tenants
from awarding.tenancy.scope import open_scope

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@dataclass(frozen=True)
class DemoPerson:
    """One line of the list: a person, and each role they hold at the AO with its centre ("" for the AO itself)."""

    person: User
    roles: list[tuple[str, str]]


@dataclass
class DemoGroup:
    """The demonstration people of one AO."""

    ao: AwardingOrganisation
    people: list[DemoPerson] = field(default_factory=list)


def demonstration_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """404 where the portal is no demonstration."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def list_demo_people() -> list[DemoGroup]:
    """The demonstration people by AO, in the order of the roles. Empty when the portal is no demonstration."""
    if not settings.DEMO:
        return []
    groups = []
    order = {role.value: number for number, role in enumerate(Role)}
    for ao in tenants():
        group = DemoGroup(ao)
        with open_scope(ao):
            rows = (
                Membership.objects.filter(person__is_demo=True, person__is_active=True, ended_at=None)
                .select_related("person", "centre")
                .order_by("person_id", "id")
            )
            held: dict[User, list[tuple[str, str]]] = {}
            for row in sorted(rows, key=lambda row: (order[row.role], row.person.name)):
                place = row.centre.name if row.centre else ""
                held.setdefault(row.person, []).append((str(row.get_role_display()), place))
        group.people = [DemoPerson(person, roles) for person, roles in held.items()]
        if group.people:
            groups.append(group)
    return groups


@transaction.atomic
def give_demo_second_factor(person: User) -> Authenticator:
    """The authenticator of a demonstration person, made when there is none. For the seed and the one-click sign-in."""
    found = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
    if found is not None:
        return found
    # Derived, so that a code can be shown again after the demonstration data was made anew.
    digest = hashlib.sha256(f"demonstration:{person.email}:{settings.SECRET_KEY}".encode()).digest()
    return TOTP.activate(person, base64.b32encode(digest[:20]).decode()).instance


def sign_in_demo_person(request: HttpRequest, person: User) -> None:
    """Signs in without asking anything. The session says that it was the demonstration that gave the second factor."""
    if not (settings.DEMO and person.is_demo and person.is_active):
        raise Http404(_("There is no such demonstration person."))
    authenticator = give_demo_second_factor(person)
    if request.user.is_authenticated and request.user != person:
        request.session.flush()
    record_authentication(request, person, "mfa", id=authenticator.pk, type="totp", demo=True)
    login(request, person, backend=BACKEND)


def waiting_code(person: User) -> str:
    """The code that a demonstration person's app would show now; "" for everybody else."""
    if not (settings.DEMO and person.is_demo):
        return ""
    found = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
    if found is None:
        return ""
    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(decrypt(found.data["secret"]), counters[len(counters) // 2]))
