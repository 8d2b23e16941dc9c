"""The bundle of an appeal: decision, reasons, findings, checklist, history and evidence in one PDF (CLM-15)."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError

from awarding.files.models import StoredFile
from awarding.files.pdf import write_pdf
from awarding.files.serving import open_stored
from awarding.findings.finding import findings_from_json
from awarding.ui.colour import brand_palette
from mitigations.models import Appeal, PanelCondition, PanelDecision
from mitigations.queries.appeals import appeal_history, rounds_of
from mitigations.queries.claims import claim_history
from mitigations.queries.findings import claim_facts
from mitigations.rules.facts import ClaimFacts

PDF_TYPE = "application/pdf"
# Pages appended to one bundle; what is longer is listed with its digest and opened from the appeal's page.
MOST_PAGES = 600


@dataclass
class Piece:
    """One file of the bundle: what it belongs to, and whether its pages follow (`note` says why not)."""

    file: StoredFile
    belongs_to: str
    note: str = ""
    pages: int = 0


def bundle_pieces(appeal: Appeal) -> list[Piece]:
    """The files that the appeal rests on: with its grounds, stage by stage, then with the decision's conditions."""
    pieces = [
        Piece(item.file, _("Grounds, %(stage)s") % {"stage": turn.stage_name})
        for turn in rounds_of(appeal)
        for item in turn.files.all()
    ]
    conditions = PanelCondition.objects.filter(decision__claim_id=appeal.claim_id).exclude(file=None)
    for condition in conditions.select_related("file"):
        if condition.file is not None:
            pieces.append(Piece(condition.file, _("Condition: %(what)s") % {"what": condition.what}))
    return pieces


def read_pieces(pieces: list[Piece]) -> list[PdfReader]:
    """Reads those that are PDFs and notes in each piece whether it follows. A damaged or locked one spoils no other."""
    readers, left = [], MOST_PAGES
    for piece in pieces:
        if piece.file.media_type != PDF_TYPE:
            piece.note = _("Not a PDF: open it on the appeal’s page.")
            continue
        try:
            reader = PdfReader(io.BytesIO(open_stored(piece.file)))
            piece.pages = 0 if reader.is_encrypted else len(reader.pages)
        except (PyPdfError, OSError, ValueError, KeyError, RecursionError):
            piece.pages = 0
        if not piece.pages:
            piece.note = _("It cannot be read here: open it on the appeal’s page.")
        elif piece.pages > left:
            piece.note = _("Too long to be put in: open it on the appeal’s page.")
        else:
            left -= piece.pages
            readers.append(reader)
    return readers


def bundle_context(appeal: Appeal, pieces: list[Piece]) -> dict[str, Any]:
    """What the template shows. Needs the AO's scope and an appeal with its claim, centre and decision."""
    claim = appeal.claim
    facts = claim_facts(claim)
    decisions = PanelDecision.objects.filter(claim=claim).select_related("decided_by").prefetch_related("conditions")
    return {
        "ao": appeal.ao,
        "palette": brand_palette(appeal.ao.brand_colour),
        "demo": settings.DEMO,
        "title": _("Appeal %(number)s") % {"number": appeal.number},
        "reference": appeal.number,
        "appeal": appeal,
        "claim": claim,
        "decision": appeal.decision,
        "findings": findings_from_json(appeal.decision.findings),
        "decisions": [row for row in decisions.order_by("id") if row.pk != appeal.decision_id],
        "conditions": appeal.decision.conditions.all(),
        "rounds": rounds_of(appeal),
        "units": facts.units,
        "rows": _checklist(facts),
        "claim_events": claim_history(claim, with_names=False),
        "appeal_events": appeal_history(appeal),
        "pieces": pieces,
        "made_at": timezone.now(),
        "mitigation": facts.outcome.label if facts.outcome else _("none"),
    }


def _checklist(facts: ClaimFacts) -> list[dict[str, Any]]:
    states = {state.code: _(state.label) for state in facts.document.component_states.values()}
    kinds = {code: _(kind.label) for code, kind in facts.document.evidence_types.items()}
    rows = []
    for learner in facts.learners:
        lines = []
        for unit in facts.units:
            place = (learner.id, unit.id)
            entry = facts.entry(place)
            lines.append(
                {
                    "unit": unit.reference,
                    "grade": facts.cells.get(place, ""),
                    "state": states.get(entry.status, ""),
                    "kinds": [kinds.get(code, code) for code in entry.types],
                    "out_of_reach": not entry.is_reachable,
                    "reach_reason": entry.reach_reason,
                }
            )
        rows.append({"name": learner.name, "lines": lines})
    return rows


def bundle_html(context: dict[str, Any]) -> str:
    """The bundle's own pages, in the language of the AO's documents."""
    with translation.override(settings.LANGUAGE_CODE):
        return render_to_string("documents/appeal_bundle.html", context)


def bundle_pdf(html: str, readers: list[PdfReader]) -> bytes:
    """The whole: our own pages, then the pages of each file."""
    own = write_pdf(html)
    if not readers:
        return own
    writer = PdfWriter(clone_from=io.BytesIO(own))
    for reader in readers:
        writer.append(reader, import_outline=False)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
