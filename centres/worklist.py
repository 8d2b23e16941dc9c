"""What waits for people at centres: uploads to load or mend, roles that nobody holds."""

from __future__ import annotations

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.accounts.models import Membership
from awarding.accounts.roles import Permission, Role
from awarding.accounts.standing import Standing
from awarding.worklist.registry import WorkItem, work_source
from centres.models import Centre, RegistrationUpload
from centres.queries.centre_home import NEEDED_ROLES, gaps_of

MOST = 10


@work_source
def uploads_to_load(standing: Standing) -> list[WorkItem]:
    """Checked uploads of one's centres that nobody has loaded or discarded. One query."""
    reach = standing.reach(Permission.REGISTRATIONS_IMPORT)
    if not reach:
        return []
    uploads = (
        RegistrationUpload.objects.filter(centre_id__in=reach, state=RegistrationUpload.State.CHECKED)
        .select_related("file", "centre")
        .order_by("uploaded_at", "pk")[:MOST]
    )
    items = []
    for upload in uploads:
        rows = upload.counts.get("loaded", 0) + upload.counts.get("updated", 0)
        items.append(
            WorkItem(
                title=_("%(file)s is checked and not loaded") % {"file": upload.file.name},
                action=_("Load or discard it"),
                url=reverse("centres:upload", kwargs={"ao": standing.ao.slug, "upload_id": upload.pk}),
                since=upload.uploaded_at,
                detail=_("%(centre)s: %(rows)s rows to load") % {"centre": upload.centre.name, "rows": rows},
                urgency=4,
            )
        )
    return items


@work_source
def missing_people(standing: Standing) -> list[WorkItem]:
    """Roles that nobody holds: for the centre's own manager one line each, for the AO one line for all."""
    reach = standing.reach(Permission.PEOPLE_MANAGE_CENTRE)
    if reach is None:
        return _missing_anywhere(standing)
    if not reach:
        return []
    centres = {centre.pk: centre for centre in Centre.objects.filter(pk__in=reach).order_by("name", "pk")[:MOST]}
    return [
        WorkItem(
            title=gap.title,
            action=_("Invite somebody")
            if gap.role != Role.HEAD_OF_CENTRE
            else _("Tell the awarding organisation who it is"),
            url=reverse("people:list", kwargs={"ao": standing.ao.slug})
            if gap.role != Role.HEAD_OF_CENTRE
            else reverse("centres:home", kwargs={"ao": standing.ao.slug, "centre_id": gap.centre_id}),
            detail=_("%(centre)s: %(why)s") % {"centre": centres[gap.centre_id].name, "why": gap.why},
            urgency=5,
        )
        for gap in gaps_of(list(centres.values()))
    ][:MOST]


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
