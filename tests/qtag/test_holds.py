"""Holds that the AO puts on evidence, for complaints and malpractice cases (QTG-19)."""

from __future__ import annotations

import datetime as dt
import io
import threading

import pytest
from django.db import connection

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError
from awarding.notices.models import Notice
from awarding.tenancy.scope import open_scope
from qtag.models import EvidenceFile, EvidenceHold, EvidenceRecord
from qtag.queries.holds import held_evidence
from qtag.queries.retention import retention_facts, retention_source
from qtag.rules.retention import RetentionFacts
from qtag.services.files import RetainedError, attach_file, delete_file
from qtag.services.holds import put_hold
from tests.factories import make_centre, make_standing
from tests.factories.awards import make_qualification, make_registration
from tests.factories.qtags import make_eligible
from tests.qtag.conftest import Scene, build_scene

PDF = b"%PDF-1.7\nwork of a learner\n%%EOF\n"
ISSUED = dt.date(2021, 8, 10)
LATER = dt.date(2022, 3, 1)


@pytest.fixture
def attached(scene, monkeypatch) -> EvidenceFile:
    return attach(scene, monkeypatch)


def attach(scene: Scene, monkeypatch) -> EvidenceFile:
    """One file of the first learner, of a result issued long ago: it may be deleted unless something holds it."""
    monkeypatch.setattr("qtag.queries.retention._sources", [held_evidence, issued_long_ago])
    with open_scope(scene.ao):
        row = scene.submission.judgements.select_related("registration__qualification").order_by("pk")[0]
        make_eligible(scene.people[Role.TEACHER], row)
        piece = EvidenceRecord.objects.get(judgement=row)
        teacher = scene.people[Role.TEACHER]
        return attach_file(actor=teacher, piece=piece, handle=io.BytesIO(PDF), name="work.pdf", size=len(PDF))


def issued_long_ago(ids):
    return dict.fromkeys(ids, RetentionFacts(ISSUED))


def numbers(scene: Scene, **others: str) -> dict[str, str]:
    said = {
        "centre_number": scene.centre.number,
        "kind": "malpractice",
        "reference": "MAL-7",
        "reason": "Work was copied",
    }
    return said | others


def delete_address(scene: Scene, attached: EvidenceFile) -> str:
    return scene.url(f"qtags/learners/{attached.piece.judgement_id}/files/{attached.pk}/delete/")


def test_a_hold_keeps_evidence_until_it_is_lifted_and_the_centre_reads_no_more_than_that(scene, attached, calendar):
    """QTG-19: put by investigations through the page; the quality contact cannot delete; lifted with a reason, they can."""
    calendar.today = LATER
    with open_scope(scene.ao):
        scene.people[Role.INVESTIGATIONS] = make_standing(scene.ao, Role.INVESTIGATIONS)
    client = scene.client(Role.INVESTIGATIONS)
    with open_scope(scene.ao):
        before = Notice.objects.count()
    made = client.post(scene.url("qtags/holds/new/"), numbers(scene))
    assert made.status_code == 302
    contact = scene.client(Role.QUALITY_CONTACT)
    page = contact.get(delete_address(scene, attached)).content.decode()
    assert "until this has ended: a matter that the awarding organisation has open" in page
    assert contact.post(delete_address(scene, attached)).status_code == 409
    of_learner = f"qtags/learners/{attached.piece.judgement_id}/"
    for address in (of_learner, f"{of_learner}evidence/{attached.piece_id}/"):
        told = contact.get(scene.url(address)).content.decode()
        assert "MAL-7" not in told and "copied" not in told and "alpractice" not in told
    with open_scope(scene.ao):
        assert Notice.objects.count() == before
        hold = EvidenceHold.objects.get()
    address = scene.url(f"qtags/holds/{hold.pk}/")
    page = client.get(address).content.decode()
    assert "Work was copied" in page and "MAL-7" in page
    assert client.post(address, {"reason": "", "expected_version": 1}).status_code == 200
    assert client.post(address, {"reason": "Cleared", "expected_version": 1}).status_code == 302
    assert client.post(address, {"reason": "Again", "expected_version": 1}).status_code == 409
    assert "Cleared" in client.get(address).content.decode()
    with open_scope(scene.ao):
        ended = retention_facts([attached.piece.judgement.registration_id])
        assert [case.ended_on is not None for facts in ended.values() for case in facts.cases] == [True]
    calendar.today = dt.date.today() + dt.timedelta(days=1)
    assert contact.post(delete_address(scene, attached)).status_code == 302


def test_a_hold_covers_what_it_names_and_nothing_beside_it(scene, attached, calendar):
    """QTG-19: another centre, qualification or learner of the same centre is not held; the one that is named is."""
    calendar.today = LATER
    with open_scope(scene.ao):
        admin, mine = scene.people[Role.AO_ADMIN], attached.piece.judgement.registration
        other = make_registration(scene.centre, make_qualification(), ends_on=dt.date(2021, 6, 30))
        said = {"actor": admin, "kind": "complaint", "reason": "Unfair"}
        put_hold(centre=make_centre(), reference="C-1", **said)
        put_hold(centre=scene.centre, qualification=other.qualification, reference="C-2", **said)
        put_hold(centre=scene.centre, learner=other.learner, reference="C-3", **said)
        assert held_evidence([mine.pk]) == {}
        put_hold(centre=scene.centre, qualification=mine.qualification, learner=mine.learner, reference="C-4", **said)
        assert list(held_evidence([mine.pk, other.pk])) == [mine.pk, other.pk]
        with pytest.raises(RetainedError, match="a matter that the awarding organisation"):
            delete_file(actor=scene.people[Role.QUALITY_CONTACT], attached=attached)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"centre_number": "99999"}, "No centre has this number"),
        ({"qan": "600/0000/0"}, "Nobody is registered for a qualification with this number"),
        ({"uln": "1234567890"}, "No learner with this number"),
        ({"reason": " "}, "Fill in “Why”"),
        ({"reference": ""}, "Fill in “Reference of the case”"),
        ({"kind": ""}, "Choose an answer"),
    ],
)
def test_a_hold_on_what_is_not_there_is_refused_beside_its_field(scene, wrong, words):
    """QTG-19"""
    answer = scene.client(Role.AO_ADMIN).post(scene.url("qtags/holds/new/"), numbers(scene, **wrong))
    assert answer.status_code == 200 and words in answer.content.decode()
    with open_scope(scene.ao):
        assert not EvidenceHold.objects.exists()


def test_a_second_click_puts_no_second_hold(scene):
    for _ in range(2):
        assert scene.client(Role.AO_ADMIN).post(scene.url("qtags/holds/new/"), numbers(scene)).status_code == 302
    with open_scope(scene.ao):
        assert EvidenceHold.objects.count() == 1


def test_nobody_else_puts_sees_or_lifts_one(scene):
    """QTG-19: not the centre, whose case it may be, and not the rest of the AO."""
    with open_scope(scene.ao):
        hold = put_hold(
            actor=scene.people[Role.AO_ADMIN], centre=scene.centre, kind="complaint", reference="C-1", reason="Unfair"
        )
        scene.people[Role.PANEL_MEMBER] = make_standing(scene.ao, Role.PANEL_MEMBER)
        with pytest.raises(PermissionMissingError):
            put_hold(
                actor=scene.people[Role.HEAD_OF_CENTRE],
                centre=scene.centre,
                kind="complaint",
                reference="C-2",
                reason="-",
            )
    for role in (Role.HEAD_OF_CENTRE, Role.QUALITY_CONTACT, Role.TEACHER, Role.PANEL_MEMBER):
        for path in ("qtags/holds/", "qtags/holds/new/", f"qtags/holds/{hold.pk}/"):
            assert scene.client(role).get(scene.url(path)).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_a_hold_put_while_a_file_is_being_deleted_waits_for_it(calendar, monkeypatch):
    """QTG-19: real connections; whichever comes second knows of the first: nothing is deleted after a hold stands."""
    scene = build_scene()
    attached = attach(scene, monkeypatch)
    calendar.today = LATER
    asked, done = threading.Event(), threading.Event()
    order: list[str] = []

    @retention_source
    def slowly(ids):
        asked.set()
        assert not done.wait(0.3)  # the hold does not get in between
        return {}

    def delete() -> None:
        with open_scope(scene.ao):
            delete_file(actor=scene.people[Role.QUALITY_CONTACT], attached=attached)
            order.append("deleted")
        connection.close()

    def hold() -> None:
        asked.wait()
        with open_scope(scene.ao):
            put_hold(
                actor=scene.people[Role.AO_ADMIN],
                centre=scene.centre,
                kind="complaint",
                reference="C-1",
                reason="Unfair",
            )
            order.append("held")
        done.set()
        connection.close()

    threads = [threading.Thread(target=delete), threading.Thread(target=hold)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert order == ["deleted", "held"]
