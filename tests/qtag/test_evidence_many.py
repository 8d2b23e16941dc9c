"""One piece of work recorded for many learners at once (QTG-06, QTG-07)."""

from __future__ import annotations

import datetime as dt

from awarding.accounts.roles import Role
from awarding.audit.models import AuditRecord
from awarding.tenancy.scope import open_scope
from qtag.models import EvidenceRecord
from tests.factories import make_standing
from tests.qtag.conftest import Scene

PIECE = {
    "type": "classwork", "covers": "Unit 1, assignment 2", "control": "medium", "dated_on-day": "1", "dated_on-month": "3",
    "dated_on-year": "2021", "is_authentic": "on", "is_reachable": "on", "kept_at": "Drive", "whom": "ticked",
}  # fmt: skip


def address(scene: Scene) -> str:
    return scene.url(f"qtags/{scene.submission.pk}/evidence/")


def pieces(scene: Scene) -> list[tuple[int, str, str | None]]:
    with open_scope(scene.ao):
        rows = EvidenceRecord.objects.order_by("judgement_id", "id")
        return list(rows.values_list("judgement_id", "covers", "shows_grade__code"))


def test_the_ticked_learners_get_the_piece_each_with_their_own_grade(scene):
    """QTG-07: each gets a record of their own: dated, with its control and the grade that it shows, and audited."""
    first, second, _third = scene.judgements()
    said = PIECE | {"learner": [first.pk, second.pk], f"shows-{first.pk}": "M"}
    assert scene.client(Role.TEACHER).post(address(scene), said).status_code == 302
    assert pieces(scene) == [(first.pk, "Unit 1, assignment 2", "M"), (second.pk, "Unit 1, assignment 2", None)]
    with open_scope(scene.ao):
        one = EvidenceRecord.objects.get(judgement=first)
        assert (one.dated_on, one.control, one.kept_at) == (dt.date(2021, 3, 1), "medium", "Drive")
        assert one.is_authentic and one.is_reachable and one.recorded_by_id == scene.people[Role.TEACHER].person.pk
        assert AuditRecord.objects.filter(event="judgement.evidence_recorded").count() == 2


def test_everybody_on_the_page_and_a_second_click_records_nobody_twice(scene):
    everybody = PIECE | {"whom": "everybody", "shown": [row.pk for row in scene.judgements()]}
    client = scene.client(Role.TEACHER)
    assert client.post(address(scene), everybody).status_code == 302
    again = client.post(address(scene), everybody)
    assert again.status_code == 409 and "recorded already" in again.content.decode()
    assert len(pieces(scene)) == 3


def test_who_has_left_the_teachers_hands_is_named_and_the_rest_is_recorded(scene):
    first, second, _third = scene.judgements()
    with open_scope(scene.ao):
        type(first).objects.filter(pk=first.pk).update(state="submitted")
    answer = scene.client(Role.TEACHER).post(address(scene), PIECE | {"learner": [first.pk, second.pk]})
    assert answer.status_code == 409
    assert "Recorded for 1 learner" in answer.content.decode() and "cannot be changed" in answer.content.decode()
    assert [row[0] for row in pieces(scene)] == [second.pk]


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(scene):
    first, second, _third = scene.judgements()
    client = scene.client(Role.TEACHER)
    assert "Tick at least one learner" in client.post(address(scene), PIECE).content.decode()
    half = PIECE | {"learner": [first.pk], f"shows-{second.pk}": "M"}
    page = client.post(address(scene), half).content.decode()
    assert "A grade is chosen beside a learner who is not ticked" in page
    assert f'value="{first.pk}" checked' in page and '<option value="M" selected>' in page
    unknown = PIECE | {"learner": [first.pk], f"shows-{first.pk}": "Merit+"}
    assert (
        "no grades of this qualification’s scale: Merit+" in client.post(address(scene), unknown).content.decode()
    )  # QTG-09
    late = PIECE | {"learner": [first.pk], "dated_on-year": "2999", "type": ""}
    page = client.post(address(scene), late).content.decode()
    assert "lies in the future" in page and "Unit 1, assignment 2" in page
    assert pieces(scene) == []


def test_a_teacher_records_for_their_own_cohort_only(scene):
    """QTG-17: somebody who is staff of no cohort here finds nobody; who may not judge is refused."""
    row = scene.judgements()[0]
    with open_scope(scene.ao):
        scene.people[Role.TEACHER] = make_standing(scene.ao, Role.TEACHER, scene.centre)
    client = scene.client(Role.TEACHER)
    assert client.post(address(scene), PIECE | {"learner": [row.pk]}).status_code == 404
    for role in (Role.HEAD_OF_CENTRE, Role.HEAD_OF_DEPARTMENT, Role.QUALITY_CONTACT, Role.AO_ADMIN):
        other = scene.client(role)
        assert other.get(address(scene)).status_code == 403
        assert other.post(address(scene), PIECE | {"learner": [row.pk]}).status_code == 403
    assert pieces(scene) == []


def test_a_lead_who_judges_records_it_and_is_named_in_the_record(scene):
    """QTG-11: a lead internal verifier may judge; whoever recorded stays with the piece."""
    row = scene.judgements()[0]
    lead = scene.client(Role.LEAD_INTERNAL_VERIFIER)
    assert lead.post(address(scene), PIECE | {"learner": [row.pk]}).status_code == 302
    with open_scope(scene.ao):
        assert EvidenceRecord.objects.get().recorded_by_id == scene.people[Role.LEAD_INTERNAL_VERIFIER].person.pk
