"""The life of an uploaded table: what its state and its job together mean for whoever looks at it."""

from __future__ import annotations

import pytest

from awarding.jobs.models import Job, JobState
from awarding.spreadsheets.uploads import UploadState
from centres.models import RegistrationUpload
from qtag.models import CharacteristicUpload

OPEN, ENDED = JobState.RUNNING, JobState.FAILED


@pytest.mark.parametrize("model", [RegistrationUpload, CharacteristicUpload])
@pytest.mark.parametrize(
    ("state", "job", "is_working", "is_stuck", "waits_for_load"),
    [
        (UploadState.RECEIVED, OPEN, True, False, False),
        # A check that stopped left nothing to load: the file is uploaded again.
        (UploadState.RECEIVED, ENDED, False, True, False),
        (UploadState.CHECKED, None, False, False, True),
        (UploadState.CHECKED, ENDED, False, False, True),
        (UploadState.LOADING, OPEN, True, False, False),
        (UploadState.LOADING, ENDED, False, True, True),
        # Loaded while the page waits: no job, and nobody else may begin a second load.
        (UploadState.LOADING, None, False, False, False),
        (UploadState.LOADED, ENDED, False, False, False),
        (UploadState.DISCARDED, ENDED, False, False, False),
        (UploadState.REFUSED, None, False, False, False),
    ],
)
def test_what_an_upload_waits_for(
    model: type, state: str, job: str | None, is_working: bool, is_stuck: bool, waits_for_load: bool
) -> None:
    upload = model(ao_id=1, state=state, job=None if job is None else Job(ao_id=1, state=job))
    assert (upload.is_working, upload.is_stuck, upload.waits_for_load) == (is_working, is_stuck, waits_for_load)


def test_a_checked_file_with_nothing_to_load_is_not_called_ready() -> None:
    ready, empty = (CharacteristicUpload(ao_id=1, state="checked", counts={"updated": n}) for n in (2, 0))
    assert ready.has_rows_to_load and ready.shown_state == "Checked: ready to load"
    assert not empty.has_rows_to_load and empty.shown_state == "Checked: nothing to load"
    assert empty.colour == ready.colour != CharacteristicUpload(ao_id=1, state="loaded").colour
