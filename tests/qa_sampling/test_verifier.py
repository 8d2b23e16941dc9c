"""What the verifier and who allocates meet: all or nothing of a sample, when one may finish, who came first."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from awarding.tenancy.scope import open_scope
from awarding.workflow.services import apply_transition
from mitigations.models import Claim
from mitigations.workflow import CLAIM
from qa_sampling.models import SamplePick
from qa_sampling.queries import claims_to_allocate
from qa_sampling.services.allocation import allocate_claim, take_back_claim
from qa_sampling.services.sample import NothingClaimedError, decide_piece, pick_piece, pick_pieces
from qa_sampling.worklist import verification_work
from tests.factories import make_ao
from tests.factories.sign_in import sign_in
from tests.factories.verification import fill_claim, make_allocated, make_claim

pytestmark = pytest.mark.django_db


@pytest.fixture
def aim(db):
    return make_ao("aim")


@pytest.fixture
def scene(aim):
    with open_scope(aim):
        return make_allocated(aim)


def page_of(client, scene):
    sign_in(client, scene.verifier.person)
    url = reverse("qa_sampling:sample", kwargs={"ao": scene.ao.slug, "claim_id": scene.claim.pk})
    return client.get(url).content.decode()


def test_smp_06_finishing_is_offered_when_something_was_sampled_and_decided(client, scene):
    """SMP-06, on the page: the button stands there only when nothing of the sample is open."""
    page = page_of(client, scene)
    assert "when something has been sampled" in page and "Finish verification" not in page
    with open_scope(scene.ao):
        pick = pick_piece(actor=scene.verifier, claim=scene.claim, learner=scene.learner(0), unit=scene.unit(0))
    page = page_of(client, scene)
    assert "when 1 more piece of the sample is decided" in page and "Finish verification" not in page
    with open_scope(scene.ao):
        decide_piece(actor=scene.verifier, pick=pick, verdict="accepted")
    page = page_of(client, scene)
    assert "You can finish when" not in page and "Finish verification" in page


def test_smp_06_a_piece_is_swapped_on_its_page_with_a_reason_only(client, scene):
    """SMP-06, on the page: without a reason, or for a learner of another claim, nothing is swapped and the choice stays."""
    with open_scope(scene.ao):
        first = pick_piece(actor=scene.verifier, claim=scene.claim, learner=scene.learner(0), unit=scene.unit(0))
        learner, unit = scene.learner(1).pk, scene.unit(0).pk
    sign_in(client, scene.verifier.person)
    address = reverse("qa_sampling:swap", args=["aim", first.pk])
    silent = client.post(address, {"learner": learner, "unit": unit, "reason": ""}).content.decode()
    assert f'<option value="{learner}" selected>' in silent and "/rules/SMP-06/" in silent
    client.post(address, {"learner": 987654, "unit": unit, "reason": "The folder is locked in"})
    with open_scope(scene.ao):
        assert SamplePick.objects.get().verdict == "open"
    client.post(address, {"learner": learner, "unit": unit, "reason": "The folder is locked in"})
    with open_scope(scene.ao):
        assert sorted(SamplePick.objects.values_list("verdict", flat=True)) == ["open", "swapped"]


def test_ticks_and_reason_stay_when_nothing_could_be_added(client, scene):
    page_of(client, scene)
    with open_scope(scene.ao):
        kept = f"{scene.learner(1).pk}:{scene.unit(0).pk}"
        scene.claim.cells.filter(learner=scene.learner(0), unit=scene.unit(0)).update(value="")
        gone = f"{scene.learner(0).pk}:{scene.unit(0).pk}"
    answer = client.post(
        reverse("qa_sampling:pick", args=["aim", scene.claim.pk]), {"piece": [kept, gone], "reason": "Thin"}
    )
    page = answer.content.decode()
    assert answer.status_code == 409 and f'value="{kept}" checked' in page and 'value="Thin"' in page
    with open_scope(scene.ao):
        assert not SamplePick.objects.exists()


def test_my_work_counts_pieces_only_when_there_are_any(scene):
    with open_scope(scene.ao):
        assert [item.detail for item in verification_work(scene.verifier)] == ["Pick a sample first"]
        pick_piece(actor=scene.verifier, claim=scene.claim, learner=scene.learner(0), unit=scene.unit(0))
        assert [item.detail for item in verification_work(scene.verifier)] == ["0 of 1 piece decided"]


def test_several_pieces_join_the_sample_together_or_not_at_all(scene):
    with open_scope(scene.ao):
        learner, unit = scene.learner(0), scene.unit(0)
        scene.claim.cells.filter(learner=scene.learner(1)).update(value="")
        with pytest.raises(NothingClaimedError):
            pick_pieces(
                actor=scene.verifier, claim=scene.claim, pieces=[(learner, unit), (scene.learner(1), unit)]
            )  # fmt: skip
        assert not SamplePick.objects.exists()
        for new in (1, 0):  # twice is once
            assert pick_pieces(actor=scene.verifier, claim=scene.claim, pieces=[(learner, unit)]) == new


def test_clm_12_claims_to_allocate_stand_in_the_order_in_which_they_came(scene):
    """CLM-12: one that was taken back keeps its place."""
    with open_scope(scene.ao):
        later = make_claim(scene.centre, scene.contact, learners=1)
        fill_claim(later)
        later = apply_transition(CLAIM, later, "submit_to_verifier", actor=scene.contact)
        # The panel had seen it long before: that is another queue.
        Claim.objects.filter(pk=later.pk).update(queued_at=dt.datetime(2019, 1, 1, tzinfo=dt.UTC))
        take_back_claim(actor=scene.admin, claim=scene.claim, reason="Ill")
        waiting = list(claims_to_allocate())
        assert [claim.pk for claim in waiting] == [scene.claim.pk, later.pk]
        # Taken back, it waits anew, and has not lost its place.
        assert waiting[0].state_since > waiting[1].state_since
        assert waiting[0].arrived < waiting[1].arrived
        allocate_claim(actor=scene.admin, claim=scene.claim, verifier=scene.verifier.person)
        assert [claim.pk for claim in claims_to_allocate()] == [later.pk]
