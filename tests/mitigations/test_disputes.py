"""Outcomes that a centre thinks are wrong."""

from __future__ import annotations

import pytest
from django.urls import reverse

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError
from awarding.catalogue.panels import panels_of
from awarding.notices.models import Notice
from awarding.tenancy.scope import open_scope
from awarding.workflow.queries import history
from awarding.workflow.services import GuardedError, ReasonMissingError, StalePageError
from mitigations.models import Outcome, OutcomeDispute
from mitigations.queries.disputes import visible_disputes
from mitigations.services.disputes import (
    DisputeOpenError,
    change_outcome,
    keep_outcome,
    raise_dispute,
    withdraw_dispute,
)
from mitigations.services.outcomes import set_outcome
from tests.factories import make_centre, make_qualification, make_registration, make_standing
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db
WHY = "Employers ask for it: adapted assessment can be held."


@pytest.fixture
def admin(aim):
    with open_scope(aim):
        return make_standing(aim, Role.AO_ADMIN)


@pytest.fixture
def outcome(aim, admin, centre):
    """A qualification's outcome in force; the centre has a learner on it."""
    from awarding.frameworks.models import Adoption

    with open_scope(aim):
        qualification = make_qualification()
        make_registration(centre, qualification)
        return set_outcome(
            actor=admin, qualification=qualification, adoption=Adoption.objects.get(), kind="delayed_assessment"
        )


@pytest.fixture
def dispute(scope, outcome, contact, centre):
    return raise_dispute(
        actor=contact, centre_id=centre.pk, outcome=outcome, reason=WHY, wanted_kind="adapted_assessment"
    )


def test_mit_05_a_centre_raises_it_with_its_reason_and_the_admin_is_told(dispute, admin, contact, outcome):
    """MIT-05: raised against the QAN with a reason."""
    assert (dispute.state, dispute.outcome, dispute.reason) == ("raised", outcome, WHY)
    assert WHY in Notice.objects.get(person=admin.person).body
    assert [event.transition for event in history(dispute)] == ["raise"]


def test_mit_05_without_a_reason_nothing_is_raised(scope, outcome, contact, centre):
    """MIT-05, refused: no dispute without a reason."""
    with pytest.raises(ReasonMissingError):
        raise_dispute(actor=contact, centre_id=centre.pk, outcome=outcome, reason="  ")
    assert not OutcomeDispute.objects.exists()


def test_a_second_click_finds_the_first_dispute(dispute, outcome, contact, centre):
    with pytest.raises(DisputeOpenError) as known:
        raise_dispute(actor=contact, centre_id=centre.pk, outcome=outcome, reason="Again")
    assert known.value.dispute == dispute


def test_mit_05_a_changed_outcome_is_a_new_version_and_every_centre_it_touches_is_told(
    aim, dispute, admin, contact, outcome
):
    """MIT-05: a change is a new dated version; the centres that it touches are told."""
    other, untouched = make_centre("Brynglas"), make_centre("Larkhill")
    make_registration(other, outcome.qualification)
    theirs, nobodys = (make_standing(aim, Role.QUALITY_CONTACT, place) for place in (other, untouched))
    settled = change_outcome(
        actor=admin, dispute=dispute, kind="adapted_assessment", reason="They are right.", expected_version=1
    )
    new = Outcome.objects.get(qualification=outcome.qualification, superseded_at=None)
    assert (settled.state, settled.new_outcome, new.number, new.kind) == ("changed", new, 2, "adapted_assessment")
    outcome.refresh_from_db()
    assert outcome.superseded_at is not None and new.reason == "They are right."
    told = {notice.person for notice in Notice.objects.filter(subject__contains="has changed")}
    assert told == {contact.person, theirs.person} and nobodys.person not in told
    assert Notice.objects.filter(person=contact.person, subject__startswith=dispute.number).exists()
    event = history(settled)[-1]
    assert (event.transition, event.reason, event.data["version"]) == ("change", "They are right.", 2)


def test_mit_05_a_kept_outcome_stays_the_version_it_was_and_the_centre_reads_why(dispute, admin, contact, outcome):
    with pytest.raises(ReasonMissingError):
        keep_outcome(actor=admin, dispute=dispute, reason="", expected_version=1)
    settled = keep_outcome(actor=admin, dispute=dispute, reason="It needs the workplace.", expected_version=1)
    assert settled.state == "kept" and settled.decided_by == admin.person
    assert Outcome.objects.get(qualification=outcome.qualification) == outcome
    assert Notice.objects.filter(person=contact.person, body="It needs the workplace.").exists()


@pytest.mark.parametrize(("kind", "rule"), [("delayed_assessment", "MIT-05"), ("nonsense", "MIT-01")])
def test_mit_05_only_another_outcome_that_the_framework_permits_changes_it(dispute, admin, kind, rule):
    """MIT-05, refused: the same outcome, or one that the framework does not know."""
    with pytest.raises(GuardedError) as refused:
        change_outcome(actor=admin, dispute=dispute, kind=kind, reason="So", expected_version=1)
    assert refused.value.findings[0].rule == rule
    assert Outcome.objects.count() == 1 and OutcomeDispute.objects.get().state == "raised"


def test_who_settles_second_is_told_and_sets_no_outcome(dispute, admin):
    keep_outcome(actor=admin, dispute=dispute, reason="No", expected_version=1)
    with pytest.raises(StalePageError):
        change_outcome(actor=admin, dispute=dispute, kind="adapted_assessment", reason="Yes", expected_version=1)
    assert Outcome.objects.count() == 1


def test_a_version_that_is_no_longer_in_force_is_not_disputed_unseen(scope, outcome, admin, contact, centre):
    set_outcome(
        actor=admin,
        qualification=outcome.qualification,
        adoption=outcome.adoption,
        kind="calculated_grade",
        reason="New",
    )
    with pytest.raises(StalePageError):
        raise_dispute(actor=contact, centre_id=centre.pk, outcome=outcome, reason=WHY)


def test_a_teacher_disputes_nothing_and_another_centre_sees_nothing(aim, scope, dispute, outcome, centre, contact):
    teacher = make_standing(aim, Role.TEACHER, centre)
    with pytest.raises(PermissionMissingError):
        raise_dispute(actor=teacher, centre_id=centre.pk, outcome=outcome, reason=WHY)
    stranger = make_standing(aim, Role.QUALITY_CONTACT, make_centre("Elsewhere"))
    assert not visible_disputes(stranger).exists() and visible_disputes(contact).get() == dispute
    with pytest.raises(PermissionMissingError):
        withdraw_dispute(actor=stranger, dispute=dispute, reason="Mine", expected_version=1)


def test_mit_05_from_the_qualifications_page_to_the_answer_on_it(aim, client, outcome, contact, admin):
    with open_scope(aim):
        qualification = outcome.qualification
    sign_in(client, contact.person)
    start = reverse("mitigations:dispute_outcome", kwargs={"ao": "aim", "qan": qualification.qan})
    page = reverse("catalogue:qualification", kwargs={"ao": "aim", "qan": qualification.qan})
    assert start in client.get(page).content.decode()
    assert client.post(start, {"outcome": outcome.pk}).context["form"].errors["reason"]
    # An outcome that is not there, another organisation's as well, is not taken for the one in force.
    nowhere = client.post(start, {"outcome": 987654321, "reason": WHY})
    assert "is not there" in nowhere.content.decode() and f'value="{outcome.pk}"' in nowhere.content.decode()
    sent = client.post(start, {"outcome": outcome.pk, "reason": WHY})
    assert sent.status_code == 302
    sign_in(client, admin.person)
    shown = client.get(sent["Location"])
    assert WHY in shown.content.decode() and shown.context["form"] is not None
    form = {"kind": "calculated_grade", "reason": "The evidence is enough.", "expected_version": "1"}
    assert client.post(sent["Location"], form | {"reason": ""}).context["form"].errors
    settled = client.post(sent["Location"], form, follow=True).content.decode()
    assert "Calculated grade is in force as version 2" in settled and page in settled
    assert client.post(sent["Location"], form).status_code == 409
    with open_scope(aim):
        panel = next(p for p in panels_of(qualification, contact) if str(p.heading) == "Disputes")
        assert "The evidence is enough." in str(panel.rows[0][1])
