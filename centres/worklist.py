"""What waits for people at centres: uploads to load or mend, roles that nobody holds."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from awarding.accounts.models import Membership
from awarding.accounts.roles import APPOINTED_BY_AO, Permission
from awarding.accounts.standing import Standing
from awarding.tenancy.prepared import prepared
from awarding.workflow.table import Text
from awarding.worklist.registry import WorkItem, work_source
from centres.models import Centre, DirectClaimsStatus, RegistrationUpload
from centres.queries.centre_home import NEEDED_ROLES, Gap, gaps_of
from centres.queries.direct_claims import MONITORED_STATES
from centres.references import ask_url
from centres.rules.direct_claims import WARNING_DAYS

MOST = 10


@work_source
def uploads_to_load(standing: Standing) -> list[WorkItem]:
    """Checked uploads of one's centres that nobody has loaded or discarded. One query."""
    if not standing.reach(Permission.REGISTRATIONS_IMPORT):
        return []
    return [
        WorkItem(
            title=_("%(file)s is checked and not loaded") % {"file": upload.file.name},
            action=_upload_action(upload),
            url=reverse("centres:upload", kwargs={"ao": standing.ao.slug, "upload_id": upload.pk}),
            since=upload.uploaded_at,
            detail=_("%(centre)s: %(rows)s") % {"centre": upload.centre.name, "rows": _rows_of(upload)},
            urgency=4,
        )
        for upload in _checked_uploads(standing=standing)
    ]


def _upload_action(upload: RegistrationUpload) -> Text:
    if upload.has_rows_to_load:
        return _("Load or discard it")
    return _("Mend the refused rows") if upload.counts.get("refused") else _("Discard it")


def _rows_of(upload: RegistrationUpload) -> str:
    rows, refused = upload.counts.get("loaded", 0) + upload.counts.get("updated", 0), upload.counts.get("refused", 0)
    text = ngettext("%(count)s row to load", "%(count)s rows to load", rows) % {"count": rows}
    if not rows:
        text = gettext("nothing to load")
    if refused:
        text += ", " + ngettext("%(count)s row refused", "%(count)s rows refused", refused) % {"count": refused}
    return text


@prepared
def _checked_uploads(*, standing: Standing) -> QuerySet[RegistrationUpload]:
    reach = standing.reach(Permission.REGISTRATIONS_IMPORT) or frozenset()
    uploads = RegistrationUpload.objects.filter(centre_id__in=reach, state=RegistrationUpload.State.CHECKED)
    return uploads.select_related("file", "centre").order_by("uploaded_at", "pk")[:MOST]


@work_source
def missing_people(standing: Standing) -> list[WorkItem]:
    """Roles that nobody holds: for the centre's own manager one line each, for the AO one line for all."""
    reach = standing.reach(Permission.PEOPLE_MANAGE_CENTRE)
    if reach is None:
        return _missing_anywhere(standing)
    if not reach:
        return []
    centres = {pk: (name, number) for pk, name, number in _managed_centres(standing=standing)}
    return [_gap_item(standing, gap, *centres[gap.centre_id]) for gap in gaps_of(list(centres))][:MOST]


def _gap_item(standing: Standing, gap: Gap, name: str, number: str) -> WorkItem:
    """The AO appoints a head of centre, and is asked to; the other roles the centre fills itself."""
    is_appointed = gap.role in APPOINTED_BY_AO
    ask = ask_url(standing, gap.centre_id, number, str(gap.title)) if is_appointed else ""
    return WorkItem(
        title=gap.title,
        action=_("Tell the awarding organisation who it is") if is_appointed else _("Invite somebody"),
        url=ask or reverse("people:list", kwargs={"ao": standing.ao.slug}),
        detail=_("%(centre)s: %(why)s") % {"centre": name, "why": gap.why},
        urgency=5,
    )


@work_source
def direct_claims_work(standing: Standing) -> list[WorkItem]:
    """For the AO: applications to decide, monitorings overdue or soon due (CLM-11). For a centre: what it waits for."""
    if standing.can(Permission.DIRECT_CLAIMS_DECIDE):
        return _direct_claims_of_ao(standing)
    if not standing.reach(Permission.DIRECT_CLAIMS_APPLY):
        return []
    return [
        WorkItem(
            title=_("Direct claims: %(what)s") % {"what": status},
            action=_("See the application"),
            url=reverse("centres:direct_claims_status", kwargs={"ao": standing.ao.slug, "status_id": status.pk}),
            since=status.state_since,
            waits_for=_("The AO"),
        )
        for status in _direct_claims_asked_for(standing=standing)
    ]


@prepared
def _direct_claims_asked_for(*, standing: Standing) -> QuerySet[DirectClaimsStatus]:
    reach = standing.reach(Permission.DIRECT_CLAIMS_APPLY) or frozenset()
    asked = DirectClaimsStatus.objects.filter(centre_id__in=reach, state="applied")
    return asked.select_related("centre", "qualification").order_by("state_since", "pk")[:MOST]


def _direct_claims_of_ao(standing: Standing) -> list[WorkItem]:
    today = timezone.localdate()
    soon = today + dt.timedelta(days=WARNING_DAYS)
    monitored = Q(state__in=MONITORED_STATES)
    counts = DirectClaimsStatus.objects.aggregate(
        applied=Count("pk", filter=Q(state="applied")),
        since=Min("state_since", filter=Q(state="applied")),
        overdue=Count("pk", filter=monitored & Q(monitoring_due_on__lt=today)),
        oldest=Min("monitoring_due_on", filter=monitored & Q(monitoring_due_on__lt=today)),
        soon=Count("pk", filter=monitored & Q(monitoring_due_on__range=(today, soon))),
        next=Min("monitoring_due_on", filter=monitored & Q(monitoring_due_on__range=(today, soon))),
    )
    address = reverse("centres:direct_claims", kwargs={"ao": standing.ao.slug})
    items = []
    if counts["applied"]:
        title = ngettext_lazy(
            "%(count)d application for direct claims", "%(count)d applications for direct claims", "count"
        )
        items.append(
            WorkItem(
                title % {"count": counts["applied"]}, _("Decide"), f"{address}?state=applied", since=counts["since"],
                count=counts["applied"], urgency=5,
            )
        )  # fmt: skip
    for stage, day, urgency in (("overdue", "oldest", 2), ("soon", "next", 6)):
        if counts[stage]:
            title = ngettext_lazy(
                "%(count)d monitoring visit for direct claims",
                "%(count)d monitoring visits for direct claims",
                "count",
            )
            items.append(
                WorkItem(
                    title % {"count": counts[stage]},
                    _("Hold it and record it") if stage == "overdue" else _("Plan it"),
                    f"{address}?monitoring={stage}", due=counts[day], count=counts[stage], urgency=urgency,
                )
            )  # fmt: skip
    return items


@prepared
def _managed_centres(*, standing: Standing) -> QuerySet[Centre, tuple[int, str, str]]:
    reach = standing.reach(Permission.PEOPLE_MANAGE_CENTRE) or frozenset()
    return Centre.objects.filter(pk__in=reach).order_by("name", "pk").values_list("pk", "name", "number")[:MOST]


def _missing_anywhere(standing: Standing) -> list[WorkItem]:
    """How many open centres lack one of the roles: one query and one line for each role."""
    today = timezone.localdate()
    centres = Centre.objects.exclude(closed_on__lte=today)
    items = []
    for role, title, why, _rule in NEEDED_ROLES:
        held = Membership.objects.filter(centre=OuterRef("pk"), role=role, ended_at=None, person__is_active=True)
        count = centres.exclude(Exists(held)).count()
        if count:
            items.append(
                WorkItem(
                    title=title,
                    action=_("See the centres"),
                    url=reverse("centres:list", kwargs={"ao": standing.ao.slug}) + f"?missing={role.value}",
                    detail=why,
                    count=count,
                    urgency=6,
                )
            )
    return items
