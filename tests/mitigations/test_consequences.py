"""What another adoption would change, shown before it is made, and what it then does (CLM-02, CLM-06, MIT-06)."""

from __future__ import annotations

import copy
import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from awarding.accounts.roles import Role
from awarding.frameworks.consequences import Proposal, consequences_of
from awarding.frameworks.differences import list_differences
from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.loading import apply_overrides, load_framework_files
from awarding.frameworks.models import Adoption
from awarding.frameworks.queries import adopted_document
from awarding.tenancy.scope import open_scope
from centres.models import Registration
from mitigations.models import ChecklistTemplate, ClaimCell, EracUpload, Outcome
from mitigations.queries.findings import claim_facts
from mitigations.rules.evidence import learners_below
from mitigations.services.checklist_uploads import issue_sheet
from mitigations.services.documents import issue_document
from tests.factories import make_claim, make_standing
from tests.factories.filling import fill_checklist, places_of
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db
SHARE = "thresholds.evidence_complete_share"


def proposal(**overrides):
    adoption = Adoption.objects.select_related("framework").get(superseded_at=None)
    before = adopted_document(adoption)
    return Proposal(apply_overrides(before, overrides), before, adoption)


def with_data(change):
    """A proposal of a document that differs as `change` does to its data."""
    held = proposal()
    data = copy.deepcopy(held.after.as_json())
    change(data)
    return Proposal(FrameworkDocument.from_stored(data), held.before, held.adoption)


def found(proposed, heading):
    return next((row for row in consequences_of(proposed) if heading in str(row.heading)), None)


def test_clm_06_learners_who_would_fall_below_are_counted_by_claim(scope, centre, contact):
    claim = make_claim(centre, contact, learners=3, units=2)
    fill_checklist(claim, contact, "partial", only=4)  # two learners at a half, one at nothing
    proposed = proposal(**{SHARE: 0.75})
    would = found(proposed, "less evidence than is expected")
    assert would.count == 2 and [str(row.label) for row in would.rows] == [claim.number]
    # What the preview counts is what the checks say afterwards.
    now = len(learners_below(claim_facts(claim)))
    Adoption.objects.update(overrides={SHARE: 0.75})
    claim.adoption.refresh_from_db()
    assert len(learners_below(claim_facts(claim))) - now == would.count


def test_clm_06_learners_who_would_reach_it_are_counted_and_others_not(scope, centre, contact):
    claim = make_claim(centre, contact, learners=2, units=4)
    fill_checklist(claim, contact, "complete", only=1)
    fill_checklist(make_claim(centre, contact, kind="adapted_assessment"), contact, "none")
    assert found(proposal(**{SHARE: 0.25}), "as much evidence").count == 1
    assert found(proposal(), "evidence") is None


def test_mit_06_registrations_in_and_out_of_the_impact_are_counted_by_qualification(scope, centre, contact):
    claim = make_claim(centre, contact, learners=3)
    first = claim.learners.first().registration_id
    Registration.objects.filter(pk=first).update(ends_on=dt.date(2020, 4, 1))

    def later(data):
        data["dates"]["impact"]["on"] = "2020-05-01"

    gone = found(with_data(later), "no longer be impacted")
    assert gone.count == 1 and claim.qualification.display_qan in str(gone.rows[0].label)
    assert found(Proposal(proposal().after), "would be impacted").count == 3


def test_mit_01_outcomes_and_templates_that_would_no_longer_do_are_named(scope, centre, contact):
    claim = make_claim(centre, contact)
    ChecklistTemplate.objects.create(
        qualification=claim.qualification, framework_code="erf_2020", expected=["tracker"], standing_alone=["classwork"]
    )

    def poorer(data):
        data["outcomes"] = [row for row in data["outcomes"] if row["code"] != "calculated_grade"]
        data["evidence_types"] = [row for row in data["evidence_types"] if row["code"] != "tracker"]

    proposed = with_data(poorer)
    assert found(proposed, "outcome would no longer").count == Outcome.objects.count() == 1
    assert "tracker" in str(found(proposed, "templates").rows[0].detail)
    assert found(proposal(), "outcome would no longer") is None


def test_windows_that_open_or_close_today_are_named(scope):
    before = next(row for row in load_framework_files() if row.id == "erf_2020")
    data = before.as_json()
    data["dates"]["application_closes"]["on"] = timezone.localdate().isoformat()
    proposed = Proposal(FrameworkDocument.from_stored(data), before)
    rows = found(proposed, "Windows").rows
    assert [str(row.label) for row in rows] == ["Applications for a mitigation"]
    assert "closed now; it would be open" in str(rows[0].detail)
    assert found(Proposal(before, before), "Windows") is None


def test_a_newer_versions_differences_are_listed_and_the_aos_own_choices_left_out():
    document = next(row for row in load_framework_files() if row.id == "erf_2020")
    data = copy.deepcopy(document.as_json())
    data["dates"]["impact"]["on"] = "2020-03-23"
    data["thresholds"]["evidence_complete_share"]["value"] = 0.6
    data["evidence_types"].append(
        {"code": "diary", "label": "Diary", "is_evidence": True, "may_stand_alone": False, "source": "S1"}
    )
    changes = {
        row.path: (row.before, row.after) for row in list_differences(document, FrameworkDocument.from_stored(data))
    }
    assert changes["dates.impact.on"] == ("2020-03-20", "2020-03-23")
    assert changes["evidence_types.diary.label"] == (None, "Diary")
    assert not [path for path in changes if "thresholds" in path]
    assert list_differences(document, document) == ()


# --- through the pages --------------------------------------------------------------------------


def test_clm_02_adopting_anew_shows_what_is_superseded_and_supersedes_it(aim, centre, contact):
    """The AO sees which workbooks it would supersede; then the old one is refused, and the one issued anew is taken."""
    with open_scope(aim):
        claim = make_claim(centre, contact)
        admin = make_standing(aim, Role.AO_ADMIN)
        held = Adoption.objects.get()
        issue_document(actor=contact, claim_id=claim.pk)
        issue_sheet(actor=contact, claim_id=claim.pk)
        row, column = places_of(claim)[0]
    office, desk = Client(), Client()
    sign_in(office, admin.person)
    sign_in(desk, contact.person)

    def at(name, **kwargs):
        return reverse(f"mitigations:{name}", kwargs={"ao": "aim", "claim_id": claim.pk, **kwargs})

    old = desk.get(at("download", version=1)).content
    adopt = reverse("frameworks:adopt", kwargs={"ao": "aim", "code": "erf_2020"})
    chosen = {"expected": str(held.pk), "setting-thresholds-evidence_complete_share": "0.6"}
    shown = office.post(adopt, chosen | {"step": "preview"}).content.decode()
    assert "Claims whose workbooks are superseded: 1" in shown and claim.number in shown and "eRAC, checklist" in shown
    file = SimpleUploadedFile("e.xlsx", old)
    assert "Checked" in desk.post(at("workbook"), {"file": file}, follow=True).content.decode()
    assert office.post(adopt, chosen | {"step": "adopt"}).status_code == 302
    refused = desk.post(at("workbook"), {"file": SimpleUploadedFile("e.xlsx", old)}, follow=True).content.decode()
    assert "the framework was adopted anew" in refused
    desk.post(at("issue_document"))
    book = load_workbook(io.BytesIO(desk.get(at("download", version=2)).content))
    sheet = book.worksheets[0]
    top = next(cell.row for cell in sheet["A"] if str(cell.value).startswith("#row:"))
    sheet.cell(top, 4).value = "Pass"
    out = io.BytesIO()
    book.save(out)
    desk.post(at("workbook"), {"file": SimpleUploadedFile("e.xlsx", out.getvalue())})
    with open_scope(aim):
        upload = EracUpload.objects.first()
    desk.post(at("upload", upload_id=upload.pk))
    with open_scope(aim):
        assert ClaimCell.objects.get(learner__row_key=row, unit_id=column).value == "Pass"
