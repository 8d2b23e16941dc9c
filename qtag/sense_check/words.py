"""What a comparison says, in sentences for a head of centre. None of them names a grade that should have been given (SNS-10)."""

from __future__ import annotations

import math

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from qtag.sense_check.comparison import Comparisons, Standing

#: From here on a centre's yearly means count as moving a lot, up to there as steady (SDs of its learners).
_STEADY, _VOLATILE = 0.06, 0.15


def explain(comparisons: Comparisons, row: int, *, to_centre: bool = True, asks: bool = True) -> list[str]:
    """Sentences about one row of graded results: what was compared, what it shows, what it does not.

    `asks`: for the reason, where one is needed; not where it is given already.
    """
    standing = Standing(int(comparisons.standing[row]))
    if standing is Standing.NOTHING_NOW:
        return [_("No grades are recorded for this group this year, so there is nothing to compare.")]
    if standing is Standing.NO_BASELINE:
        return [
            _("There are no earlier results to compare with."),
            _("Look instead at how the evidence was standardised, and at results in similar qualifications."),
        ]
    sentences = [_sides(comparisons, row)]
    if comparisons.on_stand_in[row]:
        sentences.append(_on_another_principle())
    if standing is Standing.TOO_FEW:
        sentences.append(
            _("That is too few to say whether a difference is more than chance. Nothing has to be explained.")
        )
        return sentences
    said = [_difference(comparisons, row), _shift(comparisons, row)]
    return [*sentences, *said, *_verdict(comparisons, row, to_centre, asks)]


def explain_volume(comparisons: Comparisons, row: int, *, to_centre: bool = True, asks: bool = True) -> list[str]:
    """The same for a qualification compared by how many achieved in an equivalent period (SNS-06)."""
    standing = Standing(int(comparisons.standing[row]))
    if standing is not Standing.COMPARED:
        return {
            Standing.NOTHING_NOW: [_("No period of this year is recorded, so there is nothing to compare.")],
            Standing.NO_BASELINE: [_("There is no equivalent earlier period to compare with.")],
        }.get(
            standing,
            [_("Too few learners achieved in earlier periods to say whether a difference is more than chance.")],
        )
    ratio = math.exp(float(comparisons.effect[row]))
    low, high = math.exp(float(comparisons.low[row])), math.exp(float(comparisons.high[row]))
    count = int(comparisons.size[row])
    sentences = [
        ngettext(
            "%(count)d learner achieved in this year’s period.",
            "%(count)d learners achieved in this year’s period.",
            count,
        )
        % {"count": count},
        _(
            "That is %(ratio)s times what equal earlier periods led to expect. Chance and the usual ups and downs give from "
            "%(low)s to %(high)s times."
        )
        % {"ratio": _number(ratio, 2), "low": _number(ratio / high, 2), "high": _number(ratio / low, 2)},
    ]
    if comparisons.on_stand_in[row]:
        sentences.append(_on_another_principle())
    return [*sentences, *_verdict(comparisons, row, to_centre, asks)]


def _on_another_principle() -> str:
    """SNS-03."""
    return _("The earlier results rest on another principle than examinations, so read the comparison with care.")


def _sides(comparisons: Comparisons, row: int) -> str:
    now, past = int(comparisons.size[row]), int(comparisons.past_size[row])
    years = int(comparisons.years[row])
    this_year = ngettext("%(count)d learner", "%(count)d learners", now) % {"count": now}
    before = ngettext("%(count)d learner", "%(count)d learners", past) % {"count": past}
    return ngettext(
        "%(now)s this year were compared with %(past)s of one earlier year.",
        "%(now)s this year were compared with %(past)s of %(years)d earlier years.",
        years,
    ) % {"now": this_year, "past": before, "years": years}


def _difference(comparisons: Comparisons, row: int) -> str:
    effect, low, high = (float(getattr(comparisons, name)[row]) for name in ("effect", "low", "high"))
    if round(abs(effect), 2) == 0:
        return _("On average the grades are where the earlier years lead to expect.")
    words = (
        _(
            "On average the grades are %(size)s of a grade step higher than expected; allowing for chance and "
            "the usual ups and downs, %(between)s."
        )
        if effect > 0
        else _(
            "On average the grades are %(size)s of a grade step lower than expected; allowing for chance and "
            "the usual ups and downs, %(between)s."
        )
    )
    return words % {"size": _number(abs(effect)), "between": _between(low, high)}


def _between(low: float, high: float) -> str:
    """The range with its direction in words: a minus sign is read over."""
    near, far = sorted((abs(low), abs(high)))
    if low < 0 < high:
        return _("from %(low)s lower to %(high)s higher") % {"low": _number(-low), "high": _number(high)}
    words = _("from %(near)s to %(far)s lower") if high <= 0 else _("from %(near)s to %(far)s higher")
    return words % {"near": _number(near), "far": _number(far)}


def _shift(comparisons: Comparisons, row: int) -> str:
    if not comparisons.separated:
        return _("There are too few centres to tell what moved everywhere from what moved here.")
    shift = float(comparisons.shift[row])
    if round(abs(shift), 2) == 0:
        return _("Across the awarding organisation grades moved by nothing to speak of.")
    if shift > 0:
        return _("Grades rose by %(size)s across the awarding organisation; that is already taken off.") % {
            "size": _number(shift)
        }
    return _("Grades fell by %(size)s across the awarding organisation; that is already allowed for.") % {
        "size": _number(-shift)
    }


def _verdict(comparisons: Comparisons, row: int, to_centre: bool, asks: bool) -> list[str]:
    sentences = []
    ratio = float(comparisons.ratio[row])
    if ratio <= _STEADY:
        sentences.append(_("Earlier years were steady here."))
    elif ratio >= _VOLATILE:
        sentences.append(_("It was allowed for that results here may move a lot from year to year."))
    if comparisons.flagged[row]:
        sentences.append(_("The difference is more than chance and the usual ups and downs explain."))
        if asks:
            sentences.append(_("Please record the reason.") if to_centre else _("The centre is asked for the reason."))
        sentences.append(_("There may be a good reason. No grade is changed, limited or suggested by this comparison."))
    else:
        sentences.append(_("Chance and the usual ups and downs can explain a difference of this size."))
    return sentences


def _number(value: float, places: int = 2) -> str:
    # number_format cuts off what is beyond the last place; people expect it rounded.
    return str(number_format(round(value, places), places))
