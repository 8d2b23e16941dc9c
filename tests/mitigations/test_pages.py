"""The pages of claims, as a browser without JavaScript and as the grid's script meet them."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from awarding.accounts.roles import Role
from awarding.tenancy.scope import open_scope
from centres.models import Cohort, CohortStaff
from mitigations.models import Claim, ClaimCell, EvidenceEntry
from qa_sampling.models import Allocation
from tests.factories import make_ao, make_centre, make_claim, make_membership, make_person, make_standing
from tests.factories.filling import fill_and_submit, fill_cells, fill_checklist, places_of
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db


def at(name, **kwargs):
    return reverse(f"mitigations:{name}", kwargs={"ao": "aim", **kwargs})


def fresh(aim, claim):
    with open_scope(aim):
        return Claim.objects.get(pk=claim.pk)


def test_clm_01_the_claims_page_shows_number_turn_and_what_comes_next(desk, claim):
    """CLM-01: the number stands on the claim’s page."""
    page = desk.get(at("claim", claim_id=claim.pk)).content.decode()
    for words in (
        claim.number,
        "/ao/aim/frameworks/erf_2020/",
        "Drafted",
        "The centre",
        "Fill in the eRAC",
        "Generated",
    ):
        assert words in page


@pytest.mark.parametrize(
    "name", ["claim", "grid", "workbook", "checklist", "submit", "withdraw"]
)  # fmt: skip
def test_every_page_of_a_drafted_claim_is_served(desk, claim, name):
    assert desk.get(at(name, claim_id=claim.pk)).status_code == 200


def test_generate_from_a_cohort_and_again_by_a_second_click(desk, aim, claim):
    with open_scope(aim):
        fill = Cohort.objects.get(pk=claim.cohort_id)
        Claim.objects.filter(pk=claim.pk).update(state="withdrawn")
    url = at("generate")
    assert str(fill.qualification.display_qan) in desk.get(url).content.decode()
    first = desk.post(url, {"cohort": fill.pk})
    second = desk.post(url, {"cohort": fill.pk})
    assert first.status_code == second.status_code == 302 and first["Location"] == second["Location"]
    with open_scope(aim):
        assert Claim.objects.filter(cohort=fill).count() == 2


def test_mit_04_declining_without_a_reason_is_asked_for_one(desk, aim, claim):
    """MIT-04, on the page: declined without a reason is refused; with one the claim records it."""
    with open_scope(aim):
        Claim.objects.filter(pk=claim.pk).update(state="withdrawn")
    answer = desk.post(at("generate"), {"cohort": claim.cohort_id, "mitigation": "decline"})
    assert answer.status_code == 200 and "Say why the mitigation is declined" in answer.content.decode()
    answer = desk.post(
        at("generate"), {"cohort": claim.cohort_id, "mitigation": "decline", "declined_reason": "All assessed"}
    )
    assert answer.status_code == 302
    with open_scope(aim):
        assert Claim.objects.first().mitigation_declined_reason == "All assessed"


def test_a_cohort_of_another_centre_cannot_be_chosen(client, aim, claim):
    with open_scope(aim):
        stranger = make_standing(aim, Role.QUALITY_CONTACT, make_centre("Southfield"))
    client.force_login(stranger.person)
    assert client.post(at("generate"), {"cohort": claim.cohort_id}).status_code == 404


# --- the grid -----------------------------------------------------------------------------------


def test_the_grid_saves_one_cell_for_the_script(desk, aim, claim):
    with open_scope(aim):
        row, column = places_of(claim)[0]
    answer = desk.post(
        at("save_grid", claim_id=claim.pk),
        {"row": row, "column": column, "value": "Pass", "version": "0"},
        headers={"X-Requested-With": "portal-grid"},
    )
    assert answer.json()["cells"][0]["status"] == "saved"
    assert "selected>Pass" in desk.get(at("grid", claim_id=claim.pk)).content.decode()


def test_the_grid_saves_a_pasted_block(desk, aim, claim):
    with open_scope(aim):
        cells = [{"row": row, "column": column, "value": "Pass", "version": 0} for row, column in places_of(claim)]
    answer = desk.post(
        at("save_grid", claim_id=claim.pk), {"cells": json.dumps(cells)}, headers={"X-Requested-With": "portal-grid"}
    )
    assert [cell["status"] for cell in answer.json()["cells"]] == ["saved"] * 4


def test_the_grid_saves_a_page_without_javascript(desk, aim, claim):
    with open_scope(aim):
        row, column = places_of(claim)[0]
    answer = desk.post(
        at("save_grid", claim_id=claim.pk), {f"cell:{row}:{column}": "Pass", f"was:{row}:{column}": ""}, follow=True
    )
    assert "1 cell saved" in answer.content.decode()


def test_without_javascript_what_was_refused_stands_there_with_the_reason(desk, aim, claim):
    with open_scope(aim):
        row, column = places_of(claim)[0]
    answer = desk.post(at("save_grid", claim_id=claim.pk), {f"cell:{row}:{column}": "Star", f"was:{row}:{column}": ""})
    page = answer.content.decode()
    assert "is not a grade of these units" in page and '<option value="Star" selected>' in page


def test_a_block_that_is_no_block_gets_a_message(desk, claim):
    answer = desk.post(at("save_grid", claim_id=claim.pk), {"cells": "{"}, headers={"X-Requested-With": "portal-grid"})
    assert answer.status_code == 400 and "not JSON" in answer.json()["message"]


def test_an_ended_session_is_told_to_the_script_and_saves_nothing(client, aim, claim):
    with open_scope(aim):
        row, column = places_of(claim)[0]
    answer = client.post(
        at("save_grid", claim_id=claim.pk),
        {"row": row, "column": column, "value": "Pass", "version": "0"},
        headers={"X-Requested-With": "portal-grid"},
    )
    assert answer.status_code == 401
    with open_scope(aim):
        assert not ClaimCell.objects.exists()


def test_a_submitted_grid_is_read_only_and_refuses_entries(desk, aim, contact, ready):
    with open_scope(aim):
        fill_and_submit(ready, contact)
        row, column = places_of(ready)[0]
    assert "<select" not in desk.get(at("grid", claim_id=ready.pk)).content.decode()
    answer = desk.post(
        at("save_grid", claim_id=ready.pk),
        {"row": row, "column": column, "value": "", "version": "1"},
        headers={"X-Requested-With": "portal-grid"},
    )
    assert answer.status_code == 409 and "cannot be changed" in answer.json()["message"]


# --- the checklist ------------------------------------------------------------------------------


def test_clm_03_states_are_saved_as_they_are_chosen(desk, aim, claim):
    with open_scope(aim):
        row, column = places_of(claim)[0]
    answer = desk.post(
        at("save_checklist", claim_id=claim.pk),
        {"row": row, "column": column, "value": "complete", "version": "0"},
        headers={"X-Requested-With": "portal-grid"},
    )
    assert answer.json()["cells"][0]["status"] == "saved"
    assert "50% complete" in desk.get(at("checklist", claim_id=claim.pk)).content.decode()


def test_clm_05_one_learners_evidence_with_types_reach_and_note(desk, aim, claim):
    with open_scope(aim):
        row, column = places_of(claim)[0]
    url = at("evidence", claim_id=claim.pk, row_key=row)
    data = {
        f"{column}-version": "0", f"{column}-status": "partial", f"{column}-evidence_types": ["classwork", "tracker"],
        f"{column}-out_of_reach": "on", f"{column}-kept_at": "Workshop 3", f"{column}-note": "Two folders",
    }  # fmt: skip
    unsaid = desk.post(url, data)
    assert unsaid.status_code == 200 and "Say why the evidence cannot be reached" in unsaid.content.decode()
    with open_scope(aim):
        assert not EvidenceEntry.objects.exists()
    data |= {f"{column}-reach_reason": "The building is closed"}
    assert desk.post(url, data).status_code == 302
    with open_scope(aim):
        entry = EvidenceEntry.objects.get()
    assert (entry.status, entry.evidence_types, entry.is_reachable) == ("partial", ["classwork", "tracker"], False)
    assert (entry.reach_reason, entry.kept_at) == ("The building is closed", "Workshop 3")
    answer = desk.post(url, data | {f"{column}-status": "none"}, headers={"X-Requested-With": "fetch"})
    assert answer.json()["cells"][0]["status"] == "conflict"
    page = desk.post(url, data | {f"{column}-status": "none"}).content.decode()
    assert "changed this line meanwhile" in page


def test_the_rest_of_a_learners_lines_can_be_marked_complete(desk, aim, claim):
    with open_scope(aim):
        row, _column = places_of(claim)[0]
    nobody = desk.post(at("save_checklist", claim_id=claim.pk), {"complete": [""]}, follow=True).content.decode()
    assert "tick the learners" in nobody and "lines saved" not in nobody
    answer = desk.post(at("save_checklist", claim_id=claim.pk), {"complete": [row, ""]}, follow=True)
    assert "2 lines saved" in answer.content.decode()


# --- submitting ---------------------------------------------------------------------------------


def test_check_answers_then_a_receipt_with_the_number(desk, aim, ready):
    url = at("submit", claim_id=ready.pk)
    assert "To the panel, because:" in desk.get(url).content.decode()
    answer = desk.post(url, {"expected_version": ready.version, "is_true": "on"}, follow=True)
    page = answer.content.decode()
    assert "Claim submitted" in page and ready.number in page and "What happens next" in page


def test_a_double_clicked_submit_ends_on_the_same_receipt(desk, aim, ready):
    url = at("submit", claim_id=ready.pk)
    data = {"expected_version": ready.version, "is_true": "on"}
    first, second = desk.post(url, data), desk.post(url, data)
    assert first["Location"] == second["Location"] == at("receipt", claim_id=ready.pk)
    assert fresh(aim, ready).version == ready.version + 1


def test_a_stale_submit_page_is_answered_409_and_submits_nothing(desk, aim, ready):
    data = {"expected_version": ready.version + 5, "is_true": "on"}
    answer = desk.post(at("submit", claim_id=ready.pk), data)
    assert answer.status_code == 409 and "Someone else decided first" in answer.content.decode()
    assert fresh(aim, ready).state == "drafted"


def test_clm_03_a_claim_with_gaps_shows_what_to_put_right_and_no_button(desk, claim):
    page = desk.get(at("submit", claim_id=claim.pk)).content.decode()
    assert "4 of 4 lines of the evidence checklist" in page and "Submit the claim" not in page


def test_withdrawing_asks_for_a_reason_first(desk, aim, claim):
    url = at("withdraw", claim_id=claim.pk)
    assert "Fill in “Reason”" in desk.post(url, {"expected_version": claim.version}).content.decode()
    desk.post(url, {"expected_version": claim.version, "reason": "Generated for the wrong cohort"})
    assert fresh(aim, claim).state == "withdrawn"


# --- who sees what ------------------------------------------------------------------------------


def status_for(client, person, claim, second_factor=False):
    if second_factor:
        sign_in(client, person)
    else:
        client.force_login(person)
    return client.get(at("claim", claim_id=claim.pk)).status_code


def test_a_claim_is_seen_by_its_centre_and_the_ao_and_is_not_there_for_others(client, aim, centre, claim):
    with open_scope(aim):
        admin = make_standing(aim, Role.AO_ADMIN)
        head = make_standing(aim, Role.HEAD_OF_CENTRE, centre)
        stranger = make_standing(aim, Role.QUALITY_CONTACT, make_centre("Southfield"))
        teacher = make_standing(aim, Role.TEACHER, centre)
        verifier = make_standing(aim, Role.EXTERNAL_VERIFIER)
    assert status_for(client, admin.person, claim, True) == 200
    assert status_for(client, head.person, claim, True) == 200
    assert status_for(client, stranger.person, claim) == 404
    assert status_for(client, teacher.person, claim) == 404
    assert status_for(client, verifier.person, claim, True) == 404
    with open_scope(aim):
        CohortStaff.objects.create(cohort=claim.cohort, person=teacher.person)
        Allocation.objects.create(claim=claim, verifier=verifier.person)
    assert status_for(client, teacher.person, claim) == 200
    assert status_for(client, verifier.person, claim, True) == 200


def test_another_ao_does_not_see_the_claim_under_its_own_address(client, aim, claim):
    other = make_ao("other")
    person = make_person()
    with open_scope(other):
        make_membership(person, Role.QUALITY_CONTACT, make_centre("Elsewhere"))
    client.force_login(person)
    assert client.get(f"/ao/other/claims/{claim.pk}/").status_code == 404
    assert client.get(at("claim", claim_id=claim.pk)).status_code == 404


def test_a_teacher_is_refused_the_submit_page(client, aim, centre, claim):
    with open_scope(aim):
        teacher = make_standing(aim, Role.TEACHER, centre)
        CohortStaff.objects.create(cohort=claim.cohort, person=teacher.person)
    client.force_login(teacher.person)
    assert client.get(at("submit", claim_id=claim.pk)).status_code == 403


# --- lists --------------------------------------------------------------------------------------


def test_the_list_is_filtered_by_state_qualification_and_number(desk, aim, centre, contact, claim):
    with open_scope(aim):
        other = fill_and_submit(make_claim(centre, contact), contact)

    def numbers(query):
        page = desk.get(at("claims") + query).content.decode()
        return [claim.number in page, other.number in page]

    assert numbers("") == [True, True]
    assert numbers("?state=queued") == [False, True]
    assert numbers(f"?qan={claim.qualification.display_qan}") == [True, False]
    assert numbers(f"?number={other.number[-6:]}") == [False, True]
    assert "No claim fits this filter" in desk.get(at("claims") + "?state=processed").content.decode()


@pytest.mark.parametrize("name", ["claims", "panel_queue"])
def test_a_list_costs_the_same_queries_at_one_row_and_at_three(
    client, aim, centre, contact, ready, name, django_assert_num_queries
):
    with open_scope(aim):
        fill_and_submit(ready, contact)
        admin = make_standing(aim, Role.AO_ADMIN)
    sign_in(client, admin.person)
    client.get(at(name))
    with _counted() as one:
        client.get(at(name))
    with open_scope(aim):
        for _ in range(2):
            fill_and_submit(make_claim(centre, contact), contact)
    with django_assert_num_queries(len(one)):
        page = client.get(at(name)).content.decode()
    assert page.count('<th scope="row"') == 3


@pytest.mark.parametrize("name", ["claim", "grid", "checklist", "submit", "case"])
def test_a_claims_pages_cost_the_same_queries_for_one_learner_and_for_five(
    client, aim, centre, contact, name, django_assert_num_queries
):
    with open_scope(aim):
        both = make_standing(aim, Role.PANEL_MEMBER, person=contact.person)
        small = make_claim(centre, contact, learners=1, units=1)
        large = make_claim(centre, contact, learners=5, units=4)
        for claim in (small, large):
            fill_cells(claim, contact)
            fill_checklist(claim, contact)
    sign_in(client, both.person)
    client.get(at(name, claim_id=small.pk))
    with _counted() as few:
        assert client.get(at(name, claim_id=small.pk)).status_code == 200
    with django_assert_num_queries(len(few)):
        client.get(at(name, claim_id=large.pk))


def _counted():
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    return CaptureQueriesContext(connection)


def test_my_work_names_what_waits_for_each(aim, centre, contact, member, claim, ready):
    from awarding.worklist.registry import work_items

    with open_scope(aim):
        mine = [item for item in work_items(contact) if claim.number in str(item.title)]
        assert mine and not mine[0].waits_for
        moved = fill_and_submit(ready, contact)
        panel = [item for item in work_items(member) if str(item.detail) == moved.number]
        assert panel and panel[0].count == 1
        assert any("panel" in str(item.title) for item in work_items(contact) if item.waits_for)
