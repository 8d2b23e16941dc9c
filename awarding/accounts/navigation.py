"""The links in an AO's header, by permission."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import NoReverseMatch
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from awarding.accounts.roles import Permission as P
from awarding.accounts.standing import Standing
from awarding.ui.addresses import address


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
    ("mitigations:impact", _("Impact"), P.IMPACT_VIEW),
    ("mitigations:panel_queue", _("Panel"), P.PANEL_VIEW),
    ("qtag:submissions", _("Q-TAGs"), P.QTAGS_VIEW),
    ("qtag:progress", _("Q-TAG progress"), P.QTAGS_PROGRESS),
    ("qtag:sense", _("Earlier years"), P.SENSE_VIEW),
    ("qtag:declarations", _("Declarations"), P.DECLARATIONS_VIEW),
    ("qa_sampling:allocations", _("Verification"), P.VERIFICATION_DECIDE),
    ("qa_sampling:unallocated", _("Allocate"), P.VERIFICATION_ALLOCATE),
    ("results:list", _("Results"), P.RESULTS_VIEW),
    ("catalogue:list", _("Qualifications"), None),
    ("enquiries:list", _("Enquiries"), None),
    ("mitigations:appeals", _("Appeals"), P.APPEALS_DECIDE),
    ("jobs:list", _("Jobs"), P.JOBS_VIEW),
    ("people:list", _("People"), P.PEOPLE_MANAGE_CENTRE),
    ("frameworks:list", _("Frameworks"), P.CLAIMS_VIEW),
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
        url = _address_of(name, standing.ao.slug)
        if url is not None:
            links.append(Link(label, url, path == url if name == "ao_home" else path.startswith(url)))
    return links


def _address_of(name: str, slug: str | None) -> str | None:
    """None where the app that serves it is not there."""
    try:
        return address(name, ao=slug)
    except NoReverseMatch:
        return None
