"""A route that does not say whom it is for is not served, and fails here first."""

from __future__ import annotations

import pytest

from tests.matrix.routes import all_routes


def test_every_route_declares_its_audience():
    silent = [f"{route.name} ({route.template})" for route in all_routes() if route.audience is None]
    assert silent == []


def test_every_route_has_a_name_of_its_own():
    names = [route.name for route in all_routes() if not route.is_library]
    assert "None" not in " ".join(names)
    assert sorted(names) == sorted(set(names))


def test_only_routes_inside_an_ao_ask_for_a_permission():
    outside = [
        r.name for r in all_routes() if not r.in_ao and r.audience and r.audience.kind in ("member", "permission")
    ]
    assert outside == []


@pytest.mark.django_db
def test_a_route_without_an_audience_is_not_served(client, settings):
    from django.core.exceptions import ImproperlyConfigured
    from django.http import HttpResponse
    from django.urls import path

    class Urls:
        urlpatterns = [path("silent/", lambda request: HttpResponse("secret"), name="silent")]

    settings.ROOT_URLCONF = Urls
    with pytest.raises(ImproperlyConfigured, match="audience"):
        client.get("/silent/")
