"""Addresses for everybody, outside any one AO's pages: no sign-in."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from mitigations.views import public
from results.views import check

app_name = "public"
urlpatterns: list[URLPattern | URLResolver] = [
    path("qualifications/", public.qualification_search, name="qualification_search"),
    path("qualifications/<path:typed>/", public.qualification, name="qualification"),
    path("check/", check.check_search, name="check_search"),
    # The address carries the AO, as those under /ao/ do: the middleware opens its scope.
    path("check/<slug:ao>/<str:number>/<str:code>/", check.check, name="check_certificate"),
]
