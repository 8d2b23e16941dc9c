"""Centres, their learners and registrations."""

from centres.models.centre import Centre, DeclaredInterest, Establishment
from centres.models.direct_claims import DirectClaimsMonitoring, DirectClaimsStatus
from centres.models.learner import Cohort, CohortStaff, Learner, Registration
from centres.models.prior import PriorAchievement
from centres.models.upload import RegistrationUpload

__all__ = [
    "Centre",
    "Cohort",
    "CohortStaff",
    "DeclaredInterest",
    "DirectClaimsMonitoring",
    "DirectClaimsStatus",
    "Establishment",
    "Learner",
    "PriorAchievement",
    "Registration",
    "RegistrationUpload",
]
