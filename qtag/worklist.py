"""What Q-TAGs ask of people, for My work: counts, never a grade (QTG-17)."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, Min, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.frameworks.models import Adoption
from awarding.tenancy.prepared import prepared
from awarding.worklist.registry import WorkItem, work_source
from qtag.models import DeclarationConcern, DeclarationPart, Deputy, Judgement
from qtag.queries.concerns import unsigned_submissions
from qtag.queries.expected import expected
from qtag.queries.not_begun import not_begun
from qtag.queries.submissions import current_window, qtag_adoptions, running_adoptions
from qtag.queries.visibility import visible_judgements
from qtag.workflow import JUDGEMENT

MOST_ITEMS = 12
# By permission, the state whose judgements then wait for its holder.
TURNS = (
    (Permission.QTAGS_JUDGE, "open"),
    (Permission.QTAGS_ENDORSE_LEAD, "proposed"),
    (Permission.QTAGS_ENDORSE_DEPARTMENT, "lead_endorsed"),
    (Permission.QTAGS_AGREE, "department_endorsed"),
    (Permission.QTAGS_SUBMIT, "agreed"),
)


@work_source
def qtags_waiting(standing: Standing) -> list[WorkItem]:
    """One line for each qualification and state that waits for this person."""
    if not standing.can(Permission.QTAGS_VIEW):
        return []
    states = tuple(state for permission, state in TURNS if standing.can(permission))
    # Most people have no Q-TAG in any of these states; of whom one is expected takes longer to find out than that.
    if not _in_states(states, standing=standing):
        return []
    adoptions = running_adoptions()
    closes = {row.pk: current_window(row, "submission").closes for row in adoptions}
    rows = (
        expected(visible_judgements(standing).filter(state__in=states), adoptions)
        .values("submission_id", "submission__adoption_id", "submission__qualification__title", "state")
        .annotate(count=Count("pk"), since=Min("state_since"))
        .order_by("submission__qualification__title", "submission_id", "state")[:MOST_ITEMS]
    )
    title = ngettext_lazy("%(count)d Q-TAG: %(state)s", "%(count)d Q-TAGs: %(state)s", "count")
    return [
        WorkItem(
            title % {"count": row["count"], "state": JUDGEMENT.state(row["state"]).label},
            JUDGEMENT.state(row["state"]).next,
            reverse("qtag:submission", kwargs={"ao": standing.ao.slug, "submission_id": row["submission_id"]}),
            since=row["since"],
            due=closes.get(row["submission__adoption_id"]),
            detail=row["submission__qualification__title"],
            count=row["count"],
            urgency=4,
        )
        for row in rows
    ]


@prepared
def _in_states(states: tuple[str, ...], *, standing: Standing) -> QuerySet[Judgement, int]:
    return visible_judgements(standing).filter(state__in=states).order_by("pk").values_list("pk", flat=True)[:1]


@work_source
def qtags_to_begin(standing: Standing) -> list[WorkItem]:
    """Registered learners without a Q-TAG of whom one is expected: whoever begins them is told before the reminders (QTG-10)."""
    reach = standing.reach(Permission.QTAGS_BEGIN)
    adoptions = qtag_adoptions() if reach else []
    if not adoptions:
        return []
    facts = (
        not_begun(adoptions[0], adoptions)
        .filter(centre_id__in=reach or ())
        .aggregate(n=Count("pk"), books=Count("qualification", distinct=True))
    )
    if not facts["n"]:
        return []
    title = ngettext(
        "%(n)d registered learner has no Q-TAG begun", "%(n)d registered learners have no Q-TAG begun", facts["n"]
    )
    detail = ngettext("%(books)d qualification", "%(books)d qualifications", facts["books"])
    return [
        WorkItem(
            title % facts,
            _("Begin the Q-TAGs"),
            reverse("qtag:begin", kwargs={"ao": standing.ao.slug}),
            due=current_window(adoptions[0], "submission").closes,
            detail=detail % facts,
            count=facts["n"],
            urgency=4,
        )
    ]


@work_source
def declarations_waiting(standing: Standing) -> list[WorkItem]:
    """What this person signs for as head or accepted deputy: new, or voided by a later change (HOC-01, HOC-04)."""
    centres = signing_ids(standing)
    if not centres:
        return []
    adoptions = running_adoptions()
    books = [row for adoption in adoptions for row in unsigned_submissions(adoption).filter(centre_id__in=centres)]
    if not books:
        return []
    under = {row.adoption_id for row in books}
    voided = DeclarationPart.objects.filter(submission__in=books, state="voided")
    since = voided.aggregate(since=Min("state_since"))["since"]
    if since is None:
        words = ngettext("%(n)d qualification to sign for", "%(n)d qualifications to sign for", len(books))
        title, action = words % {"n": len(books)}, _("Read and sign")
    else:
        title, action = _("A signed declaration no longer covers everything"), _("Read what changed and sign again")
    return [
        WorkItem(
            title,
            action,
            reverse("qtag:declarations", kwargs={"ao": standing.ao.slug}),
            since=since,
            due=min((day for row in adoptions if row.pk in under and (day := _signed_by(row))), default=None),
            count=len(books),
            urgency=1,
        )
    ]


def _signed_by(adoption: Adoption) -> date | None:
    """The day by which the declaration is due (HOC-03)."""
    return current_window(adoption, "declaration").closes


@prepared
def _deputised(*, person_id: int, today: date) -> QuerySet[Deputy, tuple[int]]:
    rows = Deputy.objects.filter(person_id=person_id, state="accepted", last_day__gte=today)
    return rows.values_list("centre_id")


def signing_ids(standing: Standing) -> set[int]:
    """The centres that the person signs for. At most one query, made only for people of centres."""
    if not standing.centre_ids:
        return set()
    rows = _deputised(person_id=standing.person.pk, today=timezone.localdate())
    return {centre_id for (centre_id,) in rows} | set(standing.reach(Permission.DECLARATIONS_SIGN) or ())


@work_source
def deputies_waiting(standing: Standing) -> list[WorkItem]:
    """Deputies whom a head has named and nobody has answered (HOC-01). At most one query."""
    if not standing.can(Permission.DEPUTIES_DECIDE):
        return []
    facts = Deputy.objects.filter(state="named").aggregate(n=Count("pk"), since=Min("state_since"))
    if not facts["n"]:
        return []
    title = ngettext_lazy("%(n)d deputy waits for your answer", "%(n)d deputies wait for your answer", "n")
    url = reverse("qtag:deputies", kwargs={"ao": standing.ao.slug}) + "?state=named"
    return [WorkItem(title % facts, _("Accept or refuse"), url, facts["since"], count=facts["n"], urgency=3)]


@work_source
def concerns_waiting(standing: Standing) -> list[WorkItem]:
    """Declarations that were missing on their day and are not judged yet (HOC-03). At most one query."""
    if not standing.can(Permission.CONCERNS_JUDGE):
        return []
    facts = DeclarationConcern.objects.filter(state="raised").aggregate(n=Count("pk"), since=Min("state_since"))
    if not facts["n"]:
        return []
    title = ngettext_lazy("%(n)d missing declaration to judge", "%(n)d missing declarations to judge", "n")
    url = reverse("qtag:concerns", kwargs={"ao": standing.ao.slug}) + "?state=raised"
    return [
        WorkItem(title % facts, _("Say whether it is malpractice"), url, facts["since"], count=facts["n"], urgency=2)
    ]
