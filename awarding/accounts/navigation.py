"""The links in an AO's header, by permission."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from awarding.accounts.roles import Permission as P
from awarding.accounts.standing import Standing


@dataclass(frozen=True)
class Link:
    label: str | Promise
    url: str
    current: bool


# URL name, label, permission (None: every member).
ENTRIES: tuple[tuple[str, str | Promise, P | None], ...] = (
    ("ao_home", _("Home"), None),
    ("centres:list", _("Centres"), P.CENTRES_LIST),
    ("centres:registrations", _("Learners"), P.LEARNERS_VIEW),
    ("mitigations:claims", _("Claims"), P.CLAIMS_VIEW),
    ("mitigations:panel_queue", _("Panel"), P.PANEL_VIEW),
    ("qa_sampling:allocations", _("Verification"), P.VERIFICATION_DECIDE),
    ("qa_sampling:unallocated", _("Allocate"), P.VERIFICATION_ALLOCATE),
    ("results:list", _("Results"), P.RESULTS_VIEW),
    ("catalogue:list", _("Qualifications"), None),
    ("jobs:list", _("Jobs"), P.JOBS_VIEW),
    ("people:list", _("People"), P.PEOPLE_MANAGE_CENTRE),
    ("frameworks:list", _("Frameworks"), P.FRAMEWORKS_ADOPT),
    ("audit_trail", _("Audit"), P.AUDIT_VIEW),
    ("organisation_look", _("Settings"), P.AO_SETTINGS),
)


def navigation_for(standing: Standing | None, path: str) -> list[Link]:
    """The links this person can use in this AO, the current one marked."""
    if standing is None:
        return []
    links = []
    for name, label, permission in ENTRIES:
        if permission is not None and not standing.can(permission):
            continue
        try:
            url = reverse(name, kwargs={"ao": standing.ao.slug})
        except NoReverseMatch:
            continue
        is_home = name == "ao_home"
        links.append(Link(label, url, path == url if is_home else path.startswith(url)))
    return links
