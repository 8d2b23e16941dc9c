"""Only the pages under test, so that they can be asked for before the whole portal stands."""

from django.urls import include, path

urlpatterns = [path("rules/", include("awarding.findings.urls"))]
