"""What the pages of checklists name and list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification
from mitigations.models import BulkAnswer, ChecklistSheet, ChecklistTemplate, ChecklistUpload, Claim

if TYPE_CHECKING:
    from tests.matrix.world import Tenant


def checklist_things(claim: Claim, contact: Standing, stored: Any, version: int) -> tuple[ChecklistUpload, BulkAnswer]:
    """A checklist workbook that came back, and one answer given for many lines; a template of its qualification."""
    code = claim.adoption.framework.code
    if not ChecklistTemplate.objects.filter(qualification=claim.qualification, framework_code=code).exists():
        ChecklistTemplate.objects.create(qualification=claim.qualification, framework_code=code, made_by=contact.person)
    sheet = ChecklistSheet.objects.create(
        claim=claim, version=version, adoption_id=claim.adoption_id, issued_by=contact.person
    )
    upload = ChecklistUpload.objects.create(
        claim=claim, sheet=sheet, file=stored, state=ChecklistUpload.State.CHECKED, uploaded_by=contact.person
    )
    answer = BulkAnswer.objects.create(claim=claim, said={"status": "complete"}, lines=[], given_by=contact.person)
    return upload, answer


def grow_checklist(tenant: Tenant, contact: Standing, stored: Any) -> None:
    """Two more uploads and answers of the first claim, and two more templates."""
    claim = Claim.objects.get(pk=tenant.parameters["claim_id"])
    for version in (101, 102):
        checklist_things(claim, contact, stored, version)
    for qualification in Qualification.objects.exclude(pk=claim.qualification_id)[:2]:
        ChecklistTemplate.objects.create(
            qualification=qualification, framework_code=tenant.parameters["framework_code"], made_by=contact.person
        )
