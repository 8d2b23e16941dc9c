"""How an AO wants its panel to work."""

from __future__ import annotations

import secrets

from django.db import transaction

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from mitigations.models import PanelSettings

FIELDS = ("releases_apart", "second_opinion_share", "in_principle_days", "reminder_days")


@transaction.atomic
def change_panel_settings(
    *, actor: Standing, releases_apart: bool, second_opinion_share: int, in_principle_days: int,
    reminder_days: list[int], draws_anew: bool = False,
) -> PanelSettings:  # fmt: skip
    """Sets how decisions are released, the share of second opinions (per cent), how long an approval in principle lasts and
    how many days before a day the centre is reminded. `draws_anew` takes another seed for the draws to come.

    Cases drawn or decided before stay as they are.
    """
    actor.require(Permission.AO_SETTINGS)
    PanelSettings.objects.bulk_create([PanelSettings(draw_seed=secrets.token_hex(8))], ignore_conflicts=True)
    found: PanelSettings = PanelSettings.objects.select_for_update().get()
    before = {name: getattr(found, name) for name in (*FIELDS, "draw_seed")}
    found.releases_apart, found.second_opinion_share = releases_apart, second_opinion_share
    found.in_principle_days = in_principle_days
    found.reminder_days = sorted(set(reminder_days), reverse=True)
    if draws_anew:
        found.draw_seed = secrets.token_hex(8)
    found.full_clean(exclude=["ao"])
    found.save()
    after = {name: getattr(found, name) for name in (*FIELDS, "draw_seed")}
    record("panel.settings_changed", actor=actor, data={"before": before, "after": after})
    return found
