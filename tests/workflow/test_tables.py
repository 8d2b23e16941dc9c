"""The workflow mechanism: tables refuse to be built with holes, one function moves, in one transaction."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from awarding.accounts.roles import PERMISSIONS, Role
from awarding.accounts.roles import Permission as P
from awarding.accounts.standing import PermissionMissingError, Process
from awarding.audit.models import AuditRecord
from awarding.findings.finding import Finding, Severity
from awarding.tenancy.scope import open_scope
from awarding.workflow.models import StatusEvent
from awarding.workflow.queries import history, moves_open_to, turn
from awarding.workflow.registry import workflows
from awarding.workflow.services import GuardedError, ReasonMissingError, StalePageError, apply_transition
from awarding.workflow.table import State, Transition, Workflow
from mitigations.models import Claim
from tests.factories import make_ao, make_centre, make_claim, make_standing

pytestmark = pytest.mark.django_db
CENTRE, PANEL = frozenset({Role.QUALITY_CONTACT}), frozenset({Role.PANEL_MEMBER})
STATES = (
    State("drafted", "Drafted", "The centre", "Fill in", CENTRE),
    State("queued", "Queued", "The panel", "Decide", PANEL),
    State("processed", "Processed", "Nobody", "Nothing", is_final=True),
)


def blocks(claim: Claim) -> list[Finding]:
    return [Finding("CLM-03", Severity.BLOCKS, "Claim", "No evidence.", "Add some.")]


def warns(claim: Claim) -> list[Finding]:
    return [Finding("CLM-03", Severity.WARNS, "Claim", "Little evidence.", "Add some.")]


def table(*guards, needs_reason: bool = False) -> Workflow:
    submit = Transition(
        "submit", "Submit", ("drafted",), "queued", P.CLAIMS_SUBMIT, guards=guards, needs_reason=needs_reason
    )
    done = Transition("process", "Process", ("queued",), "processed", by_process=True)
    return Workflow("trial", STATES, (submit, done), "drafted")


@pytest.fixture
def ao():
    return make_ao("aim")


@pytest.fixture
def scene(ao):
    """A drafted claim with the quality contact of its centre, in the open scope."""
    with open_scope(ao):
        centre = make_centre()
        contact = make_standing(ao, Role.QUALITY_CONTACT, centre)
        yield make_claim(centre, contact, learners=1, units=1), contact


@pytest.mark.parametrize(
    "transitions",
    [
        (Transition("a", "A", ("nowhere",), "queued", P.CLAIMS_SUBMIT),),
        (Transition("a", "A", ("drafted",), "nowhere", P.CLAIMS_SUBMIT),),
        (Transition("a", "A", ("drafted",), "queued"),),
        (Transition("a", "A", ("drafted",), "queued", P.CLAIMS_SUBMIT, by_process=True),),
        (Transition("a", "A", ("drafted",), "queued", P.CLAIMS_SUBMIT),) * 2,
    ],
    ids=["unknown source", "unknown target", "nobody may", "both may", "named twice"],
)
def test_a_table_with_a_hole_is_refused(transitions):
    with pytest.raises(ValueError):
        Workflow("trial", STATES, transitions, "drafted")


def test_every_real_table_can_be_walked_to_an_end_and_each_move_by_somebody():
    assert workflows()
    for workflow in workflows():
        reached, frontier = {workflow.initial}, [workflow.initial]
        while frontier:
            for move in workflow.from_state(frontier.pop()):
                if move.target not in reached:
                    reached.add(move.target)
                    frontier.append(move.target)
        assert reached == {state.name for state in workflow.states}, workflow.name
        assert workflow.title and "_" not in str(workflow.title), workflow.name
        for state in workflow.states:
            assert bool(workflow.from_state(state.name)) or state.is_final, (workflow.name, state.name)
        for move in workflow.transitions:
            assert move.by_process or any(move.permission in held for held in PERMISSIONS.values()), move.name


def test_a_move_changes_the_row_writes_history_and_audit(scene):
    claim, contact = scene
    version = claim.version
    moved = apply_transition(table(), claim, "submit", actor=contact, reason=" Ready ", data={"a": 1})
    assert (moved.state, moved.version) == ("queued", version + 1)
    event = history(claim)[-1]
    assert (event.transition, event.source, event.target, event.actor, event.reason, event.data) == (
        "submit", "drafted", "queued", contact.person, "Ready", {"a": 1}
    )  # fmt: skip
    assert AuditRecord.objects.filter(event="claim.submit", target_id=claim.pk, actor=contact.person).count() == 1


def test_a_stale_page_is_told_and_nothing_is_saved(scene):
    claim, contact = scene
    with pytest.raises(StalePageError, match="Someone else decided first"):
        apply_transition(table(), claim, "submit", actor=contact, expected_version=claim.version - 1)
    claim.refresh_from_db()
    assert claim.state == "drafted"


def test_the_same_move_twice_is_told_the_second_time(scene):
    claim, contact = scene
    apply_transition(table(), claim, "submit", actor=contact)
    with pytest.raises(StalePageError):
        apply_transition(table(), claim, "submit", actor=contact)


def test_somebody_without_the_permission_moves_nothing(ao, scene):
    claim, _contact = scene
    for stranger in (make_standing(ao, Role.PANEL_MEMBER), make_standing(ao, Role.QUALITY_CONTACT, make_centre())):
        with pytest.raises(PermissionMissingError):
            apply_transition(table(), claim, "submit", actor=stranger)
    claim.refresh_from_db()
    assert claim.state == "drafted"


def test_a_move_of_the_portal_is_made_by_a_named_process_only(ao, scene):
    claim, contact = scene
    apply_transition(table(), claim, "submit", actor=contact)
    with pytest.raises(PermissionMissingError):
        apply_transition(table(), claim, "process", actor=make_standing(ao, Role.AO_ADMIN))
    apply_transition(table(), claim, "process", actor=Process("results"))
    assert history(claim)[-1].process == "results"


def test_a_process_makes_no_move_that_is_a_persons(scene):
    with pytest.raises(PermissionMissingError):
        apply_transition(table(), scene[0], "submit", actor=Process("results"))


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_reason_is_asked_for(scene, reason):
    claim, contact = scene
    with pytest.raises(ReasonMissingError):
        apply_transition(table(needs_reason=True), claim, "submit", actor=contact, reason=reason)
    assert (
        apply_transition(table(needs_reason=True), claim, "submit", actor=contact, reason="Because").state == "queued"
    )


def test_a_guard_that_blocks_stops_the_move_with_its_finding_and_one_that_warns_does_not(scene):
    claim, contact = scene
    with pytest.raises(GuardedError) as caught:
        apply_transition(table(warns, blocks), claim, "submit", actor=contact)
    assert [finding.what for finding in caught.value.findings] == ["No evidence."]
    assert apply_transition(table(warns), claim, "submit", actor=contact).state == "queued"


def test_nothing_of_a_move_remains_when_its_transaction_fails(scene):
    claim, contact = scene
    before = StatusEvent.objects.count()
    with pytest.raises(RuntimeError), transaction.atomic():
        apply_transition(table(), claim, "submit", actor=contact)
        raise RuntimeError
    claim.refresh_from_db()
    assert claim.state == "drafted" and StatusEvent.objects.count() == before


def test_history_is_added_to_and_never_changed(scene):
    claim, contact = scene
    apply_transition(table(), claim, "submit", actor=contact)
    event = history(claim)[-1]
    event.reason = "Rewritten"
    with pytest.raises(IntegrityError, match="history"), transaction.atomic():
        event.save()


def test_whose_turn_it_is_and_what_they_may_try(ao, scene):
    claim, contact = scene
    panel = make_standing(ao, Role.PANEL_MEMBER)
    trial = table()
    assert turn(trial, claim, contact).is_yours and not turn(trial, claim, panel).is_yours
    assert [move.name for move in moves_open_to(trial, claim, contact)] == ["submit"]
    assert moves_open_to(trial, claim, panel) == []


@pytest.mark.django_db(transaction=True)
def test_two_who_move_at_the_same_instant_leave_one_move_and_one_message():
    ao = make_ao("aim")
    with open_scope(ao):
        centre = make_centre()
        contact = make_standing(ao, Role.QUALITY_CONTACT, centre)
        claim = make_claim(centre, contact, learners=1, units=1)
        before = len(history(claim))
    start, outcomes = threading.Barrier(2), []

    def move() -> None:
        start.wait(10)
        try:
            with open_scope(ao):
                apply_transition(table(), claim, "submit", actor=contact, expected_version=claim.version)
            outcomes.append("moved")
        except StalePageError:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=move) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["moved", "told"]
    with open_scope(ao):
        assert len(history(claim)) == before + 1
