"""Days of direct claims status. Nothing here reads the database."""

from __future__ import annotations

import calendar
import datetime as dt

# AIM's terms of direct claims status, February 2021: the first monitoring is held within six months of the grant.
FIRST_MONITORING_MONTHS = 6
# People hear of a monitoring this long before it is due.
WARNING_DAYS = 30


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day so many months later; the month's last day where there is no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def last_first_monitoring(granted_on: dt.date) -> dt.date:
    """The latest day for the first monitoring of what is granted on this day."""
    return add_months(granted_on, FIRST_MONITORING_MONTHS)


def monitoring_words(due_on: dt.date | None, today: dt.date) -> str:
    """How a due monitoring stands: "" (none or far off), "soon" or "overdue"."""
    if due_on is None or due_on > today + dt.timedelta(days=WARNING_DAYS):
        return ""
    return "overdue" if due_on < today else "soon"
