"""The certificate itself, and what the public is told about it."""

from __future__ import annotations

import datetime as dt
import io
import re

import pypdf
import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from awarding.audit.models import AuditRecord
from awarding.files.drawing import OwnAssetsFetcher
from awarding.files.serving import open_stored
from awarding.jobs.models import Job
from awarding.tenancy.scope import open_scope
from awarding.workflow.services import ReasonMissingError, StalePageError
from results import documents
from results.documents import (
    CertificateFaultError,
    certificate_context,
    certificate_html,
    certificate_pdf,
    display_text,
    fitting_size,
    look_of,
)
from results.models import Certificate
from results.queries.certificates import certificates_in_full
from results.services.certificates import reissue_certificate, revoke_certificate
from results.services.processing import CODE_LETTERS, process_claim, record_results
from results.views import check as check_view
from tests.factories import make_ao
from tests.factories.results import make_processed, make_verified, run_job
from tests.factories.sign_in import sign_in

NAMES = [
    ("Ŵyn", "ap Llŷr"),
    ("Siobhán Aoife", "O’Neill-Ní Bhriain"),
    ("Łucja", "Żółć"),
    ("Νίκος", "Παπαδόπουλος"),
    ("Олександра", "Ковальчук"),
    ("محمد", "عبد الله"),
    ("יעל", "כהן"),
    ("Nguyễn", "Thị Ánh"),
]


def draw(certificate, ao):
    return certificate_pdf(certificate_html(certificate_context(certificate, look_of(ao))))


def read(pdf):
    return pypdf.PdfReader(io.BytesIO(pdf))


@pytest.fixture
def aim(db):
    return make_ao("aim")


@pytest.fixture
def drafted(aim):
    """A drafted certificate, in its AO's open scope."""
    with open_scope(aim):
        scene = make_verified(aim, learners=1)
        record_results(claim_id=scene.claim.pk)
        yield certificates_in_full().get()


def renamed(certificate, given, family):
    learner = certificate.result.registration.learner
    learner.given_names, learner.family_name = given, family
    learner.save()
    return certificate


@pytest.mark.parametrize(("given", "family"), NAMES)
def test_names_of_many_scripts_are_printed_and_can_be_extracted(aim, drafted, given, family):
    reader = read(draw(renamed(drafted, given, family), aim))
    text = "".join(reader.pages[0].extract_text().split())
    assert len(reader.pages) == 1
    for word in f"{given} {family}".split():
        # Right-to-left runs are extracted in either order, by the reader.
        assert word in text or word[::-1] in text


def test_the_page_is_tagged_titled_and_in_a_language(aim, drafted):
    reader = read(draw(drafted, aim))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert str(root["/Lang"]).lower().startswith("en")
    assert drafted.number in reader.metadata.title
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid" in root["/Metadata"].get_data()


def test_it_states_what_was_awarded_and_where_to_check_it(aim, drafted):
    text = read(draw(drafted, aim)).pages[0].extract_text()
    qualification = drafted.result.registration.qualification
    for expected in (qualification.title, qualification.display_qan, qualification.level, "Pass", drafted.number,
                     drafted.check_code, drafted.result.registration.centre.name):  # fmt: skip
        assert expected in " ".join(text.split()), expected
    assert f"/check/aim/{drafted.number}/{drafted.check_code}/" in "".join(text.split())


def test_a_very_long_name_shrinks_and_stays_on_the_page(aim, drafted):
    long = "Wolfeschlegelsteinhausenbergerdorff" * 3
    renamed(drafted, long[:100], long[:100])
    drafted.result.registration.qualification.title = "Diploma in " + "Extraordinarily Long Titles " * 20
    pdf = draw(drafted, aim)
    reader = read(pdf)
    assert len(reader.pages) == 1
    width = float(reader.pages[0].mediabox.width)
    positions = []
    reader.pages[0].extract_text(visitor_text=lambda text, cm, tm, font, size: positions.append((tm[4], len(text))))
    assert all(0 <= x <= width for x, _length in positions)
    assert fitting_size(long, documents.NAME_SIZES) < fitting_size("Ada Byron", documents.NAME_SIZES)


def test_a_character_that_no_font_has_is_named_and_never_printed_as_a_box(aim, drafted):
    with pytest.raises(CertificateFaultError, match=r"U\+1BC00"):
        draw(renamed(drafted, "Ada \U0001bc00", "Byron"), aim)
    assert draw(renamed(drafted, "Ada", "Byron"), aim)


def test_control_and_direction_characters_of_a_name_are_not_printed():
    assert display_text("Ada\u202e\u0000 \n Byron\u2066") == "Ada Byron"
    assert display_text("Zoe\u0308") == "Zoë"


def test_markup_in_a_name_is_text(aim, drafted):
    text = read(draw(renamed(drafted, "<img src=x>", "<b>Byron</b>"), aim)).pages[0].extract_text()
    assert "<b>Byron</b>" in text


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://127.0.0.1/", "https://example.org/x.png", "ftp://x/y"])
def test_the_typesetter_fetches_no_file_and_no_address(url):
    with pytest.raises(ValueError, match="disallowed"):
        OwnAssetsFetcher().fetch(url)


def test_what_stands_in_the_document_itself_is_fetched():
    assert OwnAssetsFetcher().fetch("data:text/plain,yes").read() == b"yes"


def test_clm_14_processing_really_draws_and_stores_one_certificate_each(aim):
    with open_scope(aim):
        scene = make_verified(aim, learners=2)
        job = process_claim(actor=scene.admin, claim=scene.claim)
    assert run_job(job).result["certificates"] == 2
    with open_scope(aim):
        made = list(Certificate.objects.select_related("file", "result__registration__learner"))
        for certificate in made:
            pdf = open_stored(certificate.file)
            assert certificate.state == Certificate.State.ACTIVE
            assert certificate.number in read(pdf).pages[0].extract_text()
            assert certificate.file.media_type == "application/pdf"
    assert re.fullmatch(r"AIM-C-\d{4}-\d{7}", made[0].number)
    assert len({c.number for c in made}) == len({c.check_code for c in made}) == 2


# --- the public page -----------------------------------------------------------------------------


def check_url(ao, number, code):
    return reverse("public:check_certificate", kwargs={"ao": ao.slug, "number": number, "code": code})


@pytest.fixture
def issued(aim):
    with open_scope(aim):
        scene = make_processed(aim, learners=1)
        return scene, Certificate.objects.select_related("result__registration__learner").get()


def test_a_genuine_certificate_is_shown_without_signing_in(client, aim, issued):
    _scene, certificate = issued
    answer = client.get(check_url(aim, certificate.number, certificate.check_code))
    assert answer.status_code == 200
    text = answer.content.decode()
    learner = certificate.result.registration.learner
    assert "Genuine and in force" in text and learner.full_name in text
    assert learner.uln not in text and "2002" not in text, "neither ULN nor date of birth"
    assert answer["X-Robots-Tag"] == "noindex" and answer["Cache-Control"] == "no-store"
    lower = client.get(check_url(aim, certificate.number.lower(), certificate.check_code.lower()))
    assert lower.status_code == 200


def test_a_wrong_code_an_unknown_number_and_another_ao_are_answered_alike(client, aim, issued):
    _scene, certificate = issued
    other = make_ao("other")
    wrong = "".join(CODE_LETTERS[(CODE_LETTERS.index(c) + 1) % len(CODE_LETTERS)] for c in certificate.check_code)
    for url in (
        check_url(aim, certificate.number, wrong),
        check_url(aim, "AIM-C-2026-9999999", certificate.check_code),
        check_url(other, certificate.number, certificate.check_code),
    ):
        answer = client.get(url)
        assert answer.status_code == 404
        assert "Not known" in answer.content.decode()
        assert certificate.result.registration.learner.full_name not in answer.content.decode()


def test_a_revocation_is_visible_at_once_and_names_nobody(client, aim, issued):
    scene, certificate = issued
    with open_scope(aim):
        revoke_certificate(actor=scene.admin, certificate=certificate, reason="Awarded to the wrong learner")
        assert AuditRecord.objects.filter(event="certificate.revoked", actor=scene.admin.person).exists()
    text = client.get(check_url(aim, certificate.number, certificate.check_code)).content.decode()
    assert "Revoked" in text and "wrong learner" not in text
    assert certificate.result.registration.learner.full_name not in text


def test_the_search_form_leads_to_the_same_page_and_keeps_what_is_wrong(client, aim, issued):
    _scene, certificate = issued
    page = reverse("public:check_search")
    assert client.get(page).status_code == 200
    found = client.get(page, {"ao": "aim", "number": f" {certificate.number.lower()} ", "code": certificate.check_code})
    assert found.status_code == 302 and found.url == check_url(aim, certificate.number, certificate.check_code)
    empty = client.get(page, {"ao": "aim", "number": "", "code": "X"})
    assert empty.status_code == 200 and "Fill in" in empty.content.decode()


def test_checking_too_often_is_refused_and_a_cache_that_is_away_locks_nobody_out(client, aim, issued, monkeypatch):
    _scene, certificate = issued
    monkeypatch.setattr(check_view, "CHECKS_PER_MINUTE", 3)
    url = check_url(aim, certificate.number, certificate.check_code)
    assert [client.get(url).status_code for _ in range(5)] == [200, 200, 200, 429, 429]

    def away(*args, **kwargs):
        raise ConnectionError("redis")

    monkeypatch.setattr(type(cache._connections[cache._alias]), "incr", away)
    assert client.get(url).status_code == 200


# --- revoke and reissue --------------------------------------------------------------------------


def test_a_reissue_has_a_new_number_and_the_old_one_stays_revoked(aim, issued):
    scene, certificate = issued
    with open_scope(aim):
        job = revoke_certificate(actor=scene.admin, certificate=certificate, reason="Name misspelt", reissue=True)
    assert run_job(job).result["certificates"] == 1
    with open_scope(aim):
        old, new = Certificate.objects.order_by("pk")
        assert (old.state, new.state) == ("revoked", "active")
        assert new.replaces_id == old.pk and new.number != old.number


def test_a_revoked_certificate_is_made_anew_once_and_one_in_force_is_not(client, aim, issued):
    scene, certificate = issued
    url = reverse("results:reissue", kwargs={"ao": aim.slug, "certificate_id": certificate.pk})
    with open_scope(aim):
        with pytest.raises(StalePageError, match="revoke it first"):
            reissue_certificate(actor=scene.admin, certificate=certificate)
        revoke_certificate(actor=scene.admin, certificate=certificate, reason="Name misspelt")
        assert not Job.objects.exists()
    sign_in(client, scene.admin.person)
    revoked = client.get(reverse("results:revoke", kwargs={"ao": aim.slug, "certificate_id": certificate.pk}))
    assert "Make a new certificate" in revoked.content.decode()
    told = [client.post(url, follow=True).content.decode() for _ in range(2)]
    assert "A new certificate is being made" in told[0] and "has been made instead already" in told[1]
    with open_scope(aim):
        job = Job.objects.get()
    assert run_job(job).result["certificates"] == 1
    with open_scope(aim):
        old, new = Certificate.objects.order_by("pk")
        assert (old.state, new.state, new.replaces_id) == ("revoked", "active", old.pk)


def test_a_certificate_is_made_anew_by_the_ao_alone(client, aim, issued):
    scene, certificate = issued
    with open_scope(aim):
        revoke_certificate(actor=scene.admin, certificate=certificate, reason="Name misspelt")
    sign_in(client, scene.contact.person)
    url = reverse("results:reissue", kwargs={"ao": aim.slug, "certificate_id": certificate.pk})
    assert client.post(url).status_code == 403
    with open_scope(aim):
        assert Certificate.objects.count() == 1


def test_a_revocation_needs_a_reason_happens_once_and_is_the_aos(aim, issued):
    from awarding.accounts.standing import PermissionMissingError

    scene, certificate = issued
    with open_scope(aim):
        with pytest.raises(ReasonMissingError):
            revoke_certificate(actor=scene.admin, certificate=certificate, reason="  ")
        with pytest.raises(PermissionMissingError):
            revoke_certificate(actor=scene.contact, certificate=certificate, reason="Please")
        revoke_certificate(actor=scene.admin, certificate=certificate, reason="Wrong")
        with pytest.raises(StalePageError):
            revoke_certificate(actor=scene.admin, certificate=certificate, reason="Again", reissue=True)
        assert Certificate.objects.count() == 1 and not Job.objects.exists()


def test_the_award_is_dated_by_its_release_in_london(aim):
    release = dt.datetime(2030, 8, 14, 23, 30, tzinfo=dt.UTC)  # half past midnight on the 15th in London
    with open_scope(aim):
        make_processed(aim, learners=1, release_at=release)
        context = certificate_context(certificates_in_full().get(), look_of(aim))
    assert context["awarded_on"] == dt.date(2030, 8, 15)


def test_a_centre_opens_its_certificate_until_it_is_revoked(client, aim, issued):
    scene, certificate = issued
    url = reverse("results:certificate", kwargs={"ao": aim.slug, "certificate_id": certificate.pk})
    sign_in(client, scene.contact.person)
    answer = client.get(url)
    assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
    with open_scope(aim):
        Certificate.objects.filter(pk=certificate.pk).update(state="revoked", revoked_at=timezone.now())
    assert client.get(url).status_code == 404
