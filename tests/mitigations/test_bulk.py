"""One answer for many lines of a checklist, the exceptions, and taking it back."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from awarding.accounts.roles import Role
from awarding.tenancy.scope import open_scope
from mitigations.models import BulkAnswer, EvidenceEntry
from mitigations.queries.bulk import BulkInput, plan_bulk
from mitigations.services.bulk import ChangedMeanwhileError, give_bulk_answer, undo_bulk_answer
from mitigations.services.checklist import LineInput, save_lines
from mitigations.services.grid import ClaimLockedError
from tests.factories import make_claim, make_standing
from tests.factories.filling import fill_and_submit, places_of
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db
COMPLETE = {"status": "complete", "evidence_types": ["classwork"], "is_reachable": True}


def columns(claim, *positions):
    return frozenset(str(unit.pk) for unit in claim.units.all() if not positions or unit.position in positions)


def ask(claim, said=COMPLETE, rows=None, *positions):
    return BulkInput(said, columns(claim, *positions), rows)


def states(claim):
    rows = EvidenceEntry.objects.filter(claim=claim).order_by("learner__position", "unit__position")
    return [(row.status, tuple(row.evidence_types), row.is_reachable) for row in rows]


def say(claim, contact, place, **said):
    save_lines(actor=contact, claim_id=claim.pk, lines=[LineInput(*places_of(claim)[place], **said)])


def test_one_answer_for_a_unit_and_every_learner(scope, centre, contact):
    claim = make_claim(centre, contact, learners=3, units=2)
    give_bulk_answer(actor=contact, claim_id=claim.pk, asked=ask(claim, COMPLETE, None, 0))
    assert states(claim) == [("complete", ("classwork",), True)] * 3
    assert give_bulk_answer(actor=contact, claim_id=claim.pk, asked=ask(claim, COMPLETE, None, 0)) is None


def test_parts_that_are_left_open_stay_as_they_are(scope, centre, contact):
    claim = make_claim(centre, contact, learners=1, units=1)
    say(claim, contact, 0, status="partial", note="Half of it")
    give_bulk_answer(actor=contact, claim_id=claim.pk, asked=ask(claim, {"evidence_types": ["classwork"]}))
    assert states(claim) == [("partial", ("classwork",), True)]
    assert EvidenceEntry.objects.get().note == "Half of it"


def test_an_individual_answer_is_shown_and_stays_unless_it_is_ticked(scope, centre, contact):
    claim = make_claim(centre, contact, learners=2, units=1)
    say(claim, contact, 0, status="none")
    plan = plan_bulk(claim, ask(claim))
    assert [line.before["status"] for line in plan.meets] == ["none"] and len(plan.fills) == 1
    give_bulk_answer(actor=contact, claim_id=claim.pk, asked=ask(claim))
    assert [state for state, _types, _reach in states(claim)] == ["none", "complete"]
    answer = give_bulk_answer(actor=contact, claim_id=claim.pk, asked=ask(claim), overwrite={plan.meets[0].key})
    assert [state for state, _types, _reach in states(claim)] == ["complete", "complete"]
    assert answer.overwritten == 1 and answer.lines[0]["before"]["status"] == "none"


def test_an_answer_changed_after_it_was_shown_is_not_overwritten(scope, centre, contact):
    claim = make_claim(centre, contact, learners=1, units=1)
    say(claim, contact, 0, status="none")
    plan = plan_bulk(claim, ask(claim))
    say(claim, contact, 0, status="partial")
    for choice in ({"overwrite": {plan.meets[0].key}}, {"all_shown": plan.digest}):
        with pytest.raises(ChangedMeanwhileError):
            give_bulk_answer(actor=contact, claim_id=claim.pk, asked=ask(claim), **choice)
    assert states(claim) == [("partial", (), True)] and not BulkAnswer.objects.exists()


def test_taking_back_restores_all_but_what_was_changed_since(scope, centre, contact):
    claim = make_claim(centre, contact, learners=3, units=1)
    say(claim, contact, 0, status="none", is_reachable=False, reach_reason="Closed", kept_at="Shed")
    plan = plan_bulk(claim, ask(claim))
    answer = give_bulk_answer(actor=contact, claim_id=claim.pk, asked=ask(claim), all_shown=plan.digest)
    assert states(claim) == [("complete", ("classwork",), True)] * 3
    say(claim, contact, 2, status="partial")
    assert undo_bulk_answer(actor=contact, answer=answer) == (2, 1)
    assert states(claim) == [("none", (), False), ("", (), True), ("partial", ("classwork",), True)]
    entry = EvidenceEntry.objects.get(status="none")
    assert (entry.reach_reason, entry.kept_at) == ("Closed", "Shed")
    assert undo_bulk_answer(actor=contact, answer=answer) == (0, 0)


def test_a_claim_that_has_gone_takes_no_answers_and_gives_none_back(scope, centre, contact):
    claim = make_claim(centre, contact, learners=1, units=1)
    answer = give_bulk_answer(actor=contact, claim_id=claim.pk, asked=ask(claim))
    fill_and_submit(claim, contact)
    with pytest.raises(ClaimLockedError):
        give_bulk_answer(actor=contact, claim_id=claim.pk, asked=ask(claim, {"status": "none"}))
    with pytest.raises(ClaimLockedError):
        undo_bulk_answer(actor=contact, answer=answer)


def test_somebody_of_another_centre_finds_no_such_claim(scope, centre, contact):
    from tests.factories import make_centre

    claim = make_claim(centre, contact, learners=1, units=1)
    stranger = make_standing(scope, Role.QUALITY_CONTACT, make_centre("Elsewhere"))
    with pytest.raises(type(claim).DoesNotExist):
        give_bulk_answer(actor=stranger, claim_id=claim.pk, asked=ask(claim))


# --- the pages ----------------------------------------------------------------------------------


def test_the_page_shows_first_asks_and_takes_back(aim, centre, contact):
    with open_scope(aim):
        claim = make_claim(centre, contact, learners=2, units=2)
        say(claim, contact, 0, status="none")
        first = str(claim.units.get(position=0).pk)
    desk = Client()
    sign_in(desk, contact.person)
    page = reverse("mitigations:bulk", kwargs={"ao": "aim", "claim_id": claim.pk})
    data = {"units": [first], "who": "all", "status": "complete", "evidence_types": ["classwork"], "reach": "yes"}
    shown = desk.post(page, data | {"step": "preview"})
    assert "1 line says something else" in shown.content.decode() and "1 line is filled in" in shown.content.decode()
    with open_scope(aim):
        assert EvidenceEntry.objects.count() == 1
    keys = [line.key for line in shown.context["plan"].meets]
    stale = desk.post(page, data | {"step": "apply", "overwrite": "all", "shown": "another"})
    assert stale.status_code == 409 and "Look at them again" in stale.content.decode()
    done = desk.post(page, data | {"step": "apply", "overwrite": "some", "line": keys}, follow=True)
    assert "Overwritten: what these lines said before" in done.content.decode()
    with open_scope(aim):
        assert states(claim) == [("complete", ("classwork",), True)] * 2
    back = desk.post(done.redirect_chain[-1][0], follow=True)
    assert "2 lines were put back." in back.content.decode()
    with open_scope(aim):
        assert states(claim) == [("none", (), True), ("", (), True)]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"who": "all", "status": "complete"}, "Tick the units"),
        ({"who": "all", "every_unit": "on"}, "Say something of the evidence"),
        ({"who": "only", "every_unit": "on", "status": "complete"}, "Tick the learners"),
        ({"who": "all", "every_unit": "on", "reach": "no"}, "Say why the evidence cannot be reached"),
        ({"who": "all", "every_unit": "on", "status": "mostly"}, "cannot be chosen now"),
        ({"who": "all", "units": ["999999"], "status": "complete"}, "cannot be chosen now"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_stored(aim, centre, contact, data, words):
    with open_scope(aim):
        claim = make_claim(centre, contact, learners=1, units=1)
    desk = Client()
    sign_in(desk, contact.person)
    answer = desk.post(
        reverse("mitigations:bulk", kwargs={"ao": "aim", "claim_id": claim.pk}), data | {"step": "apply"}
    )
    assert answer.status_code == 200 and words in answer.content.decode()
    with open_scope(aim):
        assert not EvidenceEntry.objects.exists()


def test_an_answer_that_every_line_gives_already_is_said_to_change_nothing(aim, centre, contact):
    with open_scope(aim):
        claim = make_claim(centre, contact, learners=1, units=1)
        say(claim, contact, 0, status="complete")
    desk = Client()
    sign_in(desk, contact.person)
    page = reverse("mitigations:bulk", kwargs={"ao": "aim", "claim_id": claim.pk})
    shown = desk.post(
        page, {"every_unit": "on", "who": "all", "status": "complete", "step": "preview"}
    ).content.decode()
    assert "there is nothing to give" in shown and "Give this answer" not in shown


def test_every_learner_but_some(aim, centre, contact):
    with open_scope(aim):
        claim = make_claim(centre, contact, learners=3, units=1)
        rows = [row for row, _column in places_of(claim)]
    desk = Client()
    sign_in(desk, contact.person)
    page = reverse("mitigations:bulk", kwargs={"ao": "aim", "claim_id": claim.pk})
    data = {"every_unit": "on", "who": "but", "learners": [rows[1]], "status": "complete"}
    assert desk.post(page, data | {"step": "apply"}).status_code == 302
    with open_scope(aim):
        assert list(EvidenceEntry.objects.order_by("learner__position").values_list("learner__row_key", flat=True)) == [
            rows[0],
            rows[2],
        ]
