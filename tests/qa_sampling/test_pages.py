"""What the centre reads of a verification: what it owes, whose turn it is, and why something came back."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.test import Client
from django.urls import reverse

from awarding.accounts.roles import Role
from awarding.tenancy.scope import open_scope
from awarding.worklist.registry import work_items
from mitigations.models import Claim
from mitigations.services.panel import decide_claim, open_case
from qa_sampling.models import SamplePick
from qa_sampling.services.evidence import add_evidence
from qa_sampling.services.sample import decide_piece, pick_piece, request_evidence
from qa_sampling.services.verification import finish_verification
from tests.factories import make_ao, make_standing
from tests.factories.sign_in import sign_in
from tests.factories.verification import Scene, make_allocated

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


@pytest.fixture
def ao():
    return make_ao("aim")


@pytest.fixture
def scene(ao) -> Scene:
    with open_scope(ao):
        return make_allocated(ao)


@pytest.fixture
def desk(scene) -> Client:
    client = Client()
    sign_in(client, scene.contact.person)
    return client


def ask_for(scene: Scene, *places: tuple[int, int]) -> list[SamplePick]:
    with open_scope(scene.ao):
        picks = [
            pick_piece(actor=scene.verifier, claim=scene.claim, learner=scene.learner(row), unit=scene.unit(column))
            for row, column in places
        ]
        request_evidence(actor=scene.verifier, claim=scene.claim, due_on=dt.date.today() + dt.timedelta(days=5))
    return picks


def send(scene: Scene, piece: SamplePick) -> None:
    with open_scope(scene.ao):
        add_evidence(actor=scene.contact, pick=piece, handle=io.BytesIO(PDF), name="work.pdf", size=len(PDF))


def page(desk: Client, name: str, claim_id: int) -> str:
    return desk.get(reverse(name, kwargs={"ao": "aim", "claim_id": claim_id})).content.decode()


def waiting(scene: Scene) -> list[str]:
    with open_scope(scene.ao):
        return [str(item.title) for item in work_items(scene.contact) if item.action == "Send evidence"]


def test_smp_07_the_claims_page_says_what_is_owed_and_leads_there(scene, desk):
    """SMP-07: the centre reads what is owed and by when, until each piece has a file."""
    way = reverse("qa_sampling:evidence", kwargs={"ao": "aim", "claim_id": scene.claim.pk})
    before = page(desk, "mitigations:claim", scene.claim.pk)
    assert way in before and "Nothing is asked for yet" in before
    first, second = ask_for(scene, (0, 0), (1, 1))
    for name in ("mitigations:claim", "qa_sampling:evidence"):
        shown = page(desk, name, scene.claim.pk)
        assert "Send a file for each of 2 pieces" in shown and "By when" in shown
    send(scene, first)
    assert "Send a file for 1 piece" in page(desk, "qa_sampling:evidence", scene.claim.pk)
    assert waiting(scene) == [f"{scene.claim.number}: evidence for 1 piece"]
    send(scene, second)
    assert "Every piece has a file" in page(desk, "mitigations:claim", scene.claim.pk)
    assert waiting(scene) == []


def test_what_came_back_says_why_where_it_is_to_be_mended(scene, desk):
    (piece,) = ask_for(scene, (0, 0))
    with open_scope(scene.ao):
        decide_piece(actor=scene.verifier, pick=piece, verdict="returned", reason="The planning sheet is missing.")
        first, second = finish_verification(actor=scene.verifier, claim=scene.claim)
    assert second is not None
    for name in ("mitigations:claim", "mitigations:grid"):
        assert "The planning sheet is missing." in page(desk, name, second.pk)
    there = page(desk, "mitigations:claim", first.pk)
    assert reverse("mitigations:claim", kwargs={"ao": "aim", "claim_id": second.pk}) in there
    assert "The planning sheet" not in page(desk, "mitigations:grid", first.pk)


def test_clm_08_a_centre_reads_what_the_panel_did_not_who_sat_on_it(scene, desk):
    """The AO's own people read the names; so do the centre's of their colleagues."""
    with open_scope(scene.ao):
        member = make_standing(scene.ao, Role.PANEL_MEMBER)
        Claim.objects.filter(pk=scene.claim.pk).update(state="queued")
        claim = open_case(actor=member, claim=Claim.objects.get(pk=scene.claim.pk))
        decide_claim(
            actor=member, claim=claim, verdict="insufficient", reasons="The plan names no dates.",
            expected_version=claim.version, next_step="Name them.", next_step_due=dt.date.today() + dt.timedelta(days=9),
        )  # fmt: skip
    shown = page(desk, "mitigations:claim", scene.claim.pk)
    assert "The plan names no dates." in shown and "The panel, " in shown
    assert member.person.name not in shown and scene.admin.person.name not in shown
    staff = Client()
    sign_in(staff, scene.admin.person)
    assert member.person.name in page(staff, "mitigations:claim", scene.claim.pk)
