"""The lists of centres, learners, cohorts and uploads: searched, filtered, in a fixed order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from awarding.accounts.models import Membership
from awarding.accounts.roles import Permission, Role
from awarding.accounts.standing import Standing
from awarding.tenancy.prepared import Listing, prepared
from centres.models import Centre, Cohort, DirectClaimsStatus, Establishment, Learner, Registration, RegistrationUpload
from centres.queries.visibility import visible_centres, visible_cohorts, visible_learners, visible_registrations
from centres.rules.names import unaccented


def search_centres(
    standing: Standing,
    *,
    words: str = "",
    risk: str = "",
    direct_claims: str = "",
    missing: str = "",
    closed: bool = False,
) -> QuerySet[Centre]:
    """Centres whose name holds every word, or whose number, URN, UKPRN or NCN is one of them; by name.

    `direct_claims` keeps those with a qualification in that state,
    `missing` those where nobody holds that role, `closed` those whose approval has ended.
    """
    centres = visible_centres(standing, Permission.CENTRES_LIST)
    for word in words.split():
        centres = centres.filter(
            Q(name__icontains=word)
            | Q(number__iexact=word)
            | Q(establishment__urn=word)
            | Q(establishment__ukprn=word)
            | Q(establishment__ncn=word)
        )
    if risk.isdigit():
        centres = centres.filter(risk=int(risk))
    if direct_claims:
        centres = centres.filter(Exists(DirectClaimsStatus.objects.filter(centre=OuterRef("pk"), state=direct_claims)))
    if missing in Role.values:
        held = Membership.objects.filter(centre=OuterRef("pk"), role=missing, ended_at=None, person__is_active=True)
        centres = centres.exclude(Exists(held))
    ended = Q(closed_on__isnull=False, closed_on__lte=timezone.localdate())
    centres = centres.filter(ended) if closed else centres.exclude(ended)
    return centres.order_by("name", "pk")


def list_learners(
    standing: Standing,
    *,
    centre_id: int | None = None,
    words: str = "",
    qan: str = "",
    cohort_id: int | None = None,
) -> Listing[Any]:
    """Visible learners by name key: pk, uln, reference, given_names, family_name, date_of_birth and centre's name.

    Ten digits are a ULN; other words must each stand in the name or be the reference. Without a centre only a ULN is
    looked for: names are searched inside one centre, where an index serves them.
    """
    asked: dict[str, int | str | tuple[str, ...]] = {}
    parts = words.split()
    ulns = tuple(word for word in parts if word.isascii() and word.isdigit() and len(word) == 10)
    names = tuple(word for word in parts if word not in ulns)
    if centre_id is not None:
        asked["centre_id"] = centre_id
    if qan:
        asked["qan"] = qan
    if cohort_id is not None:
        asked["cohort_id"] = cohort_id
    is_hopeless = bool(names) and centre_id is None
    keys = tuple(unaccented(word) for word in names)
    return _learners.listing(is_hopeless, standing=standing, ulns=ulns, names=names, keys=keys, **asked)


@prepared
def _learners(
    is_hopeless: bool,
    *,
    standing: Standing,
    ulns: tuple[str, ...],
    names: tuple[str, ...],
    keys: tuple[str, ...],
    **asked: Any,
) -> QuerySet[Learner, Any]:
    learners = visible_learners(standing, centre_id=asked.get("centre_id"))
    for uln in ulns:
        learners = learners.filter(uln=uln)
    for name, key in zip(names, keys, strict=True):
        learners = learners.filter(Q(name_key__contains=key) | Q(reference__iexact=name))
    if "qan" in asked:
        learners = learners.filter(_registered(qualification__qan=asked["qan"]))
    if "cohort_id" in asked:
        learners = learners.filter(_registered(cohort_id=asked["cohort_id"]))
    if is_hopeless:
        learners = learners.none()
    shown = ("pk", "uln", "reference", "given_names", "family_name", "date_of_birth", "centre__name")
    return learners.order_by("name_key", "pk").values_list(*shown, named=True)


def _registered(**conditions: object) -> Exists:
    return Exists(Registration.objects.filter(learner=OuterRef("pk"), **conditions))


def registrations_of(standing: Standing, learner_ids: Sequence[int]) -> dict[int, list[tuple[str, str, str]]]:
    """{learner id: [(title, QAN, cohort) of each visible registration]}, for the learners of one page. One query."""
    found: dict[int, list[tuple[str, str, str]]] = {pk: [] for pk in learner_ids}
    for learner_id, *shown in _registrations(standing=standing, learner_ids=tuple(learner_ids)):
        found[learner_id].append(tuple(shown))
    return found


@prepared
def _registrations(*, standing: Standing, learner_ids: tuple[int, ...]) -> QuerySet[Registration, Any]:
    rows = visible_registrations(standing).filter(learner_id__in=learner_ids).order_by("pk")
    return rows.values_list("learner_id", "qualification__title", "qualification__qan", "cohort__name")


def cohort_choices(standing: Standing, centre_id: int) -> list[Any]:
    """Visible cohorts of the centre, newest first, at most 200: pk, name and qualification's number."""
    return _cohorts(standing=standing, centre_id=centre_id)


@prepared
def _cohorts(*, standing: Standing, centre_id: int) -> QuerySet[Cohort, Any]:
    rows = visible_cohorts(standing).filter(centre_id=centre_id).order_by("-created_at", "-pk")
    return rows.values_list("pk", "name", "qualification__qan", named=True)[:200]


def qualifications_at(standing: Standing, centre_id: int) -> list[tuple[str, str]]:
    """(QAN, title) of what visible learners of the centre are registered for, by title."""
    return _qualifications(standing=standing, centre_id=centre_id)


@prepared
def _qualifications(*, standing: Standing, centre_id: int) -> QuerySet[Cohort, tuple[str, str]]:
    rows = visible_cohorts(standing).filter(centre_id=centre_id).order_by("qualification__title")
    return rows.values_list("qualification__qan", "qualification__title").distinct()


def list_cohorts(standing: Standing, centre: Centre | None = None) -> QuerySet[Cohort]:
    """Visible cohorts with how many learners and staff each has; newest first."""
    cohorts = visible_cohorts(standing)
    if centre is not None:
        cohorts = cohorts.filter(centre=centre)
    return cohorts.annotate(
        learners=Count("registrations", distinct=True), teachers=Count("staff", distinct=True)
    ).order_by("-created_at", "-pk")


def list_uploads(standing: Standing, centre: Centre | None = None) -> QuerySet[RegistrationUpload]:
    """The uploads of the centres whose registrations this person imports, and all for those who see all centres."""
    uploads = RegistrationUpload.objects.select_related("file", "uploaded_by", "centre__establishment", "job")
    if not standing.can(Permission.CENTRES_LIST):
        uploads = uploads.filter(centre_id__in=standing.reach(Permission.REGISTRATIONS_IMPORT) or ())
    return uploads if centre is None else uploads.filter(centre=centre)


def find_establishments(number: str) -> list[Establishment]:
    """Establishments with this URN, UKPRN or NCN. At most ten: a UKPRN can belong to several sites."""
    return list(Establishment.objects.filter(Q(urn=number) | Q(ukprn=number) | Q(ncn=number))[:10])
