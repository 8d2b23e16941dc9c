"""How far centres are with their Q-TAGs, for the AO: counts and dates, never a grade (QTG-17)."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from awarding.frameworks.models import Adoption
from awarding.ui.charts import Bar, BarChart
from qtag.models import DeclarationPart, Judgement, Submission
from qtag.workflow import JUDGEMENT

CENTRES_PER_PAGE = 50


@dataclass(frozen=True)
class ProgressRow:
    """One qualification at one centre: learners, submitted, late; whether all that was submitted is signed for."""

    submission: Submission
    learners: int
    submitted: int
    late: int
    is_signed: bool


def progress_page(adoption: Adoption, number: int | str | None, only: str = "") -> tuple[Page, list[ProgressRow]]:
    """One page of submissions by centre. `only`: "begun", "unsent", "late" or "unsigned" keeps just those."""
    covering = DeclarationPart.objects.filter(state="covering").values("submission_id")
    rows = (
        Submission.objects.filter(adoption=adoption)
        .select_related("centre", "qualification")
        .annotate(
            learners=Count("judgements"),
            submitted=Count("judgements", filter=Q(judgements__state="submitted")),
            late=Count("judgements", filter=Q(judgements__is_late=True)),
        )
        .order_by("centre__name", "qualification__title", "id")
    )
    if only == "unsent":
        rows = rows.filter(submitted=0)
    elif only == "late":
        rows = rows.filter(late__gt=0)
    elif only == "unsigned":
        rows = rows.filter(submitted__gt=0).exclude(pk__in=covering)
    page = Paginator(rows, CENTRES_PER_PAGE).get_page(number)
    signed = set(covering.filter(submission__in=[row.pk for row in page]).values_list("submission_id", flat=True))
    shown = [ProgressRow(row, row.learners, row.submitted, row.late, row.pk in signed) for row in page]
    return page, shown


def progress_chart(adoption: Adoption) -> BarChart:
    """Learners by where their Q-TAG stands, in the order of the workflow."""
    counted = dict(
        Judgement.objects.filter(submission__adoption=adoption)
        .values_list("state")
        .annotate(count=Count("pk"))
        .order_by()
    )
    bars = [Bar(str(state.label), counted.get(state.name, 0)) for state in JUDGEMENT.states]
    return BarChart(_("Learners by where their Q-TAG stands"), bars, _("State"), _("Learners"), "qtag-progress")
