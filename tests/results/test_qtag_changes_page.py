"""The page of what changed in a submission since it was accepted: who waits, what follows for whom, what a refusal says."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client

from awarding.accounts.roles import Role
from awarding.jobs.models import Job
from awarding.tenancy.scope import open_scope
from awarding.workflow.models import StatusEvent
from qtag.models import Award, Judgement
from qtag.services.moving import reopen_judgement
from results.models import QtagRelease
from results.services.qtags import record_qtag_results
from tests.factories.qtag_results import award
from tests.qtag.conftest import Scene, agreed, calendar, scene  # noqa: F401 - fixtures
from tests.results.test_qtags import admin, judged_again, reopen_first, signed  # noqa: F401 - a fixture


def page_of(scene: Scene) -> tuple[Client, str]:  # noqa: F811
    return scene.client(Role.AO_ADMIN), scene.url(f"results/qtags/{scene.submission.pk}/changes/")


def digest_in(page: str) -> str:
    return re.search(r'name="digest" value="(\w{64})"', page)[1]


def turn_in(page: str) -> str:
    """The panel's words, one space between them."""
    panel = page.split('class="portal-turn"')[1].split("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", panel).split())


@pytest.fixture
def back(signed: Scene) -> Scene:  # noqa: F811 - the fixture
    """Accepted and recorded; one learner reopened, judged again and signed for again."""
    with open_scope(signed.ao):
        award(admin(signed), signed.submission)
        judged_again(signed, reopen_first(signed), "D")
    return signed


def test_the_panel_says_whose_turn_it_is(signed):  # noqa: F811
    """QTG-13 HOC-04: the centre's while a learner is open, the AO's once it is signed for again, then nobody's."""
    client, where = page_of(signed)
    with open_scope(signed.ao):
        award(admin(signed), signed.submission)
        first = reopen_first(signed)
    page = client.get(where).content.decode()
    assert "Whose turn The centre" in turn_in(page) and "No result before it is submitted again and signed for" in page
    with open_scope(signed.ao):
        judged_again(signed, first, "D")
    page = client.get(where).content.decode()
    assert "Whose turn The AO" in turn_in(page) and "Read what changed, then accept it" in turn_in(page)
    client.post(where, {"digest": digest_in(page)})
    with open_scope(signed.ao):
        record_qtag_results(award_id=Award.objects.get().pk)
    assert "Whose turn Nobody" in turn_in(client.get(where).content.decode())


def test_without_a_release_it_is_the_aos_turn_and_no_result_is_promised(back):
    """RES-01: what keeps it is said with where to mend it; nobody reads that accepting makes a result."""
    with open_scope(back.ao):
        QtagRelease.objects.all().delete()
    client, where = page_of(back)
    page = client.get(where).content.decode()
    assert "Whose turn The AO" in turn_in(page) and "under Results from Q-TAGs" in turn_in(page)
    assert "No result yet: see below" in page and "A result when you accept" not in page


def test_late_ones_are_asked_about_only_where_there_are_any(back):
    """QTG-10: nobody late, no question."""
    client, where = page_of(back)
    page = client.get(where).content.decode()
    assert "A result when you accept<" in page and "takes_late" not in page
    assert "/jobs/" in client.post(where, {"digest": digest_in(page)}).url


def test_a_late_one_gets_a_result_only_if_late_ones_are_taken_and_that_is_said(signed, calendar):  # noqa: F811
    """QTG-10: beside the learner stands on what it depends; afterwards, where whoever was left out is found."""
    with open_scope(signed.ao):
        award(admin(signed), signed.submission)
        first = reopen_first(signed)
        calendar.today = dt.date(2021, 6, 25)
        judged_again(signed, first)
    client, where = page_of(signed)
    page = client.get(where).content.decode()
    assert "A result when you accept, if you take late ones" in page and 'name="takes_late"' in page
    assert "Needed if you take late ones." in page and "(optional)" not in page
    asked = client.post(where, {"digest": digest_in(page), "takes_late": "on"})
    assert "Say why late Q-TAGs are taken" in asked.content.decode()
    assert "/jobs/" in client.post(where, {"digest": digest_in(page)}).url
    with open_scope(signed.ao):
        assert record_qtag_results(award_id=Award.objects.get().pk).results == 0
    page = client.get(where).content.decode()
    assert "Whoever has no result yet was left out then" in page and "takes_late" not in page
    assert "A result when you accept" not in page


def test_sent_twice_it_is_accepted_once(back):
    """QTG-13 CLM-14: the second is told who accepted it and when; no second event, no second job."""
    client, where = page_of(back)
    digest = digest_in(client.get(where).content.decode())
    assert "/jobs/" in client.post(where, {"digest": digest}).url
    for is_recorded in (False, True):
        if is_recorded:
            with open_scope(back.ao):
                record_qtag_results(award_id=Award.objects.get().pk)
        with open_scope(back.ao):
            before = Job.objects.count(), StatusEvent.objects.count()
        again = client.post(where, {"digest": digest}, follow=True)
        words = again.content.decode()
        assert "Accepted already, by" in words and "Nothing was done twice" in words
        with open_scope(back.ao):
            assert (Job.objects.count(), StatusEvent.objects.count()) == before


def test_who_is_still_with_the_centre_stays_in_sight_when_the_others_are_accepted(signed):  # noqa: F811
    """QTG-13: reopened before the AO accepted what came back, and not back: who, when and why stand there all the same."""
    with open_scope(signed.ao):
        award(admin(signed), signed.submission)
        first, second = Judgement.objects.order_by("pk")[:2]
        reopen_judgement(actor=admin(signed), judgement=second, reason="Unit 3 again", expected_version=second.version)
        judged_again(signed, reopen_first(signed), "D")
        award(admin(signed), signed.submission)
    client, where = page_of(signed)
    page = client.get(where).content.decode()
    assert "1 learner<" in page and "Unit 3 again" in page and "Two were mixed up" not in page
    assert "No result before it is submitted again and signed for" in page and "takes_late" not in page


def test_what_was_reopened_while_it_was_read_is_refused_and_the_error_leads_to_why(back):
    """HOC-04: nothing is accepted, the error's link leads to something that is on the page, and nothing is promised."""
    client, where = page_of(back)
    digest = digest_in(client.get(where).content.decode())
    with open_scope(back.ao):
        reopen_first(back)
    refused = client.post(where, {"digest": digest})
    page = refused.content.decode()
    assert refused.status_code == 409 and "Nothing is accepted. Something was reopened" in page
    target = re.search(r'error-summary__list">\s*<li><a href="#([\w-]+)"', page)[1]
    assert f'id="{target}"' in page and "<form method" not in page.split("<main")[1]
