"""The eRAC's cells: saved one by one or as a block, by several people at once, and never overwritten unseen."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError
from awarding.audit.models import AuditRecord
from awarding.tenancy.scope import open_scope
from awarding.ui.grid import CellInput
from centres.models import CohortStaff
from mitigations.models import Claim, ClaimCell
from mitigations.services.grid import ClaimLockedError, save_cells
from tests.factories import adopt_framework, make_ao, make_centre, make_claim, make_standing
from tests.factories.filling import fill_and_submit, fill_cells, places_of

pytestmark = pytest.mark.django_db


def one(claim, actor, value, place=0, **fields):
    row, column = places_of(claim)[place]
    return save_cells(actor=actor, claim_id=claim.pk, cells=[CellInput(row, column, value, **fields)])[0]


def test_a_cell_is_saved_with_who_and_a_new_version(scope, centre, contact):
    claim = make_claim(centre, contact)
    result = one(claim, contact, "Pass", version="0")
    cell = ClaimCell.objects.get(claim=claim)
    assert (result.status, result.version, cell.value, cell.updated_by) == ("saved", 1, "Pass", contact.person)


def test_the_same_cell_sent_twice_changes_nothing_the_second_time(scope, centre, contact):
    claim = make_claim(centre, contact)
    first, second = one(claim, contact, "Pass", version="0"), one(claim, contact, "Pass", version="0")
    assert (first.version, second.version, second.status) == (1, 1, "saved")
    assert AuditRecord.objects.filter(event="claim.cells_saved").count() == 1


def test_qtg_09_a_grade_off_the_scale_is_refused_and_the_scale_is_named(scope, centre, contact):
    claim = make_claim(centre, contact)
    result = one(claim, contact, "Distinction")
    assert result.status == "refused" and "“Distinction”" in result.message and "Pass" in result.message
    assert not ClaimCell.objects.filter(claim=claim).exists()


def test_qtg_09_a_grade_is_known_in_any_case(scope, centre, contact):
    assert one(make_claim(centre, contact), contact, "pASS ").value == "Pass"


def test_an_older_version_is_a_conflict_that_shows_what_stands_and_overwrites_nothing(scope, centre, contact):
    claim = make_claim(centre, contact)
    one(claim, contact, "Pass", version="0")
    result = one(claim, contact, "", version="0")
    assert (result.status, result.theirs, result.version) == ("conflict", "Pass", 1)
    assert ClaimCell.objects.get(claim=claim).value == "Pass"


def test_without_javascript_what_stood_there_is_compared(scope, centre, contact):
    claim = make_claim(centre, contact)
    one(claim, contact, "Pass", was="")
    assert one(claim, contact, "", was="").status == "conflict"
    assert one(claim, contact, "", was="Pass").status == "saved"


def test_a_block_saves_what_fits_and_refuses_the_rest_cell_by_cell(scope, centre, contact):
    claim = make_claim(centre, contact)
    places = places_of(claim)
    cells = [CellInput(*places[0], "Pass"), CellInput(*places[1], "A*"), CellInput("nobody", places[0][1], "Pass")]
    results = save_cells(actor=contact, claim_id=claim.pk, cells=cells)
    assert [result.status for result in results] == ["saved", "refused", "refused"]
    assert ClaimCell.objects.filter(claim=claim).count() == 1


def test_a_submitted_claim_is_locked(scope, centre, contact):
    claim = fill_and_submit(make_claim(centre, contact), contact)
    with pytest.raises(ClaimLockedError, match="Waiting for the panel"):
        one(claim, contact, "")
    assert ClaimCell.objects.filter(claim=claim, value="Pass").count() == 4


def test_another_centres_contact_finds_no_such_claim(scope, centre, contact):
    claim = make_claim(centre, contact)
    stranger = make_standing(scope, Role.QUALITY_CONTACT, make_centre("Southfield"))
    with pytest.raises(Claim.DoesNotExist):
        one(claim, stranger, "Pass")


def test_a_head_of_centre_sees_the_claim_and_may_not_fill_it(scope, centre, contact):
    claim = make_claim(centre, contact)
    with pytest.raises(PermissionMissingError):
        one(claim, make_standing(scope, Role.HEAD_OF_CENTRE, centre), "Pass")


def test_a_teacher_fills_the_cohorts_they_are_staff_of_and_no_other(scope, centre, contact):
    mine, other = make_claim(centre, contact), make_claim(centre, contact)
    teacher = make_standing(scope, Role.TEACHER, centre)
    CohortStaff.objects.create(cohort=mine.cohort, person=teacher.person)
    assert one(mine, teacher, "Pass").status == "saved"
    with pytest.raises(Claim.DoesNotExist):
        one(other, teacher, "Pass")


@pytest.mark.django_db(transaction=True)
def test_two_writers_at_once_lose_nothing():
    """Two people fill the two halves of a claim cell by cell, over connections of their own."""
    ao = make_ao("aim")
    with open_scope(ao):
        adopt_framework()
        centre = make_centre()
        people = [make_standing(ao, Role.QUALITY_CONTACT, centre) for _ in range(2)]
        claim = make_claim(centre, people[0], learners=4, units=3)
        places = places_of(claim)
    start, faults = threading.Barrier(2), []

    def write(person, mine):
        try:
            start.wait(10)
            for place in mine:
                with open_scope(ao):
                    save_cells(actor=person, claim_id=claim.pk, cells=[CellInput(*place, "Pass", version="0")])
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(person, places[n::2])) for n, person in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    with open_scope(ao):
        assert ClaimCell.objects.filter(claim=claim, value="Pass").count() == len(places)


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_one_cell_leave_one_value_and_one_conflict():
    ao = make_ao("aim")
    with open_scope(ao):
        adopt_framework()
        centre = make_centre()
        people = [make_standing(ao, Role.QUALITY_CONTACT, centre) for _ in range(2)]
        claim = make_claim(centre, people[0])
        fill_cells(claim, people[0])
        place = places_of(claim)[0]
        grades = claim.qualification.unit_scale
        grades.grades.create(code="Merit", label="Merit", rank=9)
    start, results = threading.Barrier(2), []

    def write(person, value):
        try:
            start.wait(10)
            with open_scope(ao):
                results.extend(
                    save_cells(actor=person, claim_id=claim.pk, cells=[CellInput(*place, value, version="1")])
                )
        finally:
            connection.close()

    threads = [
        threading.Thread(target=write, args=args) for args in ((people[0], "Merit"), (people[1], ""))
    ]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(result.status for result in results) == ["conflict", "saved"]
    kept, lost = sorted(results, key=lambda result: result.status, reverse=True)
    assert lost.theirs == kept.value
