"""Appeals: stage by stage, in time, by somebody who took no part, with everything kept together."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError
from awarding.files.content import UnacceptableFileError
from awarding.files.serving import open_stored
from awarding.jobs.models import Job
from awarding.notices.models import Notice
from awarding.tenancy.scope import open_scope
from awarding.workflow.queries import history
from awarding.workflow.services import GuardedError, ReasonMissingError, StalePageError, apply_transition
from awarding.working_days import add_working_days
from centres.models import DeclaredInterest
from demonstration.claims import evidence_pdf
from mitigations.models import Appeal, AppealStage, Claim, EvidenceEntry, PanelDecision
from mitigations.queries.appeals import way_to_appeal
from mitigations.services import appeals as service
from mitigations.services.bundles import ask_for_bundle
from mitigations.services.panel import decide_claim
from mitigations.tasks import end_appeals
from mitigations.workflow import CLAIM
from qtag.queries.retention import retention_facts
from tests.factories import make_centre, make_claim, make_standing
from tests.factories.filling import fill_and_submit
from tests.factories.results import run_job
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db
GROUNDS = "The panel says that nothing was begun. The logs show otherwise."
TODAY = timezone.localdate


@pytest.fixture
def admin(aim):
    with open_scope(aim):
        return make_standing(aim, Role.AO_ADMIN)


@pytest.fixture
def stages(aim, admin):
    with open_scope(aim):
        return [
            service.save_stage(actor=admin, name="Review", position=1, lodge_days=10, answer_days=5),
            service.save_stage(actor=admin, name="Appeal board", position=2, lodge_days=7, answer_days=20),
        ]


@pytest.fixture
def decision(aim, centre, contact, member, stages) -> PanelDecision:
    """A claim that the panel has found insufficient, and told so."""
    with open_scope(aim):
        claim = fill_and_submit(make_claim(centre, contact), contact)
        decide_claim(
            actor=member, claim=claim, verdict="insufficient", reasons="Nothing was begun.", next_step="Send the logs",
            next_step_due=TODAY() + dt.timedelta(days=9), expected_version=claim.version,
        )  # fmt: skip
        return PanelDecision.objects.select_related("claim__centre").get()


@pytest.fixture
def lodged(scope, decision, contact) -> Appeal:
    return service.lodge_appeal(actor=contact, decision=decision, grounds=GROUNDS)


def answer(appeal, actor, verdict="not_upheld", reasons="The logs are of another unit."):
    current = Appeal.objects.get(pk=appeal.pk)
    return service.answer_appeal(
        actor=actor, appeal=current, answer=verdict, reasons=reasons, expected_version=current.version
    )


def test_clm_15_an_appeal_is_lodged_with_its_grounds_stage_and_day(lodged, decision, admin, stages):
    assert (lodged.state, lodged.decision, lodged.stage) == ("lodged", decision, stages[0])
    assert lodged.due_on == add_working_days(TODAY(), 5)
    assert lodged.rounds.get().grounds == GROUNDS
    assert Claim.objects.get(pk=lodged.claim_id).state == "returned"
    assert Notice.objects.filter(person=admin.person, body=GROUNDS).exists()


def test_clm_15_the_last_day_is_in_time_and_the_next_is_refused_with_what_to_do(scope, decision, contact, monkeypatch):
    last = add_working_days(timezone.localdate(decision.told_at), 10)
    noon = dt.datetime.combine(last, dt.time(12), tzinfo=dt.UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: noon + dt.timedelta(days=1))
    with pytest.raises(GuardedError) as refused:
        service.lodge_appeal(actor=contact, decision=decision, grounds=GROUNDS)
    finding = refused.value.findings[0]
    assert (finding.rule, finding.code) == ("CLM-15", "late") and "Ask about this eRAC" in str(finding.fix)
    assert not Appeal.objects.exists()
    monkeypatch.setattr("django.utils.timezone.now", lambda: noon)
    assert service.lodge_appeal(actor=contact, decision=decision, grounds=GROUNDS).pk


def test_what_is_due_first_stands_first_whosever_day_it_is(
    client, aim, decision, centre, contact, member, other_member, admin, stages
):
    with open_scope(aim):
        waits = service.lodge_appeal(actor=contact, decision=decision, grounds=GROUNDS)
        claim = fill_and_submit(make_claim(centre, contact), contact)
        decide_claim(
            actor=member, claim=claim, verdict="insufficient", reasons="Nothing was begun.", next_step="Send the logs",
            next_step_due=TODAY() + dt.timedelta(days=9), expected_version=claim.version,
        )  # fmt: skip
        answered = service.lodge_appeal(
            actor=contact, decision=PanelDecision.objects.get(claim=claim), grounds=GROUNDS
        )  # fmt: skip
        answer(answered, other_member)
    sign_in(client, admin.person)
    for days, order in ((1, [answered, waits]), (90, [waits, answered])):
        with open_scope(aim):
            Appeal.objects.filter(pk=answered.pk).update(next_lodge_by=TODAY() + dt.timedelta(days=days))
        page = client.get(reverse("mitigations:appeals", args=["aim"])).content.decode()
        assert sorted((appeal.number for appeal in order), key=page.index) == [appeal.number for appeal in order]


def test_clm_15_without_grounds_or_stages_or_twice_there_is_no_appeal(scope, decision, contact):
    with pytest.raises(ReasonMissingError):
        service.lodge_appeal(actor=contact, decision=decision, grounds=" ")
    AppealStage.objects.update(dropped_at=timezone.now())
    assert [f.code for f in way_to_appeal(decision).findings] == ["no_stages"]
    AppealStage.objects.update(dropped_at=None)
    service.lodge_appeal(actor=contact, decision=decision, grounds=GROUNDS)
    with pytest.raises(GuardedError, match="already"):
        service.lodge_appeal(actor=contact, decision=decision, grounds=GROUNDS)


def test_nothing_to_appeal_against_in_a_sufficient_decision(scope, centre, contact, member, stages):
    claim = fill_and_submit(make_claim(centre, contact), contact)
    decide_claim(actor=member, claim=claim, verdict="sufficient", reasons="Fine", expected_version=claim.version)
    assert [f.code for f in way_to_appeal(PanelDecision.objects.get()).findings] == ["sufficient"]


def test_the_voices_of_the_centre_appeal_and_nobody_else(aim, scope, decision, centre, member):
    others = [
        make_standing(aim, Role.TEACHER, centre),
        make_standing(aim, Role.QUALITY_CONTACT, make_centre("Other")),
        member,
    ]
    for other in others:
        with pytest.raises(PermissionMissingError):
            service.lodge_appeal(actor=other, decision=decision, grounds=GROUNDS)
    head = make_standing(aim, Role.HEAD_OF_CENTRE, centre)
    assert service.lodge_appeal(actor=head, decision=decision, grounds=GROUNDS).pk


def test_clm_15_who_took_the_decision_does_not_answer_the_appeal(lodged, member, other_member):
    with pytest.raises(GuardedError) as refused:
        answer(lodged, member)
    assert [finding.rule for finding in refused.value.findings] == ["CLM-15"]
    assert answer(lodged, other_member).state == "not_upheld"


def test_clm_08_nor_does_who_has_an_interest_in_the_centre(lodged, other_member, centre):
    DeclaredInterest.objects.create(person=other_member.person, centre=centre, nature="Governor")
    with pytest.raises(GuardedError) as refused:
        answer(lodged, other_member)
    assert [finding.rule for finding in refused.value.findings] == ["CLM-08"]


def test_clm_15_who_answered_one_stage_does_not_answer_the_next(lodged, contact, other_member, admin):
    answered = answer(lodged, other_member)
    assert answered.next_lodge_by == add_working_days(TODAY(), 7) and answered.due_on is None
    again = service.take_to_next_stage(
        actor=contact, appeal=answered, grounds="Look at page 4.", expected_version=answered.version
    )
    assert (again.state, again.stage.name, again.due_on) == ("lodged", "Appeal board", add_working_days(TODAY(), 20))
    with pytest.raises(GuardedError, match="earlier stage"):
        answer(again, other_member)
    ended = answer(again, admin)
    # The last stage: nothing follows, and the appeal ends by itself.
    assert ended.state == "closed" and [turn.answer for turn in ended.rounds.all()] == ["not_upheld", "not_upheld"]
    moves = [event.transition for event in history(ended)]
    assert moves == ["lodge", "not_uphold", "go_on", "not_uphold", "end"]


@pytest.mark.parametrize(("verdict", "state"), [("upheld", "upheld"), ("partly_upheld", "partly_upheld")])
def test_clm_15_an_upheld_appeal_sends_the_claim_back_to_its_place_in_the_queue(lodged, other_member, verdict, state):
    before = Claim.objects.get(pk=lodged.claim_id)
    assert answer(lodged, other_member, verdict, "The logs are of this unit.").state == state
    claim = Claim.objects.get(pk=lodged.claim_id)
    assert (claim.state, claim.queued_at) == ("queued", before.queued_at)
    event = history(claim)[-1]
    assert event.transition == "reconsider" and lodged.number in event.reason
    assert PanelDecision.objects.count() == 1


def test_clm_15_a_claim_that_moved_on_meanwhile_stays_where_it_is(lodged, contact, other_member):
    claim = Claim.objects.get(pk=lodged.claim_id)
    apply_transition(CLAIM, claim, "withdraw", actor=contact, reason="Next year")
    assert answer(lodged, other_member, "upheld", "Right").state == "upheld"
    assert Claim.objects.get(pk=lodged.claim_id).state == "withdrawn"


def test_an_answer_needs_reasons_and_comes_once(lodged, other_member, admin):
    with pytest.raises(ReasonMissingError):
        answer(lodged, other_member, reasons=" ")
    version = Appeal.objects.get(pk=lodged.pk).version
    answer(lodged, other_member)
    with pytest.raises(StalePageError):
        service.answer_appeal(actor=admin, appeal=lodged, answer="upheld", reasons="Yes", expected_version=version)
    assert Claim.objects.get(pk=lodged.claim_id).state == "returned"


def test_clm_15_the_next_stage_is_taken_in_time_or_the_appeal_ends_by_itself(aim, decision, contact, other_member):
    with open_scope(aim):
        lodged = service.lodge_appeal(actor=contact, decision=decision, grounds=GROUNDS)
        answered = answer(lodged, other_member)
    end_appeals()
    with open_scope(aim):
        assert Appeal.objects.get().state == "not_upheld"
        Appeal.objects.update(next_lodge_by=TODAY() - dt.timedelta(days=1))
        with pytest.raises(GuardedError) as refused:
            service.take_to_next_stage(
                actor=contact, appeal=answered, grounds="Late", expected_version=answered.version
            )
        assert refused.value.findings[0].code == "late"
    for _round in range(2):
        end_appeals()
    with open_scope(aim):
        assert Appeal.objects.get().state == "closed"
        assert [event.process for event in history(answered) if event.transition == "end"] == ["appeals"]


def test_what_has_ended_is_due_by_nobody(aim, client, decision, contact, other_member):
    """CLM-15: the day to go on is late once it is over, and is no more when the appeal has ended by itself."""
    with open_scope(aim):
        lodged = service.lodge_appeal(actor=contact, decision=decision, grounds=GROUNDS)
        answer(lodged, other_member)
        Appeal.objects.update(next_lodge_by=TODAY() - dt.timedelta(days=1))
    sign_in(client, contact.person)
    page = reverse("mitigations:appeal", args=["aim", lodged.pk])
    assert "Was due by" in client.get(page).content.decode()
    end_appeals()
    assert "Was due by" not in client.get(page).content.decode()


def test_the_centre_accepts_or_withdraws(scope, lodged, contact, other_member):
    answered = answer(lodged, other_member)
    assert service.accept_answer(actor=contact, appeal=answered, expected_version=answered.version).state == "closed"


def test_a_withdrawn_appeal_is_not_lodged_again(scope, lodged, contact, decision):
    with pytest.raises(ReasonMissingError):
        service.withdraw_appeal(actor=contact, appeal=lodged, reason="", expected_version=lodged.version)
    service.withdraw_appeal(actor=contact, appeal=lodged, reason="Settled", expected_version=lodged.version)
    with pytest.raises(GuardedError, match="already"):
        service.lodge_appeal(actor=contact, decision=decision, grounds=GROUNDS)


def add(appeal, actor, name, content):
    return service.add_appeal_file(actor=actor, appeal=appeal, handle=io.BytesIO(content), name=name, size=len(content))


def test_files_are_judged_by_content_kept_once_and_taken_until_the_answer(lodged, contact, other_member):
    with pytest.raises(UnacceptableFileError):
        add(lodged, contact, "logs.pdf", b"MZ a program")
    first = add(lodged, contact, "logs.pdf", evidence_pdf("APL", "Logs"))
    assert add(lodged, contact, "again.pdf", evidence_pdf("APL", "Logs")) == first
    answer(lodged, other_member)
    with pytest.raises(StalePageError):
        add(lodged, contact, "late.pdf", evidence_pdf("APL", "Late"))


def test_clm_15_the_bundle_keeps_decision_reasons_and_evidence_together(aim, decision, contact, other_member):
    with open_scope(aim):
        appeal = service.lodge_appeal(actor=contact, decision=decision, grounds=GROUNDS)
        EvidenceEntry.objects.filter(claim=appeal.claim).update(
            evidence_types=["classwork"], is_reachable=False, reach_reason="Locked in the studio"
        )
        add(appeal, contact, "logs.pdf", evidence_pdf("ZZLOGS", "Logs"))
        add(appeal, contact, "damaged.pdf", b"%PDF-1.7\nnot really\n%%EOF\n")
        picture = add(appeal, contact, "photo.png", b"\x89PNG\r\n\x1a\n" + b"0" * 50)
        answer(appeal, other_member, "upheld", "The logs are of this unit.")
        job = ask_for_bundle(actor=contact, appeal=Appeal.objects.get())
    done = run_job(job)
    assert done.state == "succeeded", done.fault
    with open_scope(aim):
        kept = Appeal.objects.select_related("bundle").get()
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(open_stored(kept.bundle))).pages]
        text = " ".join(" ".join(pages).split())
        number, learner = kept.number, str(kept.claim.learners.first().registration.learner.full_name)
        assert ask_for_bundle(actor=contact, appeal=kept).pk != job.pk
    for words in (
        number,
        "Nothing was begun.",
        GROUNDS,
        "The logs are of this unit.",
        learner,
        picture.file.sha256[:32],
        "Classwork or homework; out of reach (Locked in the studio)",
    ):
        assert words in text, words
    assert "ZZLOGS" in pages[-1]  # the file itself follows
    assert "It cannot be read here" in text and "Not a PDF" in text
    assert len(done.result["faults"]) == 2


def test_the_same_bundle_made_twice_is_made_once(aim, decision, contact):
    with open_scope(aim):
        appeal = service.lodge_appeal(actor=contact, decision=decision, grounds=GROUNDS)
        jobs = [ask_for_bundle(actor=contact, appeal=appeal)]
    run_job(jobs[0])
    with open_scope(aim):
        first = Appeal.objects.get().bundle_id
        jobs.append(ask_for_bundle(actor=contact, appeal=appeal))
    assert run_job(jobs[1]).result_file_id == first
    with open_scope(aim):
        assert Job.objects.count() == 2 and Appeal.objects.get().bundle_id == first


def test_clm_15_from_the_claims_page_to_the_answer(aim, client, decision, contact, other_member, member):
    def url(name, **kwargs):
        return reverse(f"mitigations:{name}", kwargs={"ao": "aim", **kwargs})

    sign_in(client, contact.person)
    lodge = url("lodge_appeal", decision_id=decision.pk)
    assert lodge in client.get(url("claim", claim_id=decision.claim_id)).content.decode()
    assert "Review" in client.get(lodge).content.decode()
    upload = SimpleUploadedFile("logs.pdf", evidence_pdf("APL", "Logs"), content_type="application/pdf")
    sent = client.post(lodge, {"grounds": GROUNDS, "file": upload})
    assert sent.status_code == 302
    with open_scope(aim):
        appeal = Appeal.objects.get()
        file = appeal.rounds.get().files.get()
    shown = client.get(sent["Location"]).content.decode()
    assert "logs.pdf" in shown and "Appeal board" not in shown
    path = url("appeal_file", appeal_id=appeal.pk, appeal_file_id=file.pk)
    assert b"".join(client.get(path).streaming_content).startswith(b"%PDF")
    sign_in(client, member.person)
    refused = client.get(sent["Location"])
    assert refused.context["answer_form"] is None and "took no part" in refused.content.decode()
    sign_in(client, other_member.person)
    form = {"answer": "not_upheld", "reasons": "Another unit.", "expected_version": str(appeal.version)}
    answer_url = url("answer_appeal", appeal_id=appeal.pk)
    assert client.post(answer_url, form).status_code == 302
    assert client.post(answer_url, form).status_code == 409
    sign_in(client, contact.person)
    again = client.get(sent["Location"])
    assert "Another unit." in again.content.decode() and "Appeal board" in again.content.decode()
    form = {"grounds": "Page 4", "expected_version": str(again.context["appeal"].version)}
    assert client.post(url("next_stage", appeal_id=appeal.pk), form).status_code == 302
    with open_scope(aim):
        stranger = make_standing(aim, Role.QUALITY_CONTACT, make_centre("Elsewhere"))
    sign_in(client, stranger.person)
    assert client.get(sent["Location"]).status_code == 404 and client.get(path).status_code == 404
    assert client.get(lodge).status_code == 404


def test_a_late_appeal_is_led_to_an_enquiry_on_the_page(aim, client, decision, contact):
    sign_in(client, contact.person)
    with open_scope(aim):
        AppealStage.objects.update(dropped_at=timezone.now())
    shown = client.get(reverse("mitigations:lodge_appeal", kwargs={"ao": "aim", "decision_id": decision.pk}))
    assert "/rules/CLM-15/" in shown.content.decode() and decision.claim.number in shown.context["ask_url"]


def test_the_admin_sets_the_stages(aim, client, admin, stages):
    sign_in(client, admin.person)
    page = reverse("mitigations:appeal_stages", kwargs={"ao": "aim"})
    form = {"name": "Independent review", "position": "3", "lodge_days": "15", "answer_days": "30"}
    assert client.post(page, form | {"lodge_days": "0"}).context["form"].errors
    client.post(page, form)
    with open_scope(aim):
        third = AppealStage.objects.get(position=3)
    one = reverse("mitigations:appeal_stage", kwargs={"ao": "aim", "stage_id": third.pk})
    client.post(one, form | {"answer_days": "40"})
    client.post(reverse("mitigations:drop_stage", kwargs={"ao": "aim", "stage_id": stages[0].pk}))
    with open_scope(aim):
        third.refresh_from_db()
        assert third.answer_days == 40 and AppealStage.objects.get(pk=stages[0].pk).dropped_at is not None


def test_qtg_19_an_appeal_holds_its_learners_evidence_until_it_has_ended(lodged, decision, contact, other_member):
    """QTG-19: by its number while it goes on, to the day of its end after it; a learner of another claim is not held."""
    learners = list(decision.claim.learners.values_list("registration", flat=True))
    beside = make_claim(lodged.centre, contact).learners.values_list("registration", flat=True)
    found = retention_facts([*learners, *beside])
    assert {str(case.label) for pk in learners for case in found[pk].cases} == {f"appeal {lodged.number}"}
    assert {case.ended_on for pk in learners for case in found[pk].cases} == {None}
    assert not any(found[pk].cases for pk in beside)
    answer(lodged, other_member, "upheld")
    ended = {case.ended_on for facts in retention_facts(learners).values() for case in facts.cases}
    assert ended == {TODAY()}
