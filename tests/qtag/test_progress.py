"""How far centres are, seen by the AO without grades, and messages to just those (QTG-10, QTG-17)."""

from __future__ import annotations

import datetime as dt
import threading
import uuid

import pytest
from django.core import mail
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError
from awarding.notices.models import Notice
from awarding.notices.services import send_waiting_emails
from awarding.tenancy.scope import open_scope
from awarding.workflow.services import ReasonMissingError, StalePageError
from qtag.charts import Share, ShareChart
from qtag.models import ProgressMessage
from qtag.queries.messages import addressing
from qtag.queries.progress import Filters, progress_by, progress_page, submitted_by_day
from qtag.rules.spans import MOST_DAYS, spans
from qtag.services.messages import MessageError, send_progress_message
from tests.factories import make_centre, make_standing
from tests.factories.awards import make_qualification, make_registration
from tests.factories.qtags import make_moves
from tests.qtag.conftest import Scene, build_scene

DATES = st.dates(dt.date(2021, 1, 1), dt.date(2022, 12, 31))


@given(st.dictionaries(DATES, st.integers(1, 500), max_size=40))
@settings(deadline=None, max_examples=60)
def test_a_plot_loses_no_day_and_counts_none_twice(counts):
    found = spans(counts)
    assert sum(span.count for span in found) == sum(counts.values())
    assert len(found) <= max(MOST_DAYS, 26)
    for before, after in zip(found, found[1:], strict=False):
        assert after.first == before.last + dt.timedelta(days=1)


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), max_size=12))
@settings(deadline=None, max_examples=60)
def test_bars_stand_on_one_scale_and_stay_inside(pairs):
    shares = [Share("x", min(pair), max(pair)) for pair in pairs]
    for share, bar in zip(shares, ShareChart("c", "t", "a", shares).drawn, strict=True):
        whole, filled = float(bar.whole.rstrip("%")), float(bar.filled.rstrip("%"))
        assert 0 <= filled <= whole <= 76.0
        assert (share.done == share.total) <= (filled == whole)


@pytest.fixture
def two(agreed: Scene) -> Scene:
    """One centre has submitted two of three and not signed; another has registered learners and not begun."""
    contact = agreed.people[Role.QUALITY_CONTACT]
    with open_scope(agreed.ao):
        make_moves(contact, agreed.submission, "submit")
        elsewhere = make_centre("Elsewhere")
        agreed.people[Role.DIRECT_CLAIMS_VERIFIER] = make_standing(agreed.ao, Role.QUALITY_CONTACT, elsewhere)
        make_registration(elsewhere, agreed.submission.qualification, ends_on=dt.date(2021, 6, 30))
        # Neither of these can begin: it ends outside the window, or its category has no Q-TAGs (QTG-01, QTG-03).
        make_registration(elsewhere, make_qualification(), ends_on=dt.date(2022, 6, 30))
        make_registration(elsewhere, make_qualification(category="A"), ends_on=dt.date(2021, 6, 30))
    return agreed


def rows(scene: Scene, **asked: object) -> list[tuple[str, int, int]]:
    with open_scope(scene.ao):
        _page, found = progress_page(scene.submission.adoption, 1, Filters(**asked))  # type: ignore[arg-type]
        return [(row.centre, row.learners, row.submitted) for row in found]


def test_who_has_not_begun_and_who_has_not_signed(two):
    here = two.centre.name
    assert rows(two) == [(here, 3, 3)]
    assert rows(two, only="not_begun") == [("Elsewhere", 1, 0)]
    assert rows(two, only="unsigned") == [(here, 3, 3)]
    assert rows(two, only="unsent") == rows(two, only="open") == rows(two, only="late") == []
    assert rows(two, words="elsewhere") == [] and rows(two, words=two.submission.qualification.display_qan)
    assert rows(two, sector="Science") and not rows(two, sector="Nothing like it")


def test_figures_by_qualification_sector_and_date_agree(two):
    with open_scope(two.ao):
        adoption = two.submission.adoption
        for by in ("qualification", "sector"):
            (tally,) = progress_by(adoption, by, Filters())
            assert (tally.learners, tally.submitted, tally.unsigned, tally.not_begun, tally.waiting) == (3, 3, 1, 1, 1)
        days = submitted_by_day(adoption, Filters())
        assert sum(days.values()) == 3
    for by in ("centre", "qualification", "sector", "date"):
        page = two.client(Role.AO_ADMIN).get(two.url(f"qtags/progress/?by={by}")).content.decode()
        assert "no grade is shown" in page or by == "date"
    day = next(iter(days)).isoformat()
    assert rows(two, first=dt.date.fromisoformat(day), last=dt.date.fromisoformat(day))
    assert not rows(two, first=dt.date(2020, 1, 1), last=dt.date(2020, 1, 2))
    assert (
        two.client(Role.AO_ADMIN).get(two.url("qtags/progress/?from=2021-99-99&by=no&only=no&page=x")).status_code
        == 200
    )


def send(
    scene: Scene, body: str = "Please begin.", token: str = "", role: Role = Role.AO_ADMIN, digest: str = "", **asked
):
    filters = Filters(**({"only": "not_begun"} | asked))
    roles = ["quality_contact"]
    with open_scope(scene.ao):
        adoption = scene.submission.adoption
        shown = digest or addressing(adoption, filters, roles).digest
        return send_progress_message(
            actor=scene.people[role], adoption=adoption, filters=filters, roles=roles, body=body,
            token=token or uuid.uuid4().hex, shown_digest=shown,
        )  # fmt: skip


def told(scene: Scene) -> list[str]:
    with open_scope(scene.ao):
        return list(Notice.objects.filter(key__startswith="qtag-message").values_list("person__email", flat=True))


def test_a_message_reaches_just_those_and_once_for_one_click(two):
    """The contact of the centre that has not begun, nobody of the other; the same page sent again tells nobody."""
    token = uuid.uuid4().hex
    first, again = send(two, token=token), send(two, token=token)
    assert first.pk == again.pk and first.people == 1
    assert told(two) == [two.people[Role.DIRECT_CLAIMS_VERIFIER].person.email]
    send(two)  # another page is another message
    assert len(told(two)) == 2


def test_the_e_mail_carries_no_word_of_the_message(two, django_capture_on_commit_callbacks):
    """QTG-17: what the AO types is read in the portal; the e-mail has the portal's own subject."""
    with django_capture_on_commit_callbacks():
        send(two, body="Ada Byron has a Distinction")
    mail.outbox.clear()
    send_waiting_emails(two.ao)
    sent = [message for message in mail.outbox if "not begun" in message.subject]
    assert len(sent) == 1
    assert all("Byron" not in f"{m.subject} {m.body}" and "Distinction" not in m.body for m in mail.outbox)


def test_what_is_refused_tells_nobody(two):
    """No text; a learner's number (QTG-17); nobody there; others than were shown; somebody who may not."""
    for error, said in (
        (ReasonMissingError, {"body": "  "}), (MessageError, {"body": "See 1000102504."}), (MessageError, {"only": "late"}),
        (StalePageError, {"digest": "0" * 64}), (PermissionMissingError, {"role": Role.QUALITY_CONTACT}),
    ):  # fmt: skip
        with pytest.raises(error):
            send(two, **said)
    assert told(two) == []


def test_the_page_shows_who_gets_it_before_it_goes(two):
    admin, path = two.client(Role.AO_ADMIN), two.url("qtags/messages/new/?only=not_begun")
    assert "Elsewhere" in admin.get(path).content.decode()
    said = {"token": uuid.uuid4().hex, "roles": ["quality_contact"], "body": "Please begin."}
    looked = admin.post(path, said).content.decode()
    assert "Send to 1 person" in looked and told(two) == []
    assert "Please begin." in admin.post(path, said | {"change": "1"}).content.decode() and told(two) == []
    stale = admin.post(path, said | {"send": "1", "shown": "0" * 64})
    assert stale.status_code == 409 and "Please begin." in stale.content.decode() and told(two) == []
    shown = looked.split('name="shown" value="')[1].split('"')[0]
    for _click in range(2):
        assert admin.post(path, said | {"send": "1", "shown": shown}).status_code == 302
    assert len(told(two)) == 1
    assert "Please begin." in admin.get(two.url("qtags/messages/")).content.decode()
    assert two.client(Role.QUALITY_CONTACT).get(path).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_send_one_message(calendar):
    scene = build_scene(learners=1)
    token, done = uuid.uuid4().hex, []

    def click() -> None:
        try:
            done.append(send(scene, token=token, only="unsent").pk)
        finally:
            connection.close()

    clicks = [threading.Thread(target=click) for _ in range(2)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert len(set(done)) == 1 and len(done) == 2
    with open_scope(scene.ao):
        assert ProgressMessage.objects.count() == 1
    assert len(told(scene)) == 1


def test_the_terms_are_reached_from_the_qualification(two):
    """QTG-04 QTG-05: whoever sets them finds the way on the qualification's page and on the centre's progress."""
    qan = two.submission.qualification.qan
    address = two.url(f"qtags/terms/{qan}/")
    admin = two.client(Role.AO_ADMIN)
    assert address in admin.get(two.url(f"qualifications/{qan}/")).content.decode()
    assert address in admin.get(two.url(f"qtags/progress/{two.submission.pk}/")).content.decode()
    assert address not in two.client(Role.QUALITY_CONTACT).get(two.url(f"qualifications/{qan}/")).content.decode()
