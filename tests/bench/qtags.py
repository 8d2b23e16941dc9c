"""Q-TAGs: a grid of 500 learners, saving one cell, fifty who save at once, who may have one among 100,000."""

from __future__ import annotations

import datetime as dt
import io
import json
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, connections, models
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import _get_new_csrf_string, _mask_cipher_secret
from django.shortcuts import render
from django.test import override_settings
from django.urls import URLPattern, URLResolver, clear_url_caches, path, reverse

from awarding.accounts.audience import signed_in
from awarding.accounts.models import User
from awarding.accounts.roles import Role
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import open_scope
from centres.models import Centre, CohortStaff, Registration
from qtag.models import EvidenceRecord, Judgement, Submission
from qtag.queries.eligibility import eligibility_answers
from tests.bench import bare, database, measure
from tests.bench.measure import Row, compare
from tests.bench.pages import Meter, Server, cookie_of
from tests.bench.world import register_learners
from tests.factories import adopt_framework, make_ao, make_centre, make_person, make_qualification, make_standing

NAMES = {"qtag_grid_500", "qtag_save_cell", "qtag_writers_50", "eligibility_100k"}
LEARNERS, WRITERS, CELLS_EACH, MANY, IN_ONE = 500, 50, 6, 100_000, 500
REQUESTS = 10
GRADES = ("U", "P", "M", "D", "D*")


class Mark(models.Model):
    """The same row without tenant, without key: what a grid shows."""

    name = models.TextField()
    uln = models.TextField()
    grade = models.TextField()
    evidence = models.TextField()
    state = models.TextField()

    class Meta:
        app_label = "bench"
        db_table = "bench_mark"
        managed = False
        ordering = ["name", "id"]


@signed_in
@login_required
def marks(request: HttpRequest) -> HttpResponse:
    from django.conf import settings

    context = {"heading": "Marks", "marks": Mark.objects.all(), "base": settings.BENCH_BASE}
    return render(request, "bench/marks.html", context)


@signed_in
@login_required
def save_mark(request: HttpRequest) -> HttpResponse:
    """The least that saving a cell can be: one UPDATE of one row."""
    Mark.objects.filter(pk=request.POST["row"]).update(grade=request.POST["value"])
    return JsonResponse({"status": "saved"})


urlpatterns: list[URLPattern | URLResolver] = [
    path("bench/marks/", marks, name="marks"),
    path("bench/marks/save/", save_mark, name="save_mark"),
    *bare.urlpatterns,
]


class Place:
    """A submission with many learners, and its teachers."""

    def __init__(self, learners: int, teachers: int) -> None:
        database.empty()
        database.as_owner(_MARKS % {"rows": learners}, "GRANT SELECT, UPDATE ON bench_mark TO PUBLIC")
        self.ao: AwardingOrganisation = make_ao("aim")
        with open_scope(self.ao):
            self.centre: Centre = make_centre("Northfield College")
            contact = make_standing(self.ao, Role.QUALITY_CONTACT, self.centre, make_person("Sam Okafor"))
            (self.submission,) = make_submissions(self.centre, contact.person, 1, learners)
            cohort_id = Judgement.objects.values_list("registration__cohort_id", flat=True)[0]
            people = [make_standing(self.ao, Role.TEACHER, self.centre).person for _n in range(teachers)]
            CohortStaff.objects.bulk_create(CohortStaff(cohort_id=cohort_id, person=person) for person in people)
            self.keys: list[str] = list(Judgement.objects.order_by("pk").values_list("row_key", flat=True))
        database.analyse()
        self.cookies = [cookie_of(person) for person in people]
        self.grid = reverse("qtag:grid", kwargs={"ao": self.ao.slug, "submission_id": self.submission.pk})
        self.save = reverse("qtag:save_grid", kwargs={"ao": self.ao.slug, "submission_id": self.submission.pk})


_MARKS = """
    CREATE TABLE IF NOT EXISTS bench_mark (
        id bigint PRIMARY KEY, name text NOT NULL, uln text NOT NULL, grade text NOT NULL, evidence text NOT NULL,
        state text NOT NULL
    );
    TRUNCATE bench_mark;
    INSERT INTO bench_mark SELECT n, 'Given' || n || ' Family' || n %% 997, (1000000000 + n)::text, 'M', 'None',
        'Being judged'
    FROM generate_series(1, %(rows)d) n;
"""


def make_submissions(centre: Centre, person: User, count: int, learners: int) -> list[Submission]:
    """Submissions of one qualification each, with learners in every shape that the checks tell apart."""
    adoption = adopt_framework("vcrf_2021")
    made = []
    for number in range(count):
        qualification = make_qualification(grades=GRADES, category="B1" if number % 7 else "B2")
        registrations = register_learners(centre, qualification, learners, first=number * learners)
        Registration.objects.filter(qualification=qualification).update(ends_on=dt.date(2021, 6, 30))
        submission = Submission.objects.create(
            centre=centre, qualification=qualification, adoption=adoption, created_by=person
        )
        grade = qualification.scale.grades.get(code="M")
        Judgement.objects.bulk_create(
            (
                Judgement(
                    submission=submission, centre=centre, registration=row, state="open", grade=grade, grade_version=1,
                    is_certificating=(True, True, None, False)[n % 4], was_absent=n % 31 == 0,
                    ready_on=dt.date(2021, 5, 1 + n % 28) if n % 3 else dt.date(2020, 7, 1 + n % 28),
                )
                for n, row in enumerate(registrations)
            ),
            batch_size=2000,
        )  # fmt: skip
        made.append(submission)
    return made


class Writer:
    """Posts to the server in this process, as the grid's script does."""

    def __init__(self, cookie: str) -> None:
        self.token = _get_new_csrf_string()
        self.cookie = f"{cookie}; csrftoken={self.token}"
        self.masked = _mask_cipher_secret(self.token)
        self.handler = WSGIHandler()

    def post(self, address: str, fields: dict[str, Any]) -> dict[str, Any]:
        body = urlencode(fields).encode()
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "POST", "PATH_INFO": address, "QUERY_STRING": "", "SERVER_NAME": "testserver",
            "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "testserver", "HTTP_COOKIE": self.cookie,
            "HTTP_ACCEPT_LANGUAGE": "en-GB", "REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "http",
            "CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(body)),
            "HTTP_X_CSRFTOKEN": self.masked, "HTTP_X_REQUESTED_WITH": "portal-grid", "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(), "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }  # fmt: skip
        answer: list[str] = []
        parts = self.handler(environ, lambda status, headers, *rest: answer.append(status))
        content = b"".join(parts)
        if hasattr(parts, "close"):
            parts.close()
        if not answer[0].startswith("200"):
            raise RuntimeError(f"{address} answered {answer[0]}: {content[:300]!r}")
        found: dict[str, Any] = json.loads(content)
        return found

    def save(self, address: str, row: str, grade: str, version: int) -> dict[str, Any]:
        cell = {"row": row, "column": "grade", "value": grade, "version": version}
        found: dict[str, Any] = self.post(address, {"cells": json.dumps([cell])})["cells"][0]
        if found["status"] != "saved":
            raise RuntimeError(f"not saved: {found}")
        return found


class Typist:
    """Somebody who fills their own rows over and over, and knows what version each has."""

    def __init__(self, place: Place, cookie: str, rows: Sequence[str]) -> None:
        self.writer, self.address, self.rows = Writer(cookie), place.save, rows
        self.versions = dict.fromkeys(rows, 1)
        self.step = 0

    def type(self, cells: int) -> None:
        for _cell in range(cells):
            row = self.rows[self.step % len(self.rows)]
            self.step += 1
            grade = GRADES[1 + (self.versions[row] + 1) % 3]
            self.versions[row] = self.writer.save(self.address, row, grade, self.versions[row])["version"]


def rows(wanted: set[str], sizes: tuple[int, ...]) -> Iterator[Row]:
    """The wanted rows; the grid and the learners also at twice the size."""
    first = bare.settings_first()
    with override_settings(ROOT_URLCONF=__name__, TEMPLATES=[first], BENCH_BASE="layouts/base.html"):
        clear_url_caches()
        for size in sizes:
            if "qtag_grid_500" in wanted:
                yield _grid(LEARNERS * size)
        if "qtag_save_cell" in wanted:
            yield _save()
        if "qtag_writers_50" in wanted:
            yield _writers()
    clear_url_caches()
    for size in sizes:
        if "eligibility_100k" in wanted:
            yield _eligibility(MANY * size)


def _grid(learners: int) -> Row:
    place = Place(learners, teachers=1)
    server, cookie, meter = Server(), place.cookies[0], Meter()
    pages = [f"{place.grid}?page={n + 1}" for n in range(-(-learners // LEARNERS))]

    def ask(addresses: list[str]) -> None:
        for address in addresses:
            server.get(address, cookie)
        started = time.process_time()
        for _n in range(REQUESTS):
            for address in addresses:
                server.get(address, cookie)
        meter.add(time.process_time() - started)

    return compare(
        "qtag_grid_500", lambda: ask(pages), lambda: ask(["/bench/marks/"]), beside="the same rows in a bare template",
        size=f"{learners} learners", unit="ms", each=REQUESTS, clock=meter.read,
    )  # fmt: skip


def _save() -> Row:
    place = Place(LEARNERS, teachers=1)
    typist, meter = Typist(place, place.cookies[0], place.keys[:20]), Meter()
    plain = Writer(place.cookies[0])
    each = 5 * REQUESTS

    def ours() -> None:
        typist.type(1)
        started = time.process_time()
        typist.type(each)
        meter.add(time.process_time() - started)

    def floor() -> None:
        started = time.process_time()
        for n in range(each):
            plain.post("/bench/marks/save/", {"row": 1 + n % 20, "value": GRADES[n % 5]})
        meter.add(time.process_time() - started)

    return compare(
        "qtag_save_cell", ours, floor, beside="a bare UPDATE view, same server and database", size="one cell",
        unit="ms", each=each, clock=meter.read,
    )  # fmt: skip


def _writers() -> Row:
    """Saved cells a second: fifty people at once, beside one of them alone; by turns."""
    place = Place(LEARNERS, teachers=WRITERS)
    typists = [Typist(place, cookie, place.keys[n::WRITERS]) for n, cookie in enumerate(place.cookies)]
    typists[0].type(3)
    together(typists, 1)
    pairs = []
    for number in range(measure.RUNS):
        turns = [lambda: together(typists, CELLS_EACH), lambda: alone(typists[0], WRITERS)]
        order = (0, 1) if number % 2 == 0 else (1, 0)
        got = {which: turns[which]() for which in order}
        pairs.append((got[0], got[1]))
    return Row(
        name="qtag_writers_50", value=statistics.median(many for many, _one in pairs), unit="/s", floor="one writer",
        ratio=statistics.median(many / one for many, one in pairs), size=f"{WRITERS} writers",
        floor_value=statistics.median(one for _many, one in pairs),
    )  # fmt: skip


def alone(typist: Typist, cells: int) -> float:
    started = time.perf_counter()
    typist.type(cells)
    return cells / (time.perf_counter() - started)


def together(typists: Sequence[Typist], cells: int) -> float:
    """All at once, each with a connection of their own, which is open before the clock runs."""
    ready, faults = threading.Barrier(len(typists) + 1), []

    def work(typist: Typist) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            ready.wait()
            typist.type(cells)
        except BaseException as error:
            faults.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(typist,)) for typist in typists]
    for thread in threads:
        thread.start()
    ready.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return len(typists) * cells / (time.perf_counter() - started)


def _eligibility(learners: int) -> Row:
    database.empty()
    ao = make_ao("aim")
    with open_scope(ao):
        centre = make_centre("Northfield College")
        person = make_person("Sam Okafor")
        make_submissions(centre, person, learners // IN_ONE, IN_ONE)
        _evidence(person)
    database.analyse()

    def ours() -> None:
        with open_scope(ao):
            found = eligibility_answers(list(Submission.objects.select_related("qualification", "adoption__framework")))
            if len(found) != learners:
                raise RuntimeError(f"{len(found)} answers")

    def floor() -> None:
        with open_scope(ao):
            rows = Judgement.objects.order_by().values_list(
                "pk", "submission_id", "registration_id", "is_certificating", "is_top_up", "is_apprenticeship",
                "was_absent", "ready_on", "registration__ends_on",
            )  # fmt: skip
            list(rows.iterator(chunk_size=20_000))

    return compare("eligibility_100k", ours, floor, beside="reading their rows", size=f"{learners} learners")


def _evidence(person: User) -> None:
    """A piece for four learners of five."""
    EvidenceRecord.objects.bulk_create(
        (
            EvidenceRecord(
                judgement_id=pk, type="classwork", covers="Units 1 to 3", control="medium", recorded_by=person,
                dated_on=dt.date(2021, 3, 1),
            )
            for pk in Judgement.objects.order_by("pk").values_list("pk", flat=True)
            if pk % 5
        ),
        batch_size=5000,
    )  # fmt: skip
