"""Checklist templates: which evidence is expected and may stand alone, and what the checks make of it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError
from awarding.audit.models import AuditRecord
from awarding.findings.finding import Severity
from awarding.frameworks.models import Adoption
from awarding.frameworks.queries import adopted_document
from awarding.tenancy.scope import open_scope
from awarding.workflow.services import ReasonMissingError, StalePageError
from mitigations.models import ChecklistTemplate, Claim, EvidenceEntry, TemplateUnit
from mitigations.queries.findings import claim_findings
from mitigations.services.checklist import LineInput, save_lines
from mitigations.services.continuation import continue_returned
from mitigations.services.submission import submit_claim
from mitigations.services.templates import TemplateError, TemplateInput, UnitInput, save_template, withdraw_template
from tests.factories import adopt_framework, make_claim, make_standing
from tests.factories.filling import fill_cells, fill_checklist, places_of
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db
ALONE = ("completed_unit", "partial_unit", "classwork", "practical_recording")


@pytest.fixture
def admin(scope):
    return make_standing(scope, Role.AO_ADMIN)


def erf():
    return adopted_document(Adoption.objects.select_related("framework").get(superseded_at=None))


def make_template(admin, qualification, *, reason="", number=0, **said):
    said = TemplateInput(**({"standing_alone": ALONE} | said))
    return save_template(
        actor=admin, qualification=qualification, document=erf(), said=said, reason=reason, expected_number=number
    )


def found(claim, code):
    claim = Claim.objects.select_related("adoption__framework", "qualification", "centre").get(pk=claim.pk)
    return next((finding for finding in claim_findings(claim) if finding.code == code), None)


def say(claim, contact, *types, status="complete", place=0):
    line = LineInput(*places_of(claim)[place], status=status, evidence_types=types)
    save_lines(actor=contact, claim_id=claim.pk, lines=[line])


# --- what may stand alone -----------------------------------------------------------------------


@pytest.mark.parametrize("types", [("tracker",), ("witness_testimony",), ("tracker", "witness_testimony")])
def test_clm_05_evidence_that_may_not_stand_alone_must_be_answered_for(scope, centre, contact, types):
    claim = make_claim(centre, contact, learners=1, units=2)
    fill_cells(claim, contact)
    fill_checklist(claim, contact)
    say(claim, contact, *types)
    finding = found(claim, "stands_alone")
    assert (finding.rule, finding.severity) == ("CLM-05", Severity.WARNS)
    with pytest.raises(ReasonMissingError):
        submit_claim(actor=contact, claim=claim, expected_version=claim.version)
    moved = submit_claim(actor=contact, claim=claim, expected_version=claim.version, answer="The folder burnt.")
    assert moved.state == "queued"


@pytest.mark.parametrize(
    ("types", "status"), [(("tracker", "classwork"), "complete"), (("tracker",), "none"), ((), "complete")]
)
def test_clm_05_beside_other_evidence_or_without_any_nothing_is_asked(scope, centre, contact, types, status):
    claim = make_claim(centre, contact, learners=1, units=2)
    say(claim, contact, *types, status=status)
    assert found(claim, "stands_alone") is None


def test_qtg_07_where_the_framework_has_that_rule_it_stops_the_claim(scope, centre, contact):
    claim = make_claim(
        centre, contact, learners=1, units=1, kind="component_tag", adoption=adopt_framework("vcrf_2021")
    )
    say(claim, contact, "tracker", "target_grade")
    finding = found(claim, "stands_alone")
    assert (finding.rule, finding.severity) == ("QTG-07", Severity.BLOCKS)
    say(claim, contact, "tracker", "classwork")
    assert found(claim, "stands_alone") is None


# --- what an AO expects -------------------------------------------------------------------------


def test_clm_05_expected_evidence_that_is_not_named_is_told_and_does_not_stop(scope, centre, contact, admin):
    claim = make_claim(centre, contact, learners=1, units=2)
    second = claim.units.get(position=1).unit_id
    units = {second: UnitInput(expected=("practical_recording",), guidance="Film the whole task.")}
    template = make_template(admin, claim.qualification, expected=("classwork", "tracker"), units=units)
    say(claim, contact, "completed_unit")
    assert found(claim, "expected_missing") is None  # started before there was a template
    Claim.objects.filter(pk=claim.pk).update(checklist_template=template)
    finding = found(claim, "expected_missing")
    assert finding.severity is Severity.INFORMS and "Classwork or homework, Tracker" in str(finding.what)
    say(claim, contact, "classwork", "tracker")
    assert found(claim, "expected_missing") is None
    say(claim, contact, "classwork", place=1)
    assert "Recording of practical work" in str(found(claim, "expected_missing").what)


def test_clm_05_an_ao_may_narrow_what_stands_alone_and_not_widen_it(scope, centre, contact, admin):
    claim = make_claim(centre, contact, learners=1, units=1)
    with pytest.raises(TemplateError, match="does not let “Tracker of achievement” stand alone"):
        make_template(admin, claim.qualification, standing_alone=(*ALONE, "tracker"))
    with pytest.raises(TemplateError, match="at least one"):
        make_template(admin, claim.qualification, standing_alone=())
    template = make_template(admin, claim.qualification, standing_alone=("completed_unit",))
    say(claim, contact, "classwork")
    assert found(claim, "stands_alone") is None
    Claim.objects.filter(pk=claim.pk).update(checklist_template=template)
    assert found(claim, "stands_alone").rule == "CLM-05"


@pytest.mark.parametrize("said", [{"expected": ("hearsay",)}, {"units": {0: UnitInput(guidance="Nowhere")}}])
def test_a_template_asks_only_for_what_there_is(scope, centre, contact, admin, said):
    qualification = make_claim(centre, contact, units=1).qualification
    with pytest.raises(TemplateError):
        make_template(admin, qualification, **said)
    assert not ChecklistTemplate.objects.exists()


# --- versions -----------------------------------------------------------------------------------


def test_a_claim_keeps_the_version_that_it_was_started_under_and_so_does_what_goes_on_from_it(
    scope, centre, contact, admin
):
    qualification = make_claim(centre, contact, units=1).qualification
    first = make_template(admin, qualification, guidance="One")
    claim = _another_claim(contact, centre, qualification, "B")
    second = make_template(admin, qualification, guidance="Two", reason="More was asked for", number=1)
    later = _another_claim(contact, centre, qualification, "C")
    assert (claim.checklist_template, later.checklist_template) == (first, second)
    assert (second.number, ChecklistTemplate.objects.get(superseded_at=None)) == (2, second)
    fill_cells(claim, contact)
    claim.cells.update(verdict="returned")
    assert continue_returned(actor=contact, claim=claim).checklist_template == first


def _another_claim(contact, centre, qualification, name):
    from centres.models import Cohort
    from mitigations.services.generation import generate_claim
    from tests.factories import make_registration

    cohort = Cohort.objects.create(centre=centre, qualification=qualification, name=name)
    make_registration(centre, qualification, cohort=cohort)
    return generate_claim(actor=contact, cohort=cohort)


def test_saving_the_same_again_makes_no_version_and_a_change_needs_its_reason(scope, centre, contact, admin):
    qualification = make_claim(centre, contact, units=1).qualification
    first = make_template(admin, qualification, guidance="One")
    assert make_template(admin, qualification, guidance="One", number=1) == first
    with pytest.raises(ReasonMissingError):
        make_template(admin, qualification, guidance="Two", number=1)
    with pytest.raises(StalePageError):
        make_template(admin, qualification, guidance="Two", reason="x", number=0)
    assert ChecklistTemplate.objects.count() == 1
    assert AuditRecord.objects.filter(event="checklist_template.saved").count() == 1


def test_a_withdrawn_template_holds_for_no_new_claim_and_can_be_made_anew(scope, centre, contact, admin):
    qualification = make_claim(centre, contact, units=1).qualification
    make_template(admin, qualification, guidance="One")
    words = {"actor": admin, "qualification": qualification, "framework_code": "erf_2020", "reason": "Too much"}
    with pytest.raises(StalePageError):
        withdraw_template(**words, expected_number=4)
    withdraw_template(**words, expected_number=1)
    assert _another_claim(contact, centre, qualification, "B").checklist_template is None
    assert make_template(admin, qualification, guidance="One").number == 2


def test_only_who_may_sets_templates(scope, centre, contact):
    qualification = make_claim(centre, contact, units=1).qualification
    with pytest.raises(PermissionMissingError):
        make_template(contact, qualification)


# --- the pages ----------------------------------------------------------------------------------


@pytest.fixture
def office(aim, db):
    with open_scope(aim):
        admin = make_standing(aim, Role.AO_ADMIN)
    client = Client()
    sign_in(client, admin.person)
    return client


def at(name, **kwargs):
    return reverse(f"mitigations:{name}", kwargs={"ao": "aim", **kwargs})


@pytest.fixture
def claim(aim, centre, contact):
    with open_scope(aim):
        return make_claim(centre, contact, learners=1, units=2)


def test_a_template_is_made_changed_shown_to_the_centre_and_withdrawn(office, aim, claim, contact):
    page = at("checklist_template", qan=claim.qualification.qan)
    assert "There is no template" in office.get(page).content.decode()
    with open_scope(aim):
        unit = claim.units.get(position=1).unit
    data = {
        "expected_number": "0", "guidance": "Show your planning.", "expected": ["classwork"], "standing_alone": list(ALONE),
        f"u{unit.pk}-differs": "on", f"u{unit.pk}-expected": ["practical_recording"], f"u{unit.pk}-guidance": "Film it.",
    }  # fmt: skip
    assert office.post(page, data).status_code == 302
    stale = office.post(page, data | {"guidance": "Else", "reason": "Why not"})
    assert stale.status_code == 409 and "Someone else changed this template" in stale.content.decode()
    unsaid = office.post(page, data | {"guidance": "Else", "expected_number": "1"})
    assert "Say why the template changes" in unsaid.content.decode()
    with open_scope(aim):
        template = ChecklistTemplate.objects.get()
        assert TemplateUnit.objects.get().expected == ["practical_recording"]
        Claim.objects.filter(pk=claim.pk).update(checklist_template=template)
        row, column = places_of(claim)[1]
    desk = Client()
    sign_in(desk, contact.person)
    assert "Show your planning." in desk.get(at("checklist", claim_id=claim.pk)).content.decode()
    shown = desk.get(at("evidence", claim_id=claim.pk, row_key=row)).content.decode()
    assert "Expected here: Recording of practical work." in shown and "Film it." in shown
    assert "Tracker of achievement (only beside other evidence)" in shown
    listed = office.get(at("checklist_templates"), {"show": "with"}).content.decode()
    assert claim.qualification.display_qan in listed and "In force" in listed
    gone = {"expected_number": "1", "reason": "Not needed"}
    assert office.post(at("withdraw_template", qan=claim.qualification.qan), gone).status_code == 302
    with open_scope(aim):
        assert not ChecklistTemplate.objects.filter(superseded_at=None).exists()


def test_kinds_ticked_for_a_unit_that_does_not_differ_are_asked_about(office, aim, claim):
    with open_scope(aim):
        unit = claim.units.first().unit
    data = {"expected_number": "0", "standing_alone": list(ALONE), f"u{unit.pk}-expected": ["classwork"]}
    answer = office.post(at("checklist_template", qan=claim.qualification.qan), data)
    assert answer.status_code == 200 and "untick the kinds" in answer.content.decode()
    with open_scope(aim):
        assert not ChecklistTemplate.objects.exists()


def test_another_qualifications_template_can_be_begun_with(office, aim, claim, centre, contact):
    with open_scope(aim):
        other = make_claim(centre, contact, units=1).qualification
        admin = make_standing(aim, Role.AO_ADMIN)
        make_template(admin, other, guidance="Borrow me.")
    page = at("checklist_template", qan=claim.qualification.qan)
    assert "Borrow me." not in office.get(page).content.decode()
    assert "Borrow me." in office.get(page, {"from": other.qan}).content.decode()


def test_clm_05_what_the_panel_reads_of_evidence_out_of_reach(aim, claim, contact, member):
    with open_scope(aim):
        fill_checklist(claim, contact)
        line = LineInput(
            *places_of(claim)[0],
            status="none",
            is_reachable=False,
            reach_reason="The site is closed",
            kept_at="Room 12",
        )
        save_lines(actor=contact, claim_id=claim.pk, lines=[line])
        submit_claim(actor=contact, claim=claim, expected_version=claim.version)
    client = Client()
    sign_in(client, member.person)
    page = client.get(at("case", claim_id=claim.pk)).content.decode()
    assert "The site is closed" in page and "Room 12" in page
    with open_scope(aim):
        assert EvidenceEntry.objects.get(reach_reason="The site is closed").kept_at == "Room 12"
