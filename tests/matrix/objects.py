"""One thing of each kind that an address of the portal can name, by the parameter's name."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from awarding.accounts.models import Invitation
from awarding.accounts.roles import Role
from awarding.accounts.standing import Process, Standing
from awarding.catalogue.models import BarredSet, BarredUnit, Qualification, QualificationFamily
from awarding.catalogue.queries.combination import sizes_of
from awarding.enquiries.models import Enquiry, HelpSession
from awarding.enquiries.services.answer import publish_answer
from awarding.enquiries.services.enquiry import ask_enquiry, note_on_enquiry
from awarding.enquiries.services.routing import add_rule, add_topic
from awarding.enquiries.services.session import announce_session, sign_up
from awarding.files.models import StoredFile
from awarding.files.services import store_file
from awarding.jobs.models import Job, JobState
from awarding.notices.models import Notice
from awarding.tenancy.scope import open_scope
from awarding.workflow.services import apply_transition
from centres.models import CohortStaff, DeclaredInterest, Learner, PriorAchievement, RegistrationUpload
from centres.services.direct_claims import apply_for_direct_claims, grant_direct_claims, record_monitoring
from mitigations.models import (
    AssessmentDate,
    CentreNotice,
    Claim,
    DelayQuestion,
    EracDocument,
    EracUpload,
    ImpactCase,
    NoticeLine,
    NoticeRound,
    PanelDecision,
    SizeMove,
    VerifierRecord,
)
from mitigations.services.appeals import add_appeal_file, lodge_appeal, save_stage
from mitigations.services.bundles import keep_bundle
from mitigations.services.centre_notices import report_missing
from mitigations.services.disputes import raise_dispute
from mitigations.services.impact_cases import raise_case
from mitigations.services.panel import decide_claim
from mitigations.workflow import CLAIM
from qa_sampling.services.allocation import allocate_claim
from qa_sampling.services.evidence import add_evidence
from qa_sampling.services.sample import pick_piece, request_evidence
from results.models import Certificate, QualificationResult, UnitResult
from tests.factories import (
    make_centre,
    make_claim,
    make_membership,
    make_person,
    make_qualification,
    make_registration,
)
from tests.factories.verification import fill_claim
from tests.matrix.checklists import checklist_things, grow_checklist
from tests.matrix.component_tags import grow_component_tags, make_component_tag
from tests.matrix.panel import make_cases, make_decision
from tests.matrix.qtag_objects import grow_qtags, qtag_parameters

if TYPE_CHECKING:
    from tests.matrix.world import Tenant

PDF = b"%PDF-1.7\n%%EOF\n"

# Parameters that mean another thing on other routes: by route, what theirs names.
OWN_MEANING = {
    "api:claim-detail": {"pk": "claim_id"},
    "api:registration-detail": {"pk": "registration_id"},
    "api:result-detail": {"pk": "result_id"},
    "api:unit-result-detail": {"pk": "unit_result_id"},
    "mitigations:upload": {"upload_id": "erac_upload_id"},
    "frameworks:framework": {"code": "framework_code"},
    "frameworks:adopt": {"code": "framework_code"},
    "public:check_certificate": {"code": "check_code"},
    "qtag:send_back": {"move": "qtag_move"},
    "mitigations:decision_letter": {"decision_id": "letter_decision_id"},
}


def parameters_of(tenant: Tenant, claim: Claim, contact: Standing) -> dict[str, Any]:
    """{"claim_id": ..., "qan": ..., ...} for the tenant's own things. A new kind of address adds its parameter here."""
    fill_claim(claim)
    stored = store_file(
        actor=contact, purpose="registrations", name="learners.csv", content=b"ULN\n", media_type="text/csv"
    )
    upload = RegistrationUpload.objects.create(centre=tenant.centre, file=stored, uploaded_by=contact.person)
    document = EracDocument.objects.create(
        claim=claim, version=9, key=f"key-{claim.pk}", adoption_id=claim.adoption_id, issued_by=contact.person
    )
    erac_upload = EracUpload.objects.create(
        claim=claim, document=document, file=stored, state=EracUpload.State.CHECKED, uploaded_by=contact.person
    )
    checklist_upload, bulk_answer = checklist_things(claim, contact, stored, document.version)
    claim = apply_transition(CLAIM, claim, "submit_to_verifier", actor=contact)
    admin = Standing(tenant.people[Role.AO_ADMIN], tenant.ao, frozenset({(Role.AO_ADMIN, None)}))
    verifier = tenant.people[Role.EXTERNAL_VERIFIER]
    seen = Standing(verifier, tenant.ao, frozenset({(Role.EXTERNAL_VERIFIER, None)}))
    allocate_claim(actor=admin, claim=claim, verifier=verifier)
    learner, unit = claim.learners.first(), claim.units.first()
    pick = pick_piece(actor=seen, claim=claim, learner=learner, unit=unit)
    request_evidence(actor=seen, claim=claim, due_on=dt.date(2030, 1, 1))
    evidence = add_evidence(actor=contact, pick=pick, handle=io.BytesIO(PDF), name="work.pdf", size=len(PDF))
    job = Job.objects.create(
        kind="nothing", title="A job", key="matrix", centre=tenant.centre, started_by=contact.person, state=JobState.SUCCEEDED,
        result_file=stored,
    )  # fmt: skip
    interest = DeclaredInterest.objects.create(
        person=tenant.people[Role.PANEL_MEMBER], centre=tenant.centre, nature="Taught there"
    )
    invitation = Invitation.objects.create(
        email="new@example.org", name="New", centre=tenant.centre, role=Role.TEACHER, token_digest=f"digest-{tenant.ao.pk}",
        invited_by=contact.person, expires_at=dt.datetime(2030, 1, 1, tzinfo=dt.UTC),
    )  # fmt: skip
    for role in Role:
        Notice.objects.create(person=tenant.people[role], key="matrix", subject="One", body="One")
    notice = Notice.objects.filter(person=contact.person).first()
    for move in ("submit_to_panel", "submit_to_verifier"):
        waiting = make_claim(tenant.centre, contact, learners=1)
        fill_claim(waiting)
        apply_transition(CLAIM, waiting, move, actor=contact)
    case = make_case(contact, claim)
    _waiting_inside(tenant, contact)
    result, certificate = _awarded(claim, learner.registration, unit.unit, stored)
    help_ = _helped(tenant, claim, contact, admin) | _objected(tenant, contact, admin)
    qualification = claim.qualification
    condition = make_decision(tenant, claim, stored)
    make_cases(tenant, contact)
    return {
        "condition_id": condition.pk,
        "letter_decision_id": condition.decision_id,
        "case_id": case.pk,
        **written_to(tenant, claim, contact, stored),
        "row_key": learner.row_key,
        "framework_code": claim.adoption.framework.code,
        "group_id": qualification.groups.get().pk,
        "place_id": qualification.unit_places.first().pk,
        "scale_id": qualification.scale_id,
        "family_id": _family(tenant, qualification),
        "prior_id": _prior(learner.registration, unit.unit, contact),
        "size_move_id": make_size_move(claim, contact).pk,
        "component_tag_id": make_component_tag(claim, contact).pk,
        "result_id": result.pk,
        "unit_result_id": UnitResult.objects.get(claim=claim).pk,
        "certificate_id": certificate.pk,
        "number": certificate.number,
        "check_code": certificate.check_code,
        "typed": qualification.qan,
        "claim_id": claim.pk,
        "centre_id": tenant.centre.pk,
        "cohort_id": claim.cohort_id,
        "learner_id": learner.registration.learner_id,
        "registration_id": learner.registration_id,
        "qan": claim.qualification.qan,
        "upload_id": upload.pk,
        "erac_upload_id": erac_upload.pk,
        "checklist_upload_id": checklist_upload.pk,
        "bulk_id": bulk_answer.pk,
        "document_id": document.pk,
        "version": document.version,
        "pick_id": pick.pk,
        "evidence_id": evidence.pk,
        "job_id": job.pk,
        "interest_id": interest.pk,
        "status_id": _direct_claims(tenant, claim, contact, admin),
        "move": "freeze",
        "record_id": VerifierRecord.objects.create(
            claim=claim, decision="supported", standards="All", reasons="Sound", file=stored, signed_by=contact.person
        ).pk,
        "invitation_id": invitation.pk,
        "notice_id": notice.pk if notice else 0,
        "person_id": tenant.people[Role.TEACHER].pk,
        "membership_id": tenant.people[Role.TEACHER]
        .memberships.model.objects.get(person=tenant.people[Role.TEACHER])
        .pk,
        "rule_id": "CLM-01",
        **qtag_parameters(tenant, contact, learner.registration.learner.family_name, stored),
    } | help_


def _objected(tenant: Tenant, contact: Standing, admin: Standing, name: str = "One") -> dict[str, Any]:
    """A dispute of an outcome, and an appeal with a file and a bundle against a decision; another decision without one."""
    stage = save_stage(actor=admin, name=name, position=1, lodge_days=9, answer_days=9)
    # The panel member has an interest in the centre.
    member = Standing(tenant.people[Role.PANEL_CHAIR], tenant.ao, frozenset({(Role.PANEL_CHAIR, None)}))
    decisions = []
    for _n in range(2):
        claim = make_claim(tenant.centre, contact, learners=1)
        fill_claim(claim)
        claim = apply_transition(CLAIM, claim, "submit_to_panel", actor=contact)
        Claim.objects.filter(pk=claim.pk).update(
            queued_at=dt.datetime(2019, 1, 1, tzinfo=dt.UTC), opened_by=member.person
        )
        claim.refresh_from_db()
        decide_claim(
            actor=member, claim=claim, verdict="insufficient", reasons=name, next_step="Mend it",
            next_step_due=dt.date(2099, 1, 1), expected_version=claim.version,
        )  # fmt: skip
        decisions.append(PanelDecision.objects.select_related("claim").get(claim=claim))
    dispute = raise_dispute(actor=contact, centre_id=tenant.centre.pk, outcome=decisions[0].claim.outcome, reason=name)
    appeal = lodge_appeal(actor=contact, decision=decisions[1], grounds=name)
    file = add_appeal_file(actor=contact, appeal=appeal, handle=io.BytesIO(PDF), name="grounds.pdf", size=len(PDF))
    appeal.refresh_from_db()
    keep_bundle(process=Process("matrix"), appeal_id=appeal.pk, version=appeal.version, pdf=PDF)
    return {
        "stage_id": stage.pk,
        "decision_id": decisions[0].pk,
        "dispute_id": dispute.pk,
        "appeal_id": appeal.pk,
        "appeal_file_id": file.pk,
    }


def _helped(tenant: Tenant, claim: Claim, contact: Standing, admin: Standing) -> dict[str, Any]:
    """An enquiry about the claim, which the panel member owns, and one by the teacher; an answer; a clinic for everybody."""
    topic = add_topic(actor=admin, name="Evidence")
    rule = add_rule(actor=admin, topic=topic, sector="", person=tenant.people[Role.PANEL_MEMBER])
    enquiry = ask_enquiry(
        actor=contact, centre_id=None, about=claim.number, topic=topic, subject="One", question="May we?"
    )
    answer = publish_answer(actor=admin, question="May one?", answer="One may.", topic=topic)
    session = announce_session(
        actor=admin, kind="clinic", title="Ask us", about="Anything", minutes=30, roles=[role.value for role in Role],
        place="Here", starts_at=dt.datetime(2099, 1, 1, 12, tzinfo=dt.UTC),
    )  # fmt: skip
    return {
        "topic_id": topic.pk,
        "rule_row_id": rule.pk,
        "enquiry_id": enquiry.pk,
        "answer_id": answer.pk,
        "session_id": session.pk,
    }


def written_to(tenant: Tenant, claim: Claim, contact: Standing, stored: StoredFile) -> dict[str, int]:
    """A round with one notice and a line reported; a question about a delayed assessment, and a published date."""
    admin = tenant.people[Role.AO_ADMIN]
    last = NoticeRound.objects.count()
    NoticeRound.objects.update(superseded_at=timezone.now())
    round_ = NoticeRound.objects.create(
        framework_code=claim.adoption.framework.code, adoption=claim.adoption, number=last + 1, begun_by=admin,
        answer_by=dt.date(2030, 1, 1), remind_every_days=7,
    )  # fmt: skip
    notice = CentreNotice.objects.create(
        round=round_, centre=tenant.centre, file=stored, documents=1, learners=2, learners_without_claim=0, state="sent",
        sent_at=timezone.now(),
    )  # fmt: skip
    line = report_missing(actor=contact, notice=notice, kind="programme", qan="1", details=f"The {last}th.")
    question = DelayQuestion.objects.create(
        framework_code=round_.framework_code, adoption=claim.adoption, centre=tenant.centre, learners=2,
        qualification=claim.qualification, answer_by=dt.date(2030, 1, 1), remind_every_days=7, asked_by=admin,
        state="answered", sitting=2, can_sit_from=dt.date(2030, 1, 1), can_sit_until=dt.date(2030, 2, 1),
    )  # fmt: skip
    date = AssessmentDate.objects.create(
        framework_code=round_.framework_code, adoption=claim.adoption, qualification=claim.qualification,
        kind="assessment", title="Practical", starts_on=dt.date(2030, 1, 1), ends_on=dt.date(2030, 1, 1), published_by=admin,
    )  # fmt: skip
    return {
        "round_id": round_.pk,
        "centre_notice_id": notice.pk,
        "line_id": line.pk,
        "delay_question_id": question.pk,
        "assessment_date_id": date.pk,
    }


def make_case(contact: Standing, claim: Claim) -> ImpactCase:
    """A case about another learner of the claim's qualification, who finished too early."""
    registration = make_registration(claim.centre, claim.qualification, ends_on=dt.date(2020, 1, 31))
    Learner.objects.filter(pk=registration.learner_id).update(
        family_name=claim.learners.first().registration.learner.family_name
    )
    return raise_case(
        actor=contact, adoption=claim.adoption, registration=registration, kind="overran", why="Ill.", evidence="Unit 1"
    )


def _direct_claims(tenant: Tenant, claim: Claim, contact: Standing, admin: Standing) -> int:
    """A granted status of the claim's centre and qualification that has been monitored once."""
    asked = apply_for_direct_claims(
        actor=contact, centre=tenant.centre, qualification=claim.qualification, reason="Two clean visits"
    )
    status = grant_direct_claims(actor=admin, status=asked, reason="As said", expected_version=asked.version)
    record_monitoring(
        actor=admin, status=status, held_on=timezone.localdate(), outcome="satisfactory", notes="Sound",
        expected_version=status.version,
    )  # fmt: skip
    return status.pk


def _prior(registration: Any, unit: Any, contact: Standing) -> int:
    """A unit that the claim's first learner brings by credit transfer."""
    made = PriorAchievement.objects.create(
        centre_id=registration.centre_id, registration=registration, unit=unit, kind="CT", source="Elsewhere",
        evidence="Certificate", recorded_by=contact.person,
    )  # fmt: skip
    return int(made.pk)


def make_size_move(claim: Claim, contact: Standing) -> SizeMove:
    """A flagged request about another learner of the claim's qualification."""
    other = make_registration(claim.centre, claim.qualification)
    Learner.objects.filter(pk=other.learner_id).update(
        family_name=claim.learners.first().registration.learner.family_name
    )
    source = Qualification.objects.get(pk=claim.qualification_id)
    return SizeMove.objects.create(
        centre=claim.centre, registration=other, source=source, target=sizes_of(source)[0], adoption=claim.adoption,
        reason="Illness", requested_by=contact.person, state="requested",
    )  # fmt: skip


def _family(tenant: Tenant, qualification: Any) -> int:
    """A family of two sizes, of which the claim's qualification is the larger."""
    family = QualificationFamily.objects.create(name=f"Testing {tenant.ao.slug}")
    for size, row in enumerate((make_qualification(units=1), qualification), 1):
        row.family, row.size = family, size
        row.save()
    return int(family.pk)


def _awarded(claim: Claim, registration: Any, unit: Any, file: Any) -> tuple[QualificationResult, Certificate]:
    """A result that was released long ago, with its certificate."""
    released = dt.datetime(2020, 8, 1, tzinfo=dt.UTC)
    UnitResult.objects.create(
        registration=registration, unit=unit, claim=claim, grade="Pass", centre_release_at=released
    )
    result = QualificationResult.objects.create(
        registration=registration, claim=claim, grade="Pass", release_at=released, centre_release_at=released
    )
    certificate = Certificate.objects.create(
        result=result,
        number=f"C-{claim.pk}",
        check_code="ABCDEFGH",
        state=Certificate.State.ACTIVE,
        issued_at=released,
        file=file,
    )
    return result, certificate


def _waiting_inside(tenant: Tenant, contact: Standing) -> None:
    """A claim with the internal and one with the direct-claims verifier; everything has been where it is for long."""
    for state in ("with_iv", "with_dcv"):
        claim = make_claim(tenant.centre, contact, learners=1)
        for role in (Role.TEACHER, Role.INTERNAL_VERIFIER):
            CohortStaff.objects.create(cohort=claim.cohort, person=tenant.people[role])
        Claim.objects.filter(pk=claim.pk).update(state=state)
    Claim.objects.update(state_since=dt.datetime(2024, 1, 1, tzinfo=dt.UTC))


def grow(tenant: Tenant) -> None:
    """Two more of everything that lists show, at the tenant's own centre."""
    with open_scope(tenant.ao):
        contact = Standing(
            tenant.people[Role.QUALITY_CONTACT], tenant.ao, frozenset({(Role.QUALITY_CONTACT, tenant.centre.pk)})
        )
        admin = Standing(tenant.people[Role.AO_ADMIN], tenant.ao, frozenset({(Role.AO_ADMIN, None)}))
        stored = store_file(
            actor=contact, purpose="registrations", name="more.csv", content=b"x", media_type="text/csv"
        )
        for n in range(2):
            grow_qtags(tenant, contact)
            for move in ("submit_to_verifier", "submit_to_panel", "allocate", ""):
                claim = make_claim(tenant.centre, contact, learners=3)
                for role in (Role.TEACHER, Role.INTERNAL_VERIFIER):
                    CohortStaff.objects.create(cohort=claim.cohort, person=tenant.people[role])
                apply_for_direct_claims(
                    actor=contact, centre=tenant.centre, qualification=claim.qualification, reason="More"
                )
                fill_claim(claim)
                if move:
                    first = "submit_to_panel" if move == "submit_to_panel" else "submit_to_verifier"
                    claim = apply_transition(CLAIM, claim, first, actor=contact)
                if move == "allocate":
                    allocate_claim(actor=admin, claim=claim, verifier=tenant.people[Role.EXTERNAL_VERIFIER])
            make_case(contact, claim)
            written_to(tenant, claim, contact, stored)
            _more_of_round(tenant, contact, stored, n)
            make_centre(f"More {n} {tenant.ao.slug}")
            make_membership(make_person(), Role.TEACHER, tenant.centre)
            RegistrationUpload.objects.create(centre=tenant.centre, file=stored, uploaded_by=contact.person)
            Job.objects.create(
                kind="nothing", title="More", key=f"more-{n}", centre=tenant.centre, started_by=contact.person
            )
            Invitation.objects.create(
                email=f"more{n}@example.org", name="More", centre=tenant.centre, role=Role.TEACHER,
                token_digest=f"more-{n}-{tenant.ao.pk}", invited_by=contact.person,
                expires_at=dt.datetime(2030, 1, 1, tzinfo=dt.UTC),
            )  # fmt: skip
            for role in Role:
                Notice.objects.create(person=tenant.people[role], key=f"more-{n}", subject="More", body="More")
            make_cases(tenant, contact)
        make_decision(tenant, Claim.objects.get(pk=tenant.parameters["claim_id"]), stored)
        _grow_sample(tenant)
        _grow_sizes(tenant, contact)
        grow_component_tags(tenant, contact)
        for _ in range(2):
            _waiting_inside(tenant, contact)
        _grow_help(tenant, contact, admin)
        for n in range(2):
            _objected(tenant, contact, admin, f"More {n}")
        grow_checklist(tenant, contact, stored)


def _grow_help(tenant: Tenant, contact: Standing, admin: Standing) -> None:
    """More of what the pages of enquiries list, about the same claim."""
    claim = Claim.objects.get(pk=tenant.parameters["claim_id"])
    enquiry = Enquiry.objects.get(pk=tenant.parameters["enquiry_id"])
    for n in range(2):
        topic = add_topic(actor=admin, name=f"More {n}")
        add_rule(actor=admin, topic=topic, sector="", role=Role.AO_ADMIN)
        for about in (claim.number, claim.qualification.qan):
            ask_enquiry(
                actor=contact, centre_id=contact_centre(contact), about=about, topic=topic, subject="More", question="?"
            )
        note_on_enquiry(actor=admin, enquiry=enquiry, text="More")
        publish_answer(
            actor=admin, question=f"More {n}", answer="More", qualification=claim.qualification, enquiry=enquiry
        )
        session = announce_session(
            actor=admin, kind="clinic", title="More", about="More", minutes=30, roles=[role.value for role in Role],
            place="Here", starts_at=dt.datetime(2099, 1, 1, 12, tzinfo=dt.UTC),
        )  # fmt: skip
        for standing in (contact, admin):
            sign_up(actor=standing, session=session)
    sign_up(actor=contact, session=HelpSession.objects.get(pk=tenant.parameters["session_id"]))


def contact_centre(contact: Standing) -> int:
    return next(iter(contact.centre_ids))


def _more_of_round(tenant: Tenant, contact: Standing, stored: StoredFile, n: int) -> None:
    """Another centre on the first round, and another line on its notice."""
    notice = CentreNotice.objects.get(pk=tenant.parameters["centre_notice_id"])
    line = {"centre": tenant.centre, "kind": "programme", "details": "More.", "state": "open", "qan": f"{n}"}
    NoticeLine.objects.create(notice=notice, reported_by=contact.person, **line)
    CentreNotice.objects.create(
        round_id=notice.round_id, centre=make_centre(f"Written to {n} {tenant.ao.slug}"), file=stored, documents=1,
        learners=1, learners_without_claim=0, state="made",
    )  # fmt: skip


def _grow_sample(tenant: Tenant) -> None:
    """The rest of the first claim's cells join its sample."""
    seen = Standing(tenant.people[Role.EXTERNAL_VERIFIER], tenant.ao, frozenset({(Role.EXTERNAL_VERIFIER, None)}))
    claim = Claim.objects.get(pk=tenant.parameters["claim_id"])
    for learner in claim.learners.all():
        for unit in claim.units.all():
            pick_piece(actor=seen, claim=claim, learner=learner, unit=unit)


def _grow_sizes(tenant: Tenant, contact: Standing) -> None:
    """Two more requests for another size, families, barred sets, and units that the first learner brings."""
    claim = Claim.objects.get(pk=tenant.parameters["claim_id"])
    registration = claim.learners.first().registration
    places = list(claim.qualification.unit_places.order_by("position"))
    for n in range(2):
        make_size_move(claim, contact)
        QualificationFamily.objects.create(name=f"More {n} {tenant.ao.slug}")
        barred = BarredSet.objects.create(qualification=claim.qualification)
        for place in places[:2]:
            BarredUnit.objects.create(barred_set=barred, place=place)
        _prior(registration, make_qualification(units=1).unit_places.get().unit, contact)
