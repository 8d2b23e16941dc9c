"""Hand by hand from the teacher to submission: each in turn, nobody else, nobody their own, back only with a reason (QTG-11)."""

from __future__ import annotations

import pytest

from awarding.accounts.roles import Role
from awarding.accounts.standing import Standing
from awarding.tenancy.scope import open_scope
from awarding.workflow.services import ReasonMissingError
from qtag.models import Judgement
from qtag.services.moving import Outcome, move_judgements, reopen_judgement, return_judgement
from tests.factories import make_membership, make_standing
from tests.factories.qtags import grade_all, make_eligible, make_moves, record_steps, staff_cohort
from tests.qtag.conftest import Scene
from tests.qtag.test_moving import CHAIN, move, states

SOURCES = {
    name: source for (_role, _name, source), (_r, name, _s) in zip((("", "", "open"), *CHAIN), CHAIN, strict=False)
}
ENDORSING = CHAIN[1:4]


def prepare(scene: Scene) -> None:
    with open_scope(scene.ao):
        teacher = scene.people[Role.TEACHER]
        record_steps(teacher, scene.submission)
        for judgement in scene.submission.judgements.select_related("registration__qualification"):
            make_eligible(teacher, judgement)
        grade_all(teacher, scene.submission)


def put(scene: Scene, state: str, **fields: object) -> None:
    """Every learner where a move finds them, whoever had them before."""
    with open_scope(scene.ao):
        Judgement.objects.filter(submission=scene.submission).update(state=state, **fields)


def attempt(scene: Scene, who: Standing, name: str) -> Outcome:
    with open_scope(scene.ao):
        rows = {row.pk: row.version for row in Judgement.objects.filter(submission=scene.submission)}
        return move_judgements(
            actor=who, submission=scene.submission, move=name, judgement_ids=list(rows), versions=rows
        )


@pytest.mark.parametrize(("role", "name", "state"), CHAIN)
def test_nobody_else_makes_the_move(scene, role, name, state):
    """QTG-11: from the very state that it leads on, every other role is refused and nothing moves; its own moves all."""
    prepare(scene)
    put(scene, SOURCES[name])
    scene.people[Role.PANEL_MEMBER] = make_panel_member(scene)
    others = [other for other in scene.people if other is not role]
    if name == "propose":
        others.remove(Role.LEAD_INTERNAL_VERIFIER)  # a lead may judge, too
    for other in others:
        assert move(scene, other, name).status_code in (302, 403, 404, 409)
        assert states(scene) == {SOURCES[name]}, other
    assert move(scene, role, name).status_code == 302
    assert states(scene) == {state}


def make_panel_member(scene: Scene) -> Standing:
    with open_scope(scene.ao):
        return make_standing(scene.ao, Role.PANEL_MEMBER)


@pytest.mark.parametrize(("role", "name"), [(role, name) for role, name, _state in CHAIN])
def test_no_hand_is_passed_over(scene, role, name):
    """QTG-11: whose turn it is not yet, or no longer, moves nobody: endorsed and agreed before it is submitted."""
    prepare(scene)
    for _role, _name, elsewhere in (("", "", "open"), *CHAIN):
        if elsewhere != SOURCES[name]:
            put(scene, elsewhere)
            done = attempt(scene, scene.people[role], name)
            assert not done.moved and len(done.refused) == 3, elsewhere
            assert states(scene) == {elsewhere}


@pytest.mark.parametrize(("role", "name", "state"), ENDORSING)
@pytest.mark.parametrize("part", ["proposed_by", "graded_by"])
def test_nobody_endorses_their_own_judgement(scene, role, name, state, part):
    """QTG-11: neither who gave a grade nor who proposed it, in whichever of the three hands they are; another one does."""
    prepare(scene)
    mine = scene.people[role].person
    put(scene, SOURCES[name], **{part: mine})
    refused = move(scene, role, name)
    assert refused.status_code == 409 and "You gave or proposed this grade yourself" in refused.content.decode()
    assert states(scene) == {SOURCES[name]}
    with open_scope(scene.ao):
        other = make_standing(scene.ao, role, scene.centre)
        staff_cohort(other, scene.submission.judgements.values_list("registration__cohort", flat=True)[0])
    assert len(attempt(scene, other, name).moved) == 3
    assert states(scene) == {state}


def test_the_teacher_who_also_leads_is_refused_whatever_other_role_they_hold(scene):
    """QTG-11: proposed and endorsed by one person, through the page."""
    prepare(scene)
    with open_scope(scene.ao):
        make_moves(scene.people[Role.TEACHER], scene.submission, "propose")
        make_membership(scene.people[Role.TEACHER].person, Role.LEAD_INTERNAL_VERIFIER, scene.centre)
    assert "yourself" in move(scene, Role.TEACHER, "endorse_lead").content.decode()
    assert states(scene) == {"proposed"}


@pytest.mark.parametrize(
    ("role", "name", "source"),
    [
        (Role.TEACHER, "recall", "proposed"),
        (Role.LEAD_INTERNAL_VERIFIER, "return_lead", "proposed"),
        (Role.HEAD_OF_DEPARTMENT, "return_department", "lead_endorsed"),
        (Role.HEAD_OF_CENTRE, "return_head", "department_endorsed"),
        (Role.HEAD_OF_CENTRE, "return_head", "agreed"),
        (Role.AO_ADMIN, "reopen", "submitted"),
    ],
)
def test_nothing_goes_back_without_a_reason(scene, role, name, source):
    """QTG-11 QTG-13: in the service, too; with its reason a single learner goes back, and the reason is kept."""
    prepare(scene)
    put(scene, source)
    row, *_others = scene.judgements()
    said = {"actor": scene.people[role], "judgement": row, "expected_version": row.version}
    with open_scope(scene.ao):
        for reason in ("", "  "):
            with pytest.raises(ReasonMissingError):
                send_back(name, reason=reason, **said)
        assert states(scene) == {source}
        send_back(name, reason="A file was mixed up", **said)
    assert [row.state for row in scene.judgements()] == ["open", source, source]
    page = scene.client(Role.TEACHER).get(scene.url(f"qtags/learners/{row.pk}/")).content.decode()
    assert "A file was mixed up" in page


def send_back(name: str, **said: object) -> None:
    if name == "reopen":
        reopen_judgement(**said)  # type: ignore[arg-type]
    else:
        return_judgement(move=name, **said)  # type: ignore[arg-type]
