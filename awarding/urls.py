"""Every address of the portal. What belongs to an AO lies under /ao/<slug>/: the middleware opens its scope."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from awarding.accounts.views.work import ao_home
from awarding.health import healthz
from awarding.tenancy.views import brand_css

AO_PATTERNS: list[URLPattern | URLResolver] = [
    path("", ao_home, name="ao_home"),
    path("brand.css", brand_css, name="brand_css"),
    path("people/", include("awarding.accounts.urls_people")),
    path("qualifications/", include("awarding.catalogue.urls")),
    path("jobs/", include("awarding.jobs.urls")),
    path("", include("centres.urls")),
    path("", include("mitigations.urls")),
    path("", include("qa_sampling.urls")),
    path("", include("results.urls")),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("", include("awarding.urls_public")),
    path("", include("awarding.accounts.urls")),
    path("rules/", include("awarding.findings.urls")),
    path("ao/<slug:ao>/", include(AO_PATTERNS)),
]
