"""What results put on people's My work."""

from __future__ import annotations

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.jobs.models import JobState
from awarding.worklist.registry import WorkItem, work_source
from mitigations.models import Claim
from results.queries.qtags import signed_and_waiting_ids
from results.queries.results import failed_jobs, unmade_certificates

AT_MOST = 10


@work_source
def results_work(standing: Standing) -> list[WorkItem]:
    """For who processes: claims to process, processing that failed, certificates that could not be made. Three queries."""
    if not standing.can(Permission.RESULTS_PROCESS):
        return []
    slug = standing.ao.slug
    items: list[WorkItem] = []
    waiting = Claim.objects.filter(state="verified").aggregate(n=Count("pk"), since=Min("state_since"))
    if waiting["n"]:
        n = waiting["n"]
        items.append(
            WorkItem(
                title=ngettext("%(n)s verified claim to process", "%(n)s verified claims to process", n) % {"n": n},
                action=_("Process"),
                url=reverse("results:to_process", kwargs={"ao": slug}),
                since=waiting["since"],
                count=n,
                urgency=3,
            )
        )
    for job in failed_jobs()[:AT_MOST]:
        items.append(
            WorkItem(
                title=_("%(title)s: failed") % {"title": job.title},
                action=_("See why"),
                url=job.back_to or reverse("results:to_process", kwargs={"ao": slug}),
                since=job.finished_at,
                detail=job.fault if job.state == JobState.FAILED else "",
                urgency=1,
            )
        )
    unmade = (
        unmade_certificates()
        .filter(result__claim__isnull=False)
        .values("result__claim_id", "result__claim__number")
        .annotate(n=Count("pk"))
        .order_by("result__claim_id")[:AT_MOST]
    )
    for row in unmade:
        items.append(
            WorkItem(
                title=ngettext(
                    "%(number)s: %(n)s certificate could not be made",
                    "%(number)s: %(n)s certificates could not be made",
                    row["n"],
                )
                % {"number": row["result__claim__number"], "n": row["n"]},
                action=_("See why"),
                url=reverse("results:claim", kwargs={"ao": slug, "claim_id": row["result__claim_id"]}),
                count=row["n"],
                urgency=2,
            )
        )
    return items


@work_source
def qtags_to_process(standing: Standing) -> list[WorkItem]:
    """For who processes: submissions that are signed for and no results yet; certificates of theirs that failed."""
    if not standing.can(Permission.RESULTS_PROCESS):
        return []
    url = reverse("results:qtags", kwargs={"ao": standing.ao.slug})
    items: list[WorkItem] = []
    signed = signed_and_waiting_ids()
    waiting, changed = ([row for row in signed if row.is_changed is which] for which in (False, True))
    if changed:
        n = len(changed)
        words = ngettext(
            "%(n)s accepted Q-TAG submission changed", "%(n)s accepted Q-TAG submissions changed", n
        )  # fmt: skip
        items.append(
            WorkItem(
                title=words % {"n": n},
                action=_("Look at what changed"),
                url=url
                if n > 1
                else reverse("results:qtag_changes", kwargs={"ao": standing.ao.slug, "submission_id": changed[0].pk}),
                since=changed[0].since,
                count=n,
                urgency=3,
            )
        )
    if waiting:
        n = len(waiting)
        items.append(
            WorkItem(
                title=ngettext("%(n)s signed Q-TAG submission", "%(n)s signed Q-TAG submissions", n) % {"n": n},
                action=_("Make them results"),
                url=url,
                since=waiting[0].since,
                count=n,
                urgency=3,
            )
        )
    unmade = unmade_certificates().filter(result__submission__isnull=False).count()
    if unmade:
        title = ngettext("%(n)s certificate could not be made", "%(n)s certificates could not be made", unmade)
        items.append(WorkItem(title=title % {"n": unmade}, action=_("See why"), url=url, count=unmade, urgency=2))
    return items
