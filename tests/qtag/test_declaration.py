"""The head of centre's declaration, through the page (HOC-01 to HOC-04)."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.test import Client

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError, Standing
from awarding.files.serving import open_stored
from awarding.tenancy.scope import open_scope
from awarding.workflow.services import GuardedError, ReasonMissingError
from qtag.models import Declaration, DeclarationPart, Deputy, Judgement
from qtag.queries.declaration import declaration_view, digest_of
from qtag.services.deputies import DeputyError, move_deputy, name_deputy
from qtag.services.moving import move_judgements, reopen_judgement
from tests.factories import make_centre, make_standing
from tests.factories.qtags import bring_to_agreed, make_moves, make_staff, make_submission
from tests.factories.sign_in import give_totp, sign_in, totp_code
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


def test_the_password_alone_is_no_fresh_second_factor(submitted):
    """HOC-01: a browser keeps it. The head is asked for the code, comes back to the page, and signs; five minutes later again."""
    head = submitted.people[Role.HEAD_OF_CENTRE].person
    client = submitted.client(Role.HEAD_OF_CENTRE)
    asked = client.get(address(submitted))
    make_fresh(client, method="password")
    assert client.get(address(submitted)).url == asked.url
    assert asked.url.startswith("/accounts/2fa/reauthenticate/?next=")
    assert "does not do" in client.get(asked.url).content.decode()
    back = client.post(asked.url, {"code": totp_code(head)})
    assert back.status_code == 302 and back.url == address(submitted)
    assert client.get(address(submitted)).status_code == 200
    long_ago = submitted.client(Role.HEAD_OF_CENTRE)
    make_fresh(long_ago, age=301)
    assert long_ago.get(address(submitted)).status_code == 302


def test_what_was_confirmed_is_still_confirmed_after_the_code(submitted):
    """HOC-01 HOC-02: whoever read for long is asked for a code, and does not begin again; another digest begins anew."""
    client, codes = submitted.client(Role.HEAD_OF_CENTRE), CODES[:3]
    said = {code: "on" for code in codes} | {"digest": shown_digest(submitted)}
    assert client.post(address(submitted), said).status_code == 302
    make_fresh(client)
    page = client.get(address(submitted)).content.decode()
    assert page.count("checked") == 3 and declarations(submitted) == 0
    row = submitted.judgements()[0]
    with open_scope(submitted.ao):
        reopen_judgement(
            actor=submitted.people[Role.AO_ADMIN], judgement=row, reason="Mixed up", expected_version=row.version
        )
    assert client.get(address(submitted)).content.decode().count("checked") == 0


def make_fresh(client: Client, age: float = 0, method: str = "mfa") -> None:
    """As if the person of this session had just been asked once more who they are."""
    session = client.session
    record = {"method": method, "at": time.time() - age, "reauthenticated": True}
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [*session[AUTHENTICATION_METHODS_SESSION_KEY], record]
    session.save()


def test_who_has_no_second_factor_is_led_to_one_before_signing(submitted, calendar):
    """HOC-01: a deputy whose role asks for none otherwise."""
    deputy = named(submitted)
    answer(submitted, deputy, "accept")
    client = Client()
    sign_in(client, deputy.person, second_factor=False, fresh=True)
    led = client.get(address(submitted))
    assert led.status_code == 302 and led.url == "/accounts/2fa/totp/activate/"
    # The page that ends the setting up leads back to what was to be signed.
    give_totp(deputy.person)
    make_fresh(client)
    RecoveryCodes.activate(deputy.person)
    codes = client.get("/accounts/2fa/recovery-codes/").content.decode()
    assert f'href="{address(submitted)}"' in codes and "I have kept them: go on" in codes


def named(scene: Scene, last_day: dt.date = dt.date(2021, 6, 30)) -> Deputy:
    """The senior designated contact, named by the head and waiting for the AO."""
    with open_scope(scene.ao):
        person = make_standing(scene.ao, Role.SENIOR_DESIGNATED_CONTACT, scene.centre)
        scene.people[Role.SENIOR_DESIGNATED_CONTACT] = person
        head = scene.people[Role.HEAD_OF_CENTRE]
        return name_deputy(
            actor=head, centre=scene.centre, person=person.person, reason="In hospital", last_day=last_day
        )


def answer(scene: Scene, deputy: Deputy, move: str, reason: str = "Agreed by telephone") -> Deputy:
    with open_scope(scene.ao):
        return move_deputy(
            actor=scene.people[Role.AO_ADMIN], deputy=deputy, move=move, reason=reason, expected_version=deputy.version
        )


def test_a_deputy_signs_while_the_ao_accepts_them(submitted):
    """HOC-01: named by the head, accepted by the AO; not before, and not after it ended."""
    made = named(submitted)
    assert sign(submitted, Role.SENIOR_DESIGNATED_CONTACT).status_code == 404
    made = answer(submitted, made, "accept")
    assert "to sign for" in submitted.client(Role.SENIOR_DESIGNATED_CONTACT).get("/").content.decode()
    assert sign(submitted, Role.SENIOR_DESIGNATED_CONTACT).status_code == 302
    with open_scope(submitted.ao):
        signed = Declaration.objects.get()
        assert signed.signed_as == "deputy"
    answer(submitted, made, "end")
    assert sign(submitted, Role.SENIOR_DESIGNATED_CONTACT).status_code == 404
    # What they signed they can show, also afterwards; nobody else of their role opens it (QTG-17).
    client = submitted.client(Role.SENIOR_DESIGNATED_CONTACT)
    listed = client.get(submitted.url("declarations/")).content.decode()
    for path in (f"declarations/{signed.pk}/", f"declarations/{signed.pk}/document/"):
        assert path in listed and client.get(submitted.url(path)).status_code == 200
    with open_scope(submitted.ao):
        submitted.people[Role.SENIOR_DESIGNATED_CONTACT] = make_standing(
            submitted.ao, Role.SENIOR_DESIGNATED_CONTACT, submitted.centre
        )
    other = submitted.client(Role.SENIOR_DESIGNATED_CONTACT)
    assert other.get(submitted.url("declarations/")).status_code == 404
    for path in (f"declarations/{signed.pk}/", f"declarations/{signed.pk}/document/"):
        assert other.get(submitted.url(path)).status_code == 404


def test_a_deputy_who_is_refused_or_over_does_not_sign(submitted, calendar):
    """HOC-01: a refusal needs its reason and ends it; the last day is the last one."""
    made = named(submitted)
    with pytest.raises(ReasonMissingError):
        answer(submitted, made, "refuse", reason=" ")
    answer(submitted, made, "refuse")
    assert sign(submitted, Role.SENIOR_DESIGNATED_CONTACT).status_code == 404
    with open_scope(submitted.ao):
        again = name_deputy(
            actor=submitted.people[Role.HEAD_OF_CENTRE], centre=submitted.centre, reason="Still in hospital",
            person=submitted.people[Role.SENIOR_DESIGNATED_CONTACT].person, last_day=dt.date(2021, 6, 10),
        )  # fmt: skip
    answer(submitted, again, "accept")
    calendar.today = dt.date(2021, 6, 11)
    assert sign(submitted, Role.SENIOR_DESIGNATED_CONTACT).status_code == 404
    calendar.today = dt.date(2021, 6, 10)
    assert sign(submitted, Role.SENIOR_DESIGNATED_CONTACT).status_code == 302


def test_nobody_accepts_themselves_as_deputy(submitted):
    """HOC-01: one of the centre's people who also decides at the AO; a colleague's answer holds, and not for days past."""
    with open_scope(submitted.ao):
        head, contact = submitted.people[Role.HEAD_OF_CENTRE], submitted.people[Role.QUALITY_CONTACT]
        made = name_deputy(
            actor=head, centre=submitted.centre, person=contact.person, reason="Ill", last_day=dt.date(2021, 6, 30)
        )
        said = {"deputy": made, "move": "accept", "reason": "", "expected_version": made.version}
        with pytest.raises(GuardedError, match="the deputy who is named"):
            move_deputy(actor=make_standing(submitted.ao, Role.AO_ADMIN, person=contact.person), **said)
        Deputy.objects.update(last_day=dt.date(2021, 5, 31))
        with pytest.raises(GuardedError, match="has passed"):
            move_deputy(actor=submitted.people[Role.AO_ADMIN], **said)
        assert Deputy.objects.get().state == "named"
        Deputy.objects.update(last_day=dt.date(2021, 6, 1))
        assert move_deputy(actor=submitted.people[Role.AO_ADMIN], **said).state == "accepted"


def test_only_the_head_names_and_only_people_of_the_centre(submitted):
    """HOC-01: not the contact; nobody from elsewhere, nobody twice, not for days that are past."""
    made = named(submitted)
    with open_scope(submitted.ao):
        stranger = make_standing(submitted.ao, Role.TEACHER, make_centre("Elsewhere"))
        head, contact = submitted.people[Role.HEAD_OF_CENTRE], submitted.people[Role.QUALITY_CONTACT]
        said = {"centre": submitted.centre, "reason": "Ill", "last_day": dt.date(2021, 6, 30)}
        with pytest.raises(PermissionMissingError):
            name_deputy(actor=contact, person=contact.person, **said)
        for person in (stranger.person, made.person, head.person):
            with pytest.raises(DeputyError):
                name_deputy(actor=head, person=person, **said)
        with pytest.raises(DeputyError):
            name_deputy(actor=head, person=contact.person, **(said | {"last_day": dt.date(2021, 5, 31)}))
    assert submitted.client(Role.QUALITY_CONTACT).get(submitted.url("declarations/deputies/")).status_code == 403


def test_deputies_are_named_and_answered_on_their_pages(submitted):
    """HOC-01: the head's form, the AO's My work and answer; the AO cannot accept for days that are past."""
    head, admin = submitted.client(Role.HEAD_OF_CENTRE), submitted.client(Role.AO_ADMIN)
    contact = submitted.people[Role.QUALITY_CONTACT].person
    said = {"who": f"{submitted.centre.pk}-{contact.pk}", "last_day": "2021-06-30", "reason": ""}
    assert "There is a problem" in head.post(submitted.url("declarations/deputies/name/"), said).content.decode()
    page = head.post(submitted.url("declarations/deputies/name/"), said | {"reason": "Away"})
    assert page.status_code == 302
    assert "1 deputy waits for your answer" in admin.get("/").content.decode()
    with open_scope(submitted.ao):
        version = Deputy.objects.get().version
    assert admin.post(page.url, {"move": "accept", "expected_version": version}).status_code == 302
    stale = admin.post(page.url, {"move": "end", "reason": "No", "expected_version": version})
    assert stale.status_code == 409
    with open_scope(submitted.ao):
        assert Deputy.objects.get().state == "accepted"


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
    assert submitted.client(Role.AO_ADMIN).get(path).status_code == 404
    assert "PDF" not in submitted.client(Role.AO_ADMIN).get(submitted.url("declarations/")).content.decode()
    assert isinstance(submitted.people[Role.AO_ADMIN], Standing)


def test_learners_submitted_after_the_signature_are_signed_for_anew(agreed):
    """HOC-04: what the head signed did not cover them, so that part alone is void and stands on My work."""
    contact = agreed.people[Role.QUALITY_CONTACT]
    with open_scope(agreed.ao):
        first, *rest = Judgement.objects.filter(submission=agreed.submission).order_by("pk")
        said = {"actor": contact, "submission": agreed.submission, "move": "submit"}
        move_judgements(**said, judgement_ids=[first.pk], versions={first.pk: first.version})
    assert sign(agreed).status_code == 302 and parts(agreed) == ["covering"]
    with open_scope(agreed.ao):
        move_judgements(**said, judgement_ids=[row.pk for row in rest], versions={row.pk: row.version for row in rest})
    assert parts(agreed) == ["voided"]
    assert "no longer covers everything" in agreed.client(Role.HEAD_OF_CENTRE).get("/").content.decode()
    assert sign(agreed).status_code == 302 and parts(agreed) == ["voided", "covering"]


def test_the_page_says_what_the_signature_does_not_cover(submitted):
    """HOC-01: a qualification of which nothing is submitted is named with its learners; it is no part of what is bound."""
    digest = shown_digest(submitted)
    with open_scope(submitted.ao):
        other = make_submission(submitted.centre, submitted.people[Role.QUALITY_CONTACT], learners=2)
    page = submitted.client(Role.HEAD_OF_CENTRE, fresh=True).get(address(submitted)).content.decode()
    assert f"{other.qualification}</a>: 2 learners" in page
    assert shown_digest(submitted) == digest
    with open_scope(submitted.ao):
        Judgement.objects.filter(submission=other).update(is_certificating=False)
    page = submitted.client(Role.HEAD_OF_CENTRE, fresh=True).get(address(submitted)).content.decode()
    assert "does not cover" not in page
