"""Claims in every state, each brought there by the people whose turn it is, through the portal's own services."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.utils import timezone

from awarding.accounts.standing import Standing
from awarding.ui.grid import CellInput
from awarding.workflow.services import apply_transition
from centres.models import Cohort
from demonstration.awards import grade_codes
from demonstration.learners import LearnerSource
from mitigations.models import Claim, PanelCase
from mitigations.queries.conditions import condition_rows
from mitigations.rules.conditions import Condition
from mitigations.services.checklist import LineInput, complete_rest, save_lines
from mitigations.services.conditions import bring_back, meet_condition
from mitigations.services.direct_claims import sign_record
from mitigations.services.generation import generate_claim
from mitigations.services.grid import save_cells
from mitigations.services.panel import Said, decide_claim, give_second_opinion, open_case
from mitigations.services.panel_settings import change_panel_settings
from mitigations.services.submission import resume_claim, submit_claim, withdraw_claim
from mitigations.workflow import CLAIM
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
    second: Standing
    chair: Standing
    verifier: Standing
    source: LearnerSource
    # The centre's own direct-claims verifier, where it has one.
    direct: Standing | None = None


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
    today = timezone.localdate()
    return decide(
        cast, claim, "in_principle", "The plan is sound. Two thirds of the evidence is still to come.",
        conditions=(
            Condition("The assessors’ observation records of the spring term", today + dt.timedelta(days=5)),
            Condition("The minutes of the standardisation meeting", today + dt.timedelta(days=12)),
        ),
        expires_on=today + dt.timedelta(days=21),
    )  # fmt: skip


def conditions_met(cast: Cast, cohort: Cohort) -> Claim:
    """The first condition is met, with a file and in words."""
    claim = approved_in_principle(cast, cohort)
    first = condition_rows(claim)[0]
    content = evidence_pdf(claim.number, "Observation records")
    meet_condition(
        actor=cast.contact, condition=first, note="All observations are in one file, by learner.",
        handle=io.BytesIO(content), name="observations-synthetic.pdf", size=len(content),
    )  # fmt: skip
    return claim


def fallen_due(cast: Cast, cohort: Cohort) -> Claim:
    """Approved in principle until today; nothing came, and the clock brings it back before the panel."""
    today = timezone.localdate()
    claim = drafted(cast, cohort)
    fill_grid(cast, claim)
    fill_checklist(cast, claim, missing=0.7)
    claim = submit_claim(actor=cast.contact, claim=claim, expected_version=claim.version)
    decide(
        cast, claim, "in_principle", "The portfolios are promised for this week.",
        conditions=(Condition("The learners’ portfolios", today),), expires_on=today,
    )  # fmt: skip
    bring_back(claim_id=claim.pk, today=today + dt.timedelta(days=1))
    return Claim.objects.get(pk=claim.pk)


def second_awaited(cast: Cast, cohort: Cohort) -> Claim:
    """Drawn for a second opinion, which nobody has given yet."""
    with wishes(cast, second_opinion_share=100):
        return decide(cast, submitted(cast, cohort), "sufficient", "Every unit is evidenced and within reach.")


def agreed(cast: Cast, cohort: Cohort) -> Claim:
    """Two members found the same without seeing each other's opinion; released."""
    claim = second_awaited(cast, cohort)
    give_second(cast, claim, Said("sufficient", "The evidence carries the grades."))
    return Claim.objects.get(pk=claim.pk)


def differing(cast: Cast, cohort: Cohort) -> Claim:
    """Two members differ; the chair decides next."""
    claim = second_awaited(cast, cohort)
    give_second(cast, claim, Said("in_principle", "One unit rests on a tracker alone; its work should be seen first."))
    return Claim.objects.get(pk=claim.pk)


def held_back(cast: Cast, cohort: Cohort) -> Claim:
    """Decided and not released: its centre still reads that the panel has it."""
    with wishes(cast, releases_apart=True):
        return decide(cast, submitted(cast, cohort), "sufficient", "Complete, and like the claim of last week.")


@contextmanager
def wishes(cast: Cast, *, second_opinion_share: int = 0, releases_apart: bool = False) -> Iterator[None]:
    """The AO's panel works like this for a while, and then at once and without second opinions again."""
    for share, apart in ((second_opinion_share, releases_apart), (0, False)):
        change_panel_settings(
            actor=cast.admin,
            releases_apart=apart,
            second_opinion_share=share,
            in_principle_days=28,
            reminder_days=[7, 1],
        )
        if share or apart:
            yield


def give_second(cast: Cast, claim: Claim, said: Said) -> None:
    """The second member's opinion on a case that was drawn."""
    case = PanelCase.objects.get(claim=claim, state="second")
    give_second_opinion(actor=cast.second, case=case, expected_version=case.version, said=said)


def resumed(cast: Cast, cohort: Cohort) -> Claim:
    """The missing evidence came, and the claim is back in its old place in the queue."""
    claim = approved_in_principle(cast, cohort)
    fill_checklist(cast, claim)
    for condition in condition_rows(claim):
        meet_condition(actor=cast.contact, condition=condition, note="It stands in the checklist now.")
    return resume_claim(actor=cast.contact, claim=claim, expected_version=claim.version)


def direct_queued(cast: Cast, cohort: Cohort) -> Claim:
    """A direct-claims centre's, with its verifier's record, before the panel."""
    claim = ready(cast, cohort)
    if cast.direct is not None:
        form = evidence_pdf(claim.number, "The centre’s own form of its verifier’s record (QA5)")
        sign_record(
            actor=cast.direct, claim=claim, decision="supported",
            standards="Every criterion of the first two units, with the work of three learners; one criterion of each other.",
            reasons="The assessor’s decisions stand. One was marked twice and the two agree.",
            handle=io.BytesIO(form), name="qa5-synthetic.pdf", size=len(form),
        )  # fmt: skip
    return submit_claim(actor=cast.contact, claim=claim, expected_version=claim.version)


def with_direct_verifier(cast: Cast, cohort: Cohort) -> Claim:
    """Left with the centre's own verifier by the panel."""
    return decide(
        cast, direct_queued(cast, cohort), "left_with_dcv", "The record shows what was looked at and why it stands."
    )


def with_internal_verifier(cast: Cast, cohort: Cohort) -> Claim:
    """Submitted while the AO asked for internal verification, and lying there since: it shows what a stuck claim is."""
    claim = apply_transition(CLAIM, ready(cast, cohort), "send_to_iv", actor=cast.contact)
    # Nobody waits nine days for a demonstration.
    Claim.objects.filter(pk=claim.pk).update(state_since=claim.state_since - dt.timedelta(days=9))
    return claim


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


def decide(
    cast: Cast, claim: Claim, verdict: str, reasons: str, next_step: str = "", *,
    conditions: Sequence[Condition] = (), expires_on: dt.date | None = None,
) -> Claim:  # fmt: skip
    """The panel opens the case and decides it; out of turn with a reason, as the queue asks."""
    claim = open_case(actor=cast.panel, claim=claim, reason="Taken first to show this state in the demonstration.")
    decide_claim(
        actor=cast.panel, claim=claim, verdict=verdict, reasons=reasons, expected_version=claim.version,
        next_step=next_step, next_step_due=timezone.localdate() + dt.timedelta(days=14) if next_step else None,
        conditions=conditions, expires_on=expires_on,
    )  # fmt: skip
    return Claim.objects.get(pk=claim.pk)


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
