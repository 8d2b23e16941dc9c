"""Whether what was submitted is signed for: what the AO asks before it makes results of it (HOC-03, HOC-04)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from qtag.models import Declaration, DeclarationPart, Judgement, Submission
from qtag.queries.declaration import part_content, part_digest


class Cover(StrEnum):
    """NEVER: the centre signed nothing at all; UNSIGNED: not for this; CHANGED: something moved since; COVERED."""

    NEVER = "never"
    UNSIGNED = "unsigned"
    CHANGED = "changed"
    COVERED = "covered"


@dataclass(frozen=True)
class Coverage:
    """How a submission is covered, by which part, and the judgements that it would cover, by ULN."""

    cover: Cover
    part: DeclarationPart | None
    submitted: list[Judgement]


def coverage_of(submissions: Sequence[Submission]) -> dict[int, Coverage]:
    """By submission id. Three queries, however many; submissions come with `qualification`.

    The digest is worked out from the grades as they stand now, so that a change nobody noticed is one, too.
    """
    ids = [row.pk for row in submissions]
    sent: dict[int, list[Judgement]] = defaultdict(list)
    rows = Judgement.objects.filter(submission__in=ids, state="submitted").select_related(
        "registration__learner", "grade"
    )
    for row in rows.order_by("registration__learner__uln", "id"):
        sent[row.submission_id].append(row)
    parts = {row.submission_id: row for row in DeclarationPart.objects.filter(submission__in=ids).order_by("id")}
    signed = set(
        Declaration.objects.filter(
            centre__in={row.centre_id for row in submissions}, adoption__in={row.adoption_id for row in submissions}
        ).values_list("centre_id", "adoption_id")
    )
    return {row.pk: _coverage(row, sent[row.pk], parts.get(row.pk), signed) for row in submissions}


def _coverage(
    submission: Submission, sent: list[Judgement], part: DeclarationPart | None, signed: set[tuple[int, int]]
) -> Coverage:
    if (submission.centre_id, submission.adoption_id) not in signed:
        return Coverage(Cover.NEVER, None, sent)
    if part is None:
        return Coverage(Cover.UNSIGNED, None, sent)
    holds = part.state == "covering" and part.digest == part_digest(part_content(submission, sent))
    return Coverage(Cover.COVERED if holds else Cover.CHANGED, part, sent)
