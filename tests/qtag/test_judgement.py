"""Giving grades and recording what they rest on, through the pages (QTG-07 to -09, -13, -18, -21, -22)."""

from __future__ import annotations

import datetime as dt
import io
import json

import pytest
from pypdf import PdfReader

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError
from awarding.audit.models import AuditRecord
from awarding.catalogue.models import Grade, GradeScale
from awarding.tenancy.scope import open_scope
from awarding.ui.grid import CellInput
from qtag.models import BankedUnit, Circumstance, GradeChange, Judgement
from qtag.queries.facts import learner_facts
from qtag.queries.sheets import evidence_summaries
from qtag.services.grades import GRADE_COLUMN, save_grades
from qtag.services.locking import JudgementLockedError
from qtag.services.recording import (
    bank_unit,
    record_circumstance,
    record_evidence,
    record_told,
    save_facts,
    set_banked_aside,
    write_rationale,
)
from qtag.services.units import flag_reduced
from tests.factories.qtags import bring_to_agreed, grade_all, make_eligible, make_moves, record_steps
from tests.qtag.conftest import Scene


def post_grade(client, scene: Scene, row: Judgement, value: str) -> dict:
    address = scene.url(f"qtags/{scene.submission.pk}/grid/save/")
    data = {f"cell:{row.row_key}:{GRADE_COLUMN}": value}
    response = client.post(address, data, headers={"X-Requested-With": "portal-grid"})
    return json.loads(response.content)["cells"][0]


def learner_page(scene: Scene, row: Judgement, role: Role = Role.TEACHER) -> str:
    return scene.client(role).get(scene.url(f"qtags/learners/{row.pk}/")).content.decode()


def save(scene: Scene, row: Judgement, value: str, version: int) -> str:
    cell = CellInput(row.row_key, GRADE_COLUMN, value, version=str(version))
    with open_scope(scene.ao):
        teacher = scene.people[Role.TEACHER]
        return save_grades(actor=teacher, submission=scene.submission, cells=[cell])[0].status


def test_a_grade_off_the_scale_is_refused_and_every_grade_of_it_is_open(scene):
    """QTG-09"""
    row = scene.judgements()[0]
    assert save(scene, row, "A*", 0) == "refused"
    assert scene.judgements()[0].grade_id is None
    for version, grade in enumerate(("P", "M", "D", "p")):
        assert save(scene, row, grade, version) == "saved"


def test_without_a_scale_the_grid_takes_no_grade_and_says_so(scene):
    """QTG-09: the AO has not said which grades there are; by the page, which reads submission and scale in one."""
    with open_scope(scene.ao):
        type(scene.submission.qualification).objects.update(scale=None)
    got = post_grade(scene.client(Role.TEACHER), scene, scene.judgements()[0], "P")
    assert got["status"] == "refused" and "not a grade of this qualification" in got["message"]
    assert scene.judgements()[0].grade_id is None


def test_a_grade_of_the_scale_of_before_goes_no_further_until_one_of_the_present_is_given(scene):
    """QTG-09: the AO gave the qualification another scale after the grade was given."""
    row = scene.judgements()[0]
    with open_scope(scene.ao):
        record_steps(scene.people[Role.TEACHER], scene.submission)
        make_eligible(scene.people[Role.TEACHER], row)
        grade_all(scene.people[Role.TEACHER], scene.submission)
        before = learner_facts(scene.judgements())[row.pk]
        other = GradeScale.objects.create(name="Pass, Merit and Distinction as they are now")
        for rank, code in enumerate(("P", "M", "D"), start=1):
            Grade.objects.create(scale=other, code=code, label=code, rank=rank, is_achieved=True)
        type(scene.submission.qualification).objects.update(scale=other)
        after = learner_facts(scene.judgements())[row.pk]
    assert (before.is_off_scale, after.is_off_scale, after.rank) == (False, True, None)
    words = "not on the qualification&#x27;s scale any more"
    assert words in learner_page(scene, row) and words in propose(scene, row)
    assert scene.judgements()[0].state == "open"
    # The scale of now has a grade of the same name: it is another grade, and giving it is a change.
    assert save(scene, row, "M", scene.judgements()[0].grade_version) == "saved"
    with open_scope(scene.ao):
        given = scene.judgements()[0]
        assert given.grade.scale_id == other.pk
        assert list(GradeChange.objects.filter(judgement=row).values_list("before", "after")) == [("", "M"), ("M", "M")]
    assert words not in learner_page(scene, row)
    propose(scene, given)
    assert scene.judgements()[0].state != "open"


def test_an_older_page_changes_nothing_and_hears_who_was_first(scene):
    """QTG-13: two teachers on one learner; the second sees a conflict and no value is lost."""
    row = scene.judgements()[0]
    assert save(scene, row, "M", 0) == "saved"
    assert save(scene, row, "D", 0) == "conflict"
    assert save(scene, row, "M", 0) == "saved"  # asking for what stands there is harmless
    with open_scope(scene.ao):
        assert list(GradeChange.objects.values_list("before", "after", "version")) == [("", "M", 1)]


def test_every_earlier_value_is_kept_with_who_and_why(scene):
    """QTG-13: a grade that changed after it was returned keeps its history on the learner's page."""
    row = scene.judgements()[0]
    with open_scope(scene.ao):
        bring_to_agreed(scene.people, scene.submission)
    client = scene.client(Role.HEAD_OF_CENTRE)
    version = scene.judgements()[0].version
    address = scene.url(f"qtags/learners/{row.pk}/return/return_head/")
    assert client.post(address, {"reason": "Look at unit 2 again.", "expected_version": version}).status_code == 302
    assert save(scene, row, "P", 1) == "saved"
    page = learner_page(scene, row)
    assert "– → M" in page and "M → P" in page and page.count("Look at unit 2 again.") == 2


def propose(scene: Scene, row: Judgement) -> str:
    """What the page answers to the teacher who proposes this one."""
    address = scene.url(f"qtags/{scene.submission.pk}/moves/make/")
    said = {"move": "propose", "learner": f"{row.pk}-{row.version}"}
    return scene.client(Role.TEACHER).post(address, said).content.decode()


@pytest.mark.parametrize(
    ("types", "words"),
    [
        (("tracker",), "It never stands alone"),  # QTG-07
        (("witness_testimony",), "It never stands alone"),  # QTG-07
        (("observation",), "It never stands alone"),  # QTG-07
        (("witness_testimony", "observation", "target_grade"), "It never stands alone"),  # QTG-07
        (("grade_2020",), "It never stands alone"),  # QTG-22
        (("predicted_grade",), "are not evidence"),  # QTG-07
        (("target_grade",), "are not evidence"),  # QTG-07
        (("tracker", "classwork"), ""),
        (("observation", "project"), ""),
        (("grade_2020", "mock"), ""),
        (("predicted_grade", "classwork"), ""),
    ],
)
def test_what_never_stands_alone_stops_the_proposal_until_something_stands_beside_it(scene, types, words):
    """QTG-07 QTG-22: whatever rationale is written; said on the page, and refused when it is proposed."""
    row = scene.judgements()[0]
    with open_scope(scene.ao):
        teacher = scene.people[Role.TEACHER]
        save_facts(actor=teacher, judgement_id=row.pk, facts={"is_certificating": True}, expected_version=0)
        for kind in types:
            record_evidence(
                actor=teacher, judgement_id=row.pk, type=kind, covers="All", control="low",
                dated_on=dt.date(2021, 3, 1), is_authentic=True, is_reachable=True,
            )  # fmt: skip
        record_told(actor=teacher, judgement_id=row.pk, told_on=dt.date(2021, 5, 1))
        write_rationale(actor=teacher, judgement_id=row.pk, rationale="It is what there is.")
    assert save(scene, row, "P", 0) == "saved"
    page = learner_page(scene, row)
    assert (words in page) if words else ("never stands alone" not in page and "are not evidence" not in page)
    assert words in propose(scene, row)
    assert scene.judgements()[0].state == ("open" if words else "proposed")


def test_what_is_no_evidence_shows_no_grade(scene):
    """QTG-07 QTG-08: beside work that shows a pass, a prediction of more neither raises the best evidenced grade nor counts."""
    row = scene.judgements()[0]
    with open_scope(scene.ao):
        teacher = scene.people[Role.TEACHER]
        row = Judgement.objects.select_related("registration__qualification").get(pk=row.pk)
        make_eligible(teacher, row, shows="P")
        record_evidence(
            actor=teacher, judgement_id=row.pk, type="predicted_grade", covers="All", control="low",
            dated_on=dt.date(2021, 3, 1), is_authentic=True, is_reachable=True,
            shows_grade=Grade.objects.get(scale=row.registration.qualification.scale_id, code="D"),
        )  # fmt: skip
        record_told(actor=teacher, judgement_id=row.pk, told_on=dt.date(2021, 5, 1))
        ((_row, told),) = [one for one in evidence_summaries(teacher, scene.submission) if one[0].pk == row.pk]
        assert told["shows"] == "P"
    assert (
        "1 piece, up to P"
        in scene.client(Role.TEACHER).get(scene.url(f"qtags/{scene.submission.pk}/grid/")).content.decode()
    )
    assert save(scene, row, "D", 0) == "saved"
    assert "above the best that any evidence shows" in propose(scene, row)
    assert save(scene, row, "P", 1) == "saved"
    propose(scene, row)
    assert scene.judgements()[0].state == "proposed"


def test_a_grade_above_the_evidence_needs_a_rationale(scene):
    """QTG-08: challenged before it can be proposed; with a rationale it goes on."""
    row = scene.judgements()[0]
    with open_scope(scene.ao):
        make_eligible(scene.people[Role.TEACHER], row, shows="P")
    assert save(scene, row, "D", 0) == "saved"
    client = scene.client(Role.TEACHER)
    address = scene.url(f"qtags/{scene.submission.pk}/moves/make/")
    refused = client.post(address, {"move": "propose", "learner": f"{row.pk}-{row.version}"})
    assert refused.status_code == 409 and "above the best that any evidence shows" in refused.content.decode()
    rationale = scene.url(f"qtags/learners/{row.pk}/record/rationale/")
    assert client.post(rationale, {"rationale": "The final project came last and is the fullest."}).status_code == 302
    assert client.post(address, {"move": "propose", "learner": f"{row.pk}-{row.version}"}).status_code == 302
    assert scene.judgements()[0].state == "proposed"


def test_a_grade_is_not_proposed_before_the_learner_was_told(scene):
    """QTG-21: the day is recorded on the learner's page; a day to come is refused."""
    row = scene.judgements()[0]
    assert "not recorded that the learner was told" in learner_page(scene, row)
    client = scene.client(Role.TEACHER)
    address = scene.url(f"qtags/learners/{row.pk}/record/told/")
    later = {"told_on-day": "2", "told_on-month": "6", "told_on-year": "2021"}
    assert "in the future" in client.post(address, later).content.decode()
    assert client.post(address, later | {"told_on-day": "1"}).status_code == 302
    assert "not recorded that the learner was told" not in learner_page(scene, row)


def test_circumstances_are_seen_by_those_who_need_them_and_nobody_else(scene):
    """QTG-18: teacher and endorsers see them on the page and in the record; the quality contact does not."""
    row, secret = scene.judgements()[0], "Bereavement in March"
    client = scene.client(Role.TEACHER)
    address = scene.url(f"qtags/learners/{row.pk}/record/circumstances/")
    said = {"kind": "personal", "what": secret, "taken_into_account": "The mock was left out"}
    assert client.post(address, said).status_code == 302
    with open_scope(scene.ao):
        assert Circumstance.objects.get().judgement_id == row.pk
    for role in (Role.TEACHER, Role.LEAD_INTERNAL_VERIFIER, Role.HEAD_OF_DEPARTMENT, Role.HEAD_OF_CENTRE):
        assert secret in learner_page(scene, row, role)
    assert secret in evidence_record(scene, row, Role.TEACHER)
    page = learner_page(scene, row, Role.QUALITY_CONTACT)
    assert row.row_key and secret not in page and "Adjustments and circumstances" not in page
    record = evidence_record(scene, row, Role.QUALITY_CONTACT)
    assert "Evidence record" in record and secret not in record and "Taken into account" not in record
    # Neither the audit trail nor anybody's message says what it was.
    with open_scope(scene.ao):
        trail = list(AuditRecord.objects.filter(event="judgement.circumstance_recorded"))
        assert len(trail) == 1 and "Bereavement" not in str(trail[0].data) and "mock" not in str(trail[0].data)
        contact = scene.people[Role.QUALITY_CONTACT]
        with pytest.raises(PermissionMissingError):
            record_circumstance(actor=contact, judgement_id=row.pk, kind="personal", what="x", taken_into_account="y")


def evidence_record(scene: Scene, row: Judgement, role: Role) -> str:
    """The words of the learner's evidence record as this role gets it."""
    answer = scene.client(role).get(scene.url(f"qtags/learners/{row.pk}/record.pdf"))
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages).split())


def test_the_z_flag_is_set_once(scene):
    """QTG-15"""
    row = scene.judgements()[0]
    with open_scope(scene.ao):
        unit = scene.submission.qualification.unit_places.select_related("unit")[0].unit
        for _ in range(2):
            flag_reduced(actor=scene.people[Role.TEACHER], judgement_id=row.pk, unit=unit)
    assert learner_page(scene, row).count(f"<li>{unit}</li>") == 1


def test_a_grade_cannot_be_changed_once_it_left_the_teacher(scene):
    """QTG-13: after it is proposed only a return opens it again."""
    with open_scope(scene.ao):
        bring_to_agreed(scene.people, scene.submission)
        make_moves(scene.people[Role.QUALITY_CONTACT], scene.submission, "submit")
    row = scene.judgements()[0]
    assert save(scene, row, "D", row.grade_version) == "refused"
    told = scene.client(Role.TEACHER).post(
        scene.url(f"qtags/learners/{row.pk}/record/rationale/"), {"rationale": "Too late"}
    )
    assert told.status_code == 409 and "cannot be changed" in told.content.decode()


@pytest.mark.parametrize("state", ["proposed", "lead_endorsed", "department_endorsed", "agreed", "submitted"])
def test_nothing_it_rests_on_is_changed_in_other_hands(scene, state):
    """QTG-13: from the proposal on neither grade, nor rationale, nor evidence, whoever asks: only a return opens it."""
    row = scene.judgements()[0]
    assert save(scene, row, "P", 0) == "saved"
    with open_scope(scene.ao):
        Judgement.objects.filter(pk=row.pk).update(state=state)
        teacher = {"actor": scene.people[Role.TEACHER], "judgement_id": row.pk}
        with pytest.raises(JudgementLockedError):
            write_rationale(rationale="On second thoughts", **teacher)
        with pytest.raises(JudgementLockedError):
            record_evidence(
                type="mock", covers="All", control="low", dated_on=dt.date(2021, 3, 1), is_authentic=True,
                is_reachable=True, **teacher,
            )  # fmt: skip
        with pytest.raises(JudgementLockedError):
            save_facts(facts={"is_certificating": True}, expected_version=0, **teacher)
        with pytest.raises(JudgementLockedError):
            record_told(told_on=dt.date(2021, 5, 1), **teacher)
    assert save(scene, row, "D", 1) == "refused"
    with open_scope(scene.ao):
        stored = Judgement.objects.select_related("grade").get(pk=row.pk)
        assert (stored.grade.code, stored.rationale, stored.told_on) == ("P", "", None)
        assert list(GradeChange.objects.values_list("after", flat=True)) == ["P"]


def test_a_grade_that_no_piece_shows_needs_a_rationale(scene):
    """QTG-08: evidence that shows no grade by itself shows none to be at or above; a rationale carries it."""
    row = scene.judgements()[0]
    with open_scope(scene.ao):
        teacher = scene.people[Role.TEACHER]
        record_evidence(
            actor=teacher, judgement_id=row.pk, type="classwork", covers="Unit 1", control="low",
            dated_on=dt.date(2021, 3, 1), is_authentic=True, is_reachable=True,
        )  # fmt: skip
    assert "No piece of the evidence shows a grade" not in learner_page(scene, row)  # no grade yet: nothing to carry
    assert save(scene, row, "P", 0) == "saved"
    assert "No piece of the evidence shows a grade" in learner_page(scene, row)
    with open_scope(scene.ao):
        save_facts(actor=teacher, judgement_id=row.pk, facts={"is_certificating": True}, expected_version=0)
        record_told(actor=teacher, judgement_id=row.pk, told_on=dt.date(2021, 5, 1))
    assert "No piece of the evidence shows a grade" in propose(scene, row)
    assert scene.judgements()[0].state == "open"
    with open_scope(scene.ao):
        write_rationale(actor=teacher, judgement_id=row.pk, rationale="The portfolio as a whole meets every criterion.")
    assert "No piece of the evidence shows a grade" not in learner_page(scene, row)
    propose(scene, row)
    assert scene.judgements()[0].state == "proposed"


def test_a_piece_is_confirmed_where_the_check_asks_for_it(scene):
    """QTG-07 QTG-19: not the learner's own yet, out of reach; each confirmed by a button; nothing else can be."""
    row = scene.judgements()[0]
    with open_scope(scene.ao):
        piece = record_evidence(
            actor=scene.people[Role.TEACHER], judgement_id=row.pk, type="classwork", covers="Unit 1", control="low",
            dated_on=dt.date(2021, 3, 1), is_authentic=False, is_reachable=False,
        )  # fmt: skip
    warned = ("not confirmed as the learner&#x27;s own work", "cannot be reached")
    assert all(words in learner_page(scene, row) for words in warned)
    client, where = scene.client(Role.TEACHER), scene.url(f"qtags/learners/{row.pk}/evidence/{piece.pk}/")
    assert client.post(where, {"confirm": "type"}).status_code == 200
    assert scene.client(Role.HEAD_OF_CENTRE).post(where, {"confirm": "is_authentic"}).status_code == 403
    for what in ("is_authentic", "is_reachable"):
        assert f'value="{what}"' in client.get(where).content.decode()
        assert client.post(where, {"confirm": what}).status_code == 302
        assert f'value="{what}"' not in client.get(where).content.decode()
    assert not any(words in learner_page(scene, row) for words in warned)


@pytest.mark.parametrize(("day", "words"), [("2030-01-01", "lies in the future"), ("1066-10-14", "Look at the year")])
@pytest.mark.parametrize(
    ("section", "field"), [("evidence", "dated_on"), ("told", "told_on"), ("banked", "achieved_on")]
)
def test_a_day_that_cannot_be_meant_is_refused_beside_its_field(scene, section, field, day, words):
    row = scene.judgements()[0]
    answer = scene.client(Role.TEACHER).post(scene.url(f"qtags/learners/{row.pk}/record/{section}/"), {field: day})
    assert words in answer.content.decode()
    with open_scope(scene.ao):
        assert scene.judgements()[0].told_on is None and not BankedUnit.objects.exists()


def test_nothing_is_chosen_for_a_teacher(scene):
    """A kind of evidence that nobody chose is not recorded."""
    row = scene.judgements()[0]
    where = scene.url(f"qtags/learners/{row.pk}/record/evidence/")
    said = {"type": "", "covers": "Unit 1", "control": "low", "dated_on": "2021-03-01"}
    assert "Choose an answer for “Kind of evidence”" in scene.client(Role.TEACHER).post(where, said).content.decode()


def test_the_grid_shows_what_evidence_there_is_beside_each_grade(scene):
    """QTG-06 QTG-14: pieces and banked results that count, with the best grade shown; what was set aside does not."""
    first, second, third = scene.judgements()
    with open_scope(scene.ao):
        teacher = scene.people[Role.TEACHER]
        make_eligible(
            teacher, Judgement.objects.select_related("registration__qualification").get(pk=first.pk), shows="M"
        )
        place = scene.submission.qualification.unit_places.select_related("unit")[0]
        grade = Grade.objects.filter(scale=scene.submission.qualification.unit_scale_id)[0]
        said = {
            "actor": teacher,
            "unit": place.unit,
            "grade": grade,
            "kind": "interim",
            "achieved_on": dt.date(2021, 2, 1),
        }
        for row in (first, second):
            bank_unit(judgement_id=row.pk, **said)
        banked = bank_unit(judgement_id=third.pk, **said)
        set_banked_aside(actor=teacher, judgement_id=third.pk, banked=banked, reason="Not theirs")
    page = scene.client(Role.TEACHER).get(scene.url(f"qtags/{scene.submission.pk}/grid/")).content.decode()
    assert page.count("2 pieces, up to M") == 1 and page.count("1 piece<") == 1 and page.count(">None<") == 1
