"""What happens to a qualification: set by QAN under an adopted framework, told to everybody."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from awarding.accounts.models import User
from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError, Standing
from awarding.audit.models import AuditRecord
from awarding.catalogue.models import Qualification
from awarding.frameworks.models import Adoption
from awarding.frameworks.queries import adopted_document
from awarding.notices.models import Notice
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import open_scope
from awarding.workflow.services import GuardedError, StalePageError
from centres.models import Registration
from mitigations.models import Outcome
from mitigations.queries.impact import impacted_registrations
from mitigations.rules.outcome import OUT_OF_SCOPE, permitted_outcomes
from mitigations.services.outcomes import set_outcome, set_outcomes
from mitigations.worklist import outcomes_waiting
from tests.factories import (
    adopt_framework,
    make_ao,
    make_centre,
    make_membership,
    make_person,
    make_qualification,
    make_registration,
    make_standing,
)
from tests.factories.awards import make_qan
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db


class Ground:
    """One AO with an admin, the summer 2020 framework adopted, and one qualification."""

    def __init__(self, slug: str = "aim", framework: str = "erf_2020", **fields: Any) -> None:
        self.ao: AwardingOrganisation = make_ao(slug)
        with open_scope(self.ao):
            self.person: User = make_person("The admin")
            self.admin: Standing = make_standing(self.ao, Role.AO_ADMIN, person=self.person)
            self.adoption: Adoption = adopt_framework(framework)
            self.qualification: Qualification = make_qualification(**fields)

    def set(self, kind: str, reason: str = "", **more: Any) -> Outcome:
        with open_scope(self.ao):
            return set_outcome(
                actor=self.admin, qualification=self.qualification, adoption=self.adoption, kind=kind, reason=reason,
                **more,
            )  # fmt: skip

    def url(self, name: str, **kwargs: Any) -> str:
        return reverse(f"mitigations:{name}", kwargs={"ao": self.ao.slug, **kwargs})


@pytest.fixture
def ground() -> Ground:
    return Ground()


@pytest.fixture
def admin_client(ground: Ground, client: Client) -> Client:
    sign_in(client, ground.person)
    return client


# --- the service --------------------------------------------------------------------------------


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


# --- the AO's pages -----------------------------------------------------------------------------


def test_the_list_shows_what_has_no_outcome_yet(ground: Ground, admin_client: Client) -> None:
    with open_scope(ground.ao):
        other = make_qualification(title="Level 1 Award in Waiting")
    ground.set("calculated_grade")
    page = admin_client.get(ground.url("outcomes"), {"kind": "none"}).content.decode()
    assert other.display_qan in page and ground.qualification.display_qan not in page
    page = admin_client.get(ground.url("outcomes"), {"kind": "calculated_grade"}).content.decode()
    assert ground.qualification.display_qan in page and other.display_qan not in page


def test_the_list_costs_the_same_at_one_and_three_rows(
    ground: Ground, admin_client: Client, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    url = ground.url("outcomes")
    admin_client.get(url)
    with CaptureQueriesContext(connection) as one:
        admin_client.get(url)
    with open_scope(ground.ao):
        make_qualification()
        make_qualification()
    with django_assert_num_queries(len(one)):
        admin_client.get(url)


def test_an_outcome_is_set_on_its_page(ground: Ground, admin_client: Client) -> None:
    url = ground.url("outcome", qan=ground.qualification.qan)
    page = admin_client.get(url)
    assert page.status_code == 200
    answer = admin_client.post(
        url, {"framework": "erf_2020", "kind": "calculated_grade", "reason": "", "expected": "0"}
    )
    assert answer.status_code == 302
    with open_scope(ground.ao):
        assert Outcome.objects.get(superseded_at=None).kind == "calculated_grade"
    stale = admin_client.post(
        url, {"framework": "erf_2020", "kind": "adapted_assessment", "reason": "", "expected": "0"}
    )
    assert stale.status_code == 409
    assert "Someone else set this outcome first" in stale.content.decode()


def test_mit_03_the_page_asks_for_the_reason_beside_its_field(ground: Ground, admin_client: Client) -> None:
    url = ground.url("outcome", qan=ground.qualification.qan)
    answer = admin_client.post(url, {"kind": OUT_OF_SCOPE, "reason": "", "expected": "0"})
    assert "#id_reason" in answer.content.decode() and "not publicly funded" in answer.content.decode()


def test_ticked_qualifications_get_the_outcome(ground: Ground, admin_client: Client) -> None:
    with open_scope(ground.ao):
        other = make_qualification()
    answer = admin_client.post(
        ground.url("outcomes_set"),
        {"framework": "erf_2020", "qualification": [ground.qualification.pk, other.pk], "kind": "no_change_needed"},
    )
    assert answer.status_code == 302
    with open_scope(ground.ao):
        assert Outcome.objects.filter(kind="no_change_needed").count() == 2


def test_ticking_nothing_says_what_to_do(ground: Ground, admin_client: Client) -> None:
    answer = admin_client.post(ground.url("outcomes_set"), {"framework": "erf_2020", "kind": "no_change_needed"})
    assert "Tick the qualifications" in answer.content.decode()


def test_another_aos_qualification_is_not_there(ground: Ground, admin_client: Client) -> None:
    foreign = Ground("other")
    url = ground.url("outcome", qan=foreign.qualification.qan)
    assert admin_client.get(url).status_code == 404
    admin_client.post(
        ground.url("outcomes_set"),
        {"framework": "erf_2020", "qualification": [foreign.qualification.pk], "kind": "no_change_needed"},
    )
    with open_scope(foreign.ao):
        assert not Outcome.objects.exists()


def test_without_a_framework_the_page_says_what_comes_first(client: Client) -> None:
    ao = make_ao()
    with open_scope(ao):
        person = make_person()
        make_membership(person, Role.AO_ADMIN)
    sign_in(client, person)
    page = client.get(reverse("mitigations:outcomes", kwargs={"ao": ao.slug})).content.decode()
    assert "No framework has been adopted" in page


# --- the public page ----------------------------------------------------------------------------


def test_mit_02_anybody_finds_the_outcome_by_number(ground: Ground, client: Client) -> None:
    """MIT-02: by QAN, straight to the answer."""
    ground.set("calculated_grade")
    found = client.get("/qualifications/", {"q": ground.qualification.display_qan}, follow=True)
    assert found.redirect_chain[-1][0] == f"/qualifications/{ground.qualification.qan}/"
    assert "Calculated grade" in found.content.decode()


def test_mit_02_a_title_lists_every_number_and_says_so(ground: Ground, client: Client) -> None:
    """MIT-02: by title, every QAN that carries it, and a warning."""
    title = "Access to HE Diploma (Science)"
    foreign = Ground("other", title=title)
    with open_scope(ground.ao):
        own = make_qualification(title=title)
    page = client.get("/qualifications/", {"q": "access science"}).content.decode()
    assert own.display_qan in page and foreign.qualification.display_qan in page
    assert "2 qualifications carry this title: check the QAN" in page
    assert ground.qualification.display_qan not in page
    assert "2 qualifications carry this title" in client.get(f"/qualifications/{own.qan}/").content.decode()


def test_mit_02_a_title_of_its_own_says_nothing_of_others(ground: Ground, client: Client) -> None:
    """MIT-02, the other way: no warning where a title stands alone."""
    assert "carry this title" not in client.get(f"/qualifications/{ground.qualification.qan}/").content.decode()


def test_mit_03_out_of_scope_is_an_answer_with_its_reason(ground: Ground, client: Client) -> None:
    ground.set(OUT_OF_SCOPE, "It is not publicly funded.")
    answer = client.get(f"/qualifications/{ground.qualification.qan}/")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "It is not publicly funded." in page and "ordinary conditions apply" in page
    assert "problem" not in page.lower()


def test_the_answer_is_that_of_the_numbers_own_ao(ground: Ground, client: Client) -> None:
    foreign = Ground("other")
    ground.set("calculated_grade")
    page = client.get(f"/qualifications/{foreign.qualification.qan}/").content.decode()
    assert "Not decided yet" in page and "Calculated grade" not in page


def test_an_ao_that_does_not_use_the_portal_is_named(client: Client) -> None:
    ao = make_ao()
    with open_scope(ao):
        row = make_qualification()
    AwardingOrganisation.objects.filter(pk=ao.pk).update(slug=None)
    page = client.get(f"/qualifications/{row.qan}/").content.decode()
    assert "does not publish its decisions here" in page and ao.name in page


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (make_qan(999), "No qualification here has the number"),
        ("60171596", "mistyped"),
        ("hello", "not a qualification number"),
        ("1/2/3/4", "not a qualification number"),
    ],
)
def test_an_unknown_number_is_explained(client: Client, typed: str, words: str) -> None:
    answer = client.get(f"/qualifications/{typed}/")
    assert answer.status_code == 404
    assert words in answer.content.decode()


def test_slashes_in_the_address_lead_to_the_page(ground: Ground, client: Client) -> None:
    answer = client.get(f"/qualifications/{ground.qualification.display_qan}/")
    assert answer.status_code == 302 and answer["Location"] == f"/qualifications/{ground.qualification.qan}/"


def test_two_letters_are_too_few_to_search_by(client: Client) -> None:
    assert "at least three letters" in client.get("/qualifications/", {"q": "ab"}).content.decode()


def test_the_public_list_costs_the_same_at_one_and_three_rows(
    ground: Ground, client: Client, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as one:
        assert ground.qualification.display_qan in client.get("/qualifications/", {"q": "testing"}).content.decode()
    with open_scope(ground.ao):
        make_qualification()
        make_qualification()
    with django_assert_num_queries(len(one)):
        client.get("/qualifications/", {"q": "testing"})
