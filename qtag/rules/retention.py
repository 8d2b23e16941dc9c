"""How long evidence is kept (QTG-19): months after the result's issue, or the end of the last case on it if that is later.

And how long the portal keeps which groups learners belong to (SNS-08), which serves the comparison alone: as short as it can.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from awarding.findings.finding import Text
from awarding.findings.wording import day_in_words


@dataclass(frozen=True, slots=True)
class CaseFact:
    """An appeal, a complaint or a malpractice case on a result. `ended_on` is None while it is open."""

    label: Text
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class RetentionFacts:
    """What is known of one registration: the day on which its result was issued (None: not yet), and the cases on it."""

    issued_on: date | None = None
    cases: tuple[CaseFact, ...] = ()


@dataclass(frozen=True, slots=True)
class Retention:
    """Until when evidence is kept, that day included. `until` is None while nobody can say; `why` is a sentence."""

    until: date | None
    why: str

    def is_over(self, today: date) -> bool:
        return self.until is not None and today > self.until


#: Groups of learners who get no result: so many months after they should have finished, or after it was recorded.
MONTHS_WITHOUT_RESULT = 12


@dataclass(frozen=True, slots=True)
class Studied:
    """One registration of a learner: its planned end, and what is known of its result and of the cases on it."""

    ends_on: date
    is_withdrawn: bool
    facts: RetentionFacts


def add_months(day: date, months: int) -> date:
    """The same day of the month some months later; its last day where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def retention(facts: RetentionFacts, months: int | None) -> Retention:
    """Until when the evidence of a registration is kept (QTG-19). `months` are those of the framework, as the AO applies it.

    An open case holds everything: it can still ask for any piece. Without months no end is known.
    """
    open_cases = [case for case in facts.cases if case.ended_on is None]
    if open_cases:
        return Retention(
            None,
            _("It is kept until this has ended: %(case)s.") % {"case": ", ".join(str(c.label) for c in open_cases)},
        )
    if facts.issued_on is None:
        if months is None:
            return Retention(None, _("It is kept: no result was issued yet."))
        return Retention(
            None,
            _("It is kept until %(months)d months after the result is issued, which it is not yet.")
            % {"months": months},
        )
    if months is None:
        return Retention(None, _("It is kept: the awarding organisation has not said for how long."))
    after_issue = add_months(facts.issued_on, months)
    last_case = _last_case(facts.cases)
    if last_case is not None and last_case.ended_on is not None and last_case.ended_on > after_issue:
        ended = {"day": day_in_words(last_case.ended_on), "case": last_case.label}
        return Retention(last_case.ended_on, _("It is kept until %(day)s, the end of: %(case)s.") % ended)
    words: dict[str, object] = {
        "day": day_in_words(after_issue),
        "months": months,
        "issued": day_in_words(facts.issued_on),
    }
    return Retention(
        after_issue, _("It is kept until %(day)s: %(months)d months after the result was issued on %(issued)s.") % words
    )


def characteristics_until(recorded_on: date, studied: Sequence[Studied], months: int) -> date | None:
    """Until when it is kept which group a learner belongs to, that day included (SNS-08); None while a case is open (QTG-19).

    `months` after the last result issued since it was recorded; a qualification without a result counts until
    `MONTHS_WITHOUT_RESULT` after its planned end. A result from before says nothing: the group was recorded for a later one.
    """
    cases = [case for one in studied for case in one.facts.cases]
    ends = [_end_of(one, recorded_on, months) for one in studied]
    known = [day for day in ends if day is not None] or [add_months(recorded_on, MONTHS_WITHOUT_RESULT)]
    ended = [case.ended_on for case in cases if case.ended_on is not None]
    return max([*known, *ended]) if len(ended) == len(cases) else None


def _end_of(one: Studied, recorded_on: date, months: int) -> date | None:
    issued = one.facts.issued_on
    if issued is not None:
        return add_months(issued, months) if issued >= recorded_on else None
    return None if one.is_withdrawn else add_months(max(one.ends_on, recorded_on), MONTHS_WITHOUT_RESULT)


def _last_case(cases: Sequence[CaseFact]) -> CaseFact | None:
    return max(cases, key=lambda case: case.ended_on or date.max, default=None)
