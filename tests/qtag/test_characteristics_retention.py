"""How long learners' groups are kept: said on the page, erased by the clock, held by open cases (SNS-08, QTG-19)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from awarding.accounts.roles import Role
from awarding.audit.models import AuditRecord
from awarding.tenancy.scope import open_scope
from centres.models import Registration
from qtag.models import CharacteristicUpload, EvidenceHold, LearnerCharacteristic
from qtag.queries.holds import held_evidence
from qtag.rules.retention import CaseFact, RetentionFacts, Studied, characteristics_until
from qtag.services.holds import lift_hold, put_hold
from qtag.tasks_characteristics import erase_learners_groups
from tests.factories import make_ao, make_centre, make_standing
from tests.factories.awards import make_qualification, make_registration
from tests.qtag.conftest import Calendar, Scene, build_scene

RECORDED, ISSUED = dt.date(2021, 5, 20), dt.date(2021, 8, 10)
KEPT = dt.date(2022, 2, 10)
SUMMER = dt.date(2021, 7, 1)


def studied(issued: dt.date | None = None, *, ends: dt.date = SUMMER, withdrawn: bool = False, **case: Any) -> Studied:
    cases = (CaseFact("a case", case["ended"]),) if "ended" in case else ()
    return Studied(ends, withdrawn, RetentionFacts(issued, cases))


@pytest.mark.parametrize(
    ("registrations", "until"),
    [
        ([studied(ISSUED)], KEPT),
        ([studied(ISSUED), studied(dt.date(2021, 10, 1))], dt.date(2022, 4, 1)),
        # A result from before it was recorded says nothing of how long it serves.
        ([studied(dt.date(2020, 8, 13)), studied(ISSUED)], KEPT),
        ([studied(dt.date(2020, 8, 13))], dt.date(2022, 5, 20)),
        # One issued on the very day is one that it served for.
        ([studied(RECORDED)], dt.date(2021, 11, 20)),
        ([studied(RECORDED - dt.timedelta(days=1))], dt.date(2022, 5, 20)),
        # Nobody waits for a result for ever.
        ([studied()], dt.date(2022, 7, 1)),
        ([studied(ends=dt.date(2019, 7, 1))], dt.date(2022, 5, 20)),
        ([studied(ISSUED), studied(ends=dt.date(2022, 6, 30))], dt.date(2023, 6, 30)),
        ([studied(ISSUED), studied(ends=dt.date(2023, 6, 30), withdrawn=True)], KEPT),
        ([], dt.date(2022, 5, 20)),
        # An open case holds it, also one on another of the learner's qualifications; an ended one to its last day at least.
        ([studied(ISSUED, ended=None)], None),
        ([studied(ISSUED), studied(withdrawn=True, ended=None)], None),
        ([studied(ISSUED, ended=dt.date(2022, 3, 3))], dt.date(2022, 3, 3)),
        ([studied(ISSUED, ended=dt.date(2021, 9, 3))], KEPT),
    ],
)
def test_qtg_19_sns_08_until_when_a_learners_group_is_kept(registrations: list[Studied], until: dt.date | None) -> None:
    assert characteristics_until(RECORDED, registrations, 6) == until


@pytest.fixture
def scene(db: None, calendar: Calendar, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Three learners of one qualification, the group of each recorded; the first two have their results since `ISSUED`."""
    calendar.today = RECORDED
    made = build_scene(learners=3)
    with open_scope(made.ao):
        for place, row in enumerate(made.submission.judgements.select_related("registration__learner").order_by("pk")):
            learner = row.registration.learner
            LearnerCharacteristic.objects.create(
                learner=learner, characteristic="Disability", value="NY"[place % 2], recorded_on=RECORDED
            )  # fmt: skip
        Registration.objects.update(ends_on=SUMMER)
        registrations = list(Registration.objects.order_by("pk").values_list("pk", flat=True))

    def issued(ids: Any) -> dict[int, RetentionFacts]:
        return {pk: RetentionFacts(ISSUED) for pk in ids if pk in registrations[:2]}

    monkeypatch.setattr("qtag.queries.retention._sources", [held_evidence, issued])
    return made


def kept(scene: Scene) -> int:
    with open_scope(scene.ao):
        return LearnerCharacteristic.objects.count()


def page(scene: Scene) -> str:
    address = scene.url(f"sense-check/centres/{scene.centre.pk}/groups/")
    return scene.client(Role.HEAD_OF_CENTRE).get(address).content.decode()


def test_qtg_19_sns_08_the_clock_erases_it_in_time_and_the_audit_counts(scene: Scene, calendar: Calendar) -> None:
    """QTG-19, SNS-08: not on the last day, the night after it; those without a result a year after their planned end."""
    assert "1 July 2022" in page(scene) and "6 months after the last result" in page(scene)
    calendar.today = KEPT
    erase_learners_groups()
    assert kept(scene) == 3
    calendar.today = KEPT + dt.timedelta(days=1)
    erase_learners_groups()
    erase_learners_groups()
    assert kept(scene) == 1
    with open_scope(scene.ao):
        (event,) = AuditRecord.objects.filter(event="characteristics.erased")
        assert event.data == {"erased": 2} and event.target_id == scene.centre.pk
    calendar.today = dt.date(2022, 7, 2)
    erase_learners_groups()
    assert kept(scene) == 0 and "Nothing is recorded yet" in page(scene)


def test_qtg_19_a_hold_keeps_it_for_whom_it_covers_until_it_is_lifted(scene: Scene, calendar: Calendar) -> None:
    assert "10 February 2022" not in page(scene) and "for some longer" not in page(scene)
    calendar.today = dt.date(2022, 7, 2)
    with open_scope(scene.ao):
        admin = scene.people[Role.AO_ADMIN]
        learner = scene.submission.judgements.order_by("pk")[0].registration.learner
        said = {"actor": admin, "kind": "complaint", "reason": "Unfair to some"}
        put_hold(centre=make_centre("Southfield"), reference="C-1", **said)
        hold = put_hold(centre=scene.centre, learner=learner, reference="C-2", **said)
    erase_learners_groups()
    with open_scope(scene.ao):
        assert LearnerCharacteristic.objects.get().learner_id == learner.pk
    shown = page(scene)
    assert "for some longer, while a matter is open on a result" in shown and "until</" not in shown
    with open_scope(scene.ao):
        lift_hold(actor=admin, hold=EvidenceHold.objects.get(pk=hold.pk), reason="Cleared", expected_version=1)
    calendar.today = REAL_TOMORROW
    erase_learners_groups()
    assert kept(scene) == 0


REAL_TOMORROW = timezone.localdate() + dt.timedelta(days=1)


def test_sns_08_the_organisation_says_how_long_and_a_new_file_counts_anew(scene: Scene, calendar: Calendar) -> None:
    """SNS-08: fewer months erase earlier; what a file says anew is counted from its day, what it repeats is not."""
    form = {
        "promised": "5", "smallest_difference": "0", "difference_sought": "0.5", "fewest_learners": "5", "too_few": "5",
        "full_confidence": "15", "fewest_shown": "5", "signing_waits": "on", "save": "1",
    }  # fmt: skip
    admin = scene.client(Role.AO_ADMIN)
    assert "There is a problem" in save(scene, admin, form | {"characteristics_months": "25"})
    save(scene, admin, form | {"characteristics_months": "1"})
    assert "1 month after the last result" in page(scene)
    calendar.today = dt.date(2021, 9, 10)
    erase_learners_groups()
    assert kept(scene) == 3
    with open_scope(scene.ao):
        first, second, _third = (
            row.registration.learner.uln for row in scene.submission.judgements.order_by("pk").select_related()
        )
    calendar.today = dt.date(2021, 9, 11)
    load(scene, f"{first},Disability,Y\n{second},Disability,Y\n")
    erase_learners_groups()
    with open_scope(scene.ao):
        left = dict(LearnerCharacteristic.objects.values_list("learner__uln", "recorded_on"))
    assert left[first] == calendar.today and second not in left and len(left) == 2


def save(scene: Scene, client: Any, said: dict[str, str]) -> str:
    return str(client.post(scene.url("sense-check/settings/"), said, follow=True).content.decode())


def load(scene: Scene, rows: str) -> None:
    client = scene.client(Role.HEAD_OF_CENTRE)
    file = SimpleUploadedFile("groups.csv", f"ULN,Characteristic,Group\n{rows}".encode())
    sent = client.post(scene.url(f"sense-check/centres/{scene.centre.pk}/groups/"), {"file": file})
    assert client.post(f"{sent.url}load/").status_code == 302


def test_sns_08_a_file_that_nobody_loads_is_erased(scene: Scene, django_capture_on_commit_callbacks: Any) -> None:
    """SNS-08: after two weeks, with what its faulty cells said; a younger one and one that is loaded stay as they are."""
    client = scene.client(Role.HEAD_OF_CENTRE)
    file = SimpleUploadedFile("groups.csv", b"ULN,Characteristic,Group\n1234567890,Sex,Secretly\n")
    here = client.post(scene.url(f"sense-check/centres/{scene.centre.pk}/groups/"), {"file": file}).url
    erase_learners_groups()
    with open_scope(scene.ao):
        upload = CharacteristicUpload.objects.get()
        assert upload.state == "checked" and default_storage.exists(upload.file.storage_name)
        CharacteristicUpload.objects.update(uploaded_at=timezone.now() - dt.timedelta(days=15))
    with django_capture_on_commit_callbacks(execute=True):
        erase_learners_groups()
    assert not default_storage.exists(upload.file.storage_name)
    shown = client.get(here).content.decode()
    assert "Discarded" in shown and "1234567890" not in shown
    erase_learners_groups()
    with open_scope(scene.ao):
        assert AuditRecord.objects.filter(event="characteristics.discarded").count() == 1


def test_what_is_over_at_one_organisation_is_not_at_another(scene: Scene, calendar: Calendar) -> None:
    """Each by its own months: the round opens one organisation's scope at a time."""
    other = make_ao("ncfe")
    with open_scope(other):
        centre = make_centre("Eastfield")
        registration = make_registration(centre, make_qualification(), ends_on=dt.date(2022, 6, 30))
        LearnerCharacteristic.objects.create(
            learner=registration.learner, characteristic="Sex", value="F", recorded_on=dt.date(2022, 1, 1)
        )  # fmt: skip
        make_standing(other, Role.HEAD_OF_CENTRE, centre)
    calendar.today = dt.date(2022, 7, 2)
    erase_learners_groups()
    assert kept(scene) == 0
    with open_scope(other):
        assert LearnerCharacteristic.objects.count() == 1
