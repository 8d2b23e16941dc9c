"""The pages of the panel, for the links that stand on each of them."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P

SECTIONS: tuple[tuple[str, str | Promise, P], ...] = (
    ("panel_queue", _("Queue"), P.PANEL_VIEW),
    ("panel_batches", _("By centre and qualification"), P.PANEL_VIEW),
    ("panel_cases", _("Opinions and release"), P.PANEL_VIEW),
    ("component_tags", _("Component grades"), P.PANEL_VIEW),
    ("panel_conditions", _("Conditions"), P.PANEL_VIEW),
    ("panel_precedents", _("Precedents"), P.PANEL_VIEW),
    ("panel_agreement", _("Agreement"), P.PANEL_VIEW),
    ("panel_settings", _("Panel settings"), P.AO_SETTINGS),
)


@dataclass(frozen=True)
class Section:
    """A link to one of the panel's pages."""

    label: str | Promise
    url: str
    current: bool


def panel_sections(request: HttpRequest) -> list[Section]:
    """The panel's pages that this person may open, the present one marked."""
    standing, found = standing_in(request), []
    for name, label, permission in SECTIONS:
        if standing.can(permission):
            url = ao_url(request, f"mitigations:{name}")
            found.append(Section(label, url, request.path == url))
    return found
