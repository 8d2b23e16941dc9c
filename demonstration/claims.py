"""Claims in every state, each brought there by the people whose turn it is, through the portal's own services."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

from awarding.accounts.standing import Standing
from awarding.ui.grid import CellInput
from centres.models import Cohort
from demonstration.awards import grade_codes
from demonstration.learners import LearnerSource
from mitigations.models import Claim, PanelDecision
from mitigations.services.checklist import LineInput, complete_rest, save_lines
from mitigations.services.generation import generate_claim
from mitigations.services.grid import save_cells
from mitigations.services.panel import decide_claim, open_case
from mitigations.services.submission import resume_claim, submit_claim, withdraw_claim
from qa_sampling.models import SamplePick
from qa_sampling.services.allocation import allocate_claim
from qa_sampling.services.evidence import add_evidence
from qa_sampling.services.sample import decide_piece, pick_piece, request_evidence
from qa_sampling.services.verification import finish_verification


@dataclass
class Cast:
    """Who acts on the claims of one centre."""

    contact: Standing
    admin: Standing
    panel: Standing
    verifier: Standing
    source: LearnerSource


Story = Callable[[Cast, Cohort], Claim]
RETURN_REASON = "The photographs show the finished wall but not how the learner set it out. Send the planning sheet."


def drafted(cast: Cast, cohort: Cohort) -> Claim:
    """Just generated, nothing typed yet."""
    return generate_claim(actor=cast.contact, cohort=cohort)


def begun(cast: Cast, cohort: Cohort) -> Claim:
    """Half filled in."""
    claim = drafted(cast, cohort)
    fill_grid(cast, claim, rows=claim.learners.count() // 2)
    return claim


def ready(cast: Cast, cohort: Cohort) -> Claim:
    """Grid and checklist complete; it could be submitted."""
    claim = drafted(cast, cohort)
    fill_grid(cast, claim)
    fill_checklist(cast, claim)
    return Claim.objects.get(pk=claim.pk)


def submitted(cast: Cast, cohort: Cohort) -> Claim:
    """Submitted: to the panel when a mitigation is claimed, straight to the AO otherwise."""
    claim = ready(cast, cohort)
    return submit_claim(actor=cast.contact, claim=claim, expected_version=claim.version)


def blank(cast: Cast, cohort: Cohort) -> Claim:
    """An empty eRAC submitted with its checklist, for the plan to be approved."""
    claim = drafted(cast, cohort)
    fill_checklist(cast, claim)
    return submit_claim(actor=cast.contact, claim=claim, expected_version=claim.version)


def approved_in_principle(cast: Cast, cohort: Cohort) -> Claim:
    """Too little evidence so far; the panel waits for the rest."""
    claim = drafted(cast, cohort)
    fill_grid(cast, claim)
    fill_checklist(cast, claim, missing=0.7)
    claim = submit_claim(actor=cast.contact, claim=claim, expected_version=claim.version)
    return decide(cast, claim, "in_principle", "The plan is sound. Two thirds of the evidence is still to come.")


def resumed(cast: Cast, cohort: Cohort) -> Claim:
    """The missing evidence came, and the claim is back in its old place in the queue."""
    claim = approved_in_principle(cast, cohort)
    fill_checklist(cast, claim)
    return resume_claim(actor=cast.contact, claim=claim, expected_version=claim.version)


def returned(cast: Cast, cohort: Cohort) -> Claim:
    """Found insufficient, with a next step and its date."""
    return decide(
        cast, submitted(cast, cohort), "insufficient",
        "The checklist names work that the last visit report says was not begun.",
        "Hold the standardisation meeting that was agreed, and send its minutes with the mended checklist.",
    )  # fmt: skip


def withdrawn(cast: Cast, cohort: Cohort) -> Claim:
    """Taken back by the centre."""
    claim = submitted(cast, cohort)
    return withdraw_claim(
        actor=cast.contact, claim=claim, reason="The group goes on in autumn and is claimed then.",
        expected_version=claim.version,
    )  # fmt: skip


def unallocated(cast: Cast, cohort: Cohort) -> Claim:
    """Waiting for the AO to name a verifier."""
    claim = submitted(cast, cohort)
    if claim.state == "unallocated":
        return claim
    return decide(cast, claim, "sufficient", "The evidence listed covers every unit; nothing is left to ask.")


def allocated(cast: Cast, cohort: Cohort) -> Claim:
    """With its verifier, who has picked nothing yet."""
    claim = unallocated(cast, cohort)
    due = timezone.localdate() + dt.timedelta(days=21)
    allocate_claim(
        actor=cast.admin, claim=claim, verifier=cast.verifier.person, due_on=due, expected_version=claim.version
    )
    return Claim.objects.get(pk=claim.pk)


def asked(cast: Cast, cohort: Cohort) -> Claim:
    """The verifier has picked a sample and asked for its evidence."""
    claim = allocated(cast, cohort)
    learners, units = list(claim.learners.order_by("position")), list(claim.units.order_by("position"))
    for step in range(3):
        pick_piece(
            actor=cast.verifier, claim=claim, learner=learners[step * 2 % len(learners)], unit=units[step % len(units)],
            reason=("Highest grade", "First claim of this tutor", "Drawn at random")[step],
        )  # fmt: skip
    request_evidence(actor=cast.verifier, claim=claim, due_on=timezone.localdate() + dt.timedelta(days=10))
    return claim


def answered(cast: Cast, cohort: Cohort) -> Claim:
    """The centre has sent files for the sample; the verifier decides next."""
    claim = asked(cast, cohort)
    for pick in picks_of(claim):
        learner = pick.learner.registration.learner
        content = evidence_pdf(claim.number, pick.unit.unit.title)
        add_evidence(
            actor=cast.contact, pick=pick, handle=io.BytesIO(content), name=f"{learner.reference}-synthetic.pdf",
            size=len(content), caption="Assessed work with the assessor’s feedback (synthetic)",
        )  # fmt: skip
    return claim


def verified(cast: Cast, cohort: Cohort) -> Claim:
    """Every piece accepted: ready to be processed."""
    claim = answered(cast, cohort)
    for pick in picks_of(claim):
        decide_piece(actor=cast.verifier, pick=pick, verdict="accepted")
    return finish_verification(actor=cast.verifier, claim=claim, expected_version=claim.version)[0]


def partly_returned(cast: Cast, cohort: Cohort) -> Claim:
    """One piece returned: it goes on as a claim of its own, the rest is ready to be processed."""
    claim = answered(cast, cohort)
    first, *others = picks_of(claim)
    decide_piece(actor=cast.verifier, pick=first, verdict="returned", reason=RETURN_REASON)
    for pick in others:
        decide_piece(actor=cast.verifier, pick=pick, verdict="accepted")
    return finish_verification(actor=cast.verifier, claim=claim, expected_version=claim.version)[0]


def fill_grid(cast: Cast, claim: Claim, rows: int | None = None) -> None:
    """An achieved grade in every cell of the first `rows` learners (all when None)."""
    codes = grade_codes(claim.qualification)
    cells = [
        CellInput(learner.row_key, str(unit.pk), cast.source.random.choice(codes))
        for learner in claim.learners.order_by("position")[:rows]
        for unit in claim.units.order_by("position")
    ]
    save_cells(actor=cast.contact, claim_id=claim.pk, cells=cells)


def fill_checklist(cast: Cast, claim: Claim, missing: float = 0.0) -> None:
    """Complete evidence everywhere, but for the `missing` share of lines, whose evidence is still to come."""
    learners, units = list(claim.learners.order_by("position")), list(claim.units.order_by("position"))
    lines = [
        LineInput(
            learner.row_key, str(unit.pk), evidence_types=("completed_unit",), is_reachable=True,
            status="none" if place < missing * len(units) else "complete",
        )
        for learner in learners
        for place, unit in enumerate(units)
    ]  # fmt: skip
    save_lines(actor=cast.contact, claim_id=claim.pk, lines=lines)
    complete_rest(actor=cast.contact, claim_id=claim.pk, row_keys=[learner.row_key for learner in learners])


def decide(cast: Cast, claim: Claim, verdict: str, reasons: str, next_step: str = "") -> Claim:
    """The panel opens the case and decides it; out of turn with a reason, as the queue asks."""
    claim = open_case(actor=cast.panel, claim=claim, reason="Taken first to show this state in the demonstration.")
    decision: PanelDecision = decide_claim(
        actor=cast.panel, claim=claim, verdict=verdict, reasons=reasons, expected_version=claim.version,
        next_step=next_step, next_step_due=timezone.localdate() + dt.timedelta(days=14) if next_step else None,
    )  # fmt: skip
    return Claim.objects.get(pk=decision.claim_id)


def picks_of(claim: Claim) -> list[SamplePick]:
    return list(
        SamplePick.objects.filter(claim=claim)
        .select_related("claim", "learner__registration__learner", "unit__unit")
        .order_by("id")
    )


def evidence_pdf(number: str, unit: str) -> bytes:
    """A one-page PDF that says it is synthetic. Written by hand: small, and the same each time."""
    lines = (f"Synthetic evidence for {number}", unit, "Made for the demonstration. Nobody wrote this work.")
    text = "".join(f"({line.encode('ascii', 'replace').decode()}) Tj 0 -28 Td " for line in lines)
    stream = f"BT /F1 18 Tf 60 760 Td {text}ET".encode("ascii")
    parts = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    content, starts = b"%PDF-1.7\n", []
    for number_of_part, part in enumerate(parts, start=1):
        starts.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number_of_part, part)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    size = len(parts) + 1
    tail = b"xref\n0 %d\n0000000000 65535 f \n%strailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return content + tail % (size, table, size, len(content))
