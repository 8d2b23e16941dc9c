"""Half of the evidence, for every mix of complete and partial components (CLM-06), and a blank eRAC's plan (CLM-04)."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.loading import load_framework_files
from awarding.tenancy.scope import open_scope
from mitigations.models import Claim
from mitigations.rules.combination import Combination
from mitigations.rules.evidence import components_short, evidence_shares, learners_below, sufficiency_findings
from mitigations.rules.facts import ClaimFacts, EntryFacts, LearnerFacts, UnitFacts
from mitigations.services.checklist import LineInput, save_lines
from mitigations.services.panel import open_case
from tests.factories import make_claim
from tests.factories.filling import fill_cells, fill_checklist, places_of
from tests.factories.sign_in import sign_in

ERF = next(document for document in load_framework_files() if document.id == "erf_2020")
STATES = ("complete", "partial", "none", "")


def facts(states, *, partial=50, needed=50, away=()):
    """A claim of one learner whose components are in these states; what counts and is needed in hundredths."""
    data = ERF.as_json()
    next(row for row in data["component_states"] if row["code"] == "partial")["counts"] = partial / 100
    data["thresholds"]["evidence_complete_share"]["value"] = needed / 100
    document = FrameworkDocument.from_stored(data)
    units = tuple(UnitFacts(n, n, f"T/{n}", f"Unit {n}") for n in range(len(states)))
    return ClaimFacts(
        document=document, outcome=document.outcome("calculated_grade"),
        learners=(LearnerFacts(1, "Ada", dt.date(2020, 6, 30)),), units=units, cells={(1, 0): "Pass"},
        entries={(1, n): EntryFacts(state, n not in away) for n, state in enumerate(states)},
        combination=Combination(()),
    )  # fmt: skip


def hundredths(states, partial):
    worth = {"complete": 100, "partial": partial, "none": 0, "": 0}
    return sum(worth[state] for state in states)


mixes = st.lists(st.sampled_from(STATES), min_size=1, max_size=12)


@given(mixes, st.integers(0, 100), st.integers(25, 100))
def test_clm_06_any_mix_is_below_exactly_when_its_hundredths_are_fewer(states, partial, needed):
    found = facts(states, partial=partial, needed=needed)
    assert bool(learners_below(found)) == (hundredths(states, partial) < needed * len(states))
    percent = evidence_shares(found)[0].percent
    assert percent * len(states) <= hundredths(states, partial) < (percent + 1) * len(states)


@given(st.lists(st.sampled_from(STATES), min_size=1, max_size=6), st.integers(0, 100), st.integers(25, 100))
def test_clm_06_how_many_are_short_is_the_least_that_would_do(states, partial, needed):
    found = facts(states, partial=partial, needed=needed)
    enough = [
        size
        for size in range(len(states) + 1)
        for chosen in itertools.combinations(range(len(states)), size)
        if hundredths(["complete" if n in chosen else state for n, state in enumerate(states)], partial)
        >= needed * len(states)
    ]
    assert components_short(found, found.learners[0]) == min(enough)


@given(mixes)
def test_clm_05_what_is_all_out_of_reach_keeps_nobody_waiting(states):
    """Below half, the panel may still judge when nothing is left to wait for."""
    missing = [n for n, state in enumerate(states) if state != "complete"]
    stopped = [finding.code for finding in sufficiency_findings(facts(states, away=missing))]
    assert stopped == []
    if learners_below(facts(states)):
        stopped = [finding.code for finding in sufficiency_findings(facts(states))]
        assert stopped == ["below_not_sufficient"]


def test_clm_06_one_third_of_three_is_a_third_and_not_a_hair_less():
    assert learners_below(facts(["partial"] * 3, partial=35, needed=35)) == []
    assert evidence_shares(facts(["partial"] * 10, partial=10))[0].share * 10 == 1


# --- as it fills, through the pages -------------------------------------------------------------


def at(name, **kwargs):
    return reverse(f"mitigations:{name}", kwargs={"ao": "aim", **kwargs})


@pytest.mark.django_db
def test_clm_06_the_page_says_how_much_is_short_while_it_fills(aim, centre, contact):
    with open_scope(aim):
        claim = make_claim(centre, contact, learners=1, units=4)
        fill_checklist(claim, contact, "none")
        fill_checklist(claim, contact, "partial", only=1)
        row, _column = places_of(claim)[0]
    desk = Client()
    sign_in(desk, contact.person)
    page = at("evidence", claim_id=claim.pk, row_key=row)
    said = desk.get(page).content.decode()
    assert "12% of the evidence is complete." in said and "2 more complete units would reach it." in said
    with open_scope(aim):
        fill_checklist(claim, contact, "complete", only=2)
    said = desk.get(page).content.decode()
    assert "50% of the evidence is complete." in said and "would reach it" not in said


@pytest.mark.django_db
def test_clm_04_a_blank_erac_is_submitted_with_its_checklist_and_its_plan_approved_on_the_pages(
    aim, centre, contact, member
):
    with open_scope(aim):
        claim = make_claim(centre, contact, learners=1, units=2)
    desk, panel = Client(), Client()
    sign_in(desk, contact.person)
    sign_in(panel, member.person)
    url = at("submit", claim_id=claim.pk)
    # Without its checklist it cannot go (CLM-03).
    answer = desk.post(url, {"expected_version": claim.version, "is_true": "on"})
    assert answer.status_code == 200
    with open_scope(aim):
        assert Claim.objects.get().state == "drafted"
        lines = [LineInput(*place, status="partial", evidence_types=("classwork",)) for place in places_of(claim)]
        save_lines(actor=contact, claim_id=claim.pk, lines=lines)
    page = desk.get(url)
    version = page.context["form"].initial["expected_version"]
    assert desk.post(url, {"expected_version": version, "is_true": "on"}).status_code == 302
    with open_scope(aim):
        claim = open_case(actor=member, claim=Claim.objects.get())
    decision = {"expected_version": claim.version, "reasons": "The plan is sound."}
    refused = panel.post(at("decide", claim_id=claim.pk), decision | {"verdict": "sufficient"})
    assert "Nothing is claimed yet, so there is nothing to verify." in refused.content.decode()
    panel.post(at("decide", claim_id=claim.pk), decision | {"verdict": "in_principle"})
    with open_scope(aim):
        claim = Claim.objects.get()
        assert claim.state == "approved_in_principle"
        # The achievements can follow now.
        assert {result.status for result in fill_cells(claim, contact)} == {"saved"}
