"""Writes of an AO's own settings."""

from __future__ import annotations

from django.db import transaction

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.tenancy.models import AwardingOrganisation
from awarding.ui.colour import check_contrast, parse_colour


@transaction.atomic
def change_look(*, actor: Standing, brand_colour: str, contact_email: str) -> AwardingOrganisation:
    """Changes the AO's colour (#rrggbb) and contact address. Raises ColourError when it could not be read on white."""
    actor.require(Permission.AO_SETTINGS)
    check_contrast(brand_colour)
    ao = AwardingOrganisation.objects.select_for_update().get(pk=actor.ao.pk)
    before = {"brand_colour": ao.brand_colour, "contact_email": ao.contact_email}
    ao.brand_colour, ao.contact_email = parse_colour(brand_colour), contact_email
    ao.save(update_fields=["brand_colour", "contact_email"])
    after = {"brand_colour": ao.brand_colour, "contact_email": ao.contact_email}
    record("ao.look_changed", actor=actor, target=ao, data={"before": before, "after": after})
    return ao
