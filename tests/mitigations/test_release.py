"""What is not released is nowhere to be seen for a centre; the pages on which the panel works with several at once."""

from __future__ import annotations

import io
import re

import pypdf
import pytest
from django.urls import reverse

from awarding.accounts.roles import Role
from awarding.tenancy.scope import open_scope
from mitigations.models import Claim, PanelCase, PanelDecision, PanelSettings
from mitigations.services.panel import decide_claim
from tests.factories import make_centre, make_claim, make_standing
from tests.factories.filling import fill_and_submit
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db
SECRET = "Zzreasons of the panel"


def tenant_day():
    from django.utils import timezone

    return timezone.localdate()


# --- pages ---------------------------------------------------------------------------------------


def at(name, **kwargs):
    return reverse(f"mitigations:{name}", kwargs={"ao": "aim", **kwargs})


@pytest.fixture
def queued(aim, centre, contact):
    with open_scope(aim):
        return fill_and_submit(make_claim(centre, contact), contact)


@pytest.fixture
def panel(client, member):
    sign_in(client, member.person)
    return client


def wish(aim, **fields):
    with open_scope(aim):
        PanelSettings.objects.create(draw_seed="s", **fields)


def decide(client, claim, **fields):
    client.post(at("open_case", claim_id=claim.pk), {"reason": "First"})
    data = {"expected_version": claim.version, "verdict": "sufficient", "reasons": SECRET}
    return client.post(at("decide", claim_id=claim.pk), data | fields, follow=True).content.decode()


def test_a_decision_is_released_on_the_page_after_a_check(panel, aim, queued):
    wish(aim, releases_apart=True)
    assert "told when the decision is released" in decide(panel, queued)
    with open_scope(aim):
        case = PanelCase.objects.get()
    assert queued.number in panel.get(at("panel_cases")).content.decode()
    chosen = {"case": f"{case.pk}:{case.version}"}
    assert SECRET in panel.get(at("panel_release"), chosen).content.decode()
    assert "1 decision is released" in panel.post(at("panel_release"), chosen, follow=True).content.decode()
    page = panel.post(at("panel_release"), chosen, follow=True).content.decode()
    assert "Someone else decided first" in page
    # Nor is it undone: the page names it and says why.
    late = panel.get(at("panel_release"), chosen | {"act": "undo"}).content.decode()
    assert f"{queued.number} is released: its centre has been told" in late
    nowhere = {"case": "987654321:1", "act": "undo", "reason": "Wrong"}
    assert "none of the cases" in panel.post(at("panel_release"), nowhere, follow=True).content.decode()
    nowhere = {"claim": "987654321:1", "verdict": "sufficient", "reasons": "x", "turn_reason": "x"}
    assert "none of the claims" in panel.post(at("panel_batch"), nowhere, follow=True).content.decode()
    with open_scope(aim):
        assert PanelDecision.objects.count() == 1


def test_undoing_on_the_page_asks_for_a_reason(panel, aim, queued):
    wish(aim, releases_apart=True)
    decide(panel, queued)
    with open_scope(aim):
        case = PanelCase.objects.get()
    chosen = {"case": f"{case.pk}:{case.version}", "act": "undo"}
    assert "Fill in “Reason”" in panel.post(at("panel_release"), chosen).content.decode()
    page = panel.post(at("panel_release"), chosen | {"reason": "Wrong button"}, follow=True).content.decode()
    assert "1 decision is undone" in page
    assert queued.number in panel.get(at("panel_queue")).content.decode()


def test_clm_08_the_page_of_the_second_opinion_hides_the_first(panel, aim, queued, other_member, client):
    wish(aim, second_opinion_share=100)
    assert "was drawn for a second opinion" in decide(panel, queued)
    sign_in(client, other_member.person)
    for name in ("case", "claim"):
        page = client.get(at(name, claim_id=queued.pk)).content.decode()
        assert SECRET not in page
    page = client.get(at("case", claim_id=queued.pk)).content.decode()
    assert "Second opinion" in page and "hidden until you have" in page
    with open_scope(aim):
        case = PanelCase.objects.get()
    data = {"expected_version": queued.version, "case_version": case.version, "verdict": "sufficient", "reasons": "Yes"}
    page = client.post(at("decide", claim_id=queued.pk), data, follow=True).content.decode()
    assert "is decided: Sufficient" in page
    page = client.get(at("panel_agreement")).content.decode()
    assert "100% agree (1 of 1)" in page and "Too few cases" in page and "cannot be calculated" in page


def test_clm_12_the_queue_is_filtered_and_keeps_places_and_order(panel, aim, centre, contact, queued):
    with open_scope(aim):
        thin = fill_and_submit(make_claim(centre, contact), contact, status="none")
    page = panel.get(at("panel_queue") + "?finding=CLM-06").content.decode()
    assert thin.number in page and f">{queued.number}</a>" not in page
    assert re.search(r"numeric\">2</td>", page), "the second of the whole queue stays the second"
    assert "No waiting claim fits" in panel.get(at("panel_queue") + "?holder=held").content.decode()
    assert panel.get(at("panel_queue") + "?finding=nonsense&page=x").status_code == 200
    assert "No waiting claim fits" in panel.get(at("panel_queue") + "?centre=elsewhere").content.decode()


def test_clm_12_claims_of_one_group_are_decided_together_after_a_check(panel, aim, queued):
    page = panel.get(at("panel_batches")).content.decode()
    with open_scope(aim):
        claim = Claim.objects.select_related("centre", "qualification").get(pk=queued.pk)
    assert f"?centre={claim.centre.number}&amp;qan={claim.qualification.qan}" in page
    chosen = {"claim": f"{queued.pk}:{queued.version}"}
    assert queued.number in panel.get(at("panel_batch"), chosen).content.decode()
    page = panel.post(at("panel_batch"), chosen).content.decode()
    assert "Fill in “Reasons”" in page
    data = chosen | {"verdict": "sufficient", "reasons": SECRET}
    assert "1 claim is decided" in panel.post(at("panel_batch"), data, follow=True).content.decode()
    assert "No claims are chosen" in panel.get(at("panel_batch"), {"claim": "x:y"}).content.decode()


def test_precedents_are_alike_and_say_nothing_of_learners(panel, aim, centre, contact, queued):
    decide(panel, queued)
    with open_scope(aim):
        other = fill_and_submit(make_claim(centre, contact), contact, status="none")
        Claim.objects.filter(pk=other.pk).update(qualification=queued.qualification)
        names = [row.registration.learner.full_name for row in queued.learners.select_related("registration__learner")]
    page = panel.get(at("case", claim_id=other.pk)).content.decode()
    assert SECRET in page.split("Precedents</h2>")[1] and "the same qualification" in page
    page = panel.get(at("panel_precedents") + "?words=Zzreasons&verdict=sufficient").content.decode()
    assert SECRET in page and not any(name in page for name in names)
    assert "No released decision fits" in panel.get(at("panel_precedents") + "?verdict=insufficient").content.decode()


def test_clm_09_the_letter_is_a_tagged_pdf_for_those_who_see_the_claim_once_it_is_released(
    client, aim, queued, contact, member
):
    with open_scope(aim):
        made = decide_claim(
            actor=member, claim=queued, verdict="sufficient", reasons=SECRET, expected_version=queued.version
        )  # fmt: skip
        stranger = make_standing(aim, Role.QUALITY_CONTACT, make_centre("Elsewhere College"))
    url = at("decision_letter", claim_id=queued.pk, decision_id=made.pk)
    client.force_login(contact.person)
    assert url in client.get(at("claim", claim_id=queued.pk)).content.decode()
    answer = client.get(url)
    root = pypdf.PdfReader(io.BytesIO(answer.content)).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in root
    client.force_login(stranger.person)
    assert client.get(url).status_code in (403, 404)


def test_clm_15_the_letter_names_number_reasons_and_the_right_to_appeal(aim, queued, member):
    from django.template.loader import render_to_string

    from mitigations.documents import letter_context

    with open_scope(aim):
        made = decide_claim(
            actor=member, claim=queued, verdict="insufficient", reasons=SECRET, expected_version=queued.version,
            next_step="Zznext step", next_step_due=tenant_day(),
        )  # fmt: skip
        text = render_to_string("documents/decision_letter.html", letter_context(made, aim))
        made.verdict = "sufficient"
        content = render_to_string("documents/decision_letter.html", letter_context(made, aim))
    # There is nothing to appeal against where the evidence was found sufficient.
    assert "appeal" not in content and f"Quote {queued.number}/D1" in content
    for words in (f"{queued.number}/D1", SECRET, "Zznext step", "You may appeal", "Insufficient"):
        assert words in text


def test_the_settings_say_what_is_wrong_and_keep_what_was_there(client, aim):
    with open_scope(aim):
        admin = make_standing(aim, Role.AO_ADMIN)
    sign_in(client, admin.person)
    data = {
        "releases_apart": "apart",
        "second_opinion_share": "101",
        "in_principle_days": "30",
        "reminder_days": "7, x",
    }
    page = client.post(at("panel_settings"), data).content.decode()
    assert "whole numbers" in page
    with open_scope(aim):
        assert not PanelSettings.objects.exists()
    data |= {"second_opinion_share": "15", "reminder_days": "1, 14,7"}
    assert "Saved." in client.post(at("panel_settings"), data, follow=True).content.decode()
    with open_scope(aim):
        found = PanelSettings.objects.get()
        assert (found.releases_apart, found.second_opinion_share, found.reminder_days) == (True, 15, [14, 7, 1])
