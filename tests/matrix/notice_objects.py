"""What centres were written about: a round of notices, impact, delayed assessments."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from awarding.accounts.roles import Role
from centres.models import Learner
from mitigations.models import AssessmentDate, CentreNotice, DelayQuestion, ImpactCase, NoticeLine, NoticeRound
from mitigations.services.centre_notices import report_missing
from mitigations.services.impact_cases import raise_case
from tests.factories import make_centre, make_claim, make_registration

if TYPE_CHECKING:
    from tests.matrix.scene import Scene


def parameters(scene: Scene) -> dict[str, Any]:
    """A round with one notice and a line reported; a question about a delayed assessment, a published date; a case."""
    claim, admin = scene.claim, scene.person(Role.AO_ADMIN)
    last = NoticeRound.objects.count()
    NoticeRound.objects.update(superseded_at=timezone.now())
    round_ = NoticeRound.objects.create(
        framework_code=claim.adoption.framework.code, adoption=claim.adoption, number=last + 1, begun_by=admin,
        answer_by=dt.date(2030, 1, 1), remind_every_days=7,
    )  # fmt: skip
    notice = CentreNotice.objects.create(
        round=round_, centre=scene.tenant.centre, file=scene.stored, documents=1, learners=2, learners_without_claim=0,
        state="sent", sent_at=timezone.now(),
    )  # fmt: skip
    line = report_missing(actor=scene.contact, notice=notice, kind="programme", qan="1", details=f"The {last}th.")
    question = DelayQuestion.objects.create(
        framework_code=round_.framework_code, adoption=claim.adoption, centre=scene.tenant.centre, learners=2,
        qualification=claim.qualification, answer_by=dt.date(2030, 1, 1), remind_every_days=7, asked_by=admin,
        state="answered", sitting=2, can_sit_from=dt.date(2030, 1, 1), can_sit_until=dt.date(2030, 2, 1),
    )  # fmt: skip
    date = AssessmentDate.objects.create(
        framework_code=round_.framework_code, adoption=claim.adoption, qualification=claim.qualification,
        kind="assessment", title="Practical", starts_on=dt.date(2030, 1, 1), ends_on=dt.date(2030, 1, 1), published_by=admin,
    )  # fmt: skip
    return {
        "round_id": round_.pk,
        "centre_notice_id": notice.pk,
        "line_id": line.pk,
        "delay_question_id": question.pk,
        "assessment_date_id": date.pk,
        "case_id": _case(scene).pk,
    }


def grow(scene: Scene) -> None:
    """Two more rounds and what goes with them; two more centres and lines on the first round."""
    first = CentreNotice.objects.get(pk=scene.tenant.parameters["centre_notice_id"])
    for n in range(2):
        # A round, a question and a date belong to a qualification: each time another one.
        parameters(replace(scene, claim=make_claim(scene.tenant.centre, scene.contact, learners=3)))
        NoticeLine.objects.create(
            notice=first, reported_by=scene.contact.person, centre=scene.tenant.centre, kind="programme", details="More.",
            state="open", qan=f"{n}",
        )  # fmt: skip
        CentreNotice.objects.create(
            round_id=first.round_id, centre=make_centre(f"Written to {n} {scene.tenant.ao.slug}"), file=scene.stored,
            documents=1, learners=1, learners_without_claim=0, state="made",
        )  # fmt: skip


def _case(scene: Scene) -> ImpactCase:
    """A case about another learner of the claim's qualification, who finished too early."""
    claim = scene.claim
    registration = make_registration(claim.centre, claim.qualification, ends_on=dt.date(2020, 1, 31))
    Learner.objects.filter(pk=registration.learner_id).update(
        family_name=scene.learner.registration.learner.family_name
    )
    return raise_case(
        actor=scene.contact, adoption=claim.adoption, registration=registration, kind="overran", why="Ill.",
        evidence="Unit 1",
    )  # fmt: skip
