"""Centres, their learners and registrations."""

from centres.models.centre import Centre, DeclaredInterest, Establishment
from centres.models.learner import Cohort, CohortStaff, Learner, Registration
from centres.models.upload import RegistrationUpload

__all__ = [
    "Centre",
    "Cohort",
    "CohortStaff",
    "DeclaredInterest",
    "Establishment",
    "Learner",
    "Registration",
    "RegistrationUpload",
]
