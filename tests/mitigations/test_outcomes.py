"""What happens to a qualification: set by QAN under an adopted framework, told to everybody."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError
from awarding.audit.models import AuditRecord
from awarding.frameworks.models import Adoption
from awarding.frameworks.queries import adopted_document
from awarding.notices.models import Notice
from awarding.tenancy.scope import open_scope
from awarding.workflow.services import GuardedError, StalePageError
from centres.models import Registration
from mitigations.models import Outcome
from mitigations.queries.impact import impacted_registrations
from mitigations.rules.outcome import OUT_OF_SCOPE, permitted_outcomes
from mitigations.services.outcomes import set_outcome, set_outcomes
from mitigations.worklist import outcomes_waiting
from tests.factories import (
    make_centre,
    make_membership,
    make_person,
    make_qualification,
    make_registration,
    make_standing,
)
from tests.mitigations.grounds import Ground

pytestmark = pytest.mark.django_db


def test_mit_01_a_qualification_has_one_outcome_in_force(ground: Ground) -> None:
    first = ground.set("calculated_grade")
    second = ground.set("adapted_assessment")
    with open_scope(ground.ao):
        first.refresh_from_db()
        in_force = Outcome.objects.filter(qualification=ground.qualification, superseded_at=None)
        assert [row.pk for row in in_force] == [second.pk]
    assert first.superseded_at is not None
    assert (first.number, second.number) == (1, 2)
    assert second.set_by == ground.person


def test_mit_01_an_outcome_that_the_framework_does_not_offer_is_refused(ground: Ground) -> None:
    with pytest.raises(GuardedError) as refused:
        ground.set("q_tag")
    assert [finding.rule for finding in refused.value.findings] == ["MIT-01"]
    with open_scope(ground.ao):
        assert not Outcome.objects.exists()


@pytest.mark.parametrize(("category", "may"), [("A", False), ("B1", True), ("", False)])
def test_mit_01_the_category_decides_what_is_permitted(category: str, may: bool) -> None:
    """Under a framework of categories A, B1 and B2 a whole-qualification grade is never for A, nor for none."""
    ground = Ground(framework="vcrf_2021", category=category)
    with open_scope(ground.ao):
        kinds = {row.outcome.code for row in permitted_outcomes(adopted_document(ground.adoption), category)}
    assert ("q_tag" in kinds) is may
    if may:
        assert ground.set("q_tag").kind == "q_tag"
    else:
        with pytest.raises(GuardedError):
            ground.set("q_tag")


def test_mit_01_a_last_resort_needs_its_reason() -> None:
    ground = Ground(framework="vcrf_2021", category="B2")
    with pytest.raises(GuardedError):
        ground.set("q_tag")
    assert ground.set("q_tag", "Every workshop was closed.").reason == "Every workshop was closed."


def test_mit_03_out_of_scope_needs_a_reason(ground: Ground) -> None:
    with pytest.raises(GuardedError) as refused:
        ground.set(OUT_OF_SCOPE, "  ")
    assert refused.value.findings[0].rule == "MIT-03"
    assert ground.set(OUT_OF_SCOPE, "Not publicly funded.").kind == OUT_OF_SCOPE


def test_the_same_outcome_again_changes_nothing(ground: Ground) -> None:
    first = ground.set("calculated_grade", expected_number=0)
    again = ground.set("calculated_grade", expected_number=0)
    assert again.pk == first.pk


def test_who_comes_second_is_told_and_overwrites_nothing(ground: Ground) -> None:
    ground.set("calculated_grade", expected_number=0)
    with pytest.raises(StalePageError):
        ground.set("adapted_assessment", expected_number=0)
    with open_scope(ground.ao):
        assert Outcome.objects.get(superseded_at=None).kind == "calculated_grade"


def test_a_superseded_adoption_takes_no_outcome(ground: Ground) -> None:
    with open_scope(ground.ao):
        Adoption.objects.update(superseded_at=ground.adoption.adopted_at)
    with pytest.raises(StalePageError):
        ground.set("calculated_grade")


def test_a_role_that_may_not_is_refused(ground: Ground) -> None:
    with open_scope(ground.ao):
        panel = make_standing(ground.ao, Role.PANEL_MEMBER)
        with pytest.raises(PermissionMissingError):
            set_outcome(
                actor=panel, qualification=ground.qualification, adoption=ground.adoption, kind="calculated_grade"
            )


def test_who_set_what_is_in_the_audit_trail(ground: Ground) -> None:
    ground.set("calculated_grade")
    ground.set("delayed_assessment", "The workshops are closed.")
    with open_scope(ground.ao):
        event = AuditRecord.objects.filter(event="outcome.set").first()
        assert event is not None
        assert event.actor == ground.person
        assert event.data["before"] == {ground.qualification.qan: "calculated_grade"}


def test_mit_05_a_change_tells_the_centres_that_have_learners(ground: Ground) -> None:
    """MIT-05: every affected centre is told, and no other."""
    with open_scope(ground.ao):
        concerned, other = make_centre("Concerned College"), make_centre("Other College")
        contact, stranger = make_person("Contact"), make_person("Stranger")
        make_membership(contact, Role.QUALITY_CONTACT, concerned)
        make_membership(stranger, Role.QUALITY_CONTACT, other)
        make_registration(concerned, ground.qualification)
    ground.set("calculated_grade")
    with open_scope(ground.ao):
        assert not Notice.objects.exists()
    ground.set("adapted_assessment")
    with open_scope(ground.ao):
        notice = Notice.objects.get()
        assert notice.person == contact
        assert ground.qualification.display_qan in notice.body and "Adapted assessment" in notice.body


def test_mit_05_one_contact_of_two_centres_hears_of_both(ground: Ground) -> None:
    with open_scope(ground.ao):
        contact = make_person("Contact")
        for name in ("First College", "Second College"):
            centre = make_centre(name)
            make_membership(contact, Role.QUALITY_CONTACT, centre)
            make_registration(centre, ground.qualification)
    ground.set("calculated_grade")
    ground.set("adapted_assessment")
    with open_scope(ground.ao):
        assert Notice.objects.filter(person=contact).count() == 2


@pytest.mark.parametrize(
    ("ends_on", "impacted"),
    [(dt.date(2020, 3, 19), 0), (dt.date(2020, 3, 20), 1), (dt.date(2021, 7, 31), 1)],
)
def test_mit_06_whoever_ends_on_or_after_the_impact_date_is_impacted(
    ground: Ground, ends_on: dt.date, impacted: int
) -> None:
    with open_scope(ground.ao):
        make_registration(make_centre(), ground.qualification, ends_on=ends_on)
        assert impacted_registrations(adopted_document(ground.adoption)).count() == impacted


def test_mit_06_a_withdrawn_learner_is_not_impacted(ground: Ground) -> None:
    with open_scope(ground.ao):
        row = make_registration(make_centre(), ground.qualification)
        document = adopted_document(ground.adoption)
        assert impacted_registrations(document).count() == 1
        row.status = Registration.Status.WITHDRAWN
        row.save()
        assert impacted_registrations(document).count() == 0


def test_many_at_once_sets_those_that_may_and_names_the_others() -> None:
    ground = Ground(framework="vcrf_2021", category="B1")
    with open_scope(ground.ao):
        practical = make_qualification(category="A")
        chosen = [ground.qualification, practical]
        report = set_outcomes(actor=ground.admin, qualifications=chosen, adoption=ground.adoption, kind="q_tag")
        assert [row.qualification_id for row in report.set] == [ground.qualification.pk]
        assert [finding.where for finding in report.refused] == [practical.display_qan]
        again = set_outcomes(
            actor=ground.admin, qualifications=[ground.qualification], adoption=ground.adoption, kind="q_tag"
        )
        assert (len(again.set), again.unchanged) == (0, 1)


def test_many_at_once_cost_no_more_queries_than_one(ground: Ground, django_assert_num_queries: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with open_scope(ground.ao):
        with CaptureQueriesContext(
            connection,
        ) as one:
            set_outcomes(
                actor=ground.admin, qualifications=[ground.qualification], adoption=ground.adoption,
                kind="calculated_grade",
            )  # fmt: skip
        more = [make_qualification() for _n in range(3)]
        with django_assert_num_queries(len(one)):
            set_outcomes(actor=ground.admin, qualifications=more, adoption=ground.adoption, kind="calculated_grade")


def test_mit_06_impacted_learners_without_an_outcome_are_the_admins_work(ground: Ground) -> None:
    def lines() -> list[str]:
        with open_scope(ground.ao):
            return [str(item.title) for item in outcomes_waiting(ground.admin)]

    assert lines() == []
    with open_scope(ground.ao):
        make_registration(make_centre(), ground.qualification)
        assert outcomes_waiting(make_standing(ground.ao, Role.PANEL_MEMBER)) == []
    assert lines() == ["1 qualification with impacted learners has no outcome"]
    ground.set("calculated_grade")
    assert lines() == []
