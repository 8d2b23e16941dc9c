"""Reads about Q-TAGs on their way to results: what waits, what stops it, when it is released. Never a grade (QTG-17)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from awarding.findings.finding import Finding
from awarding.frameworks.models import Adoption
from awarding.frameworks.parts import Release
from awarding.frameworks.queries import adopted_document
from awarding.tenancy.prepared import prepared
from qtag.models import Award, DeclarationPart, Judgement, Submission
from qtag.queries.coverage import Coverage, coverage_of
from qtag.queries.submissions import adoption_words, running_adoptions
from results.models import QtagRelease, QualificationResult
from results.queries.withdrawn import results_in_force
from results.rules_qtag import cover_findings, undated_findings

PER_PAGE = 40


@dataclass(frozen=True)
class ReleaseRow:
    """One group of levels: the framework's instant, the AO's own, how many results wait for it and were released."""

    adoption: Adoption
    release: Release
    planned: QtagRelease | None
    held: int
    released: int

    @property
    def under(self) -> str:
        """Which adoption it is of, in words."""
        return adoption_words(self.adoption)


@dataclass(frozen=True)
class AwardRow:
    """A submission as the AO sees it before results: counts, who signed, what stops it.

    `is_changed`: signed for again as something else than was accepted, to be looked at (QTG-13).
    """

    submission: Submission
    award: Award | None
    submitted: int
    late: int
    recorded: int
    is_changed: bool = False
    # Of what the head signed for last, and when; "" and None where there is nothing.
    signed_digest: str = ""
    signed_at: dt.datetime | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def waiting(self) -> int:
        """Submitted Q-TAGs that are no result yet."""
        return self.submitted - self.recorded

    @property
    def is_ready(self) -> bool:
        return self.waiting > 0 and not self.findings and not self.is_changed

    @property
    def is_to_look_at(self) -> bool:
        return self.waiting > 0 and not self.findings and self.is_changed


def release_of(submission: Submission) -> Release | None:
    """The framework's release of the submission's level."""
    return adopted_document(submission.adoption).release_for(submission.qualification.level)


def planned_releases(adoption_ids: Sequence[int]) -> dict[tuple[int, str], QtagRelease]:
    """By adoption and the framework's code of the release."""
    rows = QtagRelease.objects.filter(adoption__in=adoption_ids).select_related("set_by")
    return {(row.adoption_id, row.code): row for row in rows}


def stops(submission: Submission, coverage: Coverage, planned: dict[tuple[int, str], QtagRelease]) -> list[Finding]:
    """What keeps a submission from becoming results (HOC-03, HOC-04, RES-01)."""
    release = release_of(submission)
    dated = release is not None and (submission.adoption_id, release.code) in planned
    undated = [] if dated else undated_findings(str(release.label) if release else "")
    return [*cover_findings(coverage.cover), *undated]


def signed_digest(coverage: Coverage) -> str:
    """The digest of the newest signed part; "" where there is none."""
    return coverage.part.digest if coverage.part is not None else ""


def is_changed(award: Award | None, coverage: Coverage) -> bool:
    """Whether what is signed for now is something else than was accepted, or came back after a reopening (QTG-13)."""
    if award is None or coverage.part is None:
        return False
    return award.state == "reopened" or signed_digest(coverage) != award.accepted_digest


def awardable(centre_id: int | None = None, qan: str = "") -> QuerySet[Submission]:
    """Submissions of which at least one Q-TAG was submitted, by centre and qualification."""
    sent = Judgement.objects.filter(submission=OuterRef("pk"), state="submitted")
    rows = Submission.objects.filter(Exists(sent) | Q(awards__isnull=False))
    if centre_id is not None:
        rows = rows.filter(centre_id=centre_id)
    if qan:
        rows = rows.filter(qualification__qan=qan)
    return rows.select_related("centre", "qualification", "adoption__framework", "ao").order_by(
        "centre__name", "qualification__title", "id"
    )


@prepared
def signed_and_waiting_ids() -> QuerySet[Any, Any]:
    """(pk, since, is_changed) of the submissions with a Q-TAG that is no result yet and a signature that nobody voided, the
    longest waiting first. `is_changed`: something else was accepted before (QTG-13).

    The digest is asked for when they are accepted: here it would be worked out for every visit.
    """
    result = results_in_force().filter(registration=OuterRef("registration"))
    waiting = Judgement.objects.filter(~Exists(result), submission=OuterRef("pk"), state="submitted")
    rows = Submission.objects.filter(Exists(waiting), declaration_parts__state="covering")
    same = DeclarationPart.objects.filter(
        submission=OuterRef("submission"), state="covering", digest=OuterRef("accepted_digest")
    )
    other = Award.objects.filter(Q(state="reopened") | ~Exists(same), submission=OuterRef("pk"))
    return (
        rows.annotate(since=Min("declaration_parts__state_since"), is_changed=Exists(other))
        .order_by("since", "pk")
        .values_list("pk", "since", "is_changed", named=True)
    )


def award_page(number: int | str | None, centre_id: int | None = None, qan: str = "") -> tuple[Page, list[AwardRow]]:
    """One page of submissions with what stops each, in a fixed number of queries."""
    page = Paginator(awardable(centre_id, qan), PER_PAGE).get_page(number)
    return page, award_rows(list(page))


def award_rows(submissions: Sequence[Submission]) -> list[AwardRow]:
    ids = [row.pk for row in submissions]
    covers = coverage_of(submissions)
    awards = {row.submission_id: row for row in Award.objects.filter(submission__in=ids)}
    recorded = dict(
        results_in_force().filter(submission__in=ids).values_list("submission_id").annotate(n=Count("pk")).order_by()
    )
    planned = planned_releases(sorted({row.adoption_id for row in submissions}))
    return [
        AwardRow(
            submission=row, award=awards.get(row.pk), submitted=len(covers[row.pk].submitted),
            late=sum(each.is_late for each in covers[row.pk].submitted), recorded=recorded.get(row.pk, 0),
            findings=stops(row, covers[row.pk], planned) if covers[row.pk].submitted else [],
            is_changed=is_changed(awards.get(row.pk), covers[row.pk]), signed_digest=signed_digest(covers[row.pk]),
            signed_at=part.state_since if (part := covers[row.pk].part) is not None else None,
        )
        for row in submissions
    ]  # fmt: skip


def release_rows(now: dt.datetime) -> list[ReleaseRow]:
    """Every group of levels of the adoptions with Q-TAGs: when it is released, and how many results wait for that."""
    adoptions = running_adoptions()
    planned = planned_releases([row.pk for row in adoptions])
    counts: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0])
    rows = (
        results_in_force()
        .filter(submission__adoption__in=adoptions)
        .values_list("submission__adoption_id", "submission__qualification__level")
        .annotate(held=Count("pk", filter=Q(release_at__gt=now)), out=Count("pk", filter=Q(release_at__lte=now)))
        .order_by()
    )
    documents = {row.pk: adopted_document(row) for row in adoptions}
    for adoption_id, level, held, out in rows:
        release = documents[adoption_id].release_for(level)
        if release is not None:
            counts[(adoption_id, release.code)][0] += held
            counts[(adoption_id, release.code)][1] += out
    return [
        ReleaseRow(row, release, planned.get((row.pk, release.code)), *counts[(row.pk, release.code)])
        for row in adoptions
        for release in documents[row.pk].releases.values()
    ]


def held_results(adoption_id: int, levels: Sequence[str], now: dt.datetime) -> QuerySet[QualificationResult]:
    """The results of some levels that nobody outside may see yet."""
    return results_in_force().filter(
        submission__adoption=adoption_id, submission__qualification__level__in=levels, centre_release_at__gt=now
    )


def centres_with_qtags() -> list[tuple[int, str]]:
    """(id, name) of the centres that submitted a Q-TAG: the filter of the list."""
    rows = awardable().order_by("centre__name", "centre_id").values_list("centre_id", "centre__name").distinct()
    return [(pk, name) for pk, name in rows]


def next_release_of(submission_id: int, now: dt.datetime) -> dt.datetime | None:
    """When the next of the submission's results is seen; None when nothing is held back."""
    rows = results_in_force().filter(submission=submission_id, centre_release_at__gt=now)
    return rows.aggregate(first=Min("centre_release_at"))["first"]
