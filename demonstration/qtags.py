"""Q-TAGs at one centre: one qualification half judged, one submitted and signed for but for a late learner."""

from __future__ import annotations

import datetime as dt
import io
import uuid

from django.utils import timezone

from awarding.accounts.roles import Role
from awarding.accounts.standing import Standing
from awarding.catalogue.models import Grade, Qualification
from awarding.frameworks.queries import adopted_document
from awarding.ui.grid import CellInput
from centres.models import Centre
from demonstration.claims import evidence_pdf
from demonstration.qtag_workbooks import seed_returned_sheet
from qtag.models import Judgement, Submission
from qtag.queries.declaration import declaration_view
from qtag.queries.messages import addressing
from qtag.queries.progress import Filters
from qtag.queries.submissions import qtag_adoptions
from qtag.queries.units import own_units
from qtag.services.beginning import begin_submission
from qtag.services.concerns import raise_concerns
from qtag.services.declaring import sign_declaration
from qtag.services.deputies import move_deputy, name_deputy
from qtag.services.files import attach_file
from qtag.services.grades import GRADE_COLUMN, save_grades
from qtag.services.holds import put_hold
from qtag.services.messages import send_progress_message
from qtag.services.moving import move_judgements
from qtag.services.preparing import record_last_resort, record_step
from qtag.services.recording import record_circumstance, record_evidence, record_told, save_facts
from qtag.services.units import flag_reduced, put_forward, record_entry

Cast = dict[Role, Standing]
# Everybody whom a Q-TAG passes.
HANDS = (
    Role.TEACHER, Role.LEAD_INTERNAL_VERIFIER, Role.HEAD_OF_DEPARTMENT, Role.HEAD_OF_CENTRE, Role.QUALITY_CONTACT,
)  # fmt: skip
MOVES = ("propose", "endorse_lead", "endorse_department", "agree", "submit")
KINDS = ("classwork", "mock", "project")


def seed_qtags(centre: Centre, cast: Cast, qualifications: list[Qualification]) -> None:
    """Does nothing where the AO runs no framework with Q-TAGs. `cast` holds one of each role of the centre."""
    if not qtag_adoptions():
        return
    for number, qualification in enumerate(qualifications[:2]):
        submission = begin_submission(actor=cast[Role.QUALITY_CONTACT], centre=centre, qualification=qualification)
        judge(submission, cast, share=1.0 if number else 0.5)
        if number:
            send(submission, cast)
        else:
            seed_returned_sheet(cast[Role.TEACHER], cast[Role.LEAD_INTERNAL_VERIFIER], submission)
    view = declaration_view(centre, qtag_adoptions()[0])
    if view.parts:
        # The day by which declarations were due is long past: the AO has something to judge, and the head signs late.
        raise_concerns(view.adoption, timezone.localdate())
        sign_declaration(
            actor=cast[Role.HEAD_OF_CENTRE], centre=centre, adoption=view.adoption, shown_digest=view.digest,
            statements=[row.code for row in view.statements],
        )  # fmt: skip


def seed_going_on(centre: Centre, teacher: Standing) -> None:
    """A learner who goes on next year: one unit with the Z flag and put forward, one entered externally in the window."""
    rows = Judgement.objects.filter(centre=centre, state="open", is_certificating=None).select_related("submission__ao")
    row = rows.order_by("-pk").first()
    if row is None:
        return
    save_facts(
        actor=teacher, judgement_id=row.pk, facts={"is_certificating": False}, expected_version=row.facts_version
    )
    first, second, *_rest = own_units(row)
    flag_reduced(actor=teacher, judgement_id=row.pk, unit=first)
    put_forward(actor=teacher, judgement_id=row.pk, unit=first)
    record_entry(actor=teacher, judgement_id=row.pk, unit=second, entered_on=dt.date(2021, 1, 18))


def seed_message(admin: Standing) -> None:
    """The AO has written to the centres whose learners are not all submitted."""
    adoptions = qtag_adoptions()
    if not adoptions:
        return
    filters, roles = Filters(only="open"), [Role.QUALITY_CONTACT.value]
    shown = addressing(adoptions[0], filters, roles)
    if shown.people:
        send_progress_message(
            actor=admin, adoption=adoptions[0], filters=filters, roles=roles, token=uuid.uuid4().hex,
            body="Please submit the learners who are still open, or tell us what holds them up.", shown_digest=shown.digest,
        )  # fmt: skip


def seed_hold(admin: Standing, centre: Centre) -> None:
    """A complaint about one qualification: its evidence is kept until the hold is lifted."""
    row = (
        Judgement.objects.filter(centre=centre, state="submitted").select_related("registration__qualification").first()
    )
    if row is not None:
        put_hold(
            actor=admin, centre=centre, qualification=row.registration.qualification, kind="complaint",
            reference="C-2021-014 (synthetic)", reason="A parent says that work was not looked at.",
        )  # fmt: skip


def seed_deputies(centre: Centre, head: Standing, admin: Standing, people: list[Standing]) -> None:
    """The first one waits for the AO; the next one is accepted already."""
    last_day = timezone.localdate() + dt.timedelta(days=60)
    for number, person in enumerate(people[:2]):
        made = name_deputy(
            actor=head,
            centre=centre,
            person=person.person,
            reason="Away at a conference (synthetic).",
            last_day=last_day,
        )
        if number:
            move_deputy(actor=admin, deputy=made, move="accept", reason="", expected_version=made.version)


def judge(submission: Submission, cast: Cast, share: float) -> None:
    """Facts, evidence and grades for the first `share` of the learners; all of the steps when that is everybody."""
    teacher = cast[Role.TEACHER]
    document = adopted_document(submission.adoption)
    rows = list(Judgement.objects.filter(submission=submission).select_related("registration__learner").order_by("pk"))
    shown = list(Grade.objects.filter(scale_id=submission.qualification.scale_id, is_achieved=True).order_by("rank"))
    done = rows[: max(1, int(len(rows) * share))]
    for number, row in enumerate(done):
        facts = {"is_certificating": True, "ready_on": dt.date(2021, 6, 1)}
        save_facts(actor=teacher, judgement_id=row.pk, facts=facts, expected_version=row.facts_version)
        for piece in range(1 + number % 2):
            made = record_evidence(
                actor=teacher, judgement_id=row.pk, type=KINDS[(number + piece) % len(KINDS)], covers="Units 1 to 3",
                control="medium", dated_on=dt.date(2021, 2 + piece, 10), shows_grade=shown[-1], is_authentic=True,
                is_reachable=True, kept_at="Department drive (synthetic)",
            )  # fmt: skip
            if number == 0:
                content = evidence_pdf(row.registration.learner.reference, made.covers)
                attach_file(
                    actor=teacher, piece=made, handle=io.BytesIO(content), name="classwork-synthetic.pdf", size=len(content)
                )  # fmt: skip
        record_told(actor=teacher, judgement_id=row.pk, told_on=dt.date(2021, 5, 17))
    record_circumstance(
        actor=teacher, judgement_id=done[0].pk, kind="access", what="Extra time in every timed piece (synthetic).",
        taken_into_account="All evidence was produced with it in place.",
    )  # fmt: skip
    cells = [CellInput(row.row_key, GRADE_COLUMN, shown[n % len(shown)].code, was="") for n, row in enumerate(done)]
    save_grades(actor=teacher, submission=submission, cells=cells)
    for step in list(document.steps)[: len(document.steps) if share == 1 else 2]:
        record_step(actor=teacher, submission=submission, step=step, note="Done together in the department meeting.")
    needed = document.outcome("q_tag").last_resort_statements
    if document.standing("q_tag", submission.qualification.category) == "last_resort":
        record_last_resort(
            actor=cast[Role.QUALITY_CONTACT], submission=submission, statements=list(needed),
            reason="The workshop stayed shut until June.",
        )  # fmt: skip
        submission.refresh_from_db()


def send(submission: Submission, cast: Cast) -> None:
    """Every learner but the last through all hands; one more waits for the head of department."""
    for place, (role, move) in enumerate(zip(HANDS, MOVES, strict=True)):
        rows = dict(Judgement.objects.filter(submission=submission).order_by("pk").values_list("pk", "version"))
        left_behind = 1 if place < 2 else 2
        ids = list(rows)[:-left_behind] if len(rows) > 2 else list(rows)
        move_judgements(actor=cast[role], submission=submission, move=move, judgement_ids=ids, versions=rows)
