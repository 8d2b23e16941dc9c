"""Every address of the portal, read from the URL table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from awarding.accounts.audience import Audience, audience_of

# Libraries' own pages are walked for being declared; their behaviour is theirs to test.
LIBRARY_PREFIXES = ("account_", "mfa_", "usersessions_", "schema")


@dataclass(frozen=True)
class Route:
    """One address: its full name, its parameters by name, its view and for whom it is."""

    name: str
    template: str
    parameters: tuple[str, ...]
    view: Any
    audience: Audience | None

    @property
    def in_ao(self) -> bool:
        return "ao" in self.parameters

    @property
    def is_library(self) -> bool:
        return self.name.rpartition(":")[2].startswith(LIBRARY_PREFIXES)


def all_routes() -> list[Route]:
    return sorted(_walk(get_resolver().url_patterns, "", "", ()), key=lambda r: r.template)


def _walk(patterns: list[Any], prefix: str, namespace: str, parameters: tuple[str, ...]) -> list[Route]:
    routes: list[Route] = []
    for pattern in patterns:
        template = prefix + str(pattern.pattern)
        # From the text: Django adds to the converters of one pattern those of others, once it has reversed an address.
        names = parameters + tuple(re.findall(r"<(?:\w+:)?(\w+)>", str(pattern.pattern)))
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            routes += _walk(pattern.url_patterns, template, inner, names)
        elif isinstance(pattern, URLPattern):
            name = f"{namespace}{pattern.name}"
            unique = tuple(dict.fromkeys(names))
            routes.append(Route(name, template, unique, pattern.callback, audience_of(pattern.callback, pattern.name)))
    return routes
