"""One learner's Q-TAG with its evidence, circumstances, banked units and history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.catalogue.models import Grade
from awarding.findings.finding import Finding
from awarding.workflow.queries import history
from qtag.models import BankedUnit, Circumstance, EvidenceFile, EvidenceRecord, GradeChange, Judgement, ReducedUnit
from qtag.queries.facts import learner_facts, submission_facts
from qtag.queries.files import files_of
from qtag.queries.submissions import scale_grades
from qtag.rules.eligibility import Answer, answer_of, eligibility_findings
from qtag.rules.judgement import proposal_findings
from qtag.rules.reference import Reference, banked_reference
from qtag.workflow import JUDGEMENT


@dataclass(frozen=True)
class LearnerView:
    """Everything that a learner's page shows. `circumstances` is None for whoever need not see them (QTG-18)."""

    judgement: Judgement
    answer: Answer
    findings: list[Finding]
    evidence: list[EvidenceRecord]
    # By piece id, those that have any.
    files: dict[int, list[EvidenceFile]]
    circumstances: list[Circumstance] | None
    banked: list[BankedUnit]
    reduced: list[ReducedUnit]
    reference: Reference | None
    events: list[dict[str, Any]]


def qualification_grades(judgement: Judgement) -> list[Grade]:
    """The scale of the learner's qualification, lowest first (QTG-09)."""
    return scale_grades(judgement.registration.qualification.scale_id)


def unit_grades(judgement: Judgement) -> list[Grade]:
    return scale_grades(judgement.registration.qualification.unit_scale_id)


def learner_view(standing: Standing, judgement: Judgement) -> LearnerView:
    """The learner's page in a fixed number of queries."""
    about = submission_facts(judgement.submission)
    facts = learner_facts([judgement])[judgement.pk]
    eligibility = eligibility_findings(about, facts)
    sees = standing.can(Permission.QTAGS_CIRCUMSTANCES, judgement.centre_id)
    banked = list(
        BankedUnit.objects.filter(registration=judgement.registration_id)
        .select_related("unit", "grade", "set_aside_by")
        .order_by("unit__reference", "id")
    )
    evidence = list(judgement.evidence.select_related("shows_grade", "recorded_by").order_by("id"))
    return LearnerView(
        judgement=judgement,
        answer=answer_of(eligibility),
        findings=[*eligibility, *proposal_findings(about.document, facts)],
        evidence=evidence,
        files=files_of(evidence),
        circumstances=list(judgement.circumstances.select_related("recorded_by")) if sees else None,
        banked=banked,
        reduced=list(ReducedUnit.objects.filter(registration=judgement.registration_id).select_related("unit")),
        reference=banked_reference(
            [(row.unit.credits, row.grade.points) for row in banked if row.set_aside_at is None],
            [(grade.code, grade.points) for grade in qualification_grades(judgement)],
        ),
        events=judgement_history(judgement),
    )


def judgement_history(judgement: Judgement) -> list[dict[str, Any]]:
    """Every move and every earlier value, newest first (QTG-13), as `components/history.html` shows it."""
    events = [
        {
            "what": JUDGEMENT.event_label(event.transition),
            "who": event.who,
            "when": event.at,
            "reason": event.reason,
        }
        for event in history(judgement)
    ]
    changes = GradeChange.objects.filter(judgement=judgement).select_related("changed_by").order_by("id")
    for change in changes:
        what = f"{change.before or '–'} → {change.after or '–'}"
        events.append({"what": what, "who": str(change.changed_by), "when": change.changed_at, "reason": change.reason})
    return sorted(events, key=lambda event: event["when"], reverse=True)
