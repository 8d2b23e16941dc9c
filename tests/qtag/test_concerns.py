"""A declaration that is missing on its day becomes a concern for the AO to judge (HOC-03)."""

from __future__ import annotations

import datetime as dt

import pytest

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError
from awarding.notices.models import Notice
from awarding.tenancy.scope import open_scope
from awarding.workflow.queries import history
from awarding.workflow.services import ReasonMissingError
from qtag.models import Declaration, DeclarationConcern, DeclarationPart, Judgement
from qtag.queries.declaration import declaration_view
from qtag.services.concerns import judge_concern
from qtag.services.declaring import sign_declaration
from qtag.services.moving import reopen_judgement
from qtag.tasks import check_deadlines
from tests.factories import make_standing
from tests.factories.qtags import make_moves
from tests.qtag.conftest import Scene

DAY_AFTER = dt.date(2021, 6, 19)


@pytest.fixture
def missing(agreed: Scene, calendar) -> DeclarationConcern:
    """Submitted in time, not signed; the clock ran on the day after."""
    with open_scope(agreed.ao):
        make_moves(agreed.people[Role.QUALITY_CONTACT], agreed.submission, "submit")
        agreed.people[Role.INVESTIGATIONS] = make_standing(agreed.ao, Role.INVESTIGATIONS)
        agreed.people[Role.RESPONSIBLE_OFFICER] = make_standing(agreed.ao, Role.RESPONSIBLE_OFFICER)
    calendar.today = DAY_AFTER
    check_deadlines()
    with open_scope(agreed.ao):
        return DeclarationConcern.objects.get()


def sign_now(scene: Scene) -> None:
    with open_scope(scene.ao):
        view = declaration_view(scene.centre, scene.submission.adoption)
        sign_declaration(
            actor=scene.people[Role.HEAD_OF_CENTRE], centre=scene.centre, adoption=scene.submission.adoption,
            shown_digest=view.digest, statements=[row.code for row in view.statements],
        )  # fmt: skip


def test_the_clock_raises_one_concern_for_a_centre_and_never_a_second(agreed, missing):
    """HOC-03: the run repeated, and days later, raises no other; not before the day is over."""
    check_deadlines()
    with open_scope(agreed.ao):
        assert DeclarationConcern.objects.count() == 1
        event = history(missing)[0]
    assert (missing.state, missing.due_on, event.process) == ("raised", dt.date(2021, 6, 18), "check of deadlines")


@pytest.mark.parametrize("signed", [True, False])
def test_nobody_who_signed_or_whose_day_is_not_over_is_concerned(agreed, calendar, signed):
    """HOC-03: the last day itself is in time; who signed by then is never named."""
    with open_scope(agreed.ao):
        make_moves(agreed.people[Role.QUALITY_CONTACT], agreed.submission, "submit")
    if signed:
        sign_now(agreed)
    calendar.today = DAY_AFTER if signed else dt.date(2021, 6, 18)
    check_deadlines()
    with open_scope(agreed.ao):
        assert not DeclarationConcern.objects.exists()


def test_who_signed_in_time_and_signs_again_for_what_was_reopened_is_no_concern(agreed, calendar):
    """HOC-03 HOC-04: not late, no malpractice to judge, told once for each time; who had not signed by the day is all of it."""
    contact, head, admin = (agreed.people[role] for role in (Role.QUALITY_CONTACT, Role.HEAD_OF_CENTRE, Role.AO_ADMIN))
    with open_scope(agreed.ao):
        make_moves(contact, agreed.submission, "submit")
    sign_now(agreed)
    calendar.today = DAY_AFTER
    for round_ in (1, 2):
        with open_scope(agreed.ao):
            row = Judgement.objects.filter(state="submitted").first()
            reopen_judgement(actor=admin, judgement=row, reason="Mixed up", expected_version=row.version)
        check_deadlines()
        check_deadlines()
        with open_scope(agreed.ao):
            assert not DeclarationConcern.objects.exists()
            told = Notice.objects.filter(person=head.person, key__startswith="qtag-due").values_list(
                "subject", flat=True
            )
            assert list(told) == ["Declaration to sign again"] * round_
            assert not Notice.objects.filter(person=admin.person, subject="Declarations are missing").exists()
        page = agreed.client(Role.HEAD_OF_CENTRE).get(agreed.url("declarations/")).content.decode()
        assert "Read and sign" in page and "The declaration is late" not in page
        sign_now(agreed)
        with open_scope(agreed.ao):
            assert not Declaration.objects.filter(is_late=True).exists()


def test_what_was_voided_before_the_day_and_not_signed_again_by_then_is_missing(agreed, calendar):
    """HOC-03: a signature that no longer held on the day was none."""
    with open_scope(agreed.ao):
        make_moves(agreed.people[Role.QUALITY_CONTACT], agreed.submission, "submit")
    sign_now(agreed)
    with open_scope(agreed.ao):
        row = Judgement.objects.filter(state="submitted").first()
        reopen_judgement(
            actor=agreed.people[Role.AO_ADMIN], judgement=row, reason="Mixed up", expected_version=row.version
        )
        DeclarationPart.objects.update(
            state_since=dt.datetime(2021, 6, 18, 22, 59, tzinfo=dt.UTC)
        )  # a minute to midnight
    calendar.today = DAY_AFTER
    check_deadlines()
    with open_scope(agreed.ao):
        assert DeclarationConcern.objects.count() == 1
    sign_now(agreed)
    with open_scope(agreed.ao):
        assert Declaration.objects.order_by("pk").last().is_late


def test_the_ao_judges_with_a_reason_and_can_open_it_again(agreed, missing):
    """HOC-03: on My work until it is judged; a decision without its reason is none; who reads may not decide."""
    admin = agreed.client(Role.AO_ADMIN)
    assert "1 missing declaration to judge" in admin.get("/").content.decode()
    path = agreed.url(f"declarations/missing/{missing.pk}/")
    page = admin.post(path, {"move": "uphold", "reason": "", "expected_version": missing.version})
    assert "There is a problem" in page.content.decode()
    reader = agreed.client(Role.RESPONSIBLE_OFFICER)
    assert reader.get(path).status_code == 200
    said = {"move": "uphold", "reason": "No answer to three calls", "expected_version": missing.version}
    assert reader.post(path, said).status_code == 403
    assert admin.post(path, said).status_code == 302
    work = agreed.client(Role.INVESTIGATIONS).get("/inbox/").content.decode()
    assert "Taken further as malpractice" in work
    assert "missing declaration to judge" not in admin.get("/").content.decode()
    with open_scope(agreed.ao):
        missing.refresh_from_db()
        with pytest.raises(ReasonMissingError):
            judge_concern(
                actor=agreed.people[Role.INVESTIGATIONS], concern=missing, move="reconsider", reason="",
                expected_version=missing.version,
            )  # fmt: skip
        judge_concern(
            actor=agreed.people[Role.INVESTIGATIONS], concern=missing, move="reconsider", reason="The head was in hospital",
            expected_version=missing.version,
        )  # fmt: skip
        with pytest.raises(PermissionMissingError):
            judge_concern(
                actor=agreed.people[Role.HEAD_OF_CENTRE], concern=missing, move="dismiss", reason="Please",
                expected_version=None,
            )  # fmt: skip


def test_signing_afterwards_does_not_take_the_concern_back(agreed, missing):
    """HOC-03: the AO sees that and when it was signed, and still judges; no grade stands on the page (QTG-17)."""
    path = agreed.url(f"declarations/missing/{missing.pk}/")
    before = agreed.client(Role.AO_ADMIN).get(path).content.decode()
    assert "Not until now" in before and "results is processed" in before
    sign_now(agreed)
    check_deadlines()
    after = agreed.client(Role.AO_ADMIN).get(path).content.decode()
    assert "late" in after and "signed for now" in after
    assert agreed.client(Role.HEAD_OF_CENTRE).get(path).status_code == 403
