"""The panel's pages: queue, case, decision, and who holds a case."""

from __future__ import annotations

import pytest
from django.urls import reverse

from awarding.tenancy.scope import open_scope
from mitigations.models import PanelDecision
from mitigations.services.panel import open_case
from tests.factories import make_claim
from tests.factories.filling import fill_and_submit
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db


def at(name, **kwargs):
    return reverse(f"mitigations:{name}", kwargs={"ao": "aim", **kwargs})


@pytest.fixture
def queued(aim, contact, ready):
    with open_scope(aim):
        return fill_and_submit(ready, contact)


@pytest.fixture
def panel(client, member):
    sign_in(client, member.person)
    return client


def test_the_panel_walks_from_the_queue_to_a_decision_and_the_next_case(panel, aim, contact, centre, queued):
    with open_scope(aim):
        later = fill_and_submit(make_claim(centre, contact), contact)
    page = panel.get(at("panel_queue")).content.decode()
    assert page.index(queued.number) < page.index(later.number)
    assert "Record the decision" not in panel.get(at("case", claim_id=queued.pk)).content.decode()
    page = panel.post(at("open_case", claim_id=queued.pk), follow=True).content.decode()
    assert "Record the decision" in page
    data = {"expected_version": queued.version, "verdict": "sufficient", "reasons": "All there"}
    page = panel.post(at("decide", claim_id=queued.pk), data, follow=True).content.decode()
    assert "is decided: Sufficient" in page and f"Next case: {later.number}" in page


def test_a_second_decision_from_an_open_page_is_answered_409(panel, aim, queued, other_member):
    panel.post(at("open_case", claim_id=queued.pk))
    with open_scope(aim):
        from mitigations.services.panel import decide_claim

        decide_claim(
            actor=other_member, claim=queued, verdict="in_principle", reasons="Wait", expected_version=queued.version
        )
    data = {"expected_version": queued.version, "verdict": "sufficient", "reasons": "All there"}
    answer = panel.post(at("decide", claim_id=queued.pk), data)
    assert answer.status_code == 409 and "Someone else decided first" in answer.content.decode()
    with open_scope(aim):
        assert [decision.verdict for decision in PanelDecision.objects.all()] == ["in_principle"]


def test_clm_09_the_form_asks_for_the_next_step_and_its_date(panel, queued):
    """CLM-09, on the page: what is missing is asked for and nothing is decided."""
    panel.post(at("open_case", claim_id=queued.pk))
    data = {"expected_version": queued.version, "verdict": "insufficient", "reasons": "Too little"}
    page = panel.post(at("decide", claim_id=queued.pk), data).content.decode()
    assert "Record the next step agreed" in page and "by when the next step" in page


def test_clm_12_out_of_turn_the_page_asks_why(panel, aim, contact, centre, queued):
    """CLM-12, on the page: the reason is asked for and the case stays closed without one."""
    with open_scope(aim):
        later = fill_and_submit(make_claim(centre, contact), contact)
    page = panel.get(at("case", claim_id=later.pk)).content.decode()
    assert "Why this claim is taken first" in page
    assert "Other claims arrived before" in panel.post(at("open_case", claim_id=later.pk)).content.decode()
    page = panel.post(at("open_case", claim_id=later.pk), {"reason": "Hardship"}, follow=True).content.decode()
    assert "Record the decision" in page and "Hardship" in page


def test_who_holds_the_case_is_shown_to_others(panel, aim, queued, other_member):
    with open_scope(aim):
        open_case(actor=other_member, claim=queued)
    assert f"{other_member.person} has this case open" in panel.get(at("case", claim_id=queued.pk)).content.decode()
