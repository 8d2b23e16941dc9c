"""One table: which role may do what. Views, services, the who-can-do-what page and the tests all read it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """Roles at an AO (no centre) come first, then roles at a centre."""

    AO_ADMIN = "ao_admin", _("AO admin")
    PANEL_MEMBER = "panel_member", _("Panel member")
    PANEL_CHAIR = "panel_chair", _("Panel chair")
    EXTERNAL_VERIFIER = "external_verifier", _("External verifier")
    INVESTIGATIONS = "investigations", _("Investigations")
    RESPONSIBLE_OFFICER = "responsible_officer", _("Responsible officer")
    QUALITY_CONTACT = "quality_contact", _("Quality contact")
    TEACHER = "teacher", _("Teacher or assessor")
    INTERNAL_VERIFIER = "internal_verifier", _("Internal verifier")
    LEAD_INTERNAL_VERIFIER = "lead_internal_verifier", _("Lead internal verifier")
    HEAD_OF_DEPARTMENT = "head_of_department", _("Head of department")
    DIRECT_CLAIMS_VERIFIER = "direct_claims_verifier", _("Direct-claims verifier")
    HEAD_OF_CENTRE = "head_of_centre", _("Head of centre")
    SENIOR_DESIGNATED_CONTACT = "senior_designated_contact", _("Senior designated contact")


AO_ROLES = frozenset(
    {Role.AO_ADMIN, Role.PANEL_MEMBER, Role.PANEL_CHAIR, Role.EXTERNAL_VERIFIER, Role.INVESTIGATIONS}
    | {Role.RESPONSIBLE_OFFICER}
)
CENTRE_ROLES = frozenset(Role) - AO_ROLES
# Their word stands for the centre towards the AO: the AO names them, never the centre's own people.
APPOINTED_BY_AO = frozenset({Role.HEAD_OF_CENTRE, Role.DIRECT_CLAIMS_VERIFIER})
# Whose decisions bind others sign in with a second factor.
SECOND_FACTOR_ROLES = AO_ROLES | {Role.HEAD_OF_CENTRE}


class Permission(StrEnum):
    """What can be done. A permission held through a centre role reaches that centre's rows only."""

    AO_OVERVIEW = "ao.overview"
    AO_SETTINGS = "ao.settings"
    PEOPLE_MANAGE_AO = "people.manage_ao"
    PEOPLE_MANAGE_CENTRE = "people.manage_centre"
    CATALOGUE_EDIT = "catalogue.edit"
    OUTCOMES_SET = "outcomes.set"
    CHECKLISTS_SET = "checklists.set"
    FRAMEWORKS_ADOPT = "frameworks.adopt"
    CENTRES_LIST = "centres.list"
    CENTRES_APPROVE = "centres.approve"
    DIRECT_CLAIMS_DECIDE = "direct_claims.decide"
    DIRECT_CLAIMS_RECOMMEND = "direct_claims.recommend"
    DIRECT_CLAIMS_APPLY = "direct_claims.apply"
    DIRECT_CLAIMS_VERIFY = "direct_claims.verify"
    CENTRE_VIEW = "centre.view"
    LEARNERS_VIEW = "learners.view"
    REGISTRATIONS_IMPORT = "registrations.import"
    CLAIMS_VIEW = "claims.view"
    CLAIMS_GENERATE = "claims.generate"
    CLAIMS_FILL = "claims.fill"
    CLAIMS_SUBMIT = "claims.submit"
    CLAIMS_VERIFY_INTERNALLY = "claims.verify_internally"
    CLAIMS_UNSTICK = "claims.unstick"
    PANEL_VIEW = "panel.view"
    PANEL_DECIDE = "panel.decide"
    PANEL_CHAIR = "panel.chair"
    PANEL_RELEASE = "panel.release"
    INTERESTS_DECLARE = "interests.declare"
    VERIFICATION_ALLOCATE = "verification.allocate"
    VERIFICATION_DECIDE = "verification.decide"
    EVIDENCE_UPLOAD = "evidence.upload"
    EVIDENCE_VIEW = "evidence.view"
    RESULTS_PROCESS = "results.process"
    RESULTS_EXPORT = "results.export"
    RESULTS_VIEW = "results.view"
    IMPACT_VIEW = "impact.view"
    IMPACT_ANSWER = "impact.answer"
    IMPACT_MANAGE = "impact.manage"
    QTAGS_VIEW = "qtags.view"
    QTAGS_BEGIN = "qtags.begin"
    QTAGS_JUDGE = "qtags.judge"
    QTAGS_ENDORSE_LEAD = "qtags.endorse_lead"
    QTAGS_ENDORSE_DEPARTMENT = "qtags.endorse_department"
    QTAGS_AGREE = "qtags.agree"
    QTAGS_SUBMIT = "qtags.submit"
    QTAGS_CIRCUMSTANCES = "qtags.circumstances"
    QTAGS_TERMS = "qtags.terms"
    QTAGS_REOPEN = "qtags.reopen"
    QTAGS_PROGRESS = "qtags.progress"
    QTAGS_WRITE = "qtags.write"
    DECLARATIONS_VIEW = "declarations.view"
    DECLARATIONS_OPEN = "declarations.open"
    DECLARATIONS_SIGN = "declarations.sign"
    SENSE_VIEW = "sense.view"
    SENSE_EXPLAIN = "sense.explain"
    SENSE_MANAGE = "sense.manage"
    CHARACTERISTICS_MANAGE = "characteristics.manage"
    DEPUTIES_DECIDE = "deputies.decide"
    CONCERNS_VIEW = "concerns.view"
    CONCERNS_JUDGE = "concerns.judge"
    EVIDENCE_HOLD = "evidence.hold"
    JOBS_VIEW = "jobs.view"
    AUDIT_VIEW = "audit.view"
    ENQUIRIES_ASK = "enquiries.ask"
    ENQUIRIES_ANSWER = "enquiries.answer"
    HELP_PUBLISH = "help.publish"
    OUTCOMES_DISPUTE = "outcomes.dispute"
    APPEALS_LODGE = "appeals.lodge"
    APPEALS_DECIDE = "appeals.decide"

    @property
    def label(self) -> str | Promise:
        return PERMISSION_LABELS[self]


P = Permission
PERMISSION_LABELS: dict[Permission, str | Promise] = {
    P.AO_OVERVIEW: _("See the AO's overview"),
    P.AO_SETTINGS: _("Change the AO's settings and look"),
    P.PEOPLE_MANAGE_AO: _("Invite and remove the AO's people"),
    P.PEOPLE_MANAGE_CENTRE: _("Invite and remove a centre's people"),
    P.CATALOGUE_EDIT: _("Edit qualifications, units, grade scales and rules of combination"),
    P.OUTCOMES_SET: _("Set what happens to a qualification"),
    P.CHECKLISTS_SET: _("Say which evidence a qualification's checklists expect"),
    P.FRAMEWORKS_ADOPT: _("Adopt a framework and set what is the AO's to decide"),
    P.CENTRES_LIST: _("See all centres"),
    P.CENTRES_APPROVE: _("Approve centres and set their risk"),
    P.DIRECT_CLAIMS_DECIDE: _("Grant, freeze and remove direct claims status, and record its monitoring"),
    P.DIRECT_CLAIMS_RECOMMEND: _("Recommend a centre for direct claims status"),
    P.DIRECT_CLAIMS_APPLY: _("Apply for direct claims status"),
    P.DIRECT_CLAIMS_VERIFY: _("Record the direct-claims verifier's decision and confirm direct claims"),
    P.CENTRE_VIEW: _("See a centre's home page"),
    P.LEARNERS_VIEW: _("See learners and registrations"),
    P.REGISTRATIONS_IMPORT: _("Upload learners and registrations"),
    P.CLAIMS_VIEW: _("See claims"),
    P.CLAIMS_GENERATE: _("Generate eRACs"),
    P.CLAIMS_FILL: _("Fill in eRACs and evidence checklists"),
    P.CLAIMS_SUBMIT: _("Submit and withdraw claims"),
    P.CLAIMS_VERIFY_INTERNALLY: _("Sign off a claim as internally verified"),
    P.CLAIMS_UNSTICK: _("Move on a stuck claim"),
    P.PANEL_VIEW: _("See the panel's queue and cases"),
    P.PANEL_DECIDE: _("Decide claims on the panel"),
    P.PANEL_CHAIR: _("Decide on the panel where two opinions differ"),
    P.PANEL_RELEASE: _("Release and undo the panel's decisions"),
    P.INTERESTS_DECLARE: _("Declare an interest in a centre"),
    P.VERIFICATION_ALLOCATE: _("Allocate claims to external verifiers"),
    P.VERIFICATION_DECIDE: _("Sample, accept and return claims"),
    P.EVIDENCE_UPLOAD: _("Upload evidence"),
    P.EVIDENCE_VIEW: _("Open evidence"),
    P.RESULTS_PROCESS: _("Process claims into results and certificates"),
    P.RESULTS_EXPORT: _("Export results"),
    P.RESULTS_VIEW: _("See released results and certificates"),
    P.IMPACT_VIEW: _("See notices to centres, impact cases and delayed assessments"),
    P.IMPACT_ANSWER: _("Answer notices and questions about delays, and raise impact cases"),
    P.IMPACT_MANAGE: _("Send notices, decide impact cases, publish new assessment dates"),
    P.QTAGS_VIEW: _("See Q-TAGs before results"),
    P.QTAGS_BEGIN: _("Begin Q-TAGs for a qualification"),
    P.QTAGS_JUDGE: _("Propose Q-TAGs and record their evidence"),
    P.QTAGS_ENDORSE_LEAD: _("Endorse Q-TAGs as lead internal verifier"),
    P.QTAGS_ENDORSE_DEPARTMENT: _("Endorse Q-TAGs as head of department"),
    P.QTAGS_AGREE: _("Agree Q-TAGs as head of centre"),
    P.QTAGS_SUBMIT: _("Submit Q-TAGs"),
    P.QTAGS_CIRCUMSTANCES: _("See a learner's adjustments and circumstances"),
    P.QTAGS_TERMS: _("Set which qualifications may have Q-TAGs"),
    P.QTAGS_REOPEN: _("Reopen submitted Q-TAGs of named learners"),
    P.QTAGS_PROGRESS: _("See how far centres are with their Q-TAGs, without grades"),
    P.QTAGS_WRITE: _("Write to centres about how far their Q-TAGs are"),
    P.DECLARATIONS_VIEW: _("See a centre's declarations"),
    P.DECLARATIONS_OPEN: _("Open a signed declaration, which counts grades"),
    P.SENSE_VIEW: _("See grades beside earlier years, once every judgement is recorded"),
    P.SENSE_EXPLAIN: _("Record why grades differ from earlier years"),
    P.SENSE_MANAGE: _("Load earlier results, say which count, run the sense check"),
    P.CHARACTERISTICS_MANAGE: _("Say which groups learners belong to (special category data), and remove it"),
    P.DECLARATIONS_SIGN: _("Sign the head of centre's declaration, and name a deputy"),
    P.DEPUTIES_DECIDE: _("Accept and refuse deputies who sign declarations"),
    P.CONCERNS_VIEW: _("See which declarations were missing on their day"),
    P.CONCERNS_JUDGE: _("Judge whether a missing declaration is malpractice"),
    P.EVIDENCE_HOLD: _("Hold Q-TAG evidence from deletion while a case is open"),
    P.JOBS_VIEW: _("See jobs and their progress"),
    P.AUDIT_VIEW: _("Read the audit trail"),
    P.ENQUIRIES_ASK: _("Ask the AO and sign up for its clinics"),
    P.ENQUIRIES_ANSWER: _("Answer enquiries and write internal notes"),
    P.HELP_PUBLISH: _("Publish answers, announce clinics, set who answers what"),
    P.OUTCOMES_DISPUTE: _("Dispute what happens to a qualification"),
    P.APPEALS_LODGE: _("Appeal against a panel's decision"),
    P.APPEALS_DECIDE: _("Decide appeals"),
}

_READS = {P.CENTRE_VIEW, P.LEARNERS_VIEW, P.CLAIMS_VIEW}
_CENTRE_READS = _READS | {P.ENQUIRIES_ASK}
_AO_READS = _READS | {P.CENTRES_LIST, P.JOBS_VIEW}
# What a centre says in its own name, not as one of its teachers.
_CENTRE_OBJECTS = {P.OUTCOMES_DISPUTE, P.APPEALS_LODGE}
_PANEL = frozenset(
    {P.CENTRES_LIST, P.CENTRE_VIEW, P.CLAIMS_VIEW, P.PANEL_VIEW, P.PANEL_DECIDE, P.PANEL_RELEASE}
    | {P.INTERESTS_DECLARE, P.EVIDENCE_VIEW, P.ENQUIRIES_ANSWER, P.APPEALS_DECIDE}
)

_GROUND: dict[Role, frozenset[Permission]] = {
    Role.AO_ADMIN: frozenset(
        _AO_READS
        | {P.AO_OVERVIEW, P.AO_SETTINGS, P.PEOPLE_MANAGE_AO, P.PEOPLE_MANAGE_CENTRE, P.CATALOGUE_EDIT, P.OUTCOMES_SET}
        | {P.FRAMEWORKS_ADOPT, P.CENTRES_APPROVE, P.CLAIMS_UNSTICK, P.PANEL_VIEW, P.PANEL_RELEASE}
        | {P.VERIFICATION_ALLOCATE, P.CHECKLISTS_SET, P.DIRECT_CLAIMS_DECIDE}
        | {P.RESULTS_PROCESS, P.RESULTS_EXPORT, P.RESULTS_VIEW, P.AUDIT_VIEW, P.EVIDENCE_VIEW}
        | {P.IMPACT_VIEW, P.IMPACT_MANAGE}
        | {P.ENQUIRIES_ANSWER, P.HELP_PUBLISH, P.APPEALS_DECIDE}
    ),
    Role.PANEL_MEMBER: _PANEL,
    Role.PANEL_CHAIR: _PANEL | {P.PANEL_CHAIR},
    Role.EXTERNAL_VERIFIER: frozenset(
        {P.CLAIMS_VIEW, P.VERIFICATION_DECIDE, P.INTERESTS_DECLARE, P.EVIDENCE_VIEW, P.DIRECT_CLAIMS_RECOMMEND}
        | {P.ENQUIRIES_ANSWER}
    ),
    Role.INVESTIGATIONS: frozenset({P.CENTRES_LIST, P.CENTRE_VIEW, P.CLAIMS_VIEW, P.EVIDENCE_VIEW, P.ENQUIRIES_ANSWER}),
    Role.RESPONSIBLE_OFFICER: frozenset(
        _AO_READS
        | {P.AO_OVERVIEW, P.PANEL_VIEW, P.EVIDENCE_VIEW, P.RESULTS_VIEW, P.RESULTS_EXPORT, P.AUDIT_VIEW, P.IMPACT_VIEW}
        | {P.APPEALS_DECIDE}
    ),
    Role.QUALITY_CONTACT: frozenset(
        _CENTRE_READS
        | {P.PEOPLE_MANAGE_CENTRE, P.REGISTRATIONS_IMPORT, P.CLAIMS_GENERATE, P.CLAIMS_FILL, P.CLAIMS_SUBMIT}
        | {P.EVIDENCE_UPLOAD, P.EVIDENCE_VIEW, P.RESULTS_VIEW, P.RESULTS_EXPORT, P.JOBS_VIEW}
        | {P.IMPACT_VIEW, P.IMPACT_ANSWER, P.DIRECT_CLAIMS_APPLY}
        | _CENTRE_OBJECTS
    ),
    Role.TEACHER: frozenset(_CENTRE_READS | {P.CLAIMS_FILL, P.EVIDENCE_UPLOAD, P.EVIDENCE_VIEW}),
    Role.INTERNAL_VERIFIER: frozenset(
        _CENTRE_READS | {P.CLAIMS_FILL, P.CLAIMS_VERIFY_INTERNALLY, P.EVIDENCE_UPLOAD, P.EVIDENCE_VIEW}
    ),
    Role.LEAD_INTERNAL_VERIFIER: frozenset(_CENTRE_READS | {P.CLAIMS_FILL, P.EVIDENCE_UPLOAD, P.EVIDENCE_VIEW}),
    Role.HEAD_OF_DEPARTMENT: frozenset(_CENTRE_READS | {P.EVIDENCE_VIEW}),
    Role.DIRECT_CLAIMS_VERIFIER: frozenset(
        _CENTRE_READS | {P.CLAIMS_FILL, P.CLAIMS_SUBMIT, P.DIRECT_CLAIMS_VERIFY, P.EVIDENCE_UPLOAD, P.EVIDENCE_VIEW}
    ),
    Role.HEAD_OF_CENTRE: frozenset(
        _CENTRE_READS
        | {P.PEOPLE_MANAGE_CENTRE, P.DIRECT_CLAIMS_APPLY, P.EVIDENCE_VIEW, P.RESULTS_VIEW, P.IMPACT_VIEW}
        | _CENTRE_OBJECTS
    ),
    Role.SENIOR_DESIGNATED_CONTACT: frozenset(_CENTRE_READS | {P.RESULTS_VIEW, P.IMPACT_VIEW}),
}

# Who submits and quality-assures Q-TAGs sees them before results, and nobody else does (QTG-17): no role at the AO does.
_QTAGS: dict[Role, frozenset[Permission]] = {
    Role.AO_ADMIN: frozenset(
        {P.QTAGS_TERMS, P.QTAGS_REOPEN, P.QTAGS_PROGRESS, P.DECLARATIONS_VIEW, P.SENSE_VIEW, P.SENSE_MANAGE}
        | {P.DEPUTIES_DECIDE, P.CONCERNS_VIEW, P.CONCERNS_JUDGE, P.EVIDENCE_HOLD, P.QTAGS_WRITE}
    ),
    Role.INVESTIGATIONS: frozenset({P.CONCERNS_VIEW, P.CONCERNS_JUDGE, P.EVIDENCE_HOLD}),
    Role.RESPONSIBLE_OFFICER: frozenset({P.QTAGS_PROGRESS, P.DECLARATIONS_VIEW, P.CONCERNS_VIEW, P.SENSE_VIEW}),
    Role.QUALITY_CONTACT: frozenset(
        {P.QTAGS_VIEW, P.QTAGS_BEGIN, P.QTAGS_SUBMIT, P.DECLARATIONS_VIEW, P.DECLARATIONS_OPEN}
        | {P.SENSE_VIEW, P.SENSE_EXPLAIN, P.CHARACTERISTICS_MANAGE}
    ),
    Role.TEACHER: frozenset({P.QTAGS_VIEW, P.QTAGS_JUDGE, P.QTAGS_CIRCUMSTANCES}),
    Role.LEAD_INTERNAL_VERIFIER: frozenset({P.QTAGS_VIEW, P.QTAGS_JUDGE, P.QTAGS_ENDORSE_LEAD, P.QTAGS_CIRCUMSTANCES}),
    Role.HEAD_OF_DEPARTMENT: frozenset({P.QTAGS_VIEW, P.QTAGS_ENDORSE_DEPARTMENT, P.QTAGS_CIRCUMSTANCES}),
    Role.HEAD_OF_CENTRE: frozenset(
        {P.QTAGS_VIEW, P.QTAGS_AGREE, P.QTAGS_CIRCUMSTANCES}
        | {P.DECLARATIONS_VIEW, P.DECLARATIONS_OPEN, P.DECLARATIONS_SIGN, P.SENSE_VIEW, P.SENSE_EXPLAIN}
        | {P.CHARACTERISTICS_MANAGE}
    ),
}

PERMISSIONS: dict[Role, frozenset[Permission]] = {role: _GROUND[role] | _QTAGS.get(role, frozenset()) for role in Role}


@dataclass(frozen=True)
class RoleRow:
    """One row of the who-can-do-what table: a permission and, for each role in order, whether it has it."""

    permission: Permission
    held: tuple[bool, ...]


def who_can_do_what() -> list[RoleRow]:
    return [RoleRow(p, tuple(p in PERMISSIONS[role] for role in Role)) for p in Permission]
