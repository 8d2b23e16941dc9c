"""What is shown of checklists: templates, one answer for many lines, a workbook that came back."""

from __future__ import annotations

from collections.abc import Collection

from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification
from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.models import Adoption
from awarding.frameworks.queries import adopted_document, open_adoptions
from mitigations.models import Claim
from mitigations.queries.bulk import BulkInput, plan_bulk
from mitigations.queries.documents import current_sheet
from mitigations.queries.templates import qualification_units
from mitigations.services.bulk import give_bulk_answer
from mitigations.services.checklist import LineInput, save_lines
from mitigations.services.checklist_uploads import issue_sheet, receive_checklist
from mitigations.services.templates import TemplateInput, UnitInput, save_template
from mitigations.workbooks_checklist import checklist_workbook

GUIDANCE = (
    "Name the learner’s own work first. Photographs need a line that says what they show. "
    "What is locked away is declared with its place: the panel reads it."
)


def seed_templates(admin: Standing, qualifications: Collection[Qualification]) -> None:
    """A template for every other qualification under the framework that was adopted first, one under each of the others."""
    adoptions: list[Adoption] = open_adoptions()
    documents = [adopted_document(adoption) for adoption in reversed(adoptions)]
    known = [document for document in documents if "classwork" in document.evidence_types]
    for document in known[:1]:
        _seed_under(admin, list(qualifications)[::2], document)
    for document in known[1:]:
        # Nobody claims it here: the claims of the demonstration stay as their stories tell them.
        _seed_under(admin, list(qualifications)[-1:], document)


def _seed_under(admin: Standing, qualifications: list[Qualification], document: FrameworkDocument) -> None:
    alone = tuple(code for code, kind in document.evidence_types.items() if kind.may_stand_alone)
    for qualification in qualifications:
        units = qualification_units(qualification)
        own = {units[0].pk: UnitInput(guidance="Send the plan with it.")} if units else {}
        said = TemplateInput(GUIDANCE, ("classwork",), alone, own)
        save_template(
            actor=admin, qualification=qualification, document=document, said=said, reason="", expected_number=0
        )


def seed_checklist(contact: Standing, claim: Claim) -> None:
    """A checklist half way: an individual answer, one for the rest, evidence out of reach, a workbook that came back."""
    learners = list(claim.learners.order_by("position")[:2])
    units = [str(unit.pk) for unit in claim.units.order_by("position")[:2]]
    lines = [
        LineInput(learners[0].row_key, units[0], status="partial", evidence_types=("classwork", "tracker")),
        LineInput(learners[1].row_key, units[0], status="partial", evidence_types=("tracker",)),
        LineInput(
            learners[1].row_key, units[-1], status="none", is_reachable=False,
            reach_reason="The building is closed until September", kept_at="Workshop, cupboard 3",
        ),
    ]  # fmt: skip
    save_lines(actor=contact, claim_id=claim.pk, lines=lines)
    said = {"status": "complete", "evidence_types": ["completed_unit"], "is_reachable": True}
    asked = BulkInput(said, frozenset(units[:1]))
    first = plan_bulk(claim, asked).meets[:1]
    give_bulk_answer(actor=contact, claim_id=claim.pk, asked=asked, overwrite={line.key for line in first})
    issue_sheet(actor=contact, claim_id=claim.pk)
    sheet = current_sheet(claim)
    if sheet is not None:
        receive_checklist(
            actor=contact, claim_id=claim.pk, name="checklist.xlsx", content=checklist_workbook(sheet)
        )  # fmt: skip
