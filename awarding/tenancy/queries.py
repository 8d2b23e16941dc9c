"""Reads of the tenancy ground."""

from __future__ import annotations

from collections.abc import Iterable

from awarding.tenancy.models import AwardingOrganisation


def tenants() -> Iterable[AwardingOrganisation]:
    """The AOs that use the portal, by name."""
    return AwardingOrganisation.objects.filter(slug__isnull=False)


def find_tenant(slug: str) -> AwardingOrganisation | None:
    return AwardingOrganisation.objects.filter(slug=slug).first()
