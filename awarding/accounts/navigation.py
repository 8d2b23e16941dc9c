"""The links in an AO's header, by permission: a first row, and the rest in groups under "More"."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.urls import NoReverseMatch
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from awarding.accounts.roles import Permission as P
from awarding.accounts.standing import Standing
from awarding.ui.addresses import address

# Who has no more links than this sees all of them in the first row.
MOST_IN_A_ROW = 7


@dataclass(frozen=True)
class Link:
    label: str | Promise
    url: str
    current: bool


@dataclass
class Navigation:
    """`first` stands open; `more` is (heading, links) pairs behind one press. A group without links is left out."""

    first: list[Link] = field(default_factory=list)
    more: list[tuple[str | Promise, list[Link]]] = field(default_factory=list)

    @property
    def all_links(self) -> list[Link]:
        return self.first + [link for _heading, links in self.more for link in links]

    @property
    def current_in_more(self) -> bool:
        return any(link.current for _heading, links in self.more for link in links)


# URL name, label, permission (None: every member).
Entry = tuple[str, str | Promise, P | None]
# The way of a claim from registration to result.
FIRST: tuple[Entry, ...] = (
    ("ao_home", _("Home"), None),
    ("centres:list", _("Centres"), P.CENTRES_LIST),
    ("centres:registrations", _("Learners"), P.LEARNERS_VIEW),
    ("mitigations:claims", _("Claims"), P.CLAIMS_VIEW),
    ("mitigations:panel_queue", _("Panel"), P.PANEL_VIEW),
    ("qtag:submissions", _("Q-TAGs"), P.QTAGS_VIEW),
    ("qa_sampling:allocations", _("Verification"), P.VERIFICATION_DECIDE),
    ("qa_sampling:unallocated", _("Allocate"), P.VERIFICATION_ALLOCATE),
    ("results:list", _("Results"), P.RESULTS_VIEW),
)
MORE: tuple[tuple[str | Promise, tuple[Entry, ...]], ...] = (
    (
        _("What applies"),
        (
            ("catalogue:list", _("Qualifications"), None),
            ("frameworks:list", _("Frameworks"), P.CLAIMS_VIEW),
            ("mitigations:impact", _("Impact"), P.IMPACT_VIEW),
        ),
    ),
    (
        _("Teacher assessed grades"),
        (
            ("qtag:progress", _("Q-TAG progress"), P.QTAGS_PROGRESS),
            ("qtag:sense", _("Earlier years"), P.SENSE_VIEW),
            ("qtag:declarations", _("Declarations"), P.DECLARATIONS_VIEW),
            ("qtag:holds", _("Holds on evidence"), P.EVIDENCE_HOLD),
        ),
    ),
    (
        _("Questions"),
        (
            ("enquiries:list", _("Enquiries"), None),
            ("mitigations:appeals", _("Appeals"), P.APPEALS_DECIDE),
        ),
    ),
    (
        _("Organisation"),
        (
            ("people:list", _("People"), P.PEOPLE_MANAGE_CENTRE),
            ("jobs:list", _("Jobs"), P.JOBS_VIEW),
            ("audit_trail", _("Audit"), P.AUDIT_VIEW),
            ("organisation_look", _("Settings"), P.AO_SETTINGS),
        ),
    ),
)


def navigation_for(standing: Standing | None, path: str) -> Navigation:
    """The links this person can use in this AO, the current one marked."""
    if standing is None:
        return Navigation()
    first = _links(FIRST, standing, path)
    more = [(heading, links) for heading, entries in MORE if (links := _links(entries, standing, path))]
    found = Navigation(first, more)
    return found if len(found.all_links) > MOST_IN_A_ROW else Navigation(found.all_links)


def _links(entries: tuple[Entry, ...], standing: Standing, path: str) -> list[Link]:
    links = []
    for name, label, permission in entries:
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
