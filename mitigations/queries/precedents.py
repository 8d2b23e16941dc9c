"""Earlier decisions that are like a case: by qualification and by what the checks said. Nothing about learners."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, F, Q, QuerySet, Value, When

from awarding.identifiers import bare_qan
from mitigations.models import Claim, PanelDecision
from mitigations.rules.marks import Mark, marks_of

ON_A_CASE, PER_PAGE = 5, 25


@dataclass(frozen=True)
class Precedent:
    """A released decision of this AO and the marks its claim had; `shared` are those that the case has, too."""

    decision: PanelDecision
    marks: list[Mark]
    shared: list[Mark]
    is_same_qualification: bool


def _decisions() -> QuerySet[PanelDecision]:
    return PanelDecision.objects.select_related("claim__qualification")


def _holds(rule: str) -> Q:
    return Q(findings__contains=[{"rule": rule}])


def find_precedents(claim: Claim, rules: Iterable[str], most: int = ON_A_CASE) -> list[Precedent]:
    """The released decisions on other claims that are most like this one, newest first among equals. One query.

    Alike is the same qualification, or the same mitigation with a finding in common; each finding shared counts one,
    the qualification two.
    """
    wanted = sorted(set(rules))
    score: Any = Case(When(claim__qualification_id=claim.qualification_id, then=Value(2)), default=Value(0))
    alike = Q()
    for rule in wanted:
        score = score + Case(When(_holds(rule), then=Value(1)), default=Value(0))
        alike |= _holds(rule)
    where = Q(claim__qualification_id=claim.qualification_id)
    if wanted:
        where |= Q(claim__mitigation=claim.mitigation) & alike
    rows = _decisions().filter(where).exclude(claim_id=claim.pk)
    rows = rows.annotate(score=score).order_by(F("score").desc(), "-id")
    return [_precedent(row, set(wanted), claim.qualification_id) for row in rows[:most]]


def search_precedents(
    number: int | str | None, *, qan: str = "", finding: str = "", verdict: str = "", words: str = ""
) -> tuple[Page, list[Precedent]]:
    """One page of the released decisions that fit, newest first."""
    rows = _decisions().order_by("-id")
    if qan:
        rows = rows.filter(claim__qualification__qan=bare_qan(qan))
    if finding:
        rows = rows.filter(_holds(finding))
    if verdict:
        rows = rows.filter(verdict=verdict)
    if words:
        rows = rows.filter(reasons__icontains=words.strip())
    page = Paginator(rows, PER_PAGE).get_page(number)
    return page, [_precedent(row, {finding} if finding else set(), None) for row in page]


def _precedent(decision: PanelDecision, wanted: set[str], qualification_id: int | None) -> Precedent:
    marks = marks_of(str(finding["rule"]) for finding in decision.findings)
    return Precedent(
        decision, marks, [mark for mark in marks if mark.rule in wanted],
        decision.claim.qualification_id == qualification_id,
    )  # fmt: skip
