"""That learners were told which evidence is used: one by one and a cohort at once (QTG-21)."""

from __future__ import annotations

import datetime as dt

from awarding.accounts.roles import Role
from awarding.tenancy.scope import open_scope
from qtag.models import Judgement
from qtag.services.recording import record_evidence, save_facts, set_banked_aside, write_rationale
from tests.factories import make_standing
from tests.qtag.conftest import Scene, bank
from tests.qtag.test_judgement import propose, save

SAID = {"told_on-day": "17", "told_on-month": "5", "told_on-year": "2021"}


def address(scene: Scene) -> str:
    return scene.url(f"qtags/{scene.submission.pk}/told/")


def evidence(scene: Scene, row: Judgement, covers: str = "Unit 1") -> None:
    with open_scope(scene.ao):
        record_evidence(
            actor=scene.people[Role.TEACHER], judgement_id=row.pk, type="classwork", covers=covers, control="low",
            dated_on=dt.date(2021, 3, 1), is_authentic=True, is_reachable=True,
        )  # fmt: skip


def test_a_day_is_recorded_for_everybody_with_evidence(scene):
    """QTG-21: who has none is left out of "everybody", and named with the reason when ticked."""
    rows = scene.judgements()
    for row in rows[:2]:
        evidence(scene, row)
    client = scene.client(Role.TEACHER)
    assert client.post(address(scene), SAID | {"whom": "everybody"}).status_code == 302
    assert [row.told_on for row in scene.judgements()] == [dt.date(2021, 5, 17)] * 2 + [None]
    answer = client.post(address(scene), SAID | {"whom": "ticked", "learner": [rows[2].pk, rows[1].pk]})
    assert answer.status_code == 409 and "nothing to tell this learner of" in answer.content.decode()
    assert "Recorded for 1 learner" in answer.content.decode()


def test_nothing_ticked_and_a_day_to_come_are_said_and_what_was_ticked_stays(scene):
    row = scene.judgements()[0]
    evidence(scene, row)
    client = scene.client(Role.TEACHER)
    assert "Tick at least one learner" in client.post(address(scene), SAID | {"whom": "ticked"}).content.decode()
    later = SAID | {"told_on-month": "7", "whom": "ticked", "learner": [row.pk]}
    page = client.post(address(scene), later).content.decode()
    assert "lies in the future" in page and f'value="{row.pk}" checked' in page
    assert scene.judgements()[0].told_on is None


def test_evidence_added_later_asks_for_telling_again(scene):
    """QTG-21: told of one piece is not told of two; the check says so until it is recorded anew, and setting aside ends it."""
    row = scene.judgements()[0]
    evidence(scene, row)
    client = scene.client(Role.TEACHER)
    told = SAID | {"whom": "ticked", "learner": [row.pk]}
    client.post(address(scene), told)
    where = scene.url(f"qtags/learners/{row.pk}/")
    assert "after the learner was told" not in client.get(where).content.decode()
    evidence(scene, row, "Unit 2")
    assert "1 piece of evidence was added after the learner was told" in client.get(where).content.decode()
    page = client.get(address(scene)).content.decode()
    assert "Added since" in page and "Not of everything" in page
    with open_scope(scene.ao):
        save_facts(
            actor=scene.people[Role.TEACHER], judgement_id=row.pk, facts={"is_certificating": True}, expected_version=0
        )
        write_rationale(actor=scene.people[Role.TEACHER], judgement_id=row.pk, rationale="Both together show it.")
    assert save(scene, row, "P", 0) == "saved"
    assert "after the learner was told" in propose(scene, row) and scene.judgements()[0].state == "open"
    client.post(address(scene), told)
    assert "after the learner was told" not in client.get(where).content.decode()
    propose(scene, row)
    assert scene.judgements()[0].state == "proposed"


def test_a_banked_result_that_comes_later_is_told_of_too(scene):
    """QTG-21, QTG-14: it is evidence; everybody who has not heard of all is recorded at once, and one set aside asks no more."""
    row = scene.judgements()[0]
    evidence(scene, row)
    client, where = scene.client(Role.TEACHER), scene.url(f"qtags/learners/{row.pk}/")
    everybody = SAID | {"whom": "everybody"}
    client.post(address(scene), everybody)
    assert "after the learner was told" not in client.get(where).content.decode()
    banked = bank(scene, row)
    assert "1 piece of evidence was added after the learner was told" in client.get(where).content.decode()
    many = client.get(scene.url(f"qtags/{scene.submission.pk}/evidence/")).content.decode()
    assert f"Interim claim: {banked.unit.title}" in many, "it stands where evidence is recorded for many, too"
    page = client.get(address(scene)).content.decode()
    assert f"Interim claim: {banked.unit.title} <strong" in " ".join(page.split()) and "Not of everything" in page
    with open_scope(scene.ao):
        aside = {"judgement_id": row.pk, "banked": banked, "reason": "Entered for somebody else."}
        set_banked_aside(actor=scene.people[Role.TEACHER], **aside)
    assert "after the learner was told" not in client.get(where).content.decode()
    bank(scene, row)
    assert "after the learner was told" in client.get(where).content.decode()
    client.post(address(scene), everybody)
    assert "after the learner was told" not in client.get(where).content.decode()


def test_without_being_told_nobody_is_proposed(scene):
    """QTG-21: every other thing is there; a banked result is something to tell of, too."""
    row = scene.judgements()[0]
    with open_scope(scene.ao):
        teacher = scene.people[Role.TEACHER]
        bank(scene, row)
        save_facts(actor=teacher, judgement_id=row.pk, facts={"is_certificating": True}, expected_version=0)
        write_rationale(actor=teacher, judgement_id=row.pk, rationale="The unit shows it.")
    assert save(scene, row, "P", 0) == "saved"
    assert "not recorded that the learner was told" in propose(scene, row) and scene.judgements()[0].state == "open"
    ticked = SAID | {"whom": "ticked", "learner": [row.pk]}
    assert scene.client(Role.TEACHER).post(address(scene), ticked).status_code == 302
    propose(scene, row)
    assert scene.judgements()[0].state == "proposed"


def test_a_teacher_records_for_their_own_cohort_only(scene):
    """QTG-17: somebody who is staff of no cohort here finds nobody, and records for nobody."""
    row = scene.judgements()[0]
    evidence(scene, row)
    with open_scope(scene.ao):
        scene.people[Role.TEACHER] = make_standing(scene.ao, Role.TEACHER, scene.centre)
    client = scene.client(Role.TEACHER)
    assert client.post(address(scene), SAID | {"whom": "ticked", "learner": [row.pk]}).status_code == 404
    assert scene.client(Role.HEAD_OF_CENTRE).get(address(scene)).status_code == 403
    assert scene.judgements()[0].told_on is None
