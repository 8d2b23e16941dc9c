"""The AO's side of the sense check: its list, runs, thresholds before they are saved, earlier results and changes."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

import qtag.tasks  # noqa: F401 - registers the jobs
from awarding.accounts.roles import Role
from awarding.jobs.models import Job
from awarding.jobs.services import perform_job
from awarding.tenancy.scope import open_scope
from qtag.models import CentreChange, Judgement, PastResults, QualificationChange, SenseRow, SenseSettings
from qtag.sense_check.counts import Settings
from qtag.sense_check.preview import StoredRows, preview_flags
from tests.factories import make_standing
from tests.factories.sense import make_row, make_run
from tests.qtag.conftest import Scene, build_scene

THRESHOLDS = {
    "promised": "5", "smallest_difference": "0", "difference_sought": "0.5", "fewest_learners": "5", "too_few": "5",
    "full_confidence": "15", "fewest_shown": "5", "characteristics_months": "6", "signing_waits": "on",
}  # fmt: skip


@pytest.fixture
def judged(db: None) -> Scene:
    """A centre with nothing that waits to be judged, and three rows of it."""
    scene = build_scene(learners=1)
    with open_scope(scene.ao):
        Judgement.objects.update(is_certificating=False)
        run = make_run()
        make_row(scene.centre, scene.submission.qualification, run=run)
        make_row(scene.centre, run=run, verdict="ordinary", effect=0.05, low=-0.3, high=0.4, p=0.8, q=0.9)
        make_row(
            scene.centre, run=run, key="small", level="suite", label="Small suite", verdict="too_few", q=None, p=1.0,
            size=4, too_few_reason="now",
        )  # fmt: skip
    return scene


def test_the_list_goes_by_evidence_and_is_filtered(judged: Scene) -> None:
    admin = judged.client(Role.AO_ADMIN)
    page = admin.get(judged.url("sense-check/")).content.decode()
    places = [page.index(words) for words in ("0.65 of a grade higher", "The whole centre", "Small suite")]
    assert places == sorted(places)
    only = admin.get(judged.url("sense-check/?verdict=too_few")).content.decode()
    assert "Small suite" in only and "0.65 of a grade higher" not in only
    waiting = admin.get(judged.url("sense-check/?told=waiting")).content.decode()
    assert "0.65 of a grade higher" in waiting and "Small suite" not in waiting
    assert "Nothing fits this filter" in admin.get(judged.url("sense-check/?q=nowhere")).content.decode()


def test_the_responsible_officer_reads_and_changes_nothing(judged: Scene) -> None:
    with open_scope(judged.ao):
        judged.people[Role.RESPONSIBLE_OFFICER] = make_standing(judged.ao, Role.RESPONSIBLE_OFFICER)
    officer = judged.client(Role.RESPONSIBLE_OFFICER)
    assert "0.65" in officer.get(judged.url("sense-check/")).content.decode()
    for path in ("runs", "settings", "history", "changes"):
        assert officer.get(judged.url(f"sense-check/{path}/")).status_code == 403


def test_thresholds_show_what_they_would_flag_before_they_are_saved(judged: Scene) -> None:
    admin = judged.client(Role.AO_ADMIN)
    path = judged.url("sense-check/settings/")
    assert "1 of 3 groups" in admin.get(path).content.decode()
    shown = admin.post(path, THRESHOLDS | {"smallest_difference": "0.9", "show": "1"}).content.decode()
    assert "0 of 3 groups" in shown and "Flagged today, not then" in shown and 'value="0.9"' in shown
    with open_scope(judged.ao):
        assert not SenseSettings.objects.exists()
    assert admin.post(path, THRESHOLDS | {"smallest_difference": "0.9", "save": "1"}).status_code == 302
    with open_scope(judged.ao):
        assert SenseSettings.objects.get().smallest_difference == 0.9
        assert SenseRow.objects.filter(verdict="flagged").count() == 1, "nothing is flagged anew before the next run"
    wrong = admin.post(path, THRESHOLDS | {"too_few": "20", "save": "1"}).content.decode()
    assert "must lie above the size that says nothing" in wrong


def test_a_preview_with_the_run_s_own_thresholds_flags_by_the_run_s_own_evidence() -> None:
    """SNS-07: small groups stay unflagged whatever their difference; a larger smallest difference never flags more."""
    size = np.array([40.0, 40.0, 4.0, 200.0])
    rows = StoredRows(
        size, size * 2, np.array([0.9, 0.1, 3.0, -0.6]), np.array([0.6, -0.2, 1.0, -0.8]), np.array([1.2, 0.4, 5.0, -0.4]),
        np.array([1e-6, 0.5, 1.0, 1e-6]),
    )  # fmt: skip
    assert preview_flags(rows, Settings()).tolist() == [True, False, False, True]
    flagged = [int(preview_flags(rows, Settings(smallest_difference=d)).sum()) for d in (0.0, 0.25, 0.5, 0.8, 1.0)]
    assert flagged == sorted(flagged, reverse=True) and flagged[-1] == 0


def test_a_run_is_asked_for_once_however_often(judged: Scene) -> None:
    admin = judged.client(Role.AO_ADMIN)
    path = judged.url("sense-check/runs/")
    first, second = (admin.post(path, {"kind": "whole"}).url for _ in range(2))
    assert first == second and "/jobs/" in first
    assert admin.get(path).status_code == 200


def test_history_is_checked_then_loaded(judged: Scene) -> None:
    admin = judged.client(Role.AO_ADMIN)
    path = judged.url("sense-check/history/")
    qan = judged.submission.qualification.qan
    lines = f"Centre number,QAN,Series,Grade,Learners\n{judged.centre.number},{qan},2019-summer,M,12\nX,{qan},2019-summer,M,1\n"
    file = SimpleUploadedFile("earlier.csv", lines.encode(), "text/csv")
    answer = admin.post(path, {"file": file})
    assert answer.status_code == 302
    with open_scope(judged.ao):
        check = Job.objects.get(kind="history_check")
    perform_job(judged.ao, check.pk)
    page = admin.get(path).content.decode()
    assert "2 rows read: 1 new" in page and "No centre has this number here" in page
    with open_scope(judged.ao):
        assert not PastResults.objects.exists()
    admin.post(judged.url(f"sense-check/history/{check.pk}/load/"))
    with open_scope(judged.ao):
        load = Job.objects.get(kind="history_load")
    perform_job(judged.ao, load.pk)
    with open_scope(judged.ao):
        assert PastResults.objects.get().count == 12
    page = admin.get(path).content.decode()
    assert "Summer 2019" in page and "2019-summer" not in page and "rows read" not in page
    assert admin.post(path, {"series": "summer 2019", "role": "left_out", "weeks": "52"}).status_code == 302
    assert "Left out" in admin.get(path).content.decode()
    wrong = admin.post(path, {"series": "last year", "role": "counts", "weeks": "52"}).content.decode()
    assert "such as Summer 2019" in wrong


def test_changes_are_recorded_by_number_and_withdrawn_with_a_reason(judged: Scene) -> None:
    admin = judged.client(Role.AO_ADMIN)
    path = judged.url("sense-check/changes/")
    day = {"effective_on-day": "1", "effective_on-month": "9", "effective_on-year": "2020"}
    said = {"kind": "status", "from_centre": judged.centre.number, "share": "100", "reason": "Another owner"} | day
    assert admin.post(path, {"about": "centre"} | {f"centre-{k}": v for k, v in said.items()}).status_code == 302
    wrong = {"about": "centre"} | {f"centre-{k}": v for k, v in (said | {"from_centre": "nowhere"}).items()}
    assert "No centre of yours has this number" in admin.post(path, wrong).content.decode()
    own = {"kind": "discontinued", "from_qualification": judged.submission.qualification.qan, "reason": "Ended"} | day
    posted = {"about": "qualification"} | {f"qualification-{k}": v for k, v in own.items()}
    assert admin.post(path, posted).status_code == 302
    with open_scope(judged.ao):
        change = CentreChange.objects.get()
        assert change.effective_on == dt.date(2020, 9, 1) and QualificationChange.objects.count() == 1
    leave = judged.url(f"sense-check/changes/centre/{change.pk}/withdraw/")
    assert admin.post(leave, {"reason": ""}).status_code == 200
    assert admin.post(leave, {"reason": "The wrong centre"}).status_code == 302
    with open_scope(judged.ao):
        assert CentreChange.objects.get().withdrawn_at is not None
    assert "Withdrawn" in admin.get(path).content.decode()
