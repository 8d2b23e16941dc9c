"""Claims of direct-claims centres: the verifier's record, the panel's two outcomes, the verifier's confirmation (CLM-11)."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError
from awarding.notices.models import Notice
from awarding.tenancy.scope import open_scope
from awarding.workflow.queries import history
from awarding.workflow.services import GuardedError, StalePageError
from awarding.worklist.registry import work_items
from centres.models import CohortStaff, DirectClaimsStatus
from mitigations.documents import letter_context
from mitigations.models import Claim, ClaimCell, PanelDecision, VerifierRecord
from mitigations.queries.findings import claim_findings
from mitigations.services.direct_claims import call_in_claim, confirm_direct_claim, return_direct_claim, sign_record
from mitigations.services.panel import decide_claim
from mitigations.services.submission import submit_claim
from tests.factories import make_centre, make_claim, make_membership, make_standing
from tests.factories.direct_claims import give_direct_claims
from tests.factories.filling import fill_cells, fill_checklist
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def dcv(aim, centre):
    with open_scope(aim):
        return make_standing(aim, Role.DIRECT_CLAIMS_VERIFIER, centre)


def filled(centre, contact, state: str = "granted", kind: str = "calculated_grade") -> Claim:
    claim = make_claim(centre, contact, kind=kind)
    give_direct_claims(centre, claim.qualification, state=state)
    fill_cells(claim, contact)
    fill_checklist(claim, contact)
    return Claim.objects.get(pk=claim.pk)


def sign(claim, actor, decision="supported"):
    return sign_record(actor=actor, claim=claim, decision=decision, standards="Units 1 and 2", reasons="Borne out")


def submit(claim, actor):
    return submit_claim(actor=actor, claim=claim, expected_version=claim.version)


def queued(centre, contact, dcv) -> Claim:
    claim = filled(centre, contact)
    sign(claim, dcv)
    return submit(claim, contact)


def decide(claim, member, verdict):
    decide_claim(
        actor=member, claim=claim, verdict=verdict, reasons="As the record says", expected_version=claim.version
    )
    return Claim.objects.get(pk=claim.pk)


def client_of(standing) -> Client:
    client = Client()
    sign_in(client, standing.person)
    return client


def url(name, claim, **more):
    return reverse(f"mitigations:{name}", kwargs={"ao": "aim", "claim_id": claim.pk, **more})


def test_clm_11_without_the_verifiers_record_a_claim_is_not_submitted_and_the_page_says_how_to_mend_it(
    aim, centre, contact, dcv
):
    with open_scope(aim):
        claim = filled(centre, contact)
        with pytest.raises(GuardedError) as refused:
            submit(claim, contact)
        assert [f.code for f in refused.value.findings] == ["no_record"]
    page = client_of(contact).get(url("submit", claim)).content.decode()
    assert "its verifier has recorded no decision" in page and "/rules/CLM-11/" in page
    theirs = client_of(dcv)
    facts = {"decision": "supported", "standards": "Units 1 and 2", "reasons": "Borne out"}
    assert "Fill in" in theirs.post(url("verifier_record", claim), facts | {"reasons": ""}).content.decode()
    bad = SimpleUploadedFile("qa5.pdf", b"MZ not a pdf at all")
    assert "is not of a kind that is taken" in theirs.post(
        url("verifier_record", claim), facts | {"file": bad}
    ).content.decode()  # fmt: skip
    file = SimpleUploadedFile("qa5.pdf", PDF)
    assert theirs.post(url("verifier_record", claim), facts | {"file": file}).status_code == 302
    with open_scope(aim):
        record = VerifierRecord.objects.get()
        assert (record.signed_by, record.file.name) == (dcv.person, "qa5.pdf")
        assert submit(claim, contact).state == "queued"
    got = theirs.get(url("verifier_record_file", claim, record_id=record.pk))
    assert b"".join(got.streaming_content) == PDF
    again = theirs.post(url("verifier_record", claim), facts)
    assert again.status_code == 409 and "can no longer be changed" in again.content.decode()


def test_clm_11_a_record_that_waits_for_the_signature_stands_on_my_work_until_it_is_signed(aim, centre, contact, dcv):
    def waiting(standing) -> list[str]:
        with open_scope(aim):
            return [item.url for item in work_items(standing) if "QA5" in str(item.title)]

    with open_scope(aim):
        claim = make_claim(centre, contact)
        give_direct_claims(centre, claim.qualification, state="frozen")
        fill_cells(claim, contact)
    assert waiting(dcv) == []  # nothing is said of evidence yet
    with open_scope(aim):
        fill_checklist(claim, contact)
    assert waiting(dcv) == []  # a frozen status asks for no record
    with open_scope(aim):
        DirectClaimsStatus.objects.update(state="granted")
    assert waiting(dcv) == [url("verifier_record", claim)] and waiting(contact) == []
    with open_scope(aim):
        sign(claim, dcv)
    assert waiting(dcv) == []
    with open_scope(aim):
        fill_cells(claim, contact, "", only=1)
    assert waiting(dcv) == [url("verifier_record", claim)]
    with open_scope(aim):
        fill_cells(claim, dcv, only=1)
    assert waiting(dcv) == []  # what they entered themselves they do not sign for


def test_clm_11_without_a_mitigation_and_with_full_evidence_it_goes_to_the_panel_too(scope, centre, contact, dcv):
    claim = filled(centre, contact, kind="")
    sign(claim, dcv)
    assert submit(claim, contact).state == "queued"


@pytest.mark.parametrize("state", ["applied", "frozen", "removed"])
def test_clm_11_a_status_that_is_not_granted_asks_for_no_record_and_takes_none(scope, centre, contact, dcv, state):
    claim = filled(centre, contact, state=state)
    with pytest.raises(GuardedError, match="does not hold direct claims"):
        sign(claim, dcv)
    assert submit(claim, contact).state == "queued"


def test_clm_11_what_changes_after_the_record_or_has_to_be_mended_asks_for_a_new_signature(scope, centre, contact, dcv):
    claim = filled(centre, contact)
    codes = lambda: {f.code for f in claim_findings(claim) if f.rule == "CLM-11"}  # noqa: E731
    sign(claim, dcv, "to_mend")
    assert codes() == {"record_to_mend"}
    sign(claim, dcv)
    assert codes() == set()
    fill_cells(claim, contact, "", only=1)
    assert codes() == {"outdated_record"}
    with pytest.raises(GuardedError, match="signs again"):
        submit(claim, contact)
    sign(claim, dcv, "moderation")
    assert codes() == {"record_moderation"}
    assert submit(claim, contact).state == "queued"


def test_clm_11_the_verifier_is_neither_the_teacher_nor_whoever_entered_the_grades(scope, centre, contact, dcv):
    claim = filled(centre, contact)
    with pytest.raises(PermissionMissingError):
        sign(claim, contact)
    with pytest.raises(PermissionMissingError):
        sign(claim, make_standing(scope, Role.DIRECT_CLAIMS_VERIFIER, make_centre()))
    fill_cells(claim, contact, "", only=1)
    fill_cells(claim, dcv, "Pass", only=1)
    with pytest.raises(GuardedError, match="entered 1 of its grades"):
        sign(claim, dcv)
    fill_cells(claim, contact, "", only=1)
    CohortStaff.objects.create(cohort=claim.cohort, person=dcv.person)
    sign(claim, dcv)
    make_membership(dcv.person, Role.TEACHER, centre)
    with pytest.raises(GuardedError, match="You teach this cohort"):
        sign(claim, dcv)


def test_clm_11_the_panel_leaves_the_claim_with_its_verifier_who_confirms_it_without_an_external_one(
    aim, centre, contact, dcv, member
):
    with open_scope(aim):
        claim = queued(centre, contact, dcv)
        with pytest.raises(GuardedError, match="Leave the claim with the centre’s verifier, or ask for moderation"):
            decide(claim, member, "sufficient")
    panel = client_of(member)
    panel.post(url("open_case", claim))
    page = panel.get(url("case", claim)).content.decode()
    assert 'value="left_with_dcv"' in page and 'value="moderation"' in page and 'value="sufficient"' not in page
    said = {"expected_version": claim.version, "verdict": "left_with_dcv", "reasons": "The record is sound"}
    assert panel.post(url("decide", claim), said).status_code == 302
    with open_scope(aim):
        claim.refresh_from_db()
        assert claim.state == "with_dcv"
        made = PanelDecision.objects.get()
        assert made.verdict == "left_with_dcv"
        letter = render_to_string("documents/decision_letter.html", letter_context(made, aim))
        assert "stays with your direct-claims verifier" in letter
        assert Notice.objects.filter(person=dcv.person, subject__contains=claim.number).exists()
    theirs = client_of(dcv)
    assert f"{claim.number}: With the direct-claims verifier" in theirs.get("/").content.decode()
    answer = {"expected_version": claim.version, "answer": "pass", "words": "Second look at five pieces"}
    assert client_of(contact).post(url("confirm_direct", claim), answer).status_code == 403
    assert theirs.post(url("confirm_direct", claim), answer).status_code == 302
    with open_scope(aim):
        claim.refresh_from_db()
        assert claim.state == "verified"
        assert set(ClaimCell.objects.values_list("verdict", flat=True)) == {"accepted"}
        assert [e.transition for e in history(claim)][-2:] == ["leave_with_dcv", "confirm_direct"]


def test_clm_11_the_panel_asks_for_moderation_and_the_claim_waits_for_an_external_verifier(
    scope, centre, contact, dcv, member
):
    claim = decide(queued(centre, contact, dcv), member, "moderation")
    assert claim.state == "unallocated"
    with pytest.raises(StalePageError):
        confirm_direct_claim(actor=dcv, claim=claim, reasons="Mine", expected_version=claim.version)


def test_clm_11_an_ordinary_centres_claim_is_not_left_with_anybody(scope, centre, contact, member):
    claim = make_claim(centre, contact)
    fill_cells(claim, contact)
    fill_checklist(claim, contact)
    claim = submit(claim, contact)
    for verdict in ("left_with_dcv", "moderation"):
        with pytest.raises(GuardedError, match="does not hold direct claims"):
            decide(claim, member, verdict)
    assert decide(claim, member, "sufficient").state == "unallocated"


def test_clm_11_a_status_that_is_frozen_meanwhile_stops_the_confirmation_and_the_ao_calls_the_claim_in(
    scope, centre, contact, dcv, member
):
    claim = decide(queued(centre, contact, dcv), member, "left_with_dcv")
    DirectClaimsStatus.objects.update(state="frozen")
    with pytest.raises(GuardedError, match="does not hold direct claims"):
        confirm_direct_claim(actor=dcv, claim=claim, reasons="Mine", expected_version=claim.version)
    admin = make_standing(scope, Role.AO_ADMIN)
    moved = call_in_claim(actor=admin, claim=claim, reason="Frozen since", expected_version=claim.version)
    assert moved.state == "unallocated"


def test_a_claim_that_the_verifier_sends_back_is_mended_signed_and_submitted_again(scope, centre, contact, dcv, member):
    claim = decide(queued(centre, contact, dcv), member, "left_with_dcv")
    claim = return_direct_claim(actor=dcv, claim=claim, reasons="A page is missing", expected_version=claim.version)
    assert claim.state == "returned"
    fill_cells(claim, contact, "", only=1)
    with pytest.raises(GuardedError, match="signs again"):
        submit(claim, contact)
    sign(claim, dcv)
    assert submit(claim, contact).state == "queued"
