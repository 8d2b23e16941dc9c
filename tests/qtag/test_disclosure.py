"""No Q-TAG is seen before results by anybody but who submits and quality-assures it (QTG-17): a sweep over every route."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

from django.core import mail
from django.urls import reverse

from awarding.accounts.roles import AO_ROLES, Role
from awarding.audit.models import AuditRecord
from awarding.files.services import store_file
from awarding.jobs.models import Job
from awarding.notices.models import Notice
from awarding.tenancy.scope import open_scope
from awarding.ui.grid import CellInput
from awarding.workflow.models import StatusEvent
from qtag.models import Declaration, DeclarationConcern, Deputy, EvidenceFile, GradeUpload, Judgement
from qtag.queries.declaration import declaration_view
from qtag.services.concerns import raise_concerns
from qtag.services.declaring import sign_declaration
from qtag.services.deputies import name_deputy
from qtag.services.grades import GRADE_COLUMN, save_grades
from qtag.services.moving import reopen_judgement
from qtag.services.sheets import issue_sheet, receive_sheet
from qtag.workbooks_grades import sheet_workbook
from results.services.exports import export_results
from tests.factories import make_standing
from tests.factories.qtag_results import award, plan_release
from tests.factories.qtags import bring_to_agreed, make_moves
from tests.factories.results import run_job
from tests.matrix.routes import all_routes
from tests.qtag.conftest import Scene

# A grade that stands in no template: wherever it turns up it comes from a Q-TAG.
CANARY = "QZX7"
# The scale itself is no secret: these pages list or offer its grades, which are nobody's there.
LISTS_THE_SCALE = ("scale", "qualifications/", "/prior/")


def mark(scene: Scene) -> None:
    """Every learner's grade gets a code that stands nowhere else in the portal."""
    with open_scope(scene.ao):
        for judgement in scene.submission.judgements.select_related("grade"):
            judgement.grade.code = judgement.grade.label = CANARY
            judgement.grade.save()
        make_moves(scene.people[Role.QUALITY_CONTACT], scene.submission, "submit")
        # Noted as missing, then signed: the concern and the declaration are both there to be looked at.
        raise_concerns(scene.submission.adoption, dt.date(2021, 6, 19))
        view = declaration_view(scene.centre, scene.submission.adoption)
        sign_declaration(
            actor=scene.people[Role.HEAD_OF_CENTRE], centre=scene.centre, adoption=scene.submission.adoption,
            shown_digest=view.digest, statements=[row.code for row in view.statements],
        )  # fmt: skip
        name_deputy(
            actor=scene.people[Role.HEAD_OF_CENTRE], centre=scene.centre, reason="Away", last_day=dt.date(2021, 8, 1),
            person=scene.people[Role.TEACHER].person,
        )  # fmt: skip


def make_results(scene: Scene) -> None:
    """Recorded, to be released tomorrow; an export of everything the AO may see lies ready."""
    with open_scope(scene.ao):
        plan_release(scene.people[Role.AO_ADMIN], scene.submission)
        award(scene.people[Role.AO_ADMIN], scene.submission)
        job = export_results(actor=scene.people[Role.AO_ADMIN])
    job = run_job(job)
    with open_scope(scene.ao):
        assert job.result_file is not None


def taken_out(scene: Scene, judgement: Judgement) -> dict[str, int]:
    """What leaves the pages: the teacher's workbook, one that came back, and a file of evidence."""
    with open_scope(scene.ao):
        teacher, submission = scene.people[Role.TEACHER], scene.submission
        sheet = issue_sheet(actor=teacher, submission=submission)
        sent = receive_sheet(
            actor=teacher, submission=submission, name="b.xlsx", content=sheet_workbook(teacher, sheet)
        )
        change = {
            "row_key": judgement.row_key,
            "column": "grade",
            "before": "",
            "after": CANARY,
            "theirs": CANARY,
            "cell": "D9",
        }
        GradeUpload.objects.filter(pk=sent.pk).update(
            changes=[change | {"learner": "A", "title": "Grade", "version": 1}]
        )
        piece = judgement.evidence.order_by("pk")[0]
        stored = store_file(
            actor=teacher,
            purpose="qtag-evidence",
            name="work.pdf",
            content=CANARY.encode(),
            media_type="application/pdf",
        )
        attached = EvidenceFile.objects.create(piece=piece, file=stored, uploaded_by=teacher.person)
    return {
        "version": sheet.version, "grade_upload_id": sent.pk, "piece_id": piece.pk, "attached_id": attached.pk,
    }  # fmt: skip


def words_of(response) -> bytes:
    """What a response says, the parts of a workbook included: those are compressed."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if not body.startswith(b"PK"):
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return b"".join(book.read(name) for name in book.namelist())


def paths(scene: Scene) -> list[str]:
    """Every address that asks for nothing else than what there is of these Q-TAGs."""
    with open_scope(scene.ao):
        judgement = Judgement.objects.select_related("registration").order_by("pk")[0]
        signed, concern = Declaration.objects.get(), DeclarationConcern.objects.get()
        deputy = Deputy.objects.get()
        result = judgement.registration.results.first()
        made = {"result_id": result.pk, "certificate_id": result.certificates.get().pk} if result else {}
        job = Job.objects.order_by("pk").last()
        made |= {"job_id": job.pk} if job else {}
    qan = scene.submission.qualification.qan
    known = {
        "ao": scene.ao.slug, "submission_id": scene.submission.pk, "judgement_id": judgement.pk, "centre_id": scene.centre.pk,
        "adoption_id": scene.submission.adoption_id, "step": "collect", "section": "evidence", "qan": qan, "typed": qan,
        "move": "recall", "registration_id": judgement.registration_id, "cohort_id": judgement.registration.cohort_id,
        "learner_id": judgement.registration.learner_id, "declaration_id": signed.pk, "concern_id": concern.pk,
        "deputy_id": deputy.pk, "code": "level_2", **taken_out(scene, judgement),
    } | made  # fmt: skip
    routes = [route for route in all_routes() if set(route.parameters) <= set(known) and not route.is_library]
    return [reverse(r.name, kwargs={name: known[name] for name in r.parameters}) for r in routes]


def test_no_route_shows_a_grade_to_anybody_else(agreed):
    """QTG-17 RES-01: as every role of the AO, and every role of the centre without a part in Q-TAGs, although the results
    are recorded: their release is to come."""
    mark(agreed)
    make_results(agreed)
    addresses = paths(agreed)
    assert len(addresses) > 60
    sees = {role for role in agreed.people if role not in AO_ROLES}
    for role in set(Role) - sees:
        with open_scope(agreed.ao):
            agreed.people[role] = make_standing(agreed.ao, role, None if role in AO_ROLES else agreed.centre)
        client = agreed.client(role)
        for path in addresses:
            if any(part in path for part in LISTS_THE_SCALE):
                continue
            response = client.get(path)
            assert CANARY.encode() not in words_of(response), (role, path)
    assert (
        CANARY
        in agreed.client(Role.HEAD_OF_CENTRE).get(agreed.url(f"qtags/{agreed.submission.pk}/grid/")).content.decode()
    )


def test_a_workbook_and_its_return_are_for_its_teacher_alone(agreed):
    """QTG-17: the teacher finds the grade in both; a colleague who judges too, and the head, find neither."""
    mark(agreed)
    out = [path for path in paths(agreed) if "/workbook/v" in path or "/workbook/sent/" in path]
    assert len(out) == 2
    for path in out:
        assert CANARY.encode() in words_of(agreed.client(Role.TEACHER).get(path)), path
        for role in (Role.LEAD_INTERNAL_VERIFIER, Role.HEAD_OF_CENTRE, Role.AO_ADMIN):
            answer = agreed.client(role).get(path)
            assert answer.status_code in (302, 403, 404) and CANARY.encode() not in words_of(answer), (role, path)


def test_giving_grades_and_moving_them_on_leaves_none_in_the_trail(scene):
    """QTG-17: one by one and as a block, changed and returned: the audit says whose, never what; notices and mails neither."""
    with open_scope(scene.ao):
        teacher, submission = scene.people[Role.TEACHER], scene.submission
        submission.qualification.scale.grades.filter(code="M").update(code=CANARY, label=CANARY)
        first, *_others = submission.judgements.order_by("pk")
        (saved,) = save_grades(
            actor=teacher, submission=submission, cells=[CellInput(first.row_key, GRADE_COLUMN, CANARY, was="")]
        )
        assert saved.status == "saved"
        bring_to_agreed(scene.people, submission, grade=CANARY)
        make_moves(scene.people[Role.QUALITY_CONTACT], submission, "submit")
        first.refresh_from_db()
        reopen_judgement(
            actor=scene.people[Role.AO_ADMIN], judgement=first, reason="Mixed up", expected_version=first.version
        )
        trail = AuditRecord.objects.filter(event="submission.grades_saved")
        assert trail.count() == 2 and Notice.objects.exists()
        assert not [row for row in AuditRecord.objects.all() if CANARY in str(row.data)]
        assert not [row for row in StatusEvent.objects.all() if CANARY in f"{row.data} {row.reason}"]
        assert not [row for row in Notice.objects.all() if CANARY in f"{row.subject} {row.body}"]
    assert all(CANARY not in f"{message.subject} {message.body}" for message in mail.outbox)


def test_no_message_log_or_mail_names_a_grade(agreed):
    """QTG-17: what notices, e-mails and the audit trail say names how many and which qualification, never a grade."""
    mark(agreed)
    make_results(agreed)
    with open_scope(agreed.ao):
        assert Notice.objects.exists()
        for notice in Notice.objects.all():
            assert CANARY not in f"{notice.subject} {notice.body}"
        for record in AuditRecord.objects.all():
            assert CANARY not in str(record.data) and "'grade'" not in str(record.data)
    assert all(CANARY not in message.body for message in mail.outbox)
