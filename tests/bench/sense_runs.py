"""The sense check over an AO of ten thousand centres: whole beside a plain aggregate of the same rows, and one centre of it."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from django.db import connection

from awarding.accounts.standing import Process
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import open_scope
from centres.models import Centre, Establishment
from qtag.models import PastResults, SeriesChoice
from qtag.services.sense_run import run_sense_check
from tests.bench import database
from tests.bench.measure import Row, compare
from tests.factories import make_ao, make_qualification

NAMES = {"sense_whole", "sense_incremental"}
CENTRES, GROUPS = 10_000, 30
SERIES = ("2017-summer", "2018-summer", "2019-summer", "2021-summer")
GRADES = ("U", "P", "M", "D", "D*")
BENCH = Process("bench")
# Each group has a level of its own and each year a little of its own; about forty learners a year.
_FILL = """
    SELECT setseed(0.42);
    INSERT INTO qtag_pastresults (ao_id, centre_id, qualification_id, series, principle, grade, count)
    SELECT c.ao_id, c.id, q.id, s.name, 'exam', g.code,
        greatest(0, round((c.size * 16 / (1 + abs(g.place - 2 - c.level - s.shift))) * (0.7 + 0.6 * random())))::int
    FROM (SELECT id, ao_id, random() - 0.5 AS level, 0.3 + random() AS size FROM centres_centre) c
    CROSS JOIN catalogue_qualification q
    CROSS JOIN (VALUES {series}) s(name, shift)
    CROSS JOIN (VALUES {grades}) g(code, place)
"""


def rows(wanted: set[str], sizes: tuple[int, ...]) -> Iterator[Row]:
    """At one size: what is read and written grows with the rows."""
    database.empty()
    ao = _world()
    database.analyse()
    _on_one_processor()
    size = f"{CENTRES} centres x {GROUPS} groups x {len(SERIES)} series"
    if "sense_whole" in wanted:
        yield compare(
            "sense_whole", lambda: run_sense_check(actor=BENCH, ao=ao, whole=True), lambda: _aggregate(ao),
            beside="learners and mean grade by centre, qualification and series, in SQL, on one processor", size=size,
            after=lambda: database.empty("qtag_senserow"),
        )  # fmt: skip
    if "sense_incremental" in wanted:
        run_sense_check(actor=BENCH, ao=ao, whole=True)
        edits = itertools.count(41)
        centre = _first_centre(ao)
        yield compare(
            "sense_incremental", lambda: _change_one(ao, centre, next(edits)),
            lambda: run_sense_check(actor=BENCH, ao=ao, whole=True), beside="the whole run", size=size,
        )  # fmt: skip


def _world() -> AwardingOrganisation:
    ao = make_ao("aim")
    with open_scope(ao):
        for number in range(GROUPS):
            make_qualification(units=1, grades=GRADES, sector=f"Sector {number % 5}", type=f"Type {number % 2}")
        places = Establishment.objects.bulk_create(
            Establishment(name=f"Centre {n}", type=f"Type {n % 4}", is_synthetic=True) for n in range(CENTRES)
        )
        Centre.objects.bulk_create(
            Centre(establishment=place, name=place.name, number=f"B{n:05d}") for n, place in enumerate(places)
        )
        SeriesChoice.objects.create(series=SERIES[0], role="counts")
        SeriesChoice.objects.create(series=SERIES[-1], role="this_year")
    _fill()
    return ao


def _fill() -> None:
    """Millions of rows, their references not checked one by one: they are taken from the tables referred to."""
    parts = urlsplit(os.environ["DATABASE_ADMIN_URL"])
    address = urlunsplit(parts._replace(path=f"/{database.NAME}"))
    series = ", ".join(f"('{name}', {place * 0.05})" for place, name in enumerate(SERIES))
    grades = ", ".join(f"('{code}', {place})" for place, code in enumerate(GRADES))
    owner = psycopg2.connect(address)
    with owner, owner.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(_FILL.format(series=series, grades=grades))
    owner.close()


def _on_one_processor() -> None:
    """Work beside work: the database would spread the floor over every processor there is, and a run is one stream of work."""
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")


def _aggregate(ao: AwardingOrganisation) -> int:
    with open_scope(ao), connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.centre_id, p.qualification_id, p.series, sum(p.count), sum(p.count * g.rank)"
            " FROM qtag_pastresults p JOIN catalogue_qualification q ON q.id = p.qualification_id"
            " JOIN catalogue_grade g ON g.scale_id = q.scale_id AND g.code = p.grade GROUP BY 1, 2, 3"
        )
        return len(cursor.fetchall())


def _first_centre(ao: AwardingOrganisation) -> int:
    with open_scope(ao):
        return Centre.objects.order_by("id").values_list("id", flat=True)[0]


def _change_one(ao: AwardingOrganisation, centre: int, count: int) -> None:
    with open_scope(ao):
        row = PastResults.objects.filter(centre_id=centre, series=SERIES[-1], grade="M").order_by("id")[0]
        PastResults.objects.filter(pk=row.pk).update(count=count)
    run_sense_check(actor=BENCH, ao=ao, centres=[centre])
