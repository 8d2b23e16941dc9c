"""Rows of the sense check that a person sees, what each says in words, and whether the centre has explained it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from qtag.models import DifferenceReason, SenseRow
from qtag.queries.sense_gate import open_rows, require_open_history
from qtag.rules.difference import Changed, changes_between, still_speaks
from qtag.sense_check import comparison
from qtag.sense_check.comparison import Comparisons
from qtag.sense_check.words import explain, explain_volume

Level, Verdict = SenseRow.Level, SenseRow.Verdict
#: By the strength of the evidence, never by the size of the difference or of the centre; what was not compared comes last.
BY_EVIDENCE = (F("q").asc(nulls_last=True), F("p").asc(nulls_last=True), "centre_id", "key")
_STANDING = {
    Verdict.FLAGGED: comparison.Standing.COMPARED,
    Verdict.ORDINARY: comparison.Standing.COMPARED,
    Verdict.TOO_FEW: comparison.Standing.TOO_FEW,
    Verdict.NO_BASELINE: comparison.Standing.NO_BASELINE,
    Verdict.NOTHING_NOW: comparison.Standing.NOTHING_NOW,
}
#: What of a row is kept with a reason, so that it can be told later what the centre was shown (SNS-09).
_SHOWN = ("verdict", "size", "past_size", "years", "mean", "past_mean", "shift", "effect", "low", "high", "figures")
#: Short enough for a column of a telephone; the sentences about a row say it in full.
SHORT_VERDICTS = {
    Verdict.FLAGGED: gettext_lazy("Differs"),
    Verdict.ORDINARY: gettext_lazy("Usual ups and downs"),
    Verdict.TOO_FEW: Verdict.TOO_FEW.label,
    Verdict.NO_BASELINE: Verdict.NO_BASELINE.label,
    Verdict.NOTHING_NOW: Verdict.NOTHING_NOW.label,
}
_COLOURS = {Verdict.FLAGGED: "orange", Verdict.ORDINARY: "green", Verdict.TOO_FEW: "grey", Verdict.NO_BASELINE: "grey"}


@dataclass(frozen=True)
class GroupView:
    """A row with the newest reason for it. `speaks`: the reason is about the numbers of today (SNS-09)."""

    row: SenseRow
    reason: DifferenceReason | None
    speaks: bool

    @property
    def is_explained(self) -> bool:
        return self.reason is not None and self.speaks

    @property
    def waits(self) -> bool:
        """A material difference that nobody has explained, or not with these numbers."""
        return self.row.is_flagged and not self.is_explained

    @property
    def name(self) -> str:
        return group_name(self.row)

    @property
    def changes(self) -> list[Changed]:
        return changes_between(self.reason.shown, figures_shown(self.row)) if self.reason else []

    def words(self, *, to_centre: bool = True) -> list[str]:
        """The sentences about it; a reason that is given is not asked for again."""
        return words_of(self.row, to_centre=to_centre, asks=not self.is_explained)

    @property
    def shown(self) -> Any:
        """What the row shows, in a word or two."""
        return SHORT_VERDICTS[Verdict(self.row.verdict)]

    @property
    def colour(self) -> str:
        return _COLOURS.get(Verdict(self.row.verdict), "grey")


def visible_rows(standing: Standing) -> QuerySet[SenseRow]:
    """Rows of the centres that the person sees, of groups that are open (SNS-01).

    The AO sees a group once all of it is submitted (QTG-17): what it then sees is the comparison, not who had what.
    """
    reach = standing.reach(Permission.SENSE_VIEW)
    rows = open_rows(SenseRow.objects.select_related("centre", "qualification"))
    return rows.filter(is_submitted=True) if reach is None else rows.filter(centre_id__in=reach)


def rows_in_reach(standing: Standing) -> QuerySet[SenseRow]:
    """Rows that are the person's to see once they are open: a centre's own, or what was submitted to the AO (QTG-17)."""
    reach = standing.reach(Permission.SENSE_VIEW)
    rows = SenseRow.objects.select_related("centre", "qualification")
    return rows.filter(is_submitted=True) if reach is None else rows.filter(centre_id__in=reach)


def find_row(standing: Standing, row_id: int, levels: Sequence[str] = ()) -> SenseRow:
    """The row by its id. Http404 where the person has no part in it, HistoryClosedError while it is closed (SNS-01)."""
    rows = rows_in_reach(standing)
    row: SenseRow | None = (rows.filter(level__in=levels) if levels else rows).filter(pk=row_id).first()
    if row is None:
        raise Http404(_("There is no such comparison."))
    require_open_history(row.centre_id, row.qualification_id)
    return row


def sees_grades(standing: Standing, row: SenseRow) -> bool:
    """Only the centre's own people see how many had which grade this year, before results and in this place (QTG-17)."""
    return standing.can(Permission.SENSE_EXPLAIN, row.centre_id)


def rows_by_evidence(
    standing: Standing,
    *,
    verdict: str = "",
    level: str = "",
    told: str = "",
    words: str = "",
    centre_id: int | None = None,
) -> QuerySet[SenseRow]:
    """The visible rows, the strongest evidence first. `told`: "waiting", "explained", "unread" by the state of their reason."""
    rows = visible_rows(standing)
    if verdict:
        rows = rows.filter(verdict=verdict)
    if level:
        rows = rows.filter(level=level)
    if centre_id is not None:
        rows = rows.filter(centre_id=centre_id)
    if words:
        of_centre = Q(centre__name__icontains=words) | Q(centre__number__iexact=words)
        rows = rows.filter(of_centre | Q(label__icontains=words) | Q(qualification__qan=words.replace("/", "").upper()))
    reasons = DifferenceReason.objects.filter(centre_id=OuterRef("centre_id"), key=OuterRef("key"))
    if told == "waiting":
        rows = rows.filter(~Exists(reasons), verdict=Verdict.FLAGGED)
    elif told == "explained":
        rows = rows.filter(Exists(reasons))
    elif told == "unread":
        rows = rows.filter(Exists(reasons.filter(view="")))
    return rows.order_by(*BY_EVIDENCE)


def with_reasons(rows: Iterable[SenseRow]) -> list[GroupView]:
    """Each row with its newest reason, in one query."""
    shown = list(rows)
    newest = {
        (reason.centre_id, reason.key): reason
        for reason in DifferenceReason.objects.filter(
            centre_id__in={row.centre_id for row in shown}, key__in={row.key for row in shown}
        )
        .select_related("recorded_by", "viewed_by")
        .order_by("centre_id", "key", "-id")
        .distinct("centre_id", "key")
    }
    views = []
    for row in shown:
        reason = newest.get((row.centre_id, row.key))
        views.append(GroupView(row, reason, reason is not None and still_speaks(reason.shown, figures_shown(row))))
    return views


def figures_shown(row: SenseRow) -> dict[str, Any]:
    """What a page shows of a row, as it is kept with a reason."""
    return {name: getattr(row, name) for name in _SHOWN}


def group_name(row: SenseRow) -> str:
    """What a person calls the group."""
    if row.level == Level.CENTRE:
        return _("The whole centre")
    return row.label or str(row.qualification or row.get_level_display())


def words_of(row: SenseRow, *, to_centre: bool = True, asks: bool = True) -> list[str]:
    """The sentences about a stored row; none of them names a grade that should have been given (SNS-10).

    `to_centre`: the reader is who has to give the reason; `asks`: nobody has given it yet.
    """
    found = _as_comparisons(row)
    return (explain_volume if row.by_volume else explain)(found, 0, to_centre=to_centre, asks=asks)


def _as_comparisons(row: SenseRow) -> Comparisons:
    def one(value: float | None) -> Any:
        return np.array([np.nan if value is None else value], dtype=np.float64)

    standing = _STANDING[Verdict(row.verdict)]
    return Comparisons(
        np.array([int(standing)]), np.array([row.is_flagged]), one(row.size), one(row.past_size), np.array([row.years]),
        one(row.mean), one(row.past_mean), one(row.shift), one(row.effect), one(row.low), one(row.high), one(row.p),
        one(row.confidence), one(row.ratio), np.array([row.on_stand_in]), row.separated,
    )  # fmt: skip
