"""A wholly new framework, written only as YAML, runs a claim from its adoption to processed."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from awarding.accounts.roles import Role
from awarding.findings.finding import Severity
from awarding.frameworks.loading import load_framework_files
from awarding.frameworks.models import Adoption
from awarding.frameworks.services import store_frameworks
from awarding.tenancy.scope import open_scope
from centres.models import Cohort
from mitigations.models import Claim, ClaimCell, EvidenceEntry
from mitigations.queries.findings import claim_facts, claim_findings
from mitigations.rules.evidence import evidence_shares
from mitigations.services.checklist import LineInput, save_lines
from mitigations.services.panel import decide_claim, open_case
from qa_sampling.models import SamplePick
from qa_sampling.services.allocation import allocate_claim
from qa_sampling.services.sample import decide_piece, pick_piece
from qa_sampling.services.verification import finish_verification
from results import tasks
from results.models import Certificate, QualificationResult
from results.services.processing import process_claim
from tests.factories import make_ao, make_centre, make_qualification, make_registration, make_standing
from tests.factories.filling import places_of
from tests.factories.results import run_job
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db
FOLDER = Path(__file__).parent / "invented"
SHARE = "setting-thresholds-evidence_complete_share"


def client_of(standing):
    client = Client()
    sign_in(client, standing.person)
    return client


def at(name, **kwargs):
    return reverse(name, kwargs={"ao": "strike", **kwargs})


@pytest.fixture
def world():
    """An AO, its people, a cohort of two learners; the file's framework stored, nothing adopted."""
    store_frameworks(load_framework_files(FOLDER))
    ao = make_ao("strike")
    with open_scope(ao):
        centre = make_centre()
        qualification = make_qualification(units=2)
        cohort = Cohort.objects.create(centre=centre, qualification=qualification, name="2032")
        for _ in range(2):
            make_registration(centre, qualification, cohort=cohort)
        return SimpleNamespace(
            ao=ao, cohort=cohort, qualification=qualification, admin=make_standing(ao, Role.AO_ADMIN),
            contact=make_standing(ao, Role.QUALITY_CONTACT, centre), panel=make_standing(ao, Role.PANEL_MEMBER),
            verifier=make_standing(ao, Role.EXTERNAL_VERIFIER),
        )  # fmt: skip


def adopt_and_generate(world, share="0.4"):
    """The AO adopts by its page, sets the outcome by its page; the centre generates by its page."""
    office, desk = client_of(world.admin), client_of(world.contact)
    chosen = {"expected": "0", SHARE: share, "setting-dates-opens": "2020-01-01", "step": "adopt"}
    assert office.post(at("frameworks:adopt", code="strike_2032"), chosen).status_code == 302
    page = at("mitigations:outcome", qan=world.qualification.qan)
    assert office.post(page, {"kind": "portfolio_award", "expected": "0", "reason": ""}).status_code == 302
    assert desk.post(at("mitigations:generate"), {"cohort": world.cohort.pk}).status_code == 302
    with open_scope(world.ao):
        return office, desk, Claim.objects.select_related("adoption__framework").get()


def test_the_file_is_sound_and_is_explained(world):
    call_command("check_frameworks", folder=FOLDER)
    said = client_of(world.admin).get(at("frameworks:framework", code="strike_2032")).content.decode()
    for words in (
        "Award by portfolio",
        "Postcard from the tutor",
        "only beside other evidence",
        "Shown in part",
        "70%",
    ):
        assert words in said


def test_clm_14_a_claim_runs_through_to_processed_under_its_words_and_numbers(world, monkeypatch):
    monkeypatch.setattr(tasks, "certificate_pdf", lambda html, fonts=None: b"%PDF-1.7 stands for a page")
    _office, desk, claim = adopt_and_generate(world)
    with open_scope(world.ao):
        places = places_of(claim)
        columns = [column for _row, column in places[:2]]
    cells = [{"row": row, "column": column, "value": "Pass", "version": "0"} for row, column in places]
    saved = desk.post(
        at("mitigations:save_grid", claim_id=claim.pk), {"cells": json.dumps(cells)},
        headers={"X-Requested-With": "portal-grid"},
    )  # fmt: skip
    assert {cell["status"] for cell in saved.json()["cells"]} == {"saved"}
    data = {
        "units": columns,
        "who": "all",
        "status": "shown_in_part",
        "evidence_types": ["sketchbook"],
        "step": "apply",
    }
    assert desk.post(at("mitigations:bulk", claim_id=claim.pk), data).status_code == 302
    page = desk.get(at("mitigations:submit", claim_id=claim.pk))
    # Two halves that count 0.4 each are 40%: just what this AO asks for.
    with open_scope(world.ao):
        assert [share.percent for share in evidence_shares(claim_facts(claim))] == [40, 40]
        assert not [f for f in claim_findings(claim) if f.severity is not Severity.INFORMS or f.code == "below_share"]
    sent = {"expected_version": page.context["form"].initial["expected_version"], "is_true": "on"}
    assert desk.post(at("mitigations:submit", claim_id=claim.pk), sent).status_code == 302
    with open_scope(world.ao):
        claim = open_case(actor=world.panel, claim=Claim.objects.get())
        assert set(ClaimCell.objects.values_list("is_incomplete", flat=True)) == {True}
        decide_claim(
            actor=world.panel, claim=claim, verdict="sufficient", reasons="Fine sketches",
            expected_version=claim.version,
        )  # fmt: skip
        allocate_claim(actor=world.admin, claim=Claim.objects.get(), verifier=world.verifier.person)
        claim = Claim.objects.get()
        pick_piece(actor=world.verifier, claim=claim, learner=claim.learners.first(), unit=claim.units.first())
        decide_piece(actor=world.verifier, pick=SamplePick.objects.get(), verdict="accepted")
        finish_verification(actor=world.verifier, claim=claim, expected_version=claim.version)
        job = process_claim(actor=world.admin, claim=Claim.objects.get())
    run_job(job)
    with open_scope(world.ao):
        assert Claim.objects.get().state == "processed"
        assert QualificationResult.objects.count() == Certificate.objects.filter(state="active").count() == 2


def test_clm_06_below_its_own_threshold_it_waits(world):
    _office, _desk, claim = adopt_and_generate(world, share="0.5")
    with open_scope(world.ao):
        lines = [LineInput(*place, status="shown_in_part") for place in places_of(claim)]
        save_lines(actor=world.contact, claim_id=claim.pk, lines=lines)
        finding = next(f for f in claim_findings(claim) if f.code == "below_share")
    assert (finding.rule, finding.severity) == ("CLM-06", Severity.INFORMS) and "50%" in str(finding.what)


def test_a_rule_that_it_does_not_have_asks_nothing(world):
    """MIT-14 would ask why units shown in part are left out; this framework has no such rule."""
    _office, _desk, claim = adopt_and_generate(world)
    with open_scope(world.ao):
        lines = [LineInput(*place, status="shown_in_part") for place in places_of(claim)]
        save_lines(actor=world.contact, claim_id=claim.pk, lines=lines)
        ClaimCell.objects.create(claim=claim, learner=claim.learners.first(), unit=claim.units.first(), value="Pass")
        assert "MIT-14" not in {finding.rule for finding in claim_findings(claim)}


def test_clm_05_its_own_evidence_is_known_and_that_of_others_is_not(world):
    _office, _desk, claim = adopt_and_generate(world)
    with open_scope(world.ao):
        row, column = places_of(claim)[0]
        for refused in (
            LineInput(row, column, status="partial"),
            LineInput(row, column, evidence_types=("classwork",)),
        ):
            assert save_lines(actor=world.contact, claim_id=claim.pk, lines=[refused])[0].status == "refused"
        line = LineInput(row, column, status="shown_in_full", evidence_types=("postcard",))
        save_lines(actor=world.contact, claim_id=claim.pk, lines=[line])
        finding = next(f for f in claim_findings(claim) if f.code == "stands_alone")
        assert finding.rule == "CLM-05" and "Postcard from the tutor" in str(finding.what)
        assert EvidenceEntry.objects.get().status == "shown_in_full"


def test_mit_01_an_outcome_of_another_framework_is_not_offered(world):
    office, _desk, _claim = adopt_and_generate(world)
    page = at("mitigations:outcome", qan=world.qualification.qan)
    answer = office.post(page, {"kind": "calculated_grade", "expected": "1", "reason": "As in 2020"})
    assert answer.status_code == 200 and answer.context["form"].errors
    with open_scope(world.ao):
        assert Adoption.objects.get().overrides == {
            "thresholds.evidence_complete_share": 0.4,
            "dates.opens": "2020-01-01",
        }
