"""Files of evidence: what may be attached, who opens them, and that they are kept as long as they must be (QTG-19)."""

from __future__ import annotations

import calendar as days
import datetime as dt
import hashlib
import io

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from awarding.accounts.roles import Role
from awarding.audit.models import AuditRecord
from awarding.files.models import StoredFile
from awarding.invariants import check_files
from awarding.tenancy.scope import open_scope
from qtag.models import EvidenceFile, EvidenceRecord
from qtag.queries import retention as retention_queries
from qtag.rules.retention import CaseFact, RetentionFacts, add_months, retention
from qtag.services.files import RetainedError, attach_file, delete_file
from tests.factories import make_standing
from tests.factories.qtags import bring_to_agreed, make_eligible
from tests.qtag.conftest import Scene

PDF = b"%PDF-1.7\nwork of a learner\n%%EOF\n"
DIGEST = hashlib.sha256(PDF).hexdigest()


@pytest.fixture
def piece(scene) -> EvidenceRecord:
    row = scene.judgements()[0]
    with open_scope(scene.ao):
        row = scene.submission.judgements.select_related("registration__qualification").get(pk=row.pk)
        make_eligible(scene.people[Role.TEACHER], row)
        return EvidenceRecord.objects.get(judgement=row)


def address(scene: Scene, piece: EvidenceRecord) -> str:
    return scene.url(f"qtags/learners/{piece.judgement_id}/evidence/{piece.pk}/")


def attach(scene: Scene, piece: EvidenceRecord, content: bytes = PDF, name: str = "work.pdf") -> EvidenceFile:
    with open_scope(scene.ao):
        handle, size = io.BytesIO(content), len(content)
        return attach_file(actor=scene.people[Role.TEACHER], piece=piece, handle=handle, name=name, size=size)


def issued(monkeypatch, day: dt.date | None, *cases: CaseFact) -> None:
    """As if a later app had said this of every registration."""
    answer = RetentionFacts(day, cases)
    monkeypatch.setattr(retention_queries, "_sources", [lambda ids: dict.fromkeys(ids, answer)])


def test_a_file_is_attached_once_and_judged_by_its_content(scene, piece):
    """The same bytes twice are one file; a program called photo.jpg is refused with the remedy and nothing is stored."""
    client = scene.client(Role.TEACHER)
    for _ in range(2):
        answer = client.post(address(scene, piece), {"file": SimpleUploadedFile("work.pdf", PDF)})
        assert answer.status_code == 302
    page = client.get(address(scene, piece)).content.decode()
    assert page.count(DIGEST) == 1 and "work.pdf" in page
    answer = client.post(address(scene, piece), {"file": SimpleUploadedFile("photo.jpg", b"MZ\x90\x00" * 50)})
    assert "is not of a kind that is taken" in answer.content.decode()
    with open_scope(scene.ao):
        assert StoredFile.objects.count() == 1


def test_evidence_and_its_file_are_recorded_together_or_not_at_all(scene):
    row = scene.judgements()[0]
    client = scene.client(Role.TEACHER)
    where = scene.url(f"qtags/learners/{row.pk}/record/evidence/")
    said = {
        "type": "classwork", "covers": "Unit 4", "control": "low", "dated_on": "2021-03-01", "is_authentic": "on",
        "is_reachable": "on",
    }  # fmt: skip
    wrong = client.post(where, said | {"file": SimpleUploadedFile("a.pdf", b"not one")})
    assert "not of a kind" in wrong.content.decode() and "Unit 4" in wrong.content.decode()
    with open_scope(scene.ao):
        assert not EvidenceRecord.objects.exists()
    assert client.post(where, said | {"file": SimpleUploadedFile("a.pdf", PDF)}).status_code == 302
    with open_scope(scene.ao):
        assert EvidenceFile.objects.get().piece.covers == "Unit 4"


def test_only_those_who_see_the_judgement_open_its_files(scene, piece):
    """QTG-17: staff of the cohort and the centre's own people; a teacher of another cohort and every role of the AO do not."""
    attached = attach(scene, piece)
    where = scene.url(f"qtags/learners/{piece.judgement_id}/files/{attached.pk}/")
    for role in (Role.TEACHER, Role.HEAD_OF_CENTRE, Role.QUALITY_CONTACT):
        answer = scene.client(role).get(where)
        assert b"".join(answer.streaming_content) == PDF and answer["X-Content-Type-Options"] == "nosniff"
    with open_scope(scene.ao):
        scene.people[Role.TEACHER] = make_standing(scene.ao, Role.TEACHER, scene.centre)  # of no cohort here
        for role in (Role.RESPONSIBLE_OFFICER, Role.PANEL_MEMBER, Role.EXTERNAL_VERIFIER):
            scene.people[role] = make_standing(scene.ao, role)
    assert scene.client(Role.TEACHER).get(where).status_code == 404
    for role in (Role.AO_ADMIN, Role.RESPONSIBLE_OFFICER, Role.PANEL_MEMBER, Role.EXTERNAL_VERIFIER):
        assert scene.client(role).get(where).status_code == 403


def test_what_left_the_teacher_takes_no_more_files(scene, piece):
    with open_scope(scene.ao):
        bring_to_agreed(scene.people, scene.submission)
    answer = scene.client(Role.TEACHER).post(address(scene, piece), {"file": SimpleUploadedFile("work.pdf", PDF)})
    assert answer.status_code == 409 and "cannot be changed" in answer.content.decode()


def test_a_file_set_aside_stays_with_the_reason(scene, piece):
    """QTG-19: what was attached by mistake no longer counts, and is not gone."""
    attached = attach(scene, piece)
    where = scene.url(f"qtags/learners/{piece.judgement_id}/aside/file/{attached.pk}/")
    client = scene.client(Role.TEACHER)
    assert client.post(where, {"reason": ""}).status_code == 200
    assert client.post(where, {"reason": "Another learner's work"}).status_code == 302
    assert "Set aside: Another learner&#x27;s work" in client.get(address(scene, piece)).content.decode()
    with open_scope(scene.ao):
        assert list(check_files(scene.ao)) == []


@pytest.mark.parametrize(
    ("day", "cases", "words"),
    [
        (None, (), "6 months after the result is issued, which it is not yet"),
        (dt.date(2021, 8, 10), (), "until 10 February 2022: 6 months after the result was issued on 10 August 2021"),
        (dt.date(2020, 8, 10), (CaseFact("appeal A-1"),), "until this has ended: appeal A-1"),
        (
            dt.date(2020, 8, 10),
            (CaseFact("complaint", dt.date(2021, 7, 1)),),
            "until 1 July 2021, the end of: complaint",
        ),
    ],
)
def test_earlier_deletion_is_refused_with_the_date(scene, piece, monkeypatch, day, cases, words):
    """QTG-19: six months after issue, or the end of the last case; by page and by service, and the file is still there."""
    attached = attach(scene, piece)
    issued(monkeypatch, day, *cases)
    where = scene.url(f"qtags/learners/{piece.judgement_id}/files/{attached.pk}/delete/")
    client = scene.client(Role.QUALITY_CONTACT)
    assert words in client.get(where).content.decode()
    refused = client.post(where)
    assert refused.status_code == 409 and "Nothing was deleted" in refused.content.decode()
    with open_scope(scene.ao):
        with pytest.raises(RetainedError, match="kept"):
            delete_file(actor=scene.people[Role.QUALITY_CONTACT], attached=attached)
        assert list(check_files(scene.ao)) == []
        assert StoredFile.objects.get().erased_at is None


def test_the_latest_issue_and_every_case_of_all_sources_count(scene, piece, monkeypatch):
    """QTG-19: a result that was issued again counts from then; what one source knows, another does not undo."""
    first, second = CaseFact("appeal A-1", dt.date(2021, 9, 1)), CaseFact("complaint")
    facts = [
        RetentionFacts(dt.date(2021, 8, 10)),
        RetentionFacts(dt.date(2021, 11, 30), (first,)),
        RetentionFacts(cases=(second,)),
    ]
    monkeypatch.setattr(retention_queries, "_sources", [lambda ids, one=one: dict.fromkeys(ids, one) for one in facts])
    with open_scope(scene.ao):
        (found,) = retention_queries.retention_facts([piece.judgement.registration_id]).values()
    assert found == RetentionFacts(dt.date(2021, 11, 30), (first, second))
    assert retention(found, 6).until is None, "a complaint is open"
    assert retention(RetentionFacts(found.issued_on, (first,)), 3).until == dt.date(2022, 2, 28)


def test_after_its_time_a_file_is_deleted_and_its_digest_stays(
    scene, piece, calendar, monkeypatch, django_capture_on_commit_callbacks
):
    """QTG-19: the day after the last one, by the quality contact, not by a teacher."""
    attached = attach(scene, piece)
    issued(monkeypatch, dt.date(2021, 8, 10), CaseFact("appeal A-1", dt.date(2021, 11, 1)))
    where = scene.url(f"qtags/learners/{piece.judgement_id}/files/{attached.pk}/delete/")
    client = scene.client(Role.QUALITY_CONTACT)
    calendar.today = dt.date(2022, 2, 10)
    assert client.post(where).status_code == 409
    calendar.today = dt.date(2022, 2, 11)
    assert scene.client(Role.TEACHER).post(where).status_code == 403
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(where).status_code == 302
    with open_scope(scene.ao):
        stored = StoredFile.objects.get()
        assert stored.erased_at is not None and not default_storage.exists(stored.storage_name)
        assert list(check_files(scene.ao)) == []
        assert AuditRecord.objects.get(event="judgement.file_deleted").data["kept_until"] == "2022-02-10"
    page = client.get(address(scene, piece)).content.decode()
    assert DIGEST in page and "Deleted on" in page
    assert client.get(where.removesuffix("delete/")).status_code == 404


def test_the_evidence_record_lists_files_with_their_digests(scene, piece):
    attach(scene, piece)
    answer = scene.client(Role.TEACHER).get(scene.url(f"qtags/learners/{piece.judgement_id}/record.pdf"))
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    assert "work.pdf" in text and DIGEST in "".join(text.split())
    assert "1 May 2021" in text  # the day on which the learner was told


DATES = st.dates(dt.date(2019, 1, 1), dt.date(2030, 1, 1))


@given(DATES, st.integers(1, 120), st.lists(DATES, max_size=3))
def test_qtg_19_the_end_is_the_later_of_both_and_never_before_it(day, months, ends):
    found = retention(RetentionFacts(day, tuple(CaseFact("case", end) for end in ends)), months)
    assert found.until == max([add_months(day, months), *ends])
    assert not found.is_over(found.until) and found.is_over(found.until + dt.timedelta(days=1))
    assert retention(RetentionFacts(day, (CaseFact("open"),)), months).until is None
    later = add_months(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == min(day.day, days.monthrange(later.year, later.month)[1])
