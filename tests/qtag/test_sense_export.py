"""Comparisons as a workbook: the list as filtered, behind the pages' gate, nothing live in a cell (SNS-01)."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from django.test import Client

import qtag.tasks  # noqa: F401 - registers the jobs
from awarding.accounts.roles import Role
from awarding.audit.models import AuditRecord
from awarding.files.serving import open_stored
from awarding.jobs.models import Job
from awarding.jobs.services import perform_job
from awarding.tenancy.scope import open_scope
from qtag.models import Judgement, SenseRow
from qtag.services.differences import record_reason
from tests.factories import make_centre, make_standing
from tests.factories.sense import make_row, make_run
from tests.factories.sign_in import sign_in
from tests.qtag.conftest import Scene, build_scene

FORMULA = '=HYPERLINK("https://example.org","x")'


@pytest.fixture
def judged(db: None) -> Scene:
    """A centre whose comparisons are open; a neighbour has one, too."""
    scene = build_scene(learners=1)
    with open_scope(scene.ao):
        Judgement.objects.update(is_certificating=False)
        run = make_run()
        row = make_row(scene.centre, scene.submission.qualification, run=run)
        make_row(scene.centre, run=run, verdict="ordinary", effect=0.05, low=-0.3, high=0.4, p=0.8, q=0.9)
        make_row(make_centre("Southfield"), scene.submission.qualification, run=run)
        record_reason(
            actor=scene.people[Role.QUALITY_CONTACT],
            row_id=row.pk,
            kinds=["intake"],
            text=FORMULA,
            shown_digest=row.digest,
        )
    return scene


def read(content: bytes) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The rows by header, and what the second sheet says."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    page, about = book.worksheets
    header, *rows = page.iter_rows()
    assert all(cell.data_type != "f" and cell.hyperlink is None for row in rows for cell in row)
    titles = [cell.value for cell in header]
    facts = {str(label): str(value) for label, value in about.iter_rows(values_only=True)}
    return [dict(zip(titles, (cell.value for cell in row), strict=True)) for row in rows], facts


def by_job(scene: Scene, **filtered: str) -> tuple[list[dict[str, Any]], dict[str, str]]:
    asked = scene.client(Role.AO_ADMIN).post(scene.url("sense-check/export/"), filtered)
    assert asked.status_code == 302 and "/jobs/" in asked.url
    with open_scope(scene.ao):
        job = Job.objects.filter(kind="sense.export").latest("pk")
    perform_job(scene.ao, job.pk)
    with open_scope(scene.ao):
        job.refresh_from_db()
        assert job.result_file is not None, job.fault
        return read(open_stored(job.result_file))


def test_the_ao_s_list_as_it_is_filtered(judged: Scene) -> None:
    rows, facts = by_job(judged)
    assert [row["Centre"] for row in rows].count("Southfield") == 1 and len(rows) == 3
    (told,) = [row for row in rows if row["The centre’s words"]]
    assert told["The centre’s words"] == FORMULA, "text, as it was typed"
    assert (told["Difference, in steps of a grade"], told["95% interval from"]) == (0.65, 0.3)
    assert facts["Groups in this file"] == "3" and facts["Left out: still closed"].startswith("0.")
    few, facts = by_job(judged, verdict="ordinary")
    assert len(few) == 1 and "usual ups and downs" in facts["Filtered by"]
    with open_scope(judged.ao):
        assert AuditRecord.objects.filter(event="sense_check.exported").count() == 2


def test_sns_01_what_is_closed_is_not_in_it_and_the_sheet_says_how_many_and_why(judged: Scene) -> None:
    """SNS-01, QTG-17: judged by what is open when the job runs."""
    with open_scope(judged.ao):
        Judgement.objects.update(is_certificating=True)
        SenseRow.objects.filter(centre__name="Southfield").update(is_submitted=False)
    rows, facts = by_job(judged)
    assert rows == []
    closed = facts["Left out: still closed"]
    assert closed.startswith("2.") and "(SNS-01)" in closed, "the group, and the whole centre that waits for it"
    assert facts["Left out: not submitted"].startswith("1.") and "(QTG-17)" in facts["Left out: not submitted"]


def test_a_centre_takes_its_own_and_no_job_holds_it(judged: Scene) -> None:
    """QTG-17: before it is submitted the AO sees no comparison; jobs are seen by the AO, so there is none."""
    with open_scope(judged.ao):
        SenseRow.objects.update(is_submitted=False)
        neighbour = make_standing(judged.ao, Role.HEAD_OF_CENTRE, make_centre("Westfield"))
    path = judged.url(f"sense-check/centres/{judged.centre.pk}/export/")
    for role in (Role.HEAD_OF_CENTRE, Role.QUALITY_CONTACT):
        answer = judged.client(role).post(path)
        rows, facts = read(answer.content)
        assert len(rows) == 2 and {row["Centre"] for row in rows} == {judged.centre.name}
        assert "Left out: not submitted" not in facts and "no-store" in answer["Cache-Control"]
    with open_scope(judged.ao):
        assert not Job.objects.filter(kind="sense.export").exists()
    assert read(judged.client(Role.AO_ADMIN).post(path).content)[0] == []
    stranger = Client()
    sign_in(stranger, neighbour.person)
    assert stranger.post(path).status_code == 404
    assert judged.client(Role.TEACHER).post(path).status_code == 403
    # The list's export is the AO's: a centre is led back.
    assert judged.client(Role.HEAD_OF_CENTRE).post(judged.url("sense-check/export/")).url.endswith("/sense-check/")


def test_the_pages_lead_to_it(judged: Scene) -> None:
    listed = judged.client(Role.AO_ADMIN).get(judged.url("sense-check/?verdict=flagged")).content.decode()
    assert "Export these as a workbook" in listed and 'name="verdict" value="flagged"' in listed
    own = judged.client(Role.HEAD_OF_CENTRE).get(judged.url("sense-check/")).content.decode()
    assert f"/sense-check/centres/{judged.centre.pk}/export/" in own
