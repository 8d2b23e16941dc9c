"""Moving a learner to another size of the qualification: flagged, reasoned, checked against the other size (MIT-13)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from awarding.accounts.roles import Role
from awarding.catalogue.models import QualificationUnit
from awarding.catalogue.services.combination import save_family
from awarding.frameworks.models import Adoption
from awarding.notices.models import Notice
from awarding.tenancy.scope import open_scope
from awarding.workflow.services import GuardedError, ReasonMissingError, StalePageError
from centres.models import Registration
from mitigations.models import SizeMove
from mitigations.services.generation import generate_claim
from mitigations.services.size_moves import decide_size_move, request_size_move
from tests.factories import make_qualification, make_registration, make_standing
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(aim):
    with open_scope(aim):
        return make_standing(aim, Role.AO_ADMIN)


@pytest.fixture
def sizes(aim, admin):
    """An award of the first two units of a certificate's four, and the certificate."""
    with open_scope(aim):
        large = make_qualification(units=4, title="Certificate")
        small = make_qualification(units=0, title="Award")
        group = small.groups.get()
        for place in large.unit_places.order_by("position")[:2]:
            QualificationUnit.objects.create(qualification=small, unit=place.unit, group=group, position=place.position)
        small.min_credits = 20
        small.save()
        save_family(actor=admin, name="Testing", sizes=[small, large])
        small.refresh_from_db()
        large.refresh_from_db()
        return small, large


def registered(centre, qualification, **dates):
    return make_registration(centre, qualification, **dates)


def ask(contact, registration, target, reason="The learner cannot finish all four units"):
    return request_size_move(actor=contact, registration=registration, target=target, reason=reason)


def url(name, **kwargs):
    return reverse(f"mitigations:{name}", kwargs={"ao": "aim", **kwargs})


def test_mit_13_a_smaller_size_in_the_disrupted_period_waits_for_the_ao_who_sees_it_flagged(
    aim, centre, contact, admin, sizes, client
):
    small, large = sizes
    with open_scope(aim):
        registration = registered(centre, large)
    sign_in(client, contact.person)
    learner = reverse("centres:learner", kwargs={"ao": "aim", "learner_id": registration.learner_id})
    assert url("ask_size_move", registration_id=registration.pk) in client.get(learner).content.decode()
    page = client.get(url("ask_size_move", registration_id=registration.pk)).content.decode()
    assert "the disrupted period of" in page and "The group “Mandatory” is 2 units short" in page
    without = client.post(url("ask_size_move", registration_id=registration.pk), {"target": small.pk, "reason": " "})
    assert without.context["form"].errors["reason"]
    facts = {"target": small.pk, "reason": "The learner moves abroad"}
    assert client.post(url("ask_size_move", registration_id=registration.pk), facts).status_code == 302
    # A second click finds the request that is open.
    again = client.post(url("ask_size_move", registration_id=registration.pk), facts)
    with open_scope(aim):
        move = SizeMove.objects.get()
        assert again.url == url("size_move", size_move_id=move.pk)
        assert (move.state, move.is_flagged) == ("requested", True)
        assert Registration.objects.get(pk=registration.pk).qualification_id == large.pk
        assert Notice.objects.filter(person=admin.person, key=f"size-move-{move.pk}").exists()
    sign_in(client, admin.person)
    # The centre asks, nobody else.
    assert "/size-moves/ask/" not in client.get(learner).content.decode()
    listed = client.get(url("size_moves") + "?flagged=1&state=requested").content.decode()
    assert "Possible disadvantage" in listed and registration.learner.full_name in listed
    shown = client.get(url("size_move", size_move_id=move.pk)).content.decode()
    assert "/rules/MIT-13/" in shown and "The learner moves abroad" in shown
    decide = url("decide_size_move", size_move_id=move.pk)
    silent = client.post(decide, {"move": "agree", "reason": "", "expected_version": move.version})
    assert silent.context["form"].errors["reason"]
    said = {"move": "agree", "reason": "Agreed with the learner", "expected_version": move.version}
    done = client.post(decide, said, follow=True)
    assert done.redirect_chain and f"is registered for {small}" in done.content.decode()
    with open_scope(aim):
        moved = Registration.objects.select_related("cohort").get(pk=registration.pk)
        assert (moved.qualification_id, moved.cohort.qualification_id) == (small.pk, small.pk)
        assert Notice.objects.filter(person=contact.person, subject__contains="Agreed").exists()


def test_mit_13_a_decided_request_is_not_decided_again(aim, scope, centre, contact, admin, sizes):
    small, large = sizes
    registration = registered(centre, large)
    move = ask(contact, registration, small)
    declined = decide_size_move(
        actor=admin, move=move, transition="decline", reason="Claim the larger one", expected_version=move.version
    )
    assert declined.state == "declined"
    with pytest.raises(StalePageError):
        decide_size_move(actor=admin, move=move, transition="agree", reason="Yes", expected_version=move.version)
    assert Registration.objects.get(pk=registration.pk).qualification_id == large.pk
    assert ask(contact, registration, small).state == "requested"


@pytest.mark.parametrize("why", ["larger", "not impacted", "no framework"])
def test_mit_13_a_move_that_costs_nothing_is_made_at_once(aim, scope, centre, contact, sizes, why):
    small, large = sizes
    source, target = (small, large) if why == "larger" else (large, small)
    registration = registered(centre, source, ends_on=dt.date(2020, 3, 19) if why == "not impacted" else None)
    if why == "no framework":
        Adoption.objects.update(superseded_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    move = ask(contact, registration, target)
    assert (move.state, move.is_flagged) == ("moved", False)
    assert Registration.objects.get(pk=registration.pk).qualification_id == target.pk


def test_mit_13_units_that_do_not_make_the_smaller_size_block_it_and_are_named(aim, scope, centre, contact, sizes):
    small, large = sizes
    small.groups.update(min_credits=30)
    extra = make_qualification(units=1).unit_places.get().unit
    QualificationUnit.objects.create(qualification=small, unit=extra, group=small.groups.get(), position=9)
    registration = registered(centre, large)
    with pytest.raises(GuardedError) as refused:
        ask(contact, registration, small)
    [finding] = refused.value.findings
    assert (finding.rule, finding.code) == ("MIT-13", "units_do_not_fit")
    assert "1 unit and 10 credits short" in str(finding.what) and extra.reference in str(finding.fix)
    assert not SizeMove.objects.exists()


def test_mit_13_without_rules_of_the_target_nothing_can_be_checked(aim, scope, centre, contact, sizes):
    small, large = sizes
    small.groups.update(is_mandatory=False, min_units=0, min_credits=0)
    type(small).objects.filter(pk=small.pk).update(min_credits=0)
    with pytest.raises(GuardedError) as refused:
        ask(contact, registered(centre, large), type(small).objects.get(pk=small.pk))
    assert [finding.code for finding in refused.value.findings] == ["no_rules"]


def test_mit_13_who_stands_on_an_erac_or_on_another_family_is_not_moved(aim, scope, centre, contact, sizes):
    small, large = sizes
    registration = registered(centre, large)
    generate_claim(actor=contact, cohort=registration.cohort)
    with pytest.raises(GuardedError) as refused:
        ask(contact, registration, small)
    assert [finding.code for finding in refused.value.findings] == ["on_a_claim"]
    other = registered(centre, make_qualification())
    with pytest.raises(GuardedError) as refused:
        ask(contact, other, small)
    assert [finding.code for finding in refused.value.findings] == ["no_size"]
    with pytest.raises(ReasonMissingError):
        ask(contact, registered(centre, large), small, reason="  ")


def test_mit_13_who_stands_on_an_erac_is_told_before_anything_is_written(aim, centre, contact, sizes, client):
    _small, large = sizes
    with open_scope(aim):
        registration = registered(centre, large)
        generate_claim(actor=contact, cohort=registration.cohort)
    sign_in(client, contact.person)
    page = client.get(url("ask_size_move", registration_id=registration.pk)).content.decode()
    assert "Withdraw that eRAC first" in page and "Ask for the move" not in page


def test_mit_13_an_open_request_does_not_overtake_what_changed_meanwhile(aim, scope, centre, contact, admin, sizes):
    small, large = sizes
    registration = registered(centre, large)
    move = ask(contact, registration, small)
    generate_claim(actor=contact, cohort=registration.cohort)
    with pytest.raises(GuardedError, match="stands on eRAC"):
        decide_size_move(actor=admin, move=move, transition="agree", reason="Yes")
    assert SizeMove.objects.get().state == "requested"


def test_a_centre_sees_its_own_requests_only(aim, centre, contact, sizes, client):
    small, large = sizes
    with open_scope(aim):
        from tests.factories import make_centre

        stranger = make_standing(aim, Role.QUALITY_CONTACT, make_centre("Elsewhere"))
        move = ask(contact, registered(centre, large), small)
    sign_in(client, stranger.person)
    assert client.get(url("size_move", size_move_id=move.pk)).status_code == 404
    assert "No requests yet" in client.get(url("size_moves")).content.decode()
    sign_in(client, contact.person)
    assert client.get(url("size_move", size_move_id=move.pk)).status_code == 200
    answer = client.post(url("decide_size_move", size_move_id=move.pk), {"move": "agree", "reason": "Me"})
    assert answer.context["form"].errors["move"]
