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
    EXTERNAL_VERIFIER = "external_verifier", _("External verifier")
    INVESTIGATIONS = "investigations", _("Investigations")
    RESPONSIBLE_OFFICER = "responsible_officer", _("Responsible officer")
    QUALITY_CONTACT = "quality_contact", _("Quality contact")
    TEACHER = "teacher", _("Teacher or assessor")
    INTERNAL_VERIFIER = "internal_verifier", _("Internal verifier")
    DIRECT_CLAIMS_VERIFIER = "direct_claims_verifier", _("Direct-claims verifier")
    HEAD_OF_CENTRE = "head_of_centre", _("Head of centre")
    SENIOR_DESIGNATED_CONTACT = "senior_designated_contact", _("Senior designated contact")


AO_ROLES = frozenset(
    {Role.AO_ADMIN, Role.PANEL_MEMBER, Role.EXTERNAL_VERIFIER, Role.INVESTIGATIONS, Role.RESPONSIBLE_OFFICER}
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
    FRAMEWORKS_ADOPT = "frameworks.adopt"
    CENTRES_LIST = "centres.list"
    CENTRES_APPROVE = "centres.approve"
    CENTRE_VIEW = "centre.view"
    LEARNERS_VIEW = "learners.view"
    REGISTRATIONS_IMPORT = "registrations.import"
    CLAIMS_VIEW = "claims.view"
    CLAIMS_GENERATE = "claims.generate"
    CLAIMS_FILL = "claims.fill"
    CLAIMS_SUBMIT = "claims.submit"
    CLAIMS_UNSTICK = "claims.unstick"
    PANEL_VIEW = "panel.view"
    PANEL_DECIDE = "panel.decide"
    INTERESTS_DECLARE = "interests.declare"
    VERIFICATION_ALLOCATE = "verification.allocate"
    VERIFICATION_DECIDE = "verification.decide"
    EVIDENCE_UPLOAD = "evidence.upload"
    EVIDENCE_VIEW = "evidence.view"
    RESULTS_PROCESS = "results.process"
    RESULTS_EXPORT = "results.export"
    RESULTS_VIEW = "results.view"
    JOBS_VIEW = "jobs.view"
    AUDIT_VIEW = "audit.view"

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
    P.FRAMEWORKS_ADOPT: _("Adopt a framework and set what is the AO's to decide"),
    P.CENTRES_LIST: _("See all centres"),
    P.CENTRES_APPROVE: _("Approve centres and set direct claims and risk"),
    P.CENTRE_VIEW: _("See a centre's home page"),
    P.LEARNERS_VIEW: _("See learners and registrations"),
    P.REGISTRATIONS_IMPORT: _("Upload learners and registrations"),
    P.CLAIMS_VIEW: _("See claims"),
    P.CLAIMS_GENERATE: _("Generate eRACs"),
    P.CLAIMS_FILL: _("Fill in eRACs and evidence checklists"),
    P.CLAIMS_SUBMIT: _("Submit and withdraw claims"),
    P.CLAIMS_UNSTICK: _("Move on a stuck claim"),
    P.PANEL_VIEW: _("See the panel's queue and cases"),
    P.PANEL_DECIDE: _("Decide claims on the panel"),
    P.INTERESTS_DECLARE: _("Declare an interest in a centre"),
    P.VERIFICATION_ALLOCATE: _("Allocate claims to external verifiers"),
    P.VERIFICATION_DECIDE: _("Sample, accept and return claims"),
    P.EVIDENCE_UPLOAD: _("Upload evidence"),
    P.EVIDENCE_VIEW: _("Open evidence"),
    P.RESULTS_PROCESS: _("Process claims into results and certificates"),
    P.RESULTS_EXPORT: _("Export results"),
    P.RESULTS_VIEW: _("See released results and certificates"),
    P.JOBS_VIEW: _("See jobs and their progress"),
    P.AUDIT_VIEW: _("Read the audit trail"),
}

_CENTRE_READS = {P.CENTRE_VIEW, P.LEARNERS_VIEW, P.CLAIMS_VIEW}
_AO_READS = _CENTRE_READS | {P.CENTRES_LIST, P.JOBS_VIEW}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.AO_ADMIN: frozenset(
        _AO_READS
        | {P.AO_OVERVIEW, P.AO_SETTINGS, P.PEOPLE_MANAGE_AO, P.PEOPLE_MANAGE_CENTRE, P.CATALOGUE_EDIT, P.OUTCOMES_SET}
        | {P.FRAMEWORKS_ADOPT, P.CENTRES_APPROVE, P.CLAIMS_UNSTICK, P.PANEL_VIEW, P.VERIFICATION_ALLOCATE}
        | {P.RESULTS_PROCESS, P.RESULTS_EXPORT, P.RESULTS_VIEW, P.AUDIT_VIEW, P.EVIDENCE_VIEW}
    ),
    Role.PANEL_MEMBER: frozenset(
        {
            P.CENTRES_LIST,
            P.CENTRE_VIEW,
            P.CLAIMS_VIEW,
            P.PANEL_VIEW,
            P.PANEL_DECIDE,
            P.INTERESTS_DECLARE,
            P.EVIDENCE_VIEW,
        }
    ),
    Role.EXTERNAL_VERIFIER: frozenset({P.CLAIMS_VIEW, P.VERIFICATION_DECIDE, P.INTERESTS_DECLARE, P.EVIDENCE_VIEW}),
    Role.INVESTIGATIONS: frozenset({P.CENTRES_LIST, P.CENTRE_VIEW, P.CLAIMS_VIEW, P.EVIDENCE_VIEW}),
    Role.RESPONSIBLE_OFFICER: frozenset(
        _AO_READS | {P.AO_OVERVIEW, P.PANEL_VIEW, P.EVIDENCE_VIEW, P.RESULTS_VIEW, P.RESULTS_EXPORT, P.AUDIT_VIEW}
    ),
    Role.QUALITY_CONTACT: frozenset(
        _CENTRE_READS
        | {P.PEOPLE_MANAGE_CENTRE, P.REGISTRATIONS_IMPORT, P.CLAIMS_GENERATE, P.CLAIMS_FILL, P.CLAIMS_SUBMIT}
        | {P.EVIDENCE_UPLOAD, P.EVIDENCE_VIEW, P.RESULTS_VIEW, P.RESULTS_EXPORT, P.JOBS_VIEW}
    ),
    Role.TEACHER: frozenset(_CENTRE_READS | {P.CLAIMS_FILL, P.EVIDENCE_UPLOAD, P.EVIDENCE_VIEW}),
    Role.INTERNAL_VERIFIER: frozenset(_CENTRE_READS | {P.CLAIMS_FILL, P.EVIDENCE_UPLOAD, P.EVIDENCE_VIEW}),
    Role.DIRECT_CLAIMS_VERIFIER: frozenset(
        _CENTRE_READS | {P.CLAIMS_FILL, P.CLAIMS_SUBMIT, P.EVIDENCE_UPLOAD, P.EVIDENCE_VIEW}
    ),
    Role.HEAD_OF_CENTRE: frozenset(_CENTRE_READS | {P.PEOPLE_MANAGE_CENTRE, P.EVIDENCE_VIEW, P.RESULTS_VIEW}),
    Role.SENIOR_DESIGNATED_CONTACT: frozenset(_CENTRE_READS | {P.RESULTS_VIEW}),
}


@dataclass(frozen=True)
class RoleRow:
    """One row of the who-can-do-what table: a permission and, for each role in order, whether it has it."""

    permission: Permission
    held: tuple[bool, ...]


def who_can_do_what() -> list[RoleRow]:
    return [RoleRow(p, tuple(p in PERMISSIONS[role] for role in Role)) for p in Permission]
