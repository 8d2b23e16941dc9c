"""Fifty people on one grid at once, each on a connection of their own, through the real page: nothing lost, nothing twice."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from awarding.accounts.roles import Role
from awarding.tenancy.scope import open_scope
from qtag.models import GradeChange, Judgement
from tests.factories import make_standing
from tests.factories.qtags import staff_cohort
from tests.factories.sign_in import sign_in
from tests.qtag.conftest import Scene, build_scene

PEOPLE, LEARNERS, EACH = 50, 6, 3


class Person:
    """Somebody at the grid, as the browser's script is: sends a cell with the version that it knows, and tries again."""

    def __init__(self, scene: Scene, client: Client, number: int) -> None:
        self.url, self.client, self.number = scene.url(f"qtags/{scene.submission.pk}/grid/save/"), client, number
        self.answered: list[tuple[str, int, str]] = []
        self.conflicts = 0

    def send(self, row: str, grade: str, version: int) -> dict[str, Any]:
        cell = {"row": row, "column": "grade", "value": grade, "version": version}
        answer = self.client.post(self.url, {"cells": json.dumps([cell])}, headers={"X-Requested-With": "portal-grid"})
        assert answer.status_code == 200, answer.content[:200]
        return dict(answer.json()["cells"][0])

    def put(self, row: str, grade: str) -> None:
        """Types until it stands, then sends the very same once more, as after a line that broke off."""
        version = 0
        while True:
            got = self.send(row, grade, version)
            version = got["version"]
            if got["status"] == "saved":
                break
            assert got["status"] == "conflict" and got["theirs"]
            self.conflicts += 1
        self.answered.append((row, version, grade))
        again = self.send(row, grade, version)
        if again["status"] == "saved":
            self.answered.append((row, again["version"], grade))


@pytest.mark.django_db(transaction=True)
def test_fifty_people_on_one_grid_lose_nothing_and_duplicate_nothing(calendar: object) -> None:
    """QTG-13: every answer "saved" is a value of the history, every value was answered once, and the last one stands."""
    scene = build_scene(learners=LEARNERS)
    rows = [row.row_key for row in scene.judgements()]
    with open_scope(scene.ao):
        cohort_id = scene.submission.judgements.first().registration.cohort_id
        teachers = [make_standing(scene.ao, Role.TEACHER, scene.centre) for _person in range(PEOPLE)]
        for teacher in teachers:
            staff_cohort(teacher, cohort_id)
    people = []
    for number, teacher in enumerate(teachers):
        client = Client()
        sign_in(client, teacher.person)
        people.append(Person(scene, client, number))
    faults: list[BaseException] = []
    start = threading.Barrier(PEOPLE)

    def work(person: Person) -> None:
        try:
            start.wait()
            for step in range(EACH):
                # Neighbours meet in the same cell with different grades.
                person.put(rows[(person.number // 8 + step) % LEARNERS], "PMD"[(person.number + step) % 3])
        except BaseException as error:  # a thread's failure is the test's
            faults.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults, faults[0]
    assert sum(person.conflicts for person in people), "nobody ever met: the test shows nothing"
    told = {(row, version): grade for person in people for row, version, grade in person.answered}
    with open_scope(scene.ao):
        kept = {}
        for row in Judgement.objects.select_related("grade"):
            changes = list(GradeChange.objects.filter(judgement=row).order_by("version", "id"))
            assert [change.version for change in changes] == list(range(1, row.grade_version + 1))
            assert [change.before for change in changes] == ["", *[change.after for change in changes[:-1]]]
            assert row.grade is None or changes[-1].after == row.grade.code
            kept |= {(row.row_key, change.version): change.after for change in changes}
    assert told == kept
