"""Reads of notices: a person's own, over all their AOs."""

from __future__ import annotations

from django.db.models import QuerySet
from django_scopes import scopes_disabled

from awarding.accounts.models import Membership, User
from awarding.notices.models import Notice
from awarding.tenancy.prepared import prepared
from awarding.tenancy.scope import as_person


def notices_of(person: User) -> QuerySet[Notice]:
    """The person's own notices, newest first, with their AO. Read it inside `as_person(person.pk)`: it crosses AOs.

    What an AO told somebody who no longer works for it is not shown to them any more.
    """
    with scopes_disabled():
        still = Membership.objects.filter(person=person, ended_at=None)
        rows = Notice.objects.filter(person=person, ao_id__in=still.values("ao_id"))
        return rows.select_related("ao").order_by("-id")


def count_unread(person: User) -> int:
    """How many notices the person has not opened, over all AOs."""
    with as_person(person.pk):
        return _unread.count(person_id=person.pk)


@prepared
def _unread(*, person_id: int) -> QuerySet[Notice]:
    return notices_of(User(pk=person_id)).filter(read_at=None)
