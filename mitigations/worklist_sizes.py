"""What moves to a smaller size put on people's My work."""

from __future__ import annotations

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.worklist.registry import WorkItem, work_source
from mitigations.models import SizeMove


@work_source
def size_moves_waiting(standing: Standing) -> list[WorkItem]:
    """How many requests wait for the AO, one line for all (MIT-13). At most one query."""
    if not standing.can(Permission.IMPACT_MANAGE):
        return []
    facts = SizeMove.objects.filter(state="requested").aggregate(n=Count("pk"), since=Min("state_since"))
    if not facts["n"]:
        return []
    title = ngettext(
        "%(n)s move to a smaller size waits for your answer",
        "%(n)s moves to a smaller size wait for your answer",
        facts["n"],
    )
    url = reverse("mitigations:size_moves", kwargs={"ao": standing.ao.slug}) + "?flagged=1&state=requested"
    return [
        WorkItem(title % {"n": facts["n"]}, _("Agree or decline"), url, facts["since"], count=facts["n"], urgency=3)
    ]
