"""One thing of each kind that an address of the portal can name, by the parameter's name."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING, Any

from awarding.accounts.models import Invitation
from awarding.accounts.roles import Role
from awarding.accounts.standing import Standing
from awarding.files.services import store_file
from awarding.jobs.models import Job, JobState
from awarding.notices.models import Notice
from awarding.tenancy.scope import open_scope
from awarding.workflow.services import apply_transition
from centres.models import CohortStaff, DeclaredInterest, RegistrationUpload
from mitigations.models import Claim, EracDocument, EracUpload
from mitigations.workflow import CLAIM
from qa_sampling.services.allocation import allocate_claim
from qa_sampling.services.evidence import add_evidence
from qa_sampling.services.sample import pick_piece, request_evidence
from results.models import Certificate, QualificationResult, UnitResult
from tests.factories import make_centre, make_claim, make_membership, make_person
from tests.factories.verification import fill_claim

if TYPE_CHECKING:
    from tests.matrix.world import Tenant

PDF = b"%PDF-1.7\n%%EOF\n"

# Parameters that mean another thing on other routes: by route, what theirs names.
OWN_MEANING = {
    "api:claim-detail": {"pk": "claim_id"},
    "api:registration-detail": {"pk": "registration_id"},
    "api:result-detail": {"pk": "result_id"},
    "api:unit-result-detail": {"pk": "unit_result_id"},
    "frameworks:framework": {"code": "framework_code"},
    "frameworks:adopt": {"code": "framework_code"},
    "public:check_certificate": {"code": "check_code"},
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
    result, certificate = _awarded(claim, learner.registration, unit.unit, stored)
    qualification = claim.qualification
    return {
        "row_key": learner.row_key,
        "framework_code": claim.adoption.framework.code,
        "group_id": qualification.groups.get().pk,
        "place_id": qualification.unit_places.first().pk,
        "scale_id": qualification.scale_id,
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
        "document_id": document.pk,
        "version": document.version,
        "pick_id": pick.pk,
        "evidence_id": evidence.pk,
        "job_id": job.pk,
        "interest_id": interest.pk,
        "invitation_id": invitation.pk,
        "notice_id": notice.pk if notice else 0,
        "person_id": tenant.people[Role.TEACHER].pk,
        "membership_id": tenant.people[Role.TEACHER]
        .memberships.model.objects.get(person=tenant.people[Role.TEACHER])
        .pk,
        "rule_id": "CLM-01",
    }


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
            for move in ("submit_to_verifier", "submit_to_panel", "allocate", ""):
                claim = make_claim(tenant.centre, contact, learners=3)
                for role in (Role.TEACHER, Role.INTERNAL_VERIFIER):
                    CohortStaff.objects.create(cohort=claim.cohort, person=tenant.people[role])
                fill_claim(claim)
                if move:
                    first = "submit_to_panel" if move == "submit_to_panel" else "submit_to_verifier"
                    claim = apply_transition(CLAIM, claim, first, actor=contact)
                if move == "allocate":
                    allocate_claim(actor=admin, claim=claim, verifier=tenant.people[Role.EXTERNAL_VERIFIER])
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
        _grow_sample(tenant)


def _grow_sample(tenant: Tenant) -> None:
    """The rest of the first claim's cells join its sample."""
    seen = Standing(tenant.people[Role.EXTERNAL_VERIFIER], tenant.ao, frozenset({(Role.EXTERNAL_VERIFIER, None)}))
    claim = Claim.objects.get(pk=tenant.parameters["claim_id"])
    for learner in claim.learners.all():
        for unit in claim.units.all():
            pick_piece(actor=seen, claim=claim, learner=learner, unit=unit)
