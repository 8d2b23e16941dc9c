"""One thing of each kind that an address of the sense check can name."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from qtag.models import CentreChange, CharacteristicUpload, Judgement, LearnerCharacteristic, SenseRow, Submission
from qtag.services.differences import record_reason
from tests.factories.qtags import make_submission
from tests.factories.sense import make_row

if TYPE_CHECKING:
    from tests.matrix.scene import Scene

# Earlier results of the other submission are closed: its page answers 403, as it should.
OWN_MEANING = {
    "api:comparison-detail": {"pk": "row_id"},
    "api:earlier-results-detail": {"pk": "row_id"},
    "api:learner-groups-detail": {"pk": "row_id"},
    "qtag:sense_submission": {"submission_id": "compared_submission_id"},
    "qtag:sense_withdraw": {"kind": "change_kind"},
    "qtag:characteristic_upload": {"upload_id": "characteristic_upload_id"},
    "qtag:characteristic_load": {"upload_id": "characteristic_upload_id"},
    "qtag:characteristic_discard": {"upload_id": "characteristic_upload_id"},
}


def parameters(scene: Scene) -> dict[str, Any]:
    """A difference that the centre has explained, and another that waits."""
    submission, row = _compared(scene)
    _compared(scene)
    reason = record_reason(
        actor=scene.contact, row_id=row.pk, kinds=["intake"], text="Another intake", shown_digest=row.digest
    )
    return {
        "characteristic_upload_id": _grouped(scene, "Disability").pk,
        "compared_submission_id": submission.pk,
        "row_id": row.pk,
        "reason_id": reason.pk,
        "change_kind": "centre",
        "change_id": _changed(scene, dt.date(2020, 1, 1)).pk,
    }


def grow(scene: Scene) -> None:
    """Two more that wait for a reason, two more that have one."""
    for number in range(2):
        _grouped(scene, f"Characteristic {number}")
        _changed(scene, dt.date(2020, 1, 2 + number))
        _compared(scene)
        _submission, row = _compared(scene)
        record_reason(
            actor=scene.contact, row_id=row.pk, kinds=["intake"], text="Another intake", shown_digest=row.digest
        )


def _grouped(scene: Scene, characteristic: str) -> CharacteristicUpload:
    """A file of learners' groups that is checked, and something that is recorded already."""
    learner = scene.learner.registration.learner
    LearnerCharacteristic.objects.create(learner=learner, characteristic=characteristic, value="Yes")
    counts = {"read": 1, "loaded": 1, "updated": 0, "unchanged": 0, "refused": 0, "faults": 0}
    return CharacteristicUpload.objects.create(
        centre=scene.tenant.centre, file=scene.stored, state="checked", counts=counts, uploaded_by=scene.contact.person
    )


def _changed(scene: Scene, day: dt.date) -> CentreChange:
    """The centre changed so much that what was before counts no longer."""
    return CentreChange.objects.create(
        kind="status", from_centre=scene.tenant.centre, effective_on=day, reason="Another owner",
        recorded_by=scene.contact.person,
    )  # fmt: skip


def _compared(scene: Scene) -> tuple[Submission, SenseRow]:
    """A group in which everything is answered: its only learner goes on."""
    submission = make_submission(scene.tenant.centre, scene.contact, learners=1)
    Judgement.objects.filter(submission=submission).update(is_certificating=False)
    return submission, make_row(scene.tenant.centre, submission.qualification)
