"""Reads of clinics and demonstrations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.enquiries.models import HelpSession, SignUp


def visible_sessions(standing: Standing) -> QuerySet[Any]:
    """Those for one of the person's roles; who announces them sees all. Each with `taken` and `is_mine` (HLP-02)."""
    rows: QuerySet[Any] = HelpSession.objects.annotate(
        taken=Count("sign_ups", filter=Q(sign_ups__given_up_at=None)),
        is_mine=Exists(SignUp.objects.filter(session=OuterRef("pk"), person=standing.person, given_up_at=None)),
    )
    if standing.can(Permission.HELP_PUBLISH) or standing.can(Permission.AO_OVERVIEW):
        return rows
    where = Q(pk__in=[])
    for role in {role.value for role, _centre in standing.grants}:
        where |= Q(roles__contains=[role])
    return rows.filter(where)


def coming_sessions(standing: Standing) -> QuerySet[Any]:
    """Not over yet, the next one first."""
    return (
        visible_sessions(standing).filter(starts_at__gt=timezone.now() - timedelta(hours=3)).order_by("starts_at", "id")
    )


def past_sessions(standing: Standing) -> QuerySet[Any]:
    return visible_sessions(standing).filter(starts_at__lte=timezone.now() - timedelta(hours=3)).order_by("-starts_at")


def sign_ups_of(session: HelpSession) -> QuerySet[SignUp]:
    """Who comes, in the order in which they signed up."""
    return SignUp.objects.filter(session=session, given_up_at=None).select_related("person")
