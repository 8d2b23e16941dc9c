"""Will they get a result? For each registration: what stands in the way, who holds it, by when.

Later apps know more about a registration than this one may ask: each registers one function that answers for the
registrations it knows something about. The last one to answer is the furthest along the way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from centres.models import Registration

Text = str | Promise


@dataclass(frozen=True)
class Prospect:
    """How far a registration is from its result. `answer` is short ("Yes", "Not yet"); `colour` that of its tag.

    `missing` is the next thing that has to happen, `holder` who has to do it, `due` by when, `rule` the rule that asks
    for it, `url` where it is done or seen.
    """

    answer: Text
    explanation: Text
    missing: Text = ""
    holder: Text = ""
    due: dt.date | None = None
    rule: str = ""
    url: str = ""
    colour: str = "grey"


ProspectSource = Callable[[Sequence[Registration]], dict[int, Prospect]]
_sources: list[tuple[int, ProspectSource]] = []


def prospect_source(position: int) -> Callable[[ProspectSource], ProspectSource]:
    """Registers a source: it answers {registration id: Prospect} in a fixed number of queries. Higher positions win."""

    def register(source: ProspectSource) -> ProspectSource:
        if all(known is not source for _position, known in _sources):
            _sources.append((position, source))
            _sources.sort(key=lambda item: item[0])
        return source

    return register


def prospects_of(registrations: Sequence[Registration]) -> dict[int, Prospect]:
    """What can be said about each registration, by its id."""
    prospects = {registration.pk: _from_registration(registration) for registration in registrations}
    for _position, source in _sources:
        prospects |= source(registrations)
    return prospects


def _from_registration(registration: Registration) -> Prospect:
    if registration.status == Registration.Status.WITHDRAWN:
        return Prospect(_("No"), _("The learner was withdrawn from the qualification."))
    today = timezone.localdate()
    if registration.ends_on > today:
        explanation = _("The course is still running. A result comes once the centre claims it.")
    else:
        explanation = _("The course has ended and nothing has been claimed yet.")
    return Prospect(
        _("Not yet"),
        explanation,
        missing=_("The centre generates an eRAC for the cohort, fills it in and submits it."),
        holder=_("The centre's quality contact"),
        due=registration.ends_on,
        colour="yellow" if registration.ends_on <= today else "grey",
    )
