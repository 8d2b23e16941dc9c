from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest
from django.test import Client
from django.utils import timezone

from awarding.accounts.roles import Role
from awarding.accounts.standing import Standing
from awarding.catalogue.models import Grade
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import open_scope
from centres.models import Centre
from qtag.models import BankedUnit, Judgement, Submission
from qtag.services.recording import bank_unit
from tests.factories import make_ao, make_centre, make_standing
from tests.factories.qtags import IN_WINDOW, bring_to_agreed, make_staff, make_submission
from tests.factories.sign_in import sign_in


@dataclass
class Scene:
    """One qualification's Q-TAGs at a centre, with everybody who has a part in them."""

    ao: AwardingOrganisation
    centre: Centre
    submission: Submission
    people: dict[Role, Standing]

    def client(self, role: Role, fresh: bool = False) -> Client:
        client = Client()
        sign_in(client, self.people[role].person, fresh=fresh)
        return client

    def url(self, path: str) -> str:
        return f"/ao/{self.ao.slug}/{path}"

    def judgements(self) -> list[Judgement]:
        with open_scope(self.ao):
            return list(Judgement.objects.filter(submission=self.submission).order_by("pk"))


def propose(scene: Scene) -> None:
    """Every grade leaves its teacher's hands. Inside the AO's scope."""
    Judgement.objects.filter(submission=scene.submission).exclude(grade=None).update(state="proposed")


def bank(
    scene: Scene, row: Judgement, kind: str = "interim", *, place: int = 0, grade: str | None = None
) -> BankedUnit:
    """A result of the qualification's unit at that place, recorded by the teacher; the lowest grade unless one is named."""
    with open_scope(scene.ao):
        qualification = scene.submission.qualification
        grades = Grade.objects.filter(scale_id=qualification.unit_scale_id).order_by("rank")
        return bank_unit(
            actor=scene.people[Role.TEACHER], judgement_id=row.pk, kind=kind, achieved_on=dt.date(2020, 12, 1),
            unit=qualification.unit_places.select_related("unit")[place].unit,
            grade=grades.get(code=grade) if grade else grades[0],
        )  # fmt: skip


class Calendar:
    """Which day it is in London, for windows and deadlines."""

    def __init__(self) -> None:
        self.today = IN_WINDOW

    def localdate(self, value: dt.datetime | None = None, tz: dt.tzinfo | None = None) -> dt.date:
        return self.today if value is None else REAL_LOCALDATE(value, tz)


REAL_LOCALDATE = timezone.localdate


@pytest.fixture
def calendar(monkeypatch: pytest.MonkeyPatch) -> Calendar:
    """A day inside the window of 2021; set `today` to another."""
    made = Calendar()
    monkeypatch.setattr(timezone, "localdate", made.localdate)
    return made


def build_scene(learners: int = 3, category: str = "B1") -> Scene:
    """Registered learners of one qualification, and everybody who has a part in their Q-TAGs."""
    ao = make_ao("aim")
    with open_scope(ao):
        centre = make_centre()
        contact = make_standing(ao, Role.QUALITY_CONTACT, centre)
        submission = make_submission(centre, contact, learners=learners, category=category)
        people = make_staff(ao, centre, submission)
        people[Role.QUALITY_CONTACT] = contact
        people[Role.AO_ADMIN] = make_standing(ao, Role.AO_ADMIN)
    return Scene(ao, centre, submission, people)


@pytest.fixture
def scene(db: None, calendar: Calendar) -> Scene:
    return build_scene()


@pytest.fixture
def agreed(scene: Scene) -> Scene:
    """Everybody judged, endorsed and agreed: ready to be submitted."""
    with open_scope(scene.ao):
        bring_to_agreed(scene.people, scene.submission)
    return scene
