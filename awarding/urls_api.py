"""Addresses of the API: /api/v1/ao/<slug>/…, read-only, and its description at /api/schema/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from awarding.catalogue.api import QualificationViewSet
from centres.api import RegistrationViewSet
from mitigations.api import ClaimViewSet
from qtag.api import ComparisonViewSet, EarlierResultsViewSet, LearnerGroupsViewSet
from results.api import ResultViewSet, UnitResultViewSet

router = SimpleRouter()
router.register("claims", ClaimViewSet, basename="claim")
router.register("registrations", RegistrationViewSet, basename="registration")
router.register("results", ResultViewSet, basename="result")
router.register("unit-results", UnitResultViewSet, basename="unit-result")
router.register("qualifications", QualificationViewSet, basename="qualification")
router.register("comparisons", ComparisonViewSet, basename="comparison")
router.register("earlier-results", EarlierResultsViewSet, basename="earlier-results")
router.register("learner-groups", LearnerGroupsViewSet, basename="learner-groups")

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("v1/ao/<slug:ao>/", include((router.urls, "api"))),
]
