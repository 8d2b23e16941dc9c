"""How a result came about from a Q-TAG: judgement, evidence, endorsements, declaration (RES-04)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.frameworks.models import Adoption
from awarding.frameworks.queries import adopted_document
from qtag.models import DeclarationPart, EvidenceRecord, Judgement
from qtag.queries.learner import judgement_history
from results.models import Certificate, QualificationResult, ResultWithdrawal


@dataclass(frozen=True)
class QtagTrail:
    """Everything behind one result but the learner's circumstances, which stay with those who need them (QTG-18)."""

    result: QualificationResult
    evidence: list[tuple[EvidenceRecord, str]]
    events: list[dict[str, Any]]
    earlier: list[ResultWithdrawal]
    certificates: list[Certificate]
    part: DeclarationPart | None
    adoption: Adoption


def qtag_trail_of(result: QualificationResult) -> QtagTrail:
    """A fixed number of queries. Earlier editions are told only where they, too, had been released (QTG-17)."""
    rows = Judgement.objects.select_related("submission__adoption__framework")
    judgement = rows.get(submission=result.submission_id, registration=result.registration_id)
    adoption = judgement.submission.adoption
    kinds = adopted_document(adoption).evidence_types
    pieces = EvidenceRecord.objects.filter(judgement=judgement, set_aside_at=None).select_related("shows_grade")
    earlier = ResultWithdrawal.objects.filter(
        result__registration=result.registration_id, result__release_at__lte=timezone.now()
    )
    parts = DeclarationPart.objects.filter(pk=result.basis.get("part")).select_related("declaration__signed_by")
    return QtagTrail(
        result=result,
        evidence=[
            (row, str(kinds[row.type].label) if row.type in kinds else row.type) for row in pieces.order_by("id")
        ],
        events=judgement_history(judgement),
        earlier=list(earlier.select_related("result", "withdrawn_by").order_by("id")),
        certificates=list(Certificate.objects.filter(result=result).select_related("revoked_by").order_by("-id")),
        part=parts.first(),
        adoption=adoption,
    )


def qtag_result_facts(trail: QtagTrail) -> list[tuple[str, Any]]:
    """(name, value) pairs at the top of the trail."""
    result, registration = trail.result, trail.result.registration
    rows: list[tuple[str, Any]] = [
        (_("Learner"), f"{registration.learner.full_name}, {registration.learner.uln}"),
        (_("Centre"), registration.centre),
        (_("Qualification"), registration.qualification),
        (_("Grade"), result.grade),
        (_("Worked out from"), _("The judgement of teachers: a Q-TAG")),
        (_("Framework"), trail.adoption.framework),
    ]
    if trail.part is not None:
        signed = trail.part.declaration
        words = _("%(who)s, %(when)s") % {"who": signed.signed_by, "when": timezone.localdate(signed.signed_at)}
        rows.append((_("Declaration signed by"), words))
    return rows
