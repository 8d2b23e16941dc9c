"""What requests for component grades put on people's My work."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.tenancy.prepared import prepared
from awarding.worklist.registry import WorkItem, work_source
from mitigations.models import ComponentTag
from mitigations.queries.component_tags import waiting_tags

# More than this are not counted one by one for a line of the worklist.
AT_MOST = 500


@work_source
def component_tags_waiting(standing: Standing) -> list[WorkItem]:
    """How many requests wait for the panel, one line for all (CTB-02). At most one query."""
    if not standing.can(Permission.PANEL_DECIDE):
        return []
    since = list(_waiting())
    if not since:
        return []
    title = ngettext(
        "%(n)s request for a component grade waits for your answer",
        "%(n)s requests for component grades wait for your answer",
        len(since),
    )
    url = reverse("mitigations:component_tags", kwargs={"ao": standing.ao.slug}) + "?state=requested"
    count = len(since)
    return [WorkItem(title % {"n": count}, _("Agree or refuse"), url, since[0], count=count, urgency=3)]


@prepared
def _waiting() -> QuerySet[ComponentTag, Any]:
    return waiting_tags().values_list("state_since", flat=True)[:AT_MOST]
