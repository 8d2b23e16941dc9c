"""The lists of centres, learners, cohorts and uploads: searched, filtered, in a fixed order."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from awarding.accounts.models import Membership
from awarding.accounts.roles import Permission, Role
from awarding.accounts.standing import Standing
from centres.models import Centre, Cohort, Establishment, Learner, Registration, RegistrationUpload
from centres.queries.visibility import visible_centres, visible_cohorts, visible_learners
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

    `missing` keeps those where nobody holds that role, `closed` those whose approval has ended.
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
        centres = centres.filter(direct_claims=direct_claims)
    if missing in Role.values:
        held = Membership.objects.filter(centre=OuterRef("pk"), role=missing, ended_at=None, person__is_active=True)
        centres = centres.exclude(Exists(held))
    ended = Q(closed_on__isnull=False, closed_on__lte=timezone.localdate())
    centres = centres.filter(ended) if closed else centres.exclude(ended)
    return centres.order_by("name", "pk")


def search_learners(
    standing: Standing, *, centre: Centre | None = None, words: str = "", qan: str = "", cohort: Cohort | None = None
) -> QuerySet[Learner]:
    """Visible learners by name key. Ten digits are a ULN; other words must each stand in the name or be the reference.

    Without a centre only a ULN is looked for: names are searched inside one centre, where an index serves them.
    """
    learners = visible_learners(standing)
    if centre is not None:
        learners = learners.filter(centre=centre)
    for word in words.split():
        if word.isascii() and word.isdigit() and len(word) == 10:
            learners = learners.filter(uln=word)
        elif centre is None:
            return learners.none()
        else:
            learners = learners.filter(Q(name_key__contains=unaccented(word)) | Q(reference__iexact=word))
    if qan:
        learners = learners.filter(_registered(qualification__qan=qan))
    if cohort is not None:
        learners = learners.filter(_registered(cohort=cohort))
    return learners.order_by("name_key", "pk")


def _registered(**conditions: object) -> Exists:
    return Exists(Registration.objects.filter(learner=OuterRef("pk"), **conditions))


def qualifications_at(standing: Standing, centre: Centre) -> list[tuple[str, str]]:
    """(QAN, title) of what visible learners of the centre are registered for, by title."""
    cohorts = visible_cohorts(standing).filter(centre=centre)
    rows = cohorts.order_by("qualification__title").values_list("qualification__qan", "qualification__title").distinct()
    return list(rows)


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
