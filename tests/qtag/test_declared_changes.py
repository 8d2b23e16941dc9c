"""After a signature, the difference learner by learner: on the page, in what the next signature binds, in its PDF (HOC-04)."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from awarding.accounts.roles import Role
from awarding.files.serving import open_stored
from awarding.tenancy.scope import open_scope
from awarding.ui.grid import CellInput
from qtag.models import Declaration, Judgement
from qtag.queries.coverage import Cover, coverage_of
from qtag.queries.declaration import declaration_view
from qtag.services.declaring import sign_declaration
from qtag.services.grades import GRADE_COLUMN, save_grades
from qtag.services.moving import move_judgements, reopen_judgement
from tests.factories.qtags import make_moves
from tests.qtag.conftest import Scene

THROUGH = (
    (Role.TEACHER, "propose"), (Role.LEAD_INTERNAL_VERIFIER, "endorse_lead"), (Role.HEAD_OF_DEPARTMENT, "endorse_department"),
    (Role.HEAD_OF_CENTRE, "agree"), (Role.QUALITY_CONTACT, "submit"),
)  # fmt: skip


def sign(scene: Scene) -> Declaration:
    view = declaration_view(scene.centre, scene.submission.adoption)
    return sign_declaration(
        actor=scene.people[Role.HEAD_OF_CENTRE], centre=scene.centre, adoption=scene.submission.adoption,
        shown_digest=view.digest, statements=[row.code for row in view.statements],
    )  # fmt: skip


@pytest.fixture
def signed(agreed: Scene) -> Scene:
    with open_scope(agreed.ao):
        make_moves(agreed.people[Role.QUALITY_CONTACT], agreed.submission, "submit")
        sign(agreed)
    return agreed


def reopen(scene: Scene) -> Judgement:
    first = Judgement.objects.filter(submission=scene.submission).order_by("pk")[0]
    return reopen_judgement(
        actor=scene.people[Role.AO_ADMIN],
        judgement=first,
        reason="Two learners mixed up",
        expected_version=first.version,
    )


def regrade(scene: Scene, grade: str) -> None:
    """The reopened learner gets another grade and goes through every hand again."""
    first = Judgement.objects.select_related("grade").filter(submission=scene.submission, state="open").get()
    cell = CellInput(first.row_key, GRADE_COLUMN, grade, was=first.grade.code if first.grade else "")
    (result,) = save_grades(actor=scene.people[Role.TEACHER], submission=scene.submission, cells=[cell])
    assert result.status == "saved"
    for role, move in THROUGH:
        rows = {first.pk: Judgement.objects.get(pk=first.pk).version}
        outcome = move_judgements(
            actor=scene.people[role], submission=scene.submission, move=move, judgement_ids=list(rows), versions=rows
        )
        assert not outcome.refused


def page(scene: Scene, role: Role = Role.HEAD_OF_CENTRE) -> str:
    with open_scope(scene.ao):
        pk = Declaration.objects.order_by("pk")[0].pk
    return scene.client(role, fresh=True).get(scene.url(f"declarations/{pk}/")).content.decode()


def test_nothing_differs_from_what_was_just_signed(signed):
    assert "every learner it covers has the grade that was signed" in page(signed)


def test_a_number_that_arrives_later_leaves_the_signature_and_a_grade_does_not(signed):
    """HOC-04: the temporary ULN gives way to the learner's own; what was signed is which learner has which grade."""
    with open_scope(signed.ao):
        first = Judgement.objects.filter(submission=signed.submission).select_related("registration__learner").first()
        learner = first.registration.learner
        learner.uln = "9999999999" if learner.uln != "9999999999" else "1000102504"
        learner.save(update_fields=["uln"])
        assert coverage_of([signed.submission])[signed.submission.pk].cover is Cover.COVERED
        assert declaration_view(signed.centre, signed.submission.adoption).is_covered
        Judgement.objects.filter(pk=first.pk).update(grade_version=first.grade_version + 1)
        assert coverage_of([signed.submission])[signed.submission.pk].cover is Cover.CHANGED
        assert not declaration_view(signed.centre, signed.submission.adoption).is_covered


def test_an_open_learner_is_named_as_not_submitted(signed):
    with open_scope(signed.ao):
        name = reopen(signed).registration.learner.full_name
    shown = page(signed)
    assert name in shown and "not submitted again yet" in shown and "Two learners mixed up" in shown


def test_a_changed_grade_is_shown_and_bound_with_who_and_why(signed):
    """HOC-04: old grade, new grade, who, why on both pages, in the content of the next signature and in its document."""
    with open_scope(signed.ao):
        name = reopen(signed).registration.learner.full_name
        regrade(signed, "D")
    address = signed.url(f"declarations/{signed.centre.pk}/{signed.submission.adoption_id}/sign/")
    before_signing = signed.client(Role.HEAD_OF_CENTRE, fresh=True).get(address).content.decode()
    teacher = signed.people[Role.TEACHER].person.name
    for shown in (page(signed), before_signing):
        assert name in shown and "Grade changed" in shown and teacher in shown and "Two learners mixed up" in shown
    with open_scope(signed.ao):
        made = sign(signed)
        (change,) = made.content["changes"]
        assert (change["before"], change["after"], change["who"], change["why"]) == (
            "M",
            "D",
            teacher,
            "Two learners mixed up",
        )
        printed = PdfReader(io.BytesIO(open_stored(made.document))).pages
        text = " ".join(" ".join(sheet.extract_text() for sheet in printed).split())
    assert name in text and "Two learners mixed up" in text
    assert "every learner it covers" not in page(signed)  # the old one is told apart still
    with open_scope(signed.ao):
        assert not declaration_view(signed.centre, signed.submission.adoption).content["changes"]


def test_a_grade_that_came_back_is_named_too(signed):
    with open_scope(signed.ao):
        reopen(signed)
        regrade(signed, "D")
        reopen(signed)
        regrade(signed, "M")
    assert "Changed and changed back" in page(signed)


def test_nobody_else_opens_it(signed):
    """QTG-17: grades stand on it."""
    with open_scope(signed.ao):
        pk = Declaration.objects.get().pk
    for role in (Role.AO_ADMIN, Role.TEACHER, Role.LEAD_INTERNAL_VERIFIER):
        assert signed.client(role).get(signed.url(f"declarations/{pk}/")).status_code == 404
    assert signed.client(Role.QUALITY_CONTACT).get(signed.url(f"declarations/{pk}/")).status_code == 200
