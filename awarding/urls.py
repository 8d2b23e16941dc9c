"""Every address of the portal. What belongs to an AO lies under /ao/<slug>/: the middleware opens its scope."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from awarding.accounts.views.work import ao_home
from awarding.audit.views import trail
from awarding.health import healthz
from awarding.organisation.views import look
from awarding.routing import ByFirstWord
from awarding.tenancy.views import brand_css
from awarding.ui.views import accessibility, favicon, help_page

AO_PATTERNS: list[URLPattern | URLResolver] = [
    path("", ao_home, name="ao_home"),
    path("brand.css", brand_css, name="brand_css"),
    path("audit/", trail, name="audit_trail"),
    path("settings/", look, name="organisation_look"),
    path("people/", include("awarding.accounts.urls_people")),
    path("qualifications/", include("awarding.catalogue.urls")),
    path("frameworks/", include("awarding.frameworks.urls")),
    path("enquiries/", include("awarding.enquiries.urls")),
    path("jobs/", include("awarding.jobs.urls")),
    path("", include("centres.urls")),
    path("", include("mitigations.urls")),
    path("", include("qtag.urls")),
    path("", include("qa_sampling.urls")),
    path("", include("results.urls")),
]

urlpatterns: list[URLPattern | URLResolver] = [
    ByFirstWord.of(path("ao/<slug:ao>/", include(AO_PATTERNS))),
    path("healthz", healthz, name="healthz"),
    path("favicon.ico", favicon, name="favicon"),
    path("help/", help_page, name="help"),
    path("accessibility/", accessibility, name="accessibility"),
    path("", include("awarding.urls_public")),
    path("", include("awarding.accounts.urls")),
    path("rules/", include("awarding.findings.urls")),
    path("api/", include("awarding.urls_api")),
]

handler500 = "awarding.accounts.views.errors.server_error"
