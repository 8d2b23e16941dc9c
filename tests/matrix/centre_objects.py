"""What the pages of centres name: a learner, an upload, an interest, direct claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from awarding.accounts.roles import Role
from centres.models import DeclaredInterest, RegistrationUpload
from centres.services.direct_claims import apply_for_direct_claims, grant_direct_claims, record_monitoring
from tests.factories import make_centre, make_claim

if TYPE_CHECKING:
    from tests.matrix.scene import Scene


OWN_MEANING = {"api:registration-detail": {"pk": "registration_id"}}


def parameters(scene: Scene) -> dict[str, Any]:
    """The first claim's first learner, and one of each other thing at the tenant's centre."""
    interest = DeclaredInterest.objects.create(
        person=scene.person(Role.PANEL_MEMBER), centre=scene.tenant.centre, nature="Taught there"
    )
    return {
        "centre_id": scene.tenant.centre.pk,
        "learner_id": scene.learner.registration.learner_id,
        "registration_id": scene.learner.registration_id,
        "upload_id": _upload(scene).pk,
        "interest_id": interest.pk,
        "status_id": _direct_claims(scene),
        "move": "freeze",
    }


def grow(scene: Scene) -> None:
    """Two more centres, uploads and wishes for direct claims."""
    for n in range(2):
        make_centre(f"More {n} {scene.tenant.ao.slug}")
        _upload(scene)
        claim = make_claim(scene.tenant.centre, scene.contact, learners=3)
        apply_for_direct_claims(
            actor=scene.contact, centre=scene.tenant.centre, qualification=claim.qualification, reason="More"
        )


def _upload(scene: Scene) -> RegistrationUpload:
    upload: RegistrationUpload = RegistrationUpload.objects.create(
        centre=scene.tenant.centre, file=scene.stored, uploaded_by=scene.contact.person
    )
    return upload


def _direct_claims(scene: Scene) -> int:
    """A granted status of the claim's centre and qualification that has been monitored once."""
    asked = apply_for_direct_claims(
        actor=scene.contact,
        centre=scene.tenant.centre,
        qualification=scene.claim.qualification,
        reason="Two clean visits",
    )
    status = grant_direct_claims(actor=scene.admin, status=asked, reason="As said", expected_version=asked.version)
    record_monitoring(
        actor=scene.admin, status=status, held_on=timezone.localdate(), outcome="satisfactory", notes="Sound",
        expected_version=status.version,
    )  # fmt: skip
    return status.pk
