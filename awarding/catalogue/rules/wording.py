"""What is short, and what would mend it, in words (MIT-12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from awarding.catalogue.rules.combination import Combination, Mend, Shortfall

MOST_NAMED = 12


def level_in_words(level: int) -> str:
    return _("level %(level)s") % {"level": level} if level else _("entry level")


def shortfall_in_words(short: Shortfall) -> str:
    """ "The group “Optional” is 1 unit and 4 credits short." """
    if short.level is not None:
        words = _("%(credits)s credits at %(level)s or above are missing.")
        return words % {"credits": short.credits, "level": level_in_words(short.level)}
    units = ngettext("%(count)s unit", "%(count)s units", short.units) % {"count": short.units}
    credits = ngettext("%(count)s credit", "%(count)s credits", short.credits) % {"count": short.credits}
    if not short.group:
        return _("The qualification is %(credits)s short.") % {"credits": credits}
    values = {"group": short.group, "units": units, "credits": credits}
    if short.units and short.credits:
        return _("The group “%(group)s” is %(units)s and %(credits)s short.") % values
    return _("The group “%(group)s” is %(amount)s short.") % {
        "group": short.group,
        "amount": units if short.units else credits,
    }


def shortfalls_in_words(shortfalls: Sequence[Shortfall]) -> str:
    """All of them. The qualification's total is left out beside a group that is short: mending that adds to it."""
    told = [s for s in shortfalls if s.group or s.level is not None] or list(shortfalls)
    return " ".join(shortfall_in_words(short) for short in told)


def mend_in_words(mend: Mend | None, names: Mapping[int, str]) -> str:
    """Which units would complete it; `names` by unit id. Says so when none would."""
    if mend is None:
        return _("No unit that is left can mend this: look for an achievement that was left out, or a barred unit.")
    parts = []
    if mend.take:
        parts.append(_("This would mend it: %(units)s.") % {"units": _listed(mend.take, names)})
    if mend.assess:
        words = _("More comes by transfer than may count. Assess here, rather than transfer: %(units)s.")
        parts.append(words % {"units": _listed(mend.assess, names)})
    return " ".join(parts)


def over_limit_in_words(combination: Combination, brought: int) -> str:
    """How much of `brought` credits may count."""
    words = _("%(brought)s credits come by transfer; at most %(allowed)s of the %(needed)s needed may (%(share)s%%).")
    return words % {
        "brought": brought,
        "allowed": combination.transfer_allowance,
        "needed": combination.min_credits,
        "share": combination.transfer_limit,
    }


def _listed(units: Sequence[int], names: Mapping[int, str]) -> str:
    listed = "; ".join(names.get(unit, str(unit)) for unit in units[:MOST_NAMED])
    if len(units) > MOST_NAMED:
        listed += _("; and %(count)s more") % {"count": len(units) - MOST_NAMED}
    return listed
