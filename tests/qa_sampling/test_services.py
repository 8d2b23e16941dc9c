"""External verification through its services: who may, what is asked, what goes on and what comes back."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.files.storage import default_storage

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError
from awarding.files.content import UnacceptableFileError
from awarding.files.serving import open_stored
from awarding.notices.models import Notice
from awarding.tenancy.scope import current_ao, open_scope
from awarding.workflow.services import GuardedError, ReasonMissingError, StalePageError
from centres.models import DeclaredInterest
from mitigations.models import Claim, ClaimCell
from qa_sampling.models import Allocation, EvidenceFile, SamplePick
from qa_sampling.services.allocation import allocate_claim, take_back_claim
from qa_sampling.services.evidence import add_evidence, remove_evidence
from qa_sampling.services.sample import (
    NothingClaimedError,
    decide_cells,
    decide_piece,
    pick_piece,
    request_evidence,
    swap_piece,
)
from qa_sampling.services.verification import finish_verification
from tests.factories import make_ao, make_standing
from tests.factories.verification import Scene, make_allocated, make_scene

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


@pytest.fixture
def ao():
    ao = make_ao("aim")
    with open_scope(ao):
        yield ao


@pytest.fixture
def scene(ao) -> Scene:
    return make_allocated(ao)


def pick(scene: Scene, learner: int = 0, unit: int = 0, **more) -> SamplePick:
    return pick_piece(
        actor=scene.verifier, claim=scene.claim, learner=scene.learner(learner), unit=scene.unit(unit), **more
    )


def send(scene: Scene, piece: SamplePick, name: str = "work.pdf", content: bytes = PDF) -> EvidenceFile:
    return add_evidence(actor=scene.contact, pick=piece, handle=io.BytesIO(content), name=name, size=len(content))


def stored_names() -> set[str]:
    """Names of the evidence whose bytes lie in the storage, whether or not a row points to them."""
    folder = f"{current_ao().pk}/evidence"
    return set(default_storage.listdir(folder)[1]) if default_storage.exists(folder) else set()


def test_clm_09_an_allocated_claim_is_with_its_verifier_and_both_are_told(scene):
    """CLM-09: the claim is with its verifier, and both sides know."""
    assert scene.claim.state == "allocated"
    assert Allocation.objects.get().verifier == scene.verifier.person
    told = set(Notice.objects.values_list("person_id", flat=True))
    assert {scene.verifier.person.pk, scene.contact.person.pk} <= told


def test_smp_10_a_verifier_with_a_declared_interest_is_not_allocated(ao):
    scene = make_scene(ao)
    DeclaredInterest.objects.create(person=scene.verifier.person, centre=scene.centre, nature="Works there")
    with pytest.raises(GuardedError) as caught:
        allocate_claim(actor=scene.admin, claim=scene.claim, verifier=scene.verifier.person)
    assert [f.rule for f in caught.value.findings] == ["SMP-10"]
    scene.claim.refresh_from_db()
    assert scene.claim.state == "unallocated" and not Allocation.objects.exists()


def test_smp_10_an_ended_interest_no_longer_stands_in_the_way(ao):
    scene = make_scene(ao)
    DeclaredInterest.objects.create(
        person=scene.verifier.person, centre=scene.centre, nature="Worked there", ended_at=dt.datetime.now(dt.UTC)
    )
    allocate_claim(actor=scene.admin, claim=scene.claim, verifier=scene.verifier.person)
    assert Allocation.objects.count() == 1


def test_somebody_who_is_no_verifier_here_cannot_be_allocated(ao):
    scene = make_scene(ao)
    with pytest.raises(GuardedError):
        allocate_claim(actor=scene.admin, claim=scene.claim, verifier=scene.contact.person)


def test_only_an_admin_allocates(ao):
    scene = make_scene(ao)
    with pytest.raises(PermissionMissingError):
        allocate_claim(actor=scene.contact, claim=scene.claim, verifier=scene.verifier.person)


def test_a_claim_taken_back_waits_again_and_its_verifier_is_locked_out(scene):
    take_back_claim(actor=scene.admin, claim=scene.claim, reason="On leave")
    scene.claim.refresh_from_db()
    assert scene.claim.state == "unallocated"
    with pytest.raises(PermissionMissingError):
        pick(scene)


def test_a_verifier_goes_on_seeing_what_they_verified_and_not_what_was_taken_back(ao, scene):
    from mitigations.queries.claims import visible_claims

    decide_piece(actor=scene.verifier, pick=pick(scene), verdict="accepted")
    finish_verification(actor=scene.verifier, claim=scene.claim)
    assert list(visible_claims(scene.verifier)) == [scene.claim]
    other = make_allocated(ao)
    take_back_claim(actor=other.admin, claim=other.claim, reason="On leave")
    assert list(visible_claims(other.verifier)) == []


def test_another_verifier_cannot_touch_the_sample(ao, scene):
    stranger = make_standing(ao, Role.EXTERNAL_VERIFIER)
    with pytest.raises(PermissionMissingError):
        pick_piece(actor=stranger, claim=scene.claim, learner=scene.learner(0), unit=scene.unit(0))


def test_picking_the_same_piece_twice_picks_it_once(scene):
    assert pick(scene).pk == pick(scene).pk
    assert SamplePick.objects.count() == 1


def test_a_cell_without_a_claim_cannot_be_sampled(scene):
    ClaimCell.objects.filter(learner=scene.learner(1), unit=scene.unit(1)).update(value="")
    with pytest.raises(NothingClaimedError):
        pick(scene, 1, 1)


def test_smp_06_a_swap_keeps_both_pieces_and_the_reason(scene):
    """SMP-06: swapped with a reason, both stay on record; without one it is refused."""
    first = pick(scene)
    with pytest.raises(ReasonMissingError):
        swap_piece(actor=scene.verifier, pick=first, learner=scene.learner(1), unit=scene.unit(0), reason=" ")
    second = swap_piece(
        actor=scene.verifier, pick=first, learner=scene.learner(1), unit=scene.unit(0), reason="The folder is locked in"
    )
    first.refresh_from_db()
    assert (first.verdict, first.verdict_reason, second.replaces_id) == ("swapped", "The folder is locked in", first.pk)


def test_smp_07_evidence_is_asked_for_once_by_a_date_and_the_centre_is_told(scene):
    """SMP-07: asked for by a date, and told once."""
    pick(scene)
    due = dt.date(2026, 12, 1)
    assert request_evidence(actor=scene.verifier, claim=scene.claim, due_on=due) == 1
    assert request_evidence(actor=scene.verifier, claim=scene.claim, due_on=due) == 0
    subjects = Notice.objects.filter(person=scene.contact.person).values_list("subject", flat=True)
    assert sum("1 December 2026" in s for s in subjects) == 1


def test_evidence_that_nobody_asked_for_is_refused(scene):
    """SMP-07, refused: what nobody asked for is not taken."""
    with pytest.raises(StalePageError):
        send(scene, pick(scene))


def test_qtg_19_a_file_taken_out_by_mistake_stays_on_record_with_its_bytes(scene):
    piece = pick(scene)
    request_evidence(actor=scene.verifier, claim=scene.claim, due_on=dt.date(2026, 12, 1))
    evidence = send(scene, piece)
    remove_evidence(actor=scene.contact, evidence=evidence)
    evidence.refresh_from_db()
    assert evidence.removed_by == scene.contact.person
    assert open_stored(evidence.file) == PDF


def test_the_same_file_twice_is_kept_once_and_a_mistake_can_be_taken_out(scene):
    piece = pick(scene)
    request_evidence(actor=scene.verifier, claim=scene.claim, due_on=dt.date(2026, 12, 1))
    first = send(scene, piece)
    stored = stored_names()
    assert send(scene, piece, name="again.pdf").pk == first.pk
    assert stored_names() == stored and len(stored) == 1
    remove_evidence(actor=scene.contact, evidence=first)
    assert EvidenceFile.objects.filter(removed_at=None).count() == 0 and EvidenceFile.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("work.pdf", b"", "empty"),
        ("work.pdf", b"MZ\x90\x00 a program", "though its name ends in .pdf"),
        ("work.pdf", PDF[:20], "cut short"),
        ("work.docx", PDF, "named as something else"),
        ("page.html", b"<html><script>alert(1)</script>", "not of a kind"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not of a kind"),
        ("cut.docx", b"PK\x03\x04 and then nothing", "damaged"),
    ],
)
def test_a_file_is_taken_by_what_it_is_not_by_its_name(scene, name, content, says):
    piece = pick(scene)
    request_evidence(actor=scene.verifier, claim=scene.claim, due_on=dt.date(2026, 12, 1))
    with pytest.raises(UnacceptableFileError, match=says):
        send(scene, piece, name=name, content=content)
    assert not EvidenceFile.objects.exists()


def test_a_file_over_the_limit_is_refused_with_the_limit(scene, settings):
    settings.EVIDENCE_MAX_BYTES = 10
    piece = pick(scene)
    request_evidence(actor=scene.verifier, claim=scene.claim, due_on=dt.date(2026, 12, 1))
    with pytest.raises(UnacceptableFileError, match="at most"):
        send(scene, piece)


def test_a_return_needs_a_reason_and_reaches_only_its_cell(scene):
    piece = pick(scene)
    with pytest.raises(ReasonMissingError):
        decide_piece(actor=scene.verifier, pick=piece, verdict="returned")
    decide_piece(actor=scene.verifier, pick=piece, verdict="returned", reason="No witness statement")
    assert ClaimCell.objects.filter(verdict="returned").count() == 1
    assert ClaimCell.objects.get(verdict="returned").verdict_reason == "No witness statement"


def test_a_whole_learner_or_unit_can_be_returned_while_the_rest_goes_on(scene):
    decide_cells(
        actor=scene.verifier, claim_id=scene.claim.pk, verdict="returned", reason="Late", learner_id=scene.learner(0).pk
    )
    assert set(ClaimCell.objects.filter(verdict="returned").values_list("learner_id", flat=True)) == {
        scene.learner(0).pk
    }
    assert ClaimCell.objects.filter(verdict="open").count() == 2


def test_smp_06_verification_cannot_end_without_a_sample_or_with_an_open_piece(scene):
    """SMP-06, refused: an end without a sample, or with a piece that nobody decided."""
    with pytest.raises(GuardedError, match="sampled"):
        finish_verification(actor=scene.verifier, claim=scene.claim)
    pick(scene)
    with pytest.raises(GuardedError, match="not decided"):
        finish_verification(actor=scene.verifier, claim=scene.claim)
    scene.claim.refresh_from_db()
    assert scene.claim.state == "allocated"


def test_what_is_returned_becomes_a_claim_of_its_own_and_the_rest_goes_on(scene):
    piece = pick(scene)
    decide_piece(actor=scene.verifier, pick=piece, verdict="returned", reason="Unit 1 is thin")
    verified, follow_on = finish_verification(actor=scene.verifier, claim=scene.claim)
    assert verified.state == "verified"
    assert ClaimCell.objects.filter(claim=verified, verdict="accepted").count() == 3
    assert follow_on is not None and follow_on.continues_id == verified.pk and follow_on.state == "drafted"
    assert follow_on.number != verified.number
    assert [c.value for c in ClaimCell.objects.filter(claim=follow_on)] == ["Pass"]
    assert follow_on.learners.count() == 1 and follow_on.units.count() == 1


def test_when_all_is_accepted_there_is_no_second_claim_and_finishing_twice_is_harmless(scene):
    decide_piece(actor=scene.verifier, pick=pick(scene), verdict="accepted")
    verified, follow_on = finish_verification(actor=scene.verifier, claim=scene.claim)
    assert verified.state == "verified" and follow_on is None
    with pytest.raises(PermissionMissingError):
        finish_verification(actor=scene.verifier, claim=scene.claim)
    assert Claim.objects.count() == 1
