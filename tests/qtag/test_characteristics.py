"""Learners' groups come in through a page, are seen by two people, and go again without a trace of whose they were (SNS-08)."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import qtag.tasks  # noqa: F401 - registers the jobs
from awarding.accounts.roles import PERMISSIONS, Permission, Role
from awarding.audit.models import AuditRecord
from awarding.jobs.models import Job
from awarding.jobs.services import perform_job
from awarding.tenancy.scope import open_scope
from centres.models import Learner
from qtag.models import CharacteristicUpload, LearnerCharacteristic, PastGroupResults
from qtag.services import characteristic_uploads
from tests.factories import make_centre, make_standing
from tests.factories.sign_in import sign_in
from tests.qtag.conftest import Scene, build_scene


@pytest.fixture
def scene(db: None) -> Scene:
    return build_scene(learners=3)


def ulns(scene: Scene) -> list[str]:
    with open_scope(scene.ao):
        return list(Learner.objects.filter(centre=scene.centre).order_by("pk").values_list("uln", flat=True))


def page(scene: Scene, rest: str = "") -> str:
    return scene.url(f"sense-check/centres/{scene.centre.pk}/groups/{rest}")


def upload(scene: Scene, client: Client, *lines: str, name: str = "groups.csv") -> str:
    """Sends a file; answers the address of its page."""
    text = "\n".join(("ULN,Characteristic,Group", *lines)) + "\n"
    answer = client.post(page(scene), {"file": SimpleUploadedFile(name, text.encode(), "text/csv")})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.url)


def recorded(scene: Scene) -> set[tuple[str, str, str]]:
    with open_scope(scene.ao):
        rows = LearnerCharacteristic.objects.values_list("learner__uln", "characteristic", "value")
        return set(rows)


def stored_file(scene: Scene) -> str:
    with open_scope(scene.ao):
        return str(CharacteristicUpload.objects.latest("pk").file.storage_name)


def test_sns_08_nothing_is_stored_before_it_was_seen_and_the_file_is_erased_after(
    scene: Scene, django_capture_on_commit_callbacks: object
) -> None:
    """SNS-08: preview, faults by cell, load; then neither the bytes nor a faulty cell's value is kept."""
    one, two, _three = ulns(scene)
    client = scene.client(Role.HEAD_OF_CENTRE)
    here = upload(
        scene, client, f"{one},Disability,Yes", f"{two},disability,no", f"{one},DISABILITY,No", "1234567890,Sex,Secretly",
        "9999999999,Sex,F", f"{two},,Yes",
    )  # fmt: skip
    shown = client.get(here).content.decode()
    assert "6 rows read: 2 new" in shown and "4 refused" in shown and recorded(scene) == set()
    assert (
        "A5" in shown and "1234567890" in shown and "temporary number" in shown and "An earlier row says this" in shown
    )
    assert default_storage.exists(stored_file(scene))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert client.post(f"{here}load/").status_code == 302
    assert recorded(scene) == {(one, "Disability", "Yes"), (two, "Disability", "no")}
    after = client.get(here).content.decode()
    assert "Loaded" in after and "1234567890" not in after and "not kept" in after
    assert not default_storage.exists(stored_file(scene))
    client.post(f"{here}load/")
    with open_scope(scene.ao):
        (event,) = AuditRecord.objects.filter(event="characteristics.loaded")
        assert event.data["loaded"] == 2 and one not in str(event.data) and "Disability" not in str(event.data)
    assert "2 of 3" in client.get(page(scene)).content.decode()


def test_names_are_spelled_as_in_earlier_results(scene: Scene) -> None:
    with open_scope(scene.ao):
        PastGroupResults.objects.create(
            centre=scene.centre, qualification=scene.submission.qualification, series="2019-summer", grade="M", count=9,
            characteristic="Free meals", value="Yes",
        )  # fmt: skip
    client = scene.client(Role.QUALITY_CONTACT)
    here = upload(scene, client, f"{ulns(scene)[0]},FREE  MEALS,yes")
    client.post(f"{here}load/")
    assert recorded(scene) == {(ulns(scene)[0], "Free meals", "Yes")}


def test_sns_08_two_roles_of_the_centre_and_nobody_else(scene: Scene) -> None:
    """SNS-08: no teacher, nobody at the AO, no other centre sees the page, a file or what is recorded."""
    holders = {role for role in Role if Permission.CHARACTERISTICS_MANAGE in PERMISSIONS[role]}
    assert holders == {Role.HEAD_OF_CENTRE, Role.QUALITY_CONTACT}
    here = upload(scene, scene.client(Role.HEAD_OF_CENTRE), f"{ulns(scene)[0]},Disability,Yes")
    for role in (Role.TEACHER, Role.LEAD_INTERNAL_VERIFIER, Role.AO_ADMIN):
        for path in (page(scene), page(scene, "remove/"), here):
            assert scene.client(role).get(path).status_code == 403
    with open_scope(scene.ao):
        neighbour = make_standing(scene.ao, Role.HEAD_OF_CENTRE, make_centre("Southfield"))
    stranger = Client()
    sign_in(stranger, neighbour.person)
    for path in (page(scene), page(scene, "remove/"), here):
        assert stranger.get(path).status_code == 404
    assert stranger.post(f"{here}load/").status_code == 404


def test_sns_08_a_large_file_is_a_job_that_tells_the_ao_counts_alone(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(characteristic_uploads, "INLINE_BYTES", 0)
    client = scene.client(Role.QUALITY_CONTACT)
    one = ulns(scene)[0]
    here = upload(scene, client, f"{one},Disability,Yes", "1234567890,Disability,No", name="disabled learners.csv")
    assert "being read" in client.get(here).content.decode()
    for kind in (characteristic_uploads.CHECK_JOB, characteristic_uploads.LOAD_JOB):
        with open_scope(scene.ao):
            job = Job.objects.get(kind=kind)
        perform_job(scene.ao, job.pk)
        seen = scene.client(Role.AO_ADMIN).get(scene.url(f"jobs/{job.pk}/")).content.decode()
        for told in (one, "1234567890", "disabled learners", "Disability"):
            assert told not in seen
        if kind == characteristic_uploads.CHECK_JOB:
            assert recorded(scene) == set() and "2 rows read: 1 new" in client.get(here).content.decode()
            client.post(f"{here}load/")
    assert recorded(scene) == {(one, "Disability", "Yes")}


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("groups.xlsx", b"no workbook at all", "cannot be loaded"),
        ("groups.csv", b"A,B\n1,2\n", "cannot be loaded"),
        ("groups.exe", b"MZ", "There is a problem"),
        ("groups.csv", b"", "There is a problem"),
    ],
)
def test_a_bad_file_is_told_so_and_stores_nothing(scene: Scene, name: str, content: bytes, says: str) -> None:
    client = scene.client(Role.HEAD_OF_CENTRE)
    answer = client.post(page(scene), {"file": SimpleUploadedFile(name, content)}, follow=True)
    assert answer.status_code == 200 and says in answer.content.decode()
    assert recorded(scene) == set()


def test_an_unloaded_file_gives_way_to_the_next_and_can_be_discarded(scene: Scene) -> None:
    client = scene.client(Role.HEAD_OF_CENTRE)
    first, second = (upload(scene, client, f"{ulns(scene)[0]},Disability,{value}") for value in ("Yes", "No"))
    assert "Discarded" in client.get(first).content.decode()
    assert client.post(f"{first}load/").status_code == 409
    assert client.post(f"{second}discard/").status_code == 302 and recorded(scene) == set()


def test_sns_08_what_is_recorded_is_removed_and_the_audit_says_how_much(scene: Scene) -> None:
    one, two, three = ulns(scene)
    client = scene.client(Role.QUALITY_CONTACT)
    here = upload(scene, client, *(f"{uln},{name},A" for uln in (one, two, three) for name in ("Sex", "Disability")))
    client.post(f"{here}load/")
    gone = page(scene, "remove/")
    assert "Tick that you know this" in client.post(gone, {"what": "*"}).content.decode() and len(recorded(scene)) == 6
    assert "no learner" in client.post(gone, {"what": "*", "uln": "1000102504", "sure": "on"}).content.decode().lower()
    assert client.post(gone, {"what": "*", "uln": "12", "sure": "on"}).status_code == 200
    client.post(gone, {"what": "*", "uln": one, "sure": "on"})
    assert {uln for uln, _name, _value in recorded(scene)} == {two, three}
    client.post(gone, {"what": "Sex", "sure": "on"})
    assert {name for _uln, name, _value in recorded(scene)} == {"Disability"}
    client.post(gone, {"what": "*", "sure": "on"})
    assert recorded(scene) == set()
    with open_scope(scene.ao):
        events = AuditRecord.objects.filter(event="characteristics.removed").order_by("pk")
        assert [event.data for event in events] == [{"removed": 2}, {"removed": 2}, {"removed": 2}]
    assert "nothing to remove" in client.get(gone).content.decode().lower()


def test_the_template_is_read_back(scene: Scene) -> None:
    answer = scene.client(Role.QUALITY_CONTACT).get(scene.url("sense-check/learners/template/"))
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert [cell.value for cell in book.worksheets[0][1]] == ["ULN", "Characteristic", "Group"]
