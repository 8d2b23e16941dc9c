"""Reads of centres, learners and registrations. What other apps use is named here."""

from centres.queries.interests import has_open_interest, people_with_interest
from centres.queries.visibility import (
    COHORT_ROLES,
    cohort_filter,
    staffed_cohort_ids,
    visible_centres,
    visible_cohorts,
    visible_learners,
    visible_registrations,
    whole_centres,
)

__all__ = [
    "COHORT_ROLES",
    "cohort_filter",
    "has_open_interest",
    "people_with_interest",
    "staffed_cohort_ids",
    "visible_centres",
    "visible_cohorts",
    "visible_learners",
    "visible_registrations",
    "whole_centres",
]
