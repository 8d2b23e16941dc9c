"""Which notices, cases and questions of the demonstration show something on their pages."""

from __future__ import annotations

from typing import Any

from mitigations.models import AssessmentDate, CentreNotice, DelayQuestion, ImpactCase, NoticeLine, NoticeRound
from tests.matrix.routes import Route
from tests.system.first import first


def things(route: Route) -> dict[str, Any]:
    return {
        "round_id": first(NoticeRound.objects.all()),
        "centre_notice_id": first(CentreNotice.objects.filter(state="sent")),
        "line_id": first(NoticeLine.objects.filter(state="open")),
        "case_id": first(ImpactCase.objects.filter(state="raised")),
        "delay_question_id": first(DelayQuestion.objects.filter(state="asked")),
        "assessment_date_id": first(AssessmentDate.objects.all()),
    }
