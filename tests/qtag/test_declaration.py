"""The head of centre's declaration, through the page (HOC-01 to HOC-04)."""

from __future__ import annotations

import datetime as dt

import pytest

from awarding.accounts.roles import Role
from awarding.accounts.standing import Standing
from awarding.files.serving import open_stored
from awarding.tenancy.scope import open_scope
from qtag.models import Declaration, DeclarationPart, Deputy, Judgement
from qtag.queries.declaration import declaration_view, digest_of
from qtag.services.declaring import accept_deputy, end_deputy
from qtag.services.moving import reopen_judgement
from tests.factories import make_standing
from tests.factories.qtags import bring_to_agreed, make_moves, make_staff, make_submission
from tests.qtag.conftest import Scene

CODES = ("guidance_followed", "evidence_documented", "evidence_retained", "policies_followed", "progression_first")


@pytest.fixture
def submitted(agreed: Scene) -> Scene:
    with open_scope(agreed.ao):
        make_moves(agreed.people[Role.QUALITY_CONTACT], agreed.submission, "submit")
    return agreed


def address(scene: Scene) -> str:
    return scene.url(f"declarations/{scene.centre.pk}/{scene.submission.adoption_id}/sign/")


def shown_digest(scene: Scene) -> str:
    with open_scope(scene.ao):
        return declaration_view(scene.centre, scene.submission.adoption).digest


def sign(scene: Scene, role: Role = Role.HEAD_OF_CENTRE, without: str = "", digest: str = "", fresh: bool = True):
    said = {code: "on" for code in CODES if code != without}
    said["digest"] = digest or shown_digest(scene)
    return scene.client(role, fresh=fresh).post(address(scene), said)


def declarations(scene: Scene) -> int:
    with open_scope(scene.ao):
        return Declaration.objects.count()


def parts(scene: Scene) -> list[str]:
    with open_scope(scene.ao):
        return list(DeclarationPart.objects.order_by("pk").values_list("state", flat=True))


def test_the_head_signs_for_everything_on_one_page(submitted):
    """HOC-01 HOC-02 HOC-04: counts and statements are shown; the signature binds a digest of the exact grades."""
    page = submitted.client(Role.HEAD_OF_CENTRE, fresh=True).get(address(submitted)).content.decode()
    assert "M: 3" in page and all(f'name="{code}"' in page for code in CODES)
    assert sign(submitted).status_code == 302
    with open_scope(submitted.ao):
        made = Declaration.objects.select_related("document").get()
        assert digest_of(made.content) == made.digest and [row["code"] for row in made.statements] == list(CODES)
        assert [row["grade"] for row in made.content["qualifications"][0]["learners"]] == ["M"] * 3
        assert open_stored(made.document).startswith(b"%PDF")
    assert parts(submitted) == ["covering"]


@pytest.mark.parametrize("code", CODES)
def test_each_statement_is_confirmed_by_itself(submitted, code):
    """HOC-02: without any one of them nothing is signed."""
    answer = sign(submitted, without=code)
    assert answer.status_code == 200 and "There is a problem" in answer.content.decode()
    assert declarations(submitted) == 0


def test_nobody_else_signs_and_the_head_proves_who_they_are(submitted):
    """HOC-01: not the quality contact, not the AO; a head who signed in long ago is asked again first."""
    for role in (Role.QUALITY_CONTACT, Role.AO_ADMIN, Role.TEACHER):
        assert sign(submitted, role).status_code == 404
    stale = sign(submitted, fresh=False)
    assert stale.status_code == 302 and "reauthenticate" in stale.url
    assert declarations(submitted) == 0


def test_a_deputy_signs_while_the_ao_accepts_them(submitted):
    """HOC-01: accepted by the AO with a reason; not before, and not after it ended."""
    with open_scope(submitted.ao):
        deputy = make_standing(submitted.ao, Role.SENIOR_DESIGNATED_CONTACT, submitted.centre)
    submitted.people[Role.SENIOR_DESIGNATED_CONTACT] = deputy
    assert sign(submitted, Role.SENIOR_DESIGNATED_CONTACT).status_code == 404
    with open_scope(submitted.ao):
        admin = submitted.people[Role.AO_ADMIN]
        made = accept_deputy(actor=admin, centre=submitted.centre, person=deputy.person, reason="The head is ill")
    assert sign(submitted, Role.SENIOR_DESIGNATED_CONTACT).status_code == 302
    with open_scope(submitted.ao):
        assert Declaration.objects.get().signed_as == "deputy"
        end_deputy(actor=admin, deputy=made)
        assert Deputy.objects.get().ended_at is not None
    assert sign(submitted, Role.SENIOR_DESIGNATED_CONTACT).status_code == 404


def test_what_changed_since_the_page_was_read_is_not_signed(submitted):
    """HOC-04: the digest of an older page is refused and says why."""
    older = shown_digest(submitted)
    with open_scope(submitted.ao):
        first = Judgement.objects.order_by("pk")[0]
        reopen_judgement(
            actor=submitted.people[Role.AO_ADMIN], judgement=first, reason="Mixed up", expected_version=first.version
        )
    assert sign(submitted, digest=older).status_code == 302
    assert declarations(submitted) == 0
    assert shown_digest(submitted) != older


def test_changing_one_grade_voids_that_part_alone(submitted):
    """HOC-04: of two qualifications signed for, only the one with a reopened learner has to be signed again."""
    with open_scope(submitted.ao):
        contact = submitted.people[Role.QUALITY_CONTACT]
        other = make_submission(submitted.centre, contact, learners=2)
        staff = make_staff(submitted.ao, submitted.centre, other)
        bring_to_agreed(staff, other)
        make_moves(contact, other, "submit")
    assert sign(submitted).status_code == 302
    assert parts(submitted) == ["covering", "covering"]
    with open_scope(submitted.ao):
        first = Judgement.objects.filter(submission=submitted.submission).order_by("pk")[0]
        reopen_judgement(
            actor=submitted.people[Role.AO_ADMIN], judgement=first, reason="Mixed up", expected_version=first.version
        )
        states = dict(DeclarationPart.objects.values_list("submission_id", "state"))
    assert states == {submitted.submission.pk: "voided", other.pk: "covering"}
    page = submitted.client(Role.HEAD_OF_CENTRE, fresh=True).get(address(submitted)).content.decode()
    assert "Changed" in page and "Unchanged" in page
    work = submitted.client(Role.HEAD_OF_CENTRE).get("/").content.decode()
    assert "no longer covers everything" in work
    assert sign(submitted).status_code == 302
    assert declarations(submitted) == 2


def test_a_late_declaration_is_accepted_and_marked(submitted, calendar):
    """HOC-03: after the day it was due the page warns, and the signature is marked late."""
    calendar.today = dt.date(2021, 6, 19)
    head = submitted.client(Role.HEAD_OF_CENTRE, fresh=True)
    listed = head.get(submitted.url("declarations/")).content.decode()
    assert "no result of the centre is processed" in listed
    assert sign(submitted).status_code == 302
    with open_scope(submitted.ao):
        assert Declaration.objects.get().is_late


def test_the_document_is_the_centre_s_own(submitted):
    """QTG-17 HOC-04: head and quality contact open it; the AO sees that it was signed, not what it counts."""
    sign(submitted)
    with open_scope(submitted.ao):
        path = submitted.url(f"declarations/{Declaration.objects.get().pk}/document/")
    assert submitted.client(Role.HEAD_OF_CENTRE).get(path)["Content-Type"] == "application/pdf"
    assert submitted.client(Role.QUALITY_CONTACT).get(path).status_code == 200
    assert submitted.client(Role.AO_ADMIN).get(path).status_code == 403
    assert "PDF" not in submitted.client(Role.AO_ADMIN).get(submitted.url("declarations/")).content.decode()
    assert isinstance(submitted.people[Role.AO_ADMIN], Standing)
