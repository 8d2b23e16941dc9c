"""Addresses found by their first word lead where Django's own resolver leads, those that lead nowhere included."""

from __future__ import annotations

import re

import pytest
from django.urls import URLResolver, include, path, resolve
from django.urls.exceptions import Resolver404
from django.urls.resolvers import RegexPattern

from awarding.routing import ByFirstWord, first_words
from awarding.urls import AO_PATTERNS
from tests.matrix.routes import all_routes

PLAIN = URLResolver(RegexPattern("^/"), [path("ao/<slug:ao>/", include(AO_PATTERNS))])
EXAMPLES = {
    "int": "7",
    "slug": "some-word",
    "str": "603-3985",
    "path": "a/b",
    "uuid": "0" * 8 + "-0000" * 3 + "-" + "0" * 12,
}
LOST = [
    "/ao/aim/nothing/",
    "/ao/aim/qtags/x/",
    "/ao/aim/qtags",
    "/ao/aim",
    "/ao//",
    "/ao/aim/claims/7",
    "/ao/a b/claims/",
]


def examples() -> list[str]:
    found = []
    for route in all_routes():
        if route.template.startswith("ao/"):
            found.append("/" + re.sub(r"<(?:(\w+):)?\w+>", lambda one: EXAMPLES[one[1] or "str"], route.template))
    return found


def told(match):
    return (
        match.func, match.args, match.kwargs, match.url_name, match.app_names, match.namespaces, match.route,
        match.captured_kwargs, match.extra_kwargs,
    )  # fmt: skip


def test_every_address_of_an_ao_leads_where_it_would():
    assert len(examples()) > 150
    for address in examples():
        assert told(resolve(address)) == told(PLAIN.resolve(address)), address


@pytest.mark.parametrize("address", LOST)
def test_what_is_no_address_stays_none(address):
    for resolver in (PLAIN.resolve, resolve):
        with pytest.raises(Resolver404):
            resolver(address)


def test_first_words():
    def view(request):
        raise AssertionError

    assert first_words(path("", view)) == {""}
    assert first_words(path("brand.css", view)) == {"brand.css"}
    assert first_words(path("claims/<int:n>/", view)) == {"claims"}
    assert first_words(path("v<int:n>/", view)) is None
    assert first_words(path("", include([path("a/", view), path("b/c/", view)]))) == {"a", "b"}
    assert first_words(path("", include([path("a/", view), path("<int:n>/", view)]))) is None
    with pytest.raises(TypeError):
        ByFirstWord.of(path("a/", view))


def test_routes_that_begin_with_a_parameter_are_asked_in_their_turn():
    def one(request):
        raise AssertionError

    def two(request):
        raise AssertionError

    routes = ByFirstWord.of(path("x/", include([path("a/<int:n>/", one), path("<slug:s>/<slug:t>/", two)])))
    assert routes.resolve("x/a/7/").func is one
    assert routes.resolve("x/a/b/").func is two
    assert routes.resolve("x/c/7/").func is two
