"""Who would get a message to the centres that fit what is asked for, and what was sent before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from awarding.accounts.models import Membership, User
from awarding.accounts.roles import Role
from awarding.frameworks.models import Adoption
from centres.models import Centre
from qtag.models import ProgressMessage
from qtag.queries.progress import Filters, matching_centres

# Whom the AO can write to at a centre.
ADDRESSED = (Role.QUALITY_CONTACT, Role.HEAD_OF_CENTRE)


@dataclass(frozen=True)
class Addressee:
    """One person at one centre, with the roles for which they are told."""

    person: User
    centre: Centre
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Addressing:
    """Everybody whom a message would reach, and the centres where nobody holds any of the roles."""

    centres: list[Centre]
    people: list[Addressee]

    @property
    def unreached(self) -> list[Centre]:
        reached = {row.centre.pk for row in self.people}
        return [centre for centre in self.centres if centre.pk not in reached]

    @property
    def digest(self) -> str:
        """Of exactly who they are: what is sent goes to those who were shown."""
        pairs = sorted((row.centre.pk, row.person.pk) for row in self.people)
        return hashlib.sha256(json.dumps(pairs).encode()).hexdigest()


def addressing(adoption: Adoption, filters: Filters, roles: Sequence[str]) -> Addressing:
    """Two queries, however many they are. Nobody of the AO, nobody whose role has ended."""
    centres = matching_centres(adoption, filters)
    by_id = {centre.pk: centre for centre in centres}
    wanted = [role for role in ADDRESSED if role in roles]
    rows = Membership.objects.filter(role__in=wanted, ended_at=None, person__is_active=True, centre_id__in=list(by_id))
    held: dict[tuple[int, int], list[str]] = {}
    people: dict[int, User] = {}
    for row in rows.select_related("person").order_by("person__name", "person_id", "role"):
        people[row.person_id] = row.person
        held.setdefault((row.centre_id, row.person_id), []).append(str(Role(row.role).label))
    places = sorted(held.items(), key=lambda pair: (by_id[pair[0][0]].name, people[pair[0][1]].name, pair[0]))
    return Addressing(centres, [Addressee(people[p], by_id[c], tuple(names)) for (c, p), names in places])


def subject_for(only: str) -> str:
    """The subject is the portal's own, since an e-mail carries it: no name and no grade can stand in it (QTG-17)."""
    subjects = {
        "not_begun": _("Q-TAGs: a qualification is not begun yet"),
        "unsent": _("Q-TAGs: nothing is submitted yet"),
        "open": _("Q-TAGs: learners are still to be submitted"),
        "late": _("Q-TAGs: some were submitted late"),
        "unsigned": _("Q-TAGs: the declaration is not signed"),
    }
    return subjects.get(only, _("Q-TAGs: a message to your centre"))


def sent_messages() -> QuerySet[ProgressMessage]:
    """Newest first."""
    return ProgressMessage.objects.select_related("sent_by").order_by("-id")
