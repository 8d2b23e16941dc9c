"""Finding the view of an address without asking every route before it.

Django asks its routes one after the other, each by a regular expression. An AO has hundreds of addresses, and they begin
with words: so only those are asked whose first word is that of the address, in the order in which they stand.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.urls import URLPattern, URLResolver
from django.urls.exceptions import Resolver404
from django.urls.resolvers import RoutePattern

Route = URLPattern | URLResolver


class ByFirstWord(URLResolver):
    """Routes below one another, found by their first word; answers and order are those of Django's resolver."""

    @classmethod
    def of(cls, route: Route) -> ByFirstWord:
        """The same as an included table of routes."""
        if not isinstance(route, URLResolver):
            raise TypeError(f"{route} includes no routes.")
        return cls(route.pattern, route.urlconf_name, route.default_kwargs, route.app_name, route.namespace)

    def resolve(self, path: str) -> Any:
        match = self.pattern.match(str(path))
        if not match:
            raise Resolver404({"path": path})
        return self._below(match[0].partition("/")[0]).resolve(path)

    def _below(self, word: str) -> URLResolver:
        return self._by_word.get(word, self._others)

    @cached_property
    def _by_word(self) -> dict[str, URLResolver]:
        words = {word for route in self.url_patterns for word in first_words(route) or ()}
        return {word: self._only(word) for word in words}

    @cached_property
    def _others(self) -> URLResolver:
        """For words that no route begins with: those that begin with a parameter."""
        return self._only(None)

    def _only(self, word: str | None) -> URLResolver:
        chosen = []
        for route in self.url_patterns:
            words = first_words(route)
            if words is None or word in words:
                nested = isinstance(route, URLResolver) and isinstance(route.pattern, RoutePattern)
                chosen.append(ByFirstWord.of(route) if nested else route)
        return URLResolver(self.pattern, chosen, self.default_kwargs, self.app_name, self.namespace)


def first_words(route: Route) -> set[str] | None:
    """What the addresses of a route begin with, up to the first "/"; None where that may be anything."""
    if not isinstance(route.pattern, RoutePattern):
        return None
    text = str(route.pattern)
    words = text.partition("<")[0]
    if "/" in words:
        return {words.partition("/")[0]}
    if "<" in text:
        return None
    if isinstance(route, URLPattern):
        return {text}
    if text:
        return None
    found: set[str] = set()
    for below in route.url_patterns:
        some = first_words(below)
        if some is None:
            return None
        found |= some
    return found
