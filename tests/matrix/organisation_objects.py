"""People, invitations, notices and jobs that addresses name, and whatever stands in no database."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from awarding.accounts.models import Invitation, Membership
from awarding.accounts.roles import Role
from awarding.jobs.models import Job, JobState
from awarding.notices.models import Notice
from tests.factories import make_membership, make_person

if TYPE_CHECKING:
    from tests.matrix.scene import Scene


OWN_MEANING = {
    "frameworks:framework": {"code": "framework_code"},
    "frameworks:adopt": {"code": "framework_code"},
}


def parameters(scene: Scene) -> dict[str, Any]:
    """One of each, at the tenant's centre."""
    for role in Role:
        Notice.objects.create(person=scene.person(role), key="matrix", subject="One", body="One")
    notice = Notice.objects.filter(person=scene.contact.person).first()
    job = Job.objects.create(
        kind="nothing", title="A job", key="matrix", centre=scene.tenant.centre, started_by=scene.contact.person,
        state=JobState.SUCCEEDED, result_file=scene.stored,
    )  # fmt: skip
    teacher = scene.person(Role.TEACHER)
    return {
        "framework_code": scene.claim.adoption.framework.code,
        "rule_id": "CLM-01",
        "job_id": job.pk,
        "invitation_id": _invite(scene, "new").pk,
        "notice_id": notice.pk if notice else 0,
        "person_id": teacher.pk,
        "membership_id": Membership.objects.get(person=teacher).pk,
    }


def grow(scene: Scene) -> None:
    """Two more of each, and two more teachers."""
    for n in range(2):
        make_membership(make_person(), Role.TEACHER, scene.tenant.centre)
        Job.objects.create(
            kind="nothing", title="More", key=f"more-{n}", centre=scene.tenant.centre, started_by=scene.contact.person
        )
        _invite(scene, f"more{n}")
        for role in Role:
            Notice.objects.create(person=scene.person(role), key=f"more-{n}", subject="More", body="More")


def _invite(scene: Scene, name: str) -> Invitation:
    invitation: Invitation = Invitation.objects.create(
        email=f"{name}@example.org", name="New", centre=scene.tenant.centre, role=Role.TEACHER,
        token_digest=f"{name}-{scene.tenant.ao.pk}", invited_by=scene.contact.person,
        expires_at=dt.datetime(2030, 1, 1, tzinfo=dt.UTC),
    )  # fmt: skip
    return invitation
