"""What a head of centre reads before signing, exactly as it will be bound: counts, grades by digest, what changed."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from awarding.accounts.models import User
from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.frameworks.models import Adoption
from awarding.frameworks.parts import Statement
from awarding.frameworks.queries import adopted_document
from centres.models import Centre
from qtag.models import Declaration, DeclarationPart, Judgement, Submission
from qtag.queries.concerns import held_on_the_day
from qtag.queries.declared_changes import LearnerChange, changes_since, declared_learners
from qtag.queries.deputies import signing_deputies
from qtag.queries.expected import expected
from qtag.queries.submissions import current_window

SIGNED_BY_HEAD = "head_of_centre"


@dataclass(frozen=True)
class PartView:
    """One qualification of the declaration. `status`: new, covered, or changed since it was signed; then `changes` say how."""

    submission: Submission
    digest: str
    learners: int
    late: int
    waiting: int
    grades: list[tuple[str, int]]
    status: str
    changes: list[LearnerChange]


@dataclass(frozen=True)
class DeclarationView:
    """Everything on the page before signing; `digest` is that of `content`, which is what the signature binds."""

    centre: Centre
    adoption: Adoption
    parts: list[PartView]
    # Qualifications of which nothing is submitted yet, with how many learners are waited for: no part of what is signed.
    left_out: list[tuple[Submission, int]]
    statements: list[Statement]
    content: dict[str, Any]
    digest: str

    @property
    def has_changes(self) -> bool:
        """Whether anything differs from what was signed before."""
        return any(part.changes for part in self.parts)

    @property
    def is_covered(self) -> bool:
        """Whether everything submitted is covered by a signature already."""
        return bool(self.parts) and all(part.status == "covered" for part in self.parts)


def digest_of(content: Any) -> str:
    """SHA-256 of the canonical JSON: the same content gives the same digest on every machine."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def declaration_view(centre: Centre, adoption: Adoption) -> DeclarationView:
    """What would be signed now for a centre under an adoption, in a fixed number of queries (HOC-01, HOC-04)."""
    submissions = {
        row.pk: row
        for row in Submission.objects.filter(centre=centre, adoption=adoption)
        .select_related("qualification", "centre")
        .order_by("qualification__title", "id")
    }
    rows = defaultdict(list)
    judgements = Judgement.objects.filter(submission__in=list(submissions)).select_related(
        "registration__learner", "grade"
    )
    for judgement in judgements.order_by("registration__learner__uln", "id"):
        rows[judgement.submission_id].append(judgement)
    signed: dict[int, DeclarationPart] = {}
    known = DeclarationPart.objects.filter(submission__in=list(submissions)).select_related(
        "declaration", "submission__qualification"
    )
    for part in known.order_by("id"):
        signed[part.submission_id] = part
    changes = changes_since(declared_learners(signed.values()), rows)
    # Whoever gets no Q-TAG is not waited for.
    open_rows = expected(Judgement.objects.filter(submission__in=list(submissions)), [adoption]).exclude(
        state="submitted"
    )
    waiting = Counter(open_rows.order_by().values_list("submission_id", flat=True))
    parts, content, left_out = [], [], []
    for pk, submission in submissions.items():
        sent = [row for row in rows[pk] if row.state == "submitted"]
        if not sent:
            if waiting[pk]:
                left_out.append((submission, waiting[pk]))
            continue
        body = part_content(submission, sent)
        parts.append(_part(submission, sent, waiting[pk], part_digest(body), signed.get(pk), changes.get(pk, [])))
        content.append(body)
    document = adopted_document(adoption)
    statements = [row for row in document.statements.values() if row.signed_by == SIGNED_BY_HEAD]
    whole = {
        "centre": centre.number, "framework": document.id, "framework_digest": document.digest, "qualifications": content,
        "statements": [{"code": row.code, "text": row.text} for row in statements],
        "changes": [change.bound for part in parts for change in part.changes],
    }  # fmt: skip
    return DeclarationView(centre, adoption, parts, left_out, statements, whole, digest_of(whole))


def part_content(submission: Submission, sent: list[Judgement]) -> dict[str, Any]:
    """One qualification as it is bound: every learner with the exact grade."""
    return {
        "qan": submission.qualification.qan,
        "learners": [
            {
                "uln": row.registration.learner.uln, "registration": row.registration_id,
                "grade": row.grade.code if row.grade else "", "version": row.grade_version, "late": row.is_late,
            }
            for row in sent
        ],
    }  # fmt: skip


def part_digest(body: dict[str, Any]) -> str:
    """Of `part_content`, what a signature holds on to: which learner got which grade (HOC-04).

    Not the ULN: a learner registered with the temporary number gets their own later, and no grade of it has changed.
    """
    learners = [{name: row[name] for name in row if name != "uln"} for row in body["learners"]]
    return digest_of({"qan": body["qan"], "learners": sorted(learners, key=lambda row: row["registration"])})


def _part(
    submission: Submission,
    sent: list[Judgement],
    waiting: int,
    digest: str,
    signed: DeclarationPart | None,
    changes: list[LearnerChange],
) -> PartView:
    counts: dict[tuple[int, str], int] = defaultdict(int)
    for row in sent:
        if row.grade is not None:
            counts[(row.grade.rank, row.grade.code)] += 1
    status = "new"
    if signed is not None:
        status = "covered" if signed.state == "covering" and signed.digest == digest else "changed"
    grades = [(code, count) for (_rank, code), count in sorted(counts.items())]
    late = sum(row.is_late for row in sent)
    return PartView(submission, digest, len(sent), late, waiting, grades, status, changes)


def signing_centres(standing: Standing) -> list[Centre]:
    """The centres whose declaration this person may sign: as head, or as a deputy the AO accepted (HOC-01)."""
    reach = standing.reach(Permission.DECLARATIONS_SIGN) or frozenset()
    deputised = signing_deputies(timezone.localdate()).filter(person=standing.person).values("centre_id")
    return list(Centre.objects.filter(Q(pk__in=reach) | Q(pk__in=deputised)).order_by("name", "id"))


def signs_as(person: User, standing: Standing, centre_id: int) -> str:
    """How this person signs here: head_of_centre or deputy; empty for somebody who may not."""
    if standing.can(Permission.DECLARATIONS_SIGN, centre_id):
        return "head_of_centre"
    deputies = signing_deputies(timezone.localdate()).filter(person=person, centre_id=centre_id)
    return "deputy" if deputies.exists() else ""


def visible_declarations(standing: Standing) -> QuerySet[Declaration]:
    """The signed declarations of the centres that the person may see them of, and those they signed, newest first."""
    reach = standing.reach(Permission.DECLARATIONS_VIEW)
    rows = Declaration.objects.select_related("centre", "signed_by", "adoption__framework").order_by("-id")
    return rows if reach is None else rows.filter(Q(centre_id__in=reach) | Q(signed_by=standing.person))


def openable_declarations(standing: Standing) -> QuerySet[Declaration]:
    """Those of which the person may see the grades: of their centre's head and contact, and of whoever signed it (QTG-17).

    A deputy has read every grade that they signed for, and can show what it was.
    """
    reach = standing.reach(Permission.DECLARATIONS_OPEN) or frozenset()
    return Declaration.objects.filter(Q(centre_id__in=reach) | Q(signed_by=standing.person))


def is_declared_late(view: DeclarationView) -> bool:
    """Whether something is not signed for, and was not when the day by which it was due was over (HOC-03). At most one query."""
    window = current_window(view.adoption, "declaration")
    waiting = [part.submission.pk for part in view.parts if part.status != "covered"]
    if not waiting or window.closes is None or not window.has_closed(timezone.localdate()):
        return False
    held = held_on_the_day(window.closes).filter(submission__in=waiting).values_list("submission_id", flat=True)
    return bool(set(waiting) - set(held))
