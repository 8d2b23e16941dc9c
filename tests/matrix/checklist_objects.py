"""What the pages of checklists name and list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awarding.catalogue.models import Qualification
from mitigations.models import BulkAnswer, ChecklistSheet, ChecklistTemplate, ChecklistUpload

if TYPE_CHECKING:
    from tests.matrix.scene import Scene


def parameters(scene: Scene, version: int = 9) -> dict[str, Any]:
    """A checklist workbook that came back, and one answer given for many lines; a template of its qualification."""
    claim, person = scene.claim, scene.contact.person
    code = claim.adoption.framework.code
    if not ChecklistTemplate.objects.filter(qualification=claim.qualification, framework_code=code).exists():
        ChecklistTemplate.objects.create(qualification=claim.qualification, framework_code=code, made_by=person)
    sheet = ChecklistSheet.objects.create(claim=claim, version=version, adoption_id=claim.adoption_id, issued_by=person)
    upload = ChecklistUpload.objects.create(
        claim=claim, sheet=sheet, file=scene.stored, state=ChecklistUpload.State.CHECKED, uploaded_by=person
    )
    answer = BulkAnswer.objects.create(claim=claim, said={"status": "complete"}, lines=[], given_by=person)
    return {"checklist_upload_id": upload.pk, "bulk_id": answer.pk}


def grow(scene: Scene) -> None:
    """Two more uploads and answers of the first claim, and two more templates."""
    for version in (101, 102):
        parameters(scene, version)
    code = scene.claim.adoption.framework.code
    taken = ChecklistTemplate.objects.filter(framework_code=code).values("qualification_id")
    for qualification in Qualification.objects.exclude(pk__in=taken)[:2]:
        ChecklistTemplate.objects.create(qualification=qualification, framework_code=code, made_by=scene.contact.person)
