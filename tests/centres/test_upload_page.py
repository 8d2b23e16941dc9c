"""Uploading registrations through the pages: the whole way, and what bad files get."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from awarding.accounts.models import User
from awarding.accounts.roles import Role
from awarding.audit.models import AuditRecord
from awarding.tenancy.scope import open_scope
from centres.models import Learner, Registration, RegistrationUpload
from centres.tasks import check_registrations, load_registrations
from centres.workbooks import COLUMNS, template_csv, template_workbook
from tests.factories import make_ao, make_centre, make_qualification, make_standing
from tests.factories.registration_files import make_csv, make_row, make_workbook
from tests.factories.sign_in import sign_in
from tests.spreadsheets.builders import changed

pytestmark = pytest.mark.django_db


class Desk:
    """A quality contact at the upload page."""

    def __init__(self) -> None:
        self.ao = make_ao()
        with open_scope(self.ao):
            self.centre = make_centre()
            self.qan: str = make_qualification().qan
        self.client, self.person = self.sign_in_as(Role.QUALITY_CONTACT)

    def sign_in_as(self, role: Role) -> tuple[Client, User]:
        with open_scope(self.ao):
            person = make_standing(self.ao, role, self.centre).person
        client = Client()
        sign_in(client, person)
        return client, person

    def url(self, name: str, **kwargs: Any) -> str:
        return reverse(f"centres:{name}", kwargs={"ao": self.ao.slug, **kwargs})

    def send(self, content: bytes, name: str = "learners.xlsx") -> Any:
        url = self.url("upload_new", centre_id=self.centre.pk)
        return self.client.post(url, {"file": SimpleUploadedFile(name, content)}, follow=True)

    def rows(self, count: int, **changes: Any) -> list[dict[str, Any]]:
        return [make_row(n, self.qan, **changes) for n in range(count)]

    @property
    def upload(self) -> RegistrationUpload:
        with open_scope(self.ao):
            return RegistrationUpload.objects.select_related("file").latest("pk")

    def load(self, upload: RegistrationUpload, **extra: Any) -> Any:
        return self.client.post(self.url("upload_load", upload_id=upload.pk), **extra)

    def stored(self) -> tuple[int, int]:
        with open_scope(self.ao):
            return Learner.objects.count(), Registration.objects.count()


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_file_of_which_nothing_can_be_loaded_is_not_called_ready(desk: Desk) -> None:
    desk.send(make_workbook([make_row(0, desk.qan, uln="1234567890")]))
    for page in (desk.client.get(desk.url("uploads")), desk.client.get(desk.url("upload", upload_id=desk.upload.pk))):
        shown = page.content.decode()
        assert "Checked: nothing to load" in shown and "Checked: ready" not in shown
    work = desk.client.get("/").content.decode()
    assert "Mend the refused rows" in work and "nothing to load, 1 row refused" in work
    desk.send(make_workbook(desk.rows(1)), "good.xlsx")
    work = desk.client.get("/").content.decode()
    assert "1 row to load" in work and "1 rows" not in work and "Load or discard it" in work


def test_upload_preview_load_and_mend(desk: Desk) -> None:
    rows = [*desk.rows(3), make_row(3, desk.qan, uln="1234567890")]
    page = desk.send(make_workbook(rows)).content.decode()
    assert "What was found" in page and "Load the 3 good rows" in page
    assert "A5" in page and "1234567890" in page and "Learning Records Service" in page
    assert desk.stored() == (0, 0)
    done = desk.load(desk.upload, follow=True).content.decode()
    assert "3 registrations loaded. 1 row still needs mending." in done and desk.stored() == (3, 3)
    mend = desk.client.get(desk.url("upload_faults", upload_id=desk.upload.pk))
    sheet = openpyxl.load_workbook(io.BytesIO(mend.content)).worksheets[0]
    assert sheet.max_row == 2 and sheet["A2"].value == "1234567890" and "ULN" in sheet.cell(2, sheet.max_column).value
    sheet["A2"].value = rows[0]["uln"][:-1] + "x"  # still wrong: it is said again
    buffer = io.BytesIO()
    sheet.parent.save(buffer)
    again = desk.send(buffer.getvalue()).content.decode()
    assert "What was found" in again and "Load" not in again.split("What was found")[1].split("Row by row")[0]


def test_the_mended_workbook_loads(desk: Desk) -> None:
    desk.send(make_workbook([make_row(3, desk.qan, uln="1234567890")]))
    mend = desk.client.get(desk.url("upload_faults", upload_id=desk.upload.pk)).content
    book = openpyxl.load_workbook(io.BytesIO(mend))
    book.worksheets[0]["A2"].value = make_row(3, desk.qan)["uln"]
    buffer = io.BytesIO()
    book.save(buffer)
    desk.send(buffer.getvalue())
    desk.load(desk.upload)
    assert desk.stored() == (1, 1)


def test_load_pressed_twice_loads_once(desk: Desk) -> None:
    desk.send(make_workbook(desk.rows(2)))
    upload = desk.upload
    assert desk.load(upload).status_code == 302
    second = desk.load(upload, follow=True)
    assert second.status_code == 200 and "nothing was done twice" in second.content.decode()
    assert desk.stored() == (2, 2)
    with open_scope(desk.ao):
        assert AuditRecord.objects.filter(event="registrations.loaded").count() == 1


def test_a_discarded_upload_is_stale(desk: Desk) -> None:
    desk.send(make_workbook(desk.rows(1)))
    upload = desk.upload
    discard = desk.url("upload_discard", upload_id=upload.pk)
    assert desk.client.post(discard).status_code == 302
    answer = desk.load(upload)
    assert answer.status_code == 409 and "can no longer be loaded" in answer.content.decode()
    assert desk.stored() == (0, 0)


def test_what_changed_since_the_preview_counts(desk: Desk) -> None:
    desk.send(make_workbook(desk.rows(2)))
    first = desk.upload
    desk.send(make_workbook(desk.rows(1)), "one.xlsx")
    desk.load(desk.upload)
    page = desk.load(first, follow=True).content.decode()
    assert "1 registration loaded" in page and "When the file was checked it was 2 new" in page
    assert desk.stored() == (2, 2)


def test_the_same_file_again_has_nothing_to_load(desk: Desk) -> None:
    content = make_workbook(desk.rows(2))
    desk.send(content)
    desk.load(desk.upload)
    page = desk.send(content).content.decode()
    assert "nothing is left to load" in page and "upload_load" not in page
    assert desk.load(desk.upload).status_code == 302 and desk.stored() == (2, 2)


def _bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", b"0" * (60 * 1024 * 1024))
    return buffer.getvalue()


BOMB = _bomb()


def bad_files(good: bytes) -> dict[str, tuple[str, bytes, str]]:
    """By name: the file's name, its bytes, and words that the page must say."""
    entity = '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaa">]><workbook/>'
    return {
        "truncated": ("learners.xlsx", good[: len(good) // 2], "damaged"),
        "a PDF renamed": ("learners.xlsx", b"%PDF-1.7 hello", "PDF"),
        "a web page renamed": ("learners.csv", b"<html><table></table></html>", "web page"),
        "an image renamed": ("learners.csv", b"\x89PNG\r\n\x1a\n" + bytes(50), "PNG"),
        "another archive": (
            "learners.xlsx",
            changed(good, {"xl/workbook.xml": None, "xl/worksheets/sheet1.xml": None}),
            "",
        ),
        "macros": ("learners.xlsx", changed(good, {"xl/vbaProject.bin": b"x"}), "macros"),
        "entity bomb": ("learners.xlsx", changed(good, {"xl/workbook.xml": entity}), "entities"),
        "zip bomb": ("learners.xlsx", BOMB, ""),
        "external link": (
            "learners.xlsx",
            changed(good, {"xl/externalLinks/externalLink1.xml": "<x/>"}),
            "other files",
        ),
        "no header": ("learners.csv", b"a,b,c\n1,2,3\n", "names the columns"),
        "header only": ("learners.xlsx", make_workbook([]), "no rows"),
    }


@pytest.mark.parametrize("kind", list(bad_files(make_workbook([]))))
def test_a_bad_file_is_refused_in_words_and_nothing_is_stored(desk: Desk, kind: str) -> None:
    name, content, words = bad_files(make_workbook(desk.rows(2)))[kind]
    answer = desk.send(content, name)
    page = answer.content.decode()
    assert answer.status_code == 200 and "This file cannot be loaded" in page, kind
    assert words in page, kind
    assert desk.stored() == (0, 0) and desk.upload.state == RegistrationUpload.State.REFUSED
    assert desk.load(desk.upload).status_code == 409


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("learners.docx", b"x", "ends in .xlsx or .csv"),
        ("learners.xlsx", b"", "is empty"),
        (None, b"", "Choose a file"),
    ],
)
def test_what_is_no_upload_is_said_on_the_form(desk: Desk, name: str | None, content: bytes, words: str) -> None:
    data = {"file": SimpleUploadedFile(name, content)} if name else {}
    answer = desk.client.post(desk.url("upload_new", centre_id=desk.centre.pk), data)
    assert answer.status_code == 200 and words in answer.content.decode()
    with open_scope(desk.ao):
        assert not RegistrationUpload.objects.exists()


def test_formulas_are_neither_run_nor_handed_back_live(desk: Desk) -> None:
    rows = [
        make_row(0, desk.qan, given_names=('=HYPERLINK("http://x","Ada")', "Ada")),
        make_row(1, desk.qan, family_name="=cmd|' /C calc'!A0"),
    ]
    page = desk.send(make_workbook(rows)).content.decode()
    assert "formula" in page and desk.upload.counts["refused"] == 2
    mend = desk.client.get(desk.url("upload_faults", upload_id=desk.upload.pk)).content
    for sheet in openpyxl.load_workbook(io.BytesIO(mend)):
        for line in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in line)


def test_american_dates_are_pointed_out_at_every_cell_that_could_be_one(desk: Desk) -> None:
    rows = desk.rows(3)
    for row, text in zip(rows, ("12/31/2002", "03/04/2002", "05/06/2002"), strict=True):
        row["date_of_birth"] = text
    page = desk.send(make_workbook(rows)).content.decode()
    assert desk.upload.counts["refused"] == 3
    assert "month before the day" in page and "D3" in page and "D4" in page


def test_scripts_in_a_cell_are_shown_as_text(desk: Desk) -> None:
    page = desk.send(make_workbook(desk.rows(1, cohort="@<script>alert(1)</script>"))).content.decode()
    assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page


def test_the_page_of_faults_is_paged_and_the_rest_is_counted(desk: Desk) -> None:
    rows = [make_row(n, "60171595") for n in range(120)]
    page = desk.send(make_workbook(rows)).content.decode()
    assert "page 1 of 3" in page
    last = desk.client.get(desk.url("upload", upload_id=desk.upload.pk) + "?page=3").content.decode()
    assert "F121" in last and "F2<" not in last


def test_a_larger_file_becomes_a_job(desk: Desk) -> None:
    """Checked and loaded by the jobs' own function; killed before its end it has stored nothing, run again it finishes."""
    from awarding.jobs.models import Job
    from awarding.jobs.registry import HANDLERS
    from awarding.jobs.services import perform_job

    assert HANDLERS["centres.check_registrations"] is check_registrations
    assert HANDLERS["centres.load_registrations"] is load_registrations
    page = desk.send(make_workbook(desk.rows(700))).content.decode()
    assert "Being checked" in page and "Look again now" in page
    upload = desk.upload
    perform_job(desk.ao, upload.job_id)
    assert desk.upload.state == RegistrationUpload.State.CHECKED and desk.upload.counts["loaded"] == 700
    assert desk.stored() == (0, 0)
    desk.load(upload)
    assert desk.upload.state == RegistrationUpload.State.LOADING and desk.stored() == (0, 0)
    assert "nothing was done twice" in desk.load(upload, follow=True).content.decode()
    job_id = desk.upload.job_id
    perform_job(desk.ao, job_id)
    assert desk.stored() == (700, 700) and desk.upload.state == RegistrationUpload.State.LOADED
    with open_scope(desk.ao):
        assert Job.objects.filter(kind="centres.load_registrations").count() == 1
        Job.objects.filter(pk=job_id).update(state="queued")
    perform_job(desk.ao, job_id)
    assert desk.stored() == (700, 700)


def test_a_load_that_breaks_half_way_stores_nothing_and_can_be_repeated(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from awarding.jobs.services import perform_job
    from centres.services import storing

    desk.send(make_workbook(desk.rows(700)))
    perform_job(desk.ao, desk.upload.job_id)
    desk.load(desk.upload)

    def break_down(*args: Any) -> None:
        raise OSError("the machine went away")

    with monkeypatch.context() as broken:
        broken.setattr(storing, "_store_registrations", break_down)
        perform_job(desk.ao, desk.upload.job_id)
    assert desk.stored() == (0, 0)
    page = desk.client.get(desk.url("upload", upload_id=desk.upload.pk)).content.decode()
    assert "nothing half-done was kept" in page
    desk.load(desk.upload)
    perform_job(desk.ao, desk.upload.job_id)
    assert desk.stored() == (700, 700)


def test_the_templates_can_be_read_back(desk: Desk) -> None:
    from awarding.spreadsheets.reader import read_table

    for name, content in (("template_xlsx", template_workbook()), ("template_csv", template_csv())):
        answer = desk.client.get(desk.url(name))
        assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"]
        table = read_table(content, columns=COLUMNS)
        assert [fault.code for fault in table.faults] == ["no_rows"], name


def test_csv_from_the_template_goes_the_same_way(desk: Desk) -> None:
    desk.send(make_csv(desk.rows(2)), "learners.csv")
    desk.load(desk.upload)
    assert desk.stored() == (2, 2)


def test_teachers_heads_and_strangers_upload_nothing(desk: Desk) -> None:
    desk.send(make_workbook(desk.rows(1)))
    upload = desk.upload
    for role in (Role.TEACHER, Role.HEAD_OF_CENTRE):
        client, _person = desk.sign_in_as(role)
        for url in (desk.url("upload_new", centre_id=desk.centre.pk), desk.url("upload", upload_id=upload.pk)):
            assert client.get(url).status_code == 403
        assert client.post(desk.url("upload_load", upload_id=upload.pk)).status_code == 403
    with open_scope(desk.ao):
        elsewhere = make_standing(desk.ao, Role.QUALITY_CONTACT, make_centre("Elsewhere")).person
    client = Client()
    sign_in(client, elsewhere)
    assert client.get(desk.url("upload", upload_id=upload.pk)).status_code == 404
    assert client.post(desk.url("upload_load", upload_id=upload.pk)).status_code == 404
    assert client.get(desk.url("upload_file", upload_id=upload.pk)).status_code == 404
    assert desk.stored() == (0, 0)


def test_the_file_comes_back_as_it_was_sent(desk: Desk) -> None:
    content = make_workbook(desk.rows(1))
    desk.send(content)
    answer = desk.client.get(desk.url("upload_file", upload_id=desk.upload.pk))
    assert b"".join(answer.streaming_content) == content and "attachment" in answer["Content-Disposition"]


def test_a_closed_centre_is_told_so(desk: Desk) -> None:
    with open_scope(desk.ao):
        desk.centre.closed_on = dt.date(2020, 1, 1)
        desk.centre.save()
    page = desk.send(make_workbook(desk.rows(1))).content.decode()
    assert "ended on 01/01/2020" in page and desk.stored() == (0, 0)


def test_checked_uploads_wait_in_my_work(desk: Desk) -> None:
    from awarding.accounts.queries import find_standing
    from centres.worklist import missing_people, uploads_to_load

    desk.send(make_workbook(desk.rows(1)))
    with open_scope(desk.ao):
        standing = find_standing(desk.person, desk.ao)
        assert standing is not None
        assert [item.url for item in uploads_to_load(standing)] == [desk.url("upload", upload_id=desk.upload.pk)]
        assert {str(item.title) for item in missing_people(standing)} == {
            "No head of centre",
            "No senior designated contact",
        }
    desk.load(desk.upload)
    with open_scope(desk.ao):
        assert uploads_to_load(standing) == []


def test_the_list_of_uploads_costs_the_same_at_one_and_three_rows(desk: Desk, django_assert_num_queries: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    desk.send(make_workbook(desk.rows(1)))
    desk.client.get(desk.url("uploads"))
    with CaptureQueriesContext(connection) as one:
        desk.client.get(desk.url("uploads"))
        queries = len(one)
    for _again in range(2):
        desk.send(make_workbook(desk.rows(1)))
    with django_assert_num_queries(queries):
        assert desk.client.get(desk.url("uploads")).status_code == 200
