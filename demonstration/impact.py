"""Learners outside the dates, notices to centres and delayed assessments, in every state that a visitor would want to see."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from awarding.accounts.queries import find_standing, holders
from awarding.accounts.roles import Role
from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification
from awarding.frameworks.models import Adoption
from awarding.tenancy.scope import current_ao
from centres.models import Centre, Registration
from demonstration.outcomes import FRAMEWORK
from mitigations.models import CentreNotice, DelayQuestion, NoticeLine
from mitigations.services.centre_notices import begin_round, confirm_notice, report_missing, settle_line
from mitigations.services.delays import answer_question, ask_centres, publish_date
from mitigations.services.impact_cases import move_case, raise_case, raise_unregistered_case

WHY = (
    "The placement ran on until the closures because the assessor was ill.",
    "The verifier’s visit of 18 March was called off and has not been held since.",
    "The learner took the units over two terms instead of one.",
)


def seed_cases(admin: Standing, contact: Standing, centre: Centre) -> None:
    """Cases of the centre: one raised, one asked, one accepted, and one about somebody unregistered. Needs the scope."""
    adoption = Adoption.objects.select_related("framework").get(framework__code=FRAMEWORK, superseded_at=None)
    early = Registration.objects.filter(centre=centre, ends_on__lt=dt.date(2020, 3, 20)).order_by("id")[: len(WHY)]
    kinds = ("overran", "not_verified", "overran")
    cases = [
        raise_case(
            actor=contact, adoption=adoption, registration=row, kind=kind, why=why,
            evidence="Units 1 to 3, internally verified; kept in the assessment office.",
        )
        for row, kind, why in zip(early, kinds, WHY, strict=False)
    ]  # fmt: skip
    if len(cases) == len(WHY):
        asked = move_case(actor=admin, case=cases[1], move="take")
        due = timezone.localdate() + dt.timedelta(days=7)
        move_case(actor=admin, case=asked, move="ask", reason="Which units had the visit been for?", due_on=due)
        taken = move_case(actor=admin, case=cases[2], move="take")
        move_case(actor=admin, case=taken, move="accept", reason="The register shows attendance until 20 March.")
    qualification = early[0].qualification if early else None
    if qualification is not None:
        raise_unregistered_case(
            actor=contact, adoption=adoption, centre=centre, qualification=qualification, learner_name="Robin Example",
            uln="", why="Joined from another centre in January; the transfer form was never sent.",
            evidence="Two units, assessed at the other centre.",
        )  # fmt: skip


def seed_round(admin: Standing) -> None:
    """A round of notices is begun; its job makes them once the AO's rows are committed. Needs the scope."""
    adoption = Adoption.objects.select_related("framework").get(framework__code=FRAMEWORK, superseded_at=None)
    begin_round(
        actor=admin, adoption=adoption, answer_by=timezone.localdate() + dt.timedelta(days=10), remind_every_days=5,
        message="Thank you for looking through the list before you claim.",
    )  # fmt: skip


def answer_notices() -> None:
    """One centre confirms, one reports three lines of which one is answered; the rest have not answered. Needs the scope.

    Done once: where a line was reported, or somebody has confirmed, nothing is done.
    """
    notices = list(CentreNotice.objects.select_related("centre", "round", "ao").order_by("centre_id"))
    if len(notices) < 3 or any(notice.state in ("reported", "settled", "confirmed") for notice in notices):
        return
    admin = _somebody(Role.AO_ADMIN)
    confirm_notice(actor=_somebody(Role.QUALITY_CONTACT, notices[1].centre_id), notice=notices[1])
    contact, notice = _somebody(Role.QUALITY_CONTACT, notices[2].centre_id), notices[2]
    award = Registration.objects.filter(centre_id=notice.centre_id).order_by("id").select_related("qualification")[0]
    for name, kind, details in (
        ("Jordan Example", "learner", "Registered last week; the list was made before."),
        ("Kit Example", "learner", "Left in January and came back in February."),
        ("", "programme", "We also teach the evening group of this one."),
    ):
        report_missing(
            actor=contact, notice=notice, kind=kind, qualification=award.qualification, qan=award.qualification.qan,
            learner_name=name, details=details,
        )  # fmt: skip
    line = NoticeLine.objects.filter(notice=notice).order_by("-id")[0]
    settle_line(actor=admin, line=line, move="explain", answer="The evening group is on the same eRAC.")


def _somebody(role: Role, centre_id: int | None = None) -> Standing:
    standing = find_standing(holders({role}, centre_id)[0], current_ao())
    if standing is None:
        raise LookupError(f"Nobody is {role} here.")
    return standing


def seed_delays(admin: Standing, contacts: dict[int, Standing]) -> None:
    """Centres asked about delayed assessments: some have answered, and one date is published. Needs the scope."""
    adoption = Adoption.objects.select_related("framework").get(framework__code=FRAMEWORK, superseded_at=None)
    today = timezone.localdate()
    ask_centres(actor=admin, adoption=adoption, answer_by=today + dt.timedelta(days=7), remind_every_days=3)
    questions = DelayQuestion.objects.select_related("centre", "qualification", "ao").order_by("id")
    answered = [question for question in questions if question.centre_id in contacts]
    for number, question in enumerate(answered[:-1]):
        begin = today + dt.timedelta(days=30 + 20 * number)
        answer_question(
            actor=contacts[question.centre_id], question=question, sitting=max(question.learners - number, 1),
            can_sit_from=begin, can_sit_until=begin + dt.timedelta(days=25),
            needs="One learner writes with a laptop." if number else "",
        )  # fmt: skip
    award: Qualification | None = answered[0].qualification if answered else None
    if award is not None:
        day = today + dt.timedelta(days=45)
        publish_date(
            actor=admin, adoption=adoption, qualification=award, kind="assessment", title="Practical assessment",
            starts_on=day, ends_on=day + dt.timedelta(days=4), entries_by=day - dt.timedelta(days=14),
            details="Held at the centres; an external verifier comes on one of the days.",
        )  # fmt: skip
