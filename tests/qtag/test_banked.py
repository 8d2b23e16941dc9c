"""Banked unit results stand as evidence, give a reference and never the grade, and are set aside with a reason (QTG-14, -22)."""

from __future__ import annotations

import datetime as dt

import pytest

from awarding.accounts.roles import Role
from awarding.catalogue.models import Grade
from awarding.tenancy.scope import open_scope
from awarding.workflow.services import ReasonMissingError
from qtag.models import BankedUnit, Judgement
from qtag.services.recording import bank_unit, record_told, save_facts, set_banked_aside, write_rationale
from tests.qtag.conftest import bank
from tests.qtag.test_judgement import learner_page, propose, save


def test_banked_units_give_a_reference_and_never_the_grade(scene):
    """QTG-14 QTG-22 SNS-10: the points of banked units stand beside the judgement; one set aside no longer counts."""
    row = scene.judgements()[0]
    teacher = scene.people[Role.TEACHER]
    with open_scope(scene.ao):
        judgement = Judgement.objects.select_related("registration__qualification").get(pk=row.pk)
        qualification = judgement.registration.qualification
        for points, grade in ((20, "P"), (40, "M"), (60, "D")):
            Grade.objects.filter(scale_id=qualification.scale_id, code=grade).update(points=points)
        unit_grade = Grade.objects.filter(scale_id=qualification.unit_scale_id, code="P").get()
        places = list(qualification.unit_places.select_related("unit"))
        for place in places[:2]:
            bank_unit(
                actor=teacher, judgement_id=row.pk, unit=place.unit, grade=unit_grade, kind="interim",
                achieved_on=dt.date(2020, 12, 1),
            )  # fmt: skip
        points = 20 * (places[0].unit.credits + places[1].unit.credits)
    page = learner_page(scene, row)
    assert f"2 banked units give {points} points" in page and "would reach D" in page
    assert scene.judgements()[0].grade_id is None
    with open_scope(scene.ao):
        set_banked_aside(
            actor=teacher, judgement_id=row.pk, banked=BankedUnit.objects.order_by("pk")[0],
            reason="Taken while in hospital",
        )  # fmt: skip
    page = learner_page(scene, row)
    assert f"give {points} points" not in page and "Taken while in hospital" in page


NOTHING = "Record at least one piece of the learner&#x27;s own work"


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        ((), "No evidence is recorded"),
        (("interim",), ""),
        (("external",), ""),
        (("issued_2020",), "It never stands alone: Grade issued in 2020"),
        (("issued_2020", "interim"), ""),
    ],
)
def test_what_is_banked_is_evidence_and_a_grade_of_2020_never_the_only_one(scene, kinds, words):
    """QTG-14 QTG-22: without any other piece; refused with its reason when it is proposed, or proposed."""
    row = scene.judgements()[0]
    with open_scope(scene.ao):
        teacher = scene.people[Role.TEACHER]
        save_facts(actor=teacher, judgement_id=row.pk, facts={"is_certificating": True}, expected_version=0)
        write_rationale(actor=teacher, judgement_id=row.pk, rationale="Every unit so far was passed.")
    for place, kind in enumerate(kinds):
        bank(scene, row, kind, place=place)
    with open_scope(scene.ao):
        record_told(actor=teacher, judgement_id=row.pk, told_on=dt.date(2021, 5, 1))
    assert save(scene, row, "P", 0) == "saved"
    assert words in propose(scene, row)
    assert scene.judgements()[0].state == ("open" if words else "proposed")


def test_a_banked_result_is_set_aside_with_a_reason_and_then_is_no_evidence(scene):
    """QTG-22: no reason, nothing done; with it, what is left of the evidence is what counts."""
    row = scene.judgements()[0]
    banked = bank(scene, row, "interim")
    assert NOTHING not in learner_page(scene, row)
    with open_scope(scene.ao):
        said = {"actor": scene.people[Role.TEACHER], "judgement_id": row.pk, "banked": banked}
        for reason in ("", "   "):
            with pytest.raises(ReasonMissingError):
                set_banked_aside(reason=reason, **said)
        assert BankedUnit.objects.get().set_aside_at is None
        set_banked_aside(reason="Taken while in hospital", **said)
    page = learner_page(scene, row)
    assert "Taken while in hospital" in page and NOTHING in page


def test_a_wrong_banked_result_is_set_aside_and_banked_anew(scene):
    """QTG-14 QTG-22: another grade beside the one that stands is refused with what stands; once that is set aside it goes."""
    row = scene.judgements()[0]
    with open_scope(scene.ao):
        place = scene.submission.qualification.unit_places.select_related("unit")[0]
        low, high = Grade.objects.filter(scale=scene.submission.qualification.unit_scale_id).order_by("rank")[:2]
    client, where = scene.client(Role.TEACHER), scene.url(f"qtags/learners/{row.pk}/record/banked/")
    said = {"unit": place.unit_id, "grade": low.pk, "kind": "interim", "achieved_on": "2021-02-01"}
    assert client.post(where, said).status_code == 302
    assert client.post(where, said).status_code == 302  # the very same: nothing new
    refused = client.post(where, said | {"grade": high.pk}).content.decode()
    assert f"banked already, with {low.code} of 1 February 2021" in refused
    with open_scope(scene.ao):
        aside = BankedUnit.objects.get()
    where_aside = scene.url(f"qtags/learners/{row.pk}/aside/banked/{aside.pk}/")
    assert client.post(where_aside, {"reason": "A slip of the keyboard"}).status_code == 302
    assert client.post(where, said | {"grade": high.pk}).status_code == 302
    with open_scope(scene.ao):
        assert BankedUnit.objects.get(set_aside_at=None).grade == high
