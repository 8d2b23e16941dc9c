"""Grades by teachers for single components: one drafted, one that waits for the panel, one agreed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification
from awarding.frameworks.models import Adoption
from awarding.workflow.services import apply_transition
from centres.models import Centre, Cohort, Learner, Registration
from mitigations.services.component_tags import TagInput, draft_tag, move_tag
from mitigations.services.generation import generate_claim
from mitigations.services.outcomes import set_outcome
from mitigations.workflow import COMPONENT_TAG

FRAMEWORK = "vcrf_2021"
# The framework ended years ago: the requests were sent while it was in force.
SENT_ON = dt.date(2021, 6, 10)
TELLS = {
    "history": "Began in September 2020 and was taught all three units; the kennels were closed from January on.",
    "engagement": "Came to every lesson, in person and from afar, and kept a diary of the dog at home.",
    "achievement": "Passed the two other units in the ordinary way; the work in this one is of the same standard.",
}
SAID = TagInput(
    "", ["no_assessment_possible", "holistic_reviewed"], TELLS, ["recording", "classwork"],
    "Two films of the daily routine, April 2021, and a care plan in the learner’s own words.",
)  # fmt: skip


def seed_component_tags(
    admin: Standing, member: Standing, contact: Standing, centre: Centre, qualification: Qualification
) -> None:
    """An eRAC under the framework of 2021, with a request in each state that asks something of somebody. Needs the scope."""
    adoption = (
        Adoption.objects.select_related("framework").filter(framework__code=FRAMEWORK, superseded_at=None).first()
    )
    grades = qualification.unit_scale
    if adoption is None or grades is None:
        return
    set_outcome(
        actor=admin, qualification=qualification, adoption=adoption, kind="component_tag",
        reason="Handling is shown at kennels, and those are closed (demonstration).",
    )  # fmt: skip
    cohort = Cohort.objects.create(centre=centre, qualification=qualification, name="2020-21 spring (synthetic)")
    learners = Learner.objects.filter(centre=centre).exclude(registrations__qualification=qualification)
    for learner in learners.order_by("-id")[:3]:
        Registration.objects.create(
            centre=centre, learner=learner, qualification=qualification, cohort=cohort,
            registered_on=dt.date(2020, 9, 28), starts_on=dt.date(2020, 9, 7), ends_on=dt.date(2021, 7, 2),
        )  # fmt: skip
    claim = generate_claim(actor=contact, cohort=cohort)
    passed = grades.grades.filter(is_achieved=True).order_by("rank").first()
    if passed is None:
        return
    unit = claim.units.all()[0]
    for number, row in enumerate(claim.learners.all()):
        tag = draft_tag(
            actor=contact, claim=claim, learner_id=row.pk, unit_id=unit.pk, said=replace(SAID, grade=passed.code)
        )
        if number:
            tag = apply_transition(COMPONENT_TAG, tag, "request", actor=contact, changes={"requested_on": SENT_ON})
        if number == 2:
            move_tag(actor=member, tag=tag, move="agree", reason="The films bear the grade out.")
