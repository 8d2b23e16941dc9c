"""Reads of the tenancy ground."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.prepared import prepared


def tenants() -> Iterable[AwardingOrganisation]:
    """The AOs that use the portal, by name."""
    return AwardingOrganisation.objects.filter(slug__isnull=False)


def find_tenant(slug: str) -> AwardingOrganisation | None:
    return _tenants_called.first(slug=slug)


@prepared
def _tenants_called(*, slug: str) -> QuerySet[AwardingOrganisation]:
    return AwardingOrganisation.objects.filter(slug=slug)
