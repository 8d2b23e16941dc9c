"""What comparisons with earlier years ask of people, for My work: that there is one, never a figure of it."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.tenancy.prepared import prepared
from awarding.worklist.registry import WorkItem, work_source
from qtag.models import DifferenceReason, SenseRow
from qtag.queries.differences import newest_reasons, readable_reasons
from qtag.queries.sense_gate import open_rows
from qtag.queries.sense_rows import GroupView, with_reasons

MOST_ITEMS = 8


@work_source
def differences_waiting(standing: Standing) -> list[WorkItem]:
    """For a centre, differences without a reason (HOC-05) and questions about one; for the AO, reasons to read (SNS-09)."""
    items: list[WorkItem] = []
    if standing.reach(Permission.SENSE_EXPLAIN):
        items += [
            WorkItem(
                _("Differs from earlier years: explained for other numbers")
                if view.reason
                else _("Differs from earlier years: nobody has explained it"),
                _("Explain the difference"),
                reverse("qtag:sense_group", kwargs={"ao": standing.ao.slug, "row_id": view.row.pk}),
                detail=view.name,
                urgency=2,
            )
            for view in _unexplained(standing)
        ]
        items += [
            WorkItem(
                _("The awarding organisation asks more about a difference"),
                _("Answer with another reason"),
                reverse("qtag:sense_group", kwargs={"ao": standing.ao.slug, "row_id": row.row_id}),
                since=row.viewed_at,
                detail=row.label or _("The whole centre"),
                urgency=2,
            )
            for row in _asked(standing=standing)
        ]
    if standing.can(Permission.SENSE_MANAGE):
        for facts in _unread_reasons():
            title = ngettext_lazy("%(n)d reason for a difference to read", "%(n)d reasons for differences to read", "n")
            items.append(
                WorkItem(
                    title % {"n": facts.n},
                    _("Read them"),
                    reverse("qtag:sense", kwargs={"ao": standing.ao.slug}) + "?told=unread",
                    since=facts.since,
                    count=facts.n,
                    urgency=5,
                )
            )
    return items


def _unexplained(standing: Standing) -> list[GroupView]:
    """Open groups that wait for a reason. Two queries more where anything may wait."""
    ids = [row.pk for row in _without_reason(standing=standing)]
    if not ids:
        return []
    rows = open_rows(SenseRow.objects.filter(pk__in=ids).select_related("centre", "qualification"))
    return [view for view in with_reasons(rows.order_by("q", "p", "id")) if view.waits]


@prepared
def _without_reason(*, standing: Standing) -> QuerySet[SenseRow, Any]:
    """Differences that nobody explained with exactly these numbers."""
    reach = standing.reach(Permission.SENSE_EXPLAIN) or frozenset()
    given = DifferenceReason.objects.filter(
        centre_id=OuterRef("centre_id"), key=OuterRef("key"), shown_digest=OuterRef("digest")
    )
    rows = SenseRow.objects.filter(~Exists(given), centre_id__in=reach, verdict=SenseRow.Verdict.FLAGGED)
    return rows.order_by("q", "p", "id").values_list("pk", named=True)[:MOST_ITEMS]


@prepared
def _asked(*, standing: Standing) -> QuerySet[DifferenceReason, Any]:
    reach = standing.reach(Permission.SENSE_EXPLAIN) or frozenset()
    rows = SenseRow.objects.filter(centre_id=OuterRef("centre_id"), key=OuterRef("key"))
    asked = newest_reasons().filter(centre_id__in=reach, view=DifferenceReason.View.ASKED)
    found = asked.annotate(row_id=rows.values("pk")[:1]).exclude(row_id=None).order_by("id")
    return found.values_list("row_id", "label", "viewed_at", named=True)[:MOST_ITEMS]


@prepared
def _unread_reasons() -> QuerySet[DifferenceReason, Any]:
    rows = readable_reasons().filter(view="").order_by().values("view")
    return rows.annotate(n=Count("pk"), since=Min("recorded_at")).values_list("n", "since", named=True)
