"""Reads for a centre's home page: gaps among its people, progress, what is due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from awarding.accounts.models import Membership
from awarding.accounts.roles import Permission, Role
from awarding.accounts.standing import Standing
from awarding.frameworks.queries import adopted_document, open_adoptions
from awarding.tenancy.prepared import prepared
from centres.models import Centre, Registration
from centres.queries.visibility import cohort_filter, visible_cohorts

Text = str | Promise
AHEAD = dt.timedelta(days=92)

# A role that every centre needs filled: what is missing, why it matters, the rule if one asks for it.
NEEDED_ROLES: tuple[tuple[Role, Text, Text, str], ...] = (
    (
        Role.QUALITY_CONTACT,
        gettext_lazy("No quality contact"),
        gettext_lazy("Nobody can register learners or submit claims."),
        "",
    ),
    (
        Role.HEAD_OF_CENTRE,
        gettext_lazy("No head of centre"),
        gettext_lazy("Nobody can sign the centre's declarations."),
        "HOC-01",
    ),
    (
        Role.SENIOR_DESIGNATED_CONTACT,
        gettext_lazy("No senior designated contact"),
        gettext_lazy("Nobody with authority can be reached out of term."),
        "ACT-05",
    ),
)


@dataclass(frozen=True)
class Gap:
    """A role that nobody at the centre holds."""

    centre_id: int
    role: Role
    title: Text
    why: Text
    rule: str


@dataclass(frozen=True)
class DueItem:
    """One line of the calendar."""

    on: dt.date
    what: Text
    url_name: str = ""
    target_id: int | None = None
    # Where it is done or seen, when a later app says so itself.
    url: str = ""


DueSource = Callable[[Standing, Centre, dt.date], list[DueItem]]
_due_sources: list[DueSource] = []


def due_source(source: DueSource) -> DueSource:
    """Registers what a later app puts on a centre's calendar: (standing, centre, today) → items, in a fixed number of
    queries."""
    if source not in _due_sources:
        _due_sources.append(source)
    return source


def gaps_of(centre_ids: Sequence[int]) -> list[Gap]:
    """The gaps of these centres, in their order. One query."""
    held = set(_roles_held(centre_ids=tuple(centre_ids)))
    return [
        Gap(pk, role, title, why, rule)
        for pk in centre_ids
        for role, title, why, rule in NEEDED_ROLES
        if (pk, role) not in held
    ]


@prepared
def _roles_held(*, centre_ids: tuple[int, ...]) -> QuerySet[Membership, tuple[int, str]]:
    rows = Membership.objects.filter(centre_id__in=centre_ids, ended_at=None, person__is_active=True)
    return rows.values_list("centre_id", "role")


def people_of(centre: Centre) -> QuerySet[Membership]:
    """The centre's people with their roles, by role."""
    return (
        Membership.objects.filter(centre=centre, ended_at=None)
        .select_related("person")
        .order_by("role", "person__name")
    )


def progress_of(standing: Standing, centre: Centre) -> QuerySet[Registration, dict[str, object]]:
    """Per qualification: registered, on a claim, with a result that the viewer may know of. One query.

    A result counts once it is released, whoever looks (RES-01).
    """
    rows = Registration.objects.filter(cohort_filter(standing, Permission.CENTRE_VIEW), centre=centre)
    released = Q(results__release_at__lte=timezone.now())
    return (
        rows.values("qualification_id", "qualification__qan", "qualification__title")
        .annotate(
            registered=Count("pk", distinct=True),
            claimed=Count("claim_rows__registration", distinct=True, filter=~Q(claim_rows__claim__state="withdrawn")),
            released=Count("results", distinct=True, filter=released),
        )
        .order_by("qualification__title", "qualification__qan")
    )


def due_at(standing: Standing, centre: Centre, *, today: dt.date | None = None) -> list[DueItem]:
    """What is due at the centre, soonest first: windows of frameworks, agreed next steps, samples, ends of courses."""
    today = today or timezone.localdate()
    items = _framework_dates(today) + _claim_dates(centre)
    items += [item for source in _due_sources for item in source(standing, centre, today)]
    ends_soon = Q(registrations__ends_on__range=(today, today + AHEAD))
    cohorts = (
        visible_cohorts(standing, Permission.CENTRE_VIEW)
        .filter(centre=centre)
        .annotate(
            ends=Min("registrations__ends_on", filter=ends_soon), learners=Count("registrations", filter=ends_soon)
        )
        .filter(ends__isnull=False)
        .order_by("ends", "pk")[:10]
    )
    for cohort in cohorts:
        words = {"cohort": cohort.name, "title": cohort.qualification.title, "count": cohort.learners}
        text = ngettext(
            "%(cohort)s, %(title)s: %(count)s learner finishes",
            "%(cohort)s, %(title)s: %(count)s learners finish",
            cohort.learners,
        )
        items.append(DueItem(cohort.ends, text % words, "cohort", cohort.pk))
    # What a later app says of the same day in the same words, it says with the way there.
    once = {(item.on, str(item.what)): item for item in sorted(items, key=lambda item: bool(item.url))}
    return [once[key] for key in sorted(once)]


def _framework_dates(today: dt.date) -> list[DueItem]:
    items = []
    for adoption in open_adoptions():
        document = adopted_document(adoption)
        for window in document.windows.values():
            if window.closes is not None and window.closes >= today:
                words = {"what": _(window.label), "framework": document.short_title}
                items.append(DueItem(window.closes, _("Last day: %(what)s, %(framework)s") % words))
    return items


def _claim_dates(centre: Centre) -> list[DueItem]:
    """Agreed next steps (CLM-09) and samples asked for, read through the claims of the centre."""
    claims = centre.claims.filter(
        Q(state="returned", decisions__next_step_due__isnull=False)
        | Q(state="allocated", sample_picks__due_on__isnull=False, sample_picks__verdict="open")
    ).annotate(step=Max("decisions__next_step_due"), sample=Min("sample_picks__due_on"))
    items = []
    for claim in claims.order_by("pk")[:50]:
        due = claim.step if claim.state == "returned" else claim.sample
        words = {"number": claim.number}
        what = (
            _("%(number)s: the agreed next step")
            if claim.state == "returned"
            else _("%(number)s: evidence for the sample")
        )
        items.append(DueItem(due, what % words, "claim", claim.pk))
    return items
