"""Writing a plan to the database, fast: rows are copied into a temporary table, then moved in one statement a table.

(COPY straight into a table under row-level security is refused by PostgreSQL.)
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from django.db import connection

from awarding.accounts.standing import Actor
from awarding.audit.services import record
from centres.models import Centre, Cohort, Learner, Registration
from centres.queries.known import known_cohorts
from centres.rules.names import name_key
from centres.rules.rows import Entry, identity_of
from centres.services.plan import Change, Plan

_CHANGES_PER_RECORD = 200
# One table for both: a row that brings a new learner takes the learner's id as it is copied, and uses it twice.
_INCOMING = """
    CREATE TEMPORARY TABLE incoming_registrations (
        learner_id bigint DEFAULT nextval('{sequence}'), qualification_id bigint, cohort_id bigint,
        registered_on date, starts_on date, ends_on date,
        uln text, reference text, given text, family text, name_key text, born date
    ) ON COMMIT DROP
"""
_PLACE = ("qualification_id", "cohort_id", "registered_on", "starts_on", "ends_on")
_PERSON = ("uln", "reference", "given", "family", "name_key", "born")
_INSERT_LEARNERS = """
    INSERT INTO centres_learner (id, ao_id, centre_id, uln, reference, given_names, family_name, name_key, date_of_birth,
                                 is_synthetic, created_at)
    SELECT learner_id, %s, %s, uln, reference, given, family, name_key, born, %s, now() FROM incoming_registrations
    WHERE uln IS NOT NULL
"""
_INSERT_REGISTRATIONS = """
    INSERT INTO centres_registration (ao_id, centre_id, learner_id, qualification_id, cohort_id, registered_on, starts_on,
                                      ends_on, status)
    SELECT %s, %s, learner_id, qualification_id, cohort_id, registered_on, starts_on, ends_on, 'active'
    FROM incoming_registrations
"""


def store_plan(plan: Plan, *, actor: Actor, centre: Centre) -> None:
    """Stores new cohorts, learners and registrations, and makes the changes, in the open transaction."""
    cohorts = _store_cohorts(plan, centre)
    if plan.new_registrations:
        _store_registrations(plan, centre, cohorts)
    _change_learners(plan.changed_learners)
    _change_registrations(plan.changed_registrations, cohorts)
    for event, changes in (
        ("learner.changed", plan.changed_learners),
        ("registration.changed", plan.changed_registrations),
    ):
        facts = [{"id": change.id, "fields": change.fields} for change in changes if change.fields]
        for start in range(0, len(facts), _CHANGES_PER_RECORD):
            some = facts[start : start + _CHANGES_PER_RECORD]
            record(event, actor=actor, target=centre, data={"changes": some})


def _store_cohorts(plan: Plan, centre: Centre) -> dict[tuple[int, str], int]:
    wanted = [key for key, pk in plan.cohorts.items() if pk is None]
    Cohort.objects.bulk_create(
        Cohort(centre=centre, qualification_id=key[0], name=plan.cohort_names[key]) for key in wanted
    )
    return known_cohorts(centre) if wanted else {key: pk for key, pk in plan.cohorts.items() if pk is not None}


def _store_registrations(plan: Plan, centre: Centre, cohorts: dict[tuple[int, str], int]) -> None:
    """Stores the new registrations and their learners: a learner's first registration brings the learner along."""
    firsts: list[tuple[int, Entry]] = []
    others: list[tuple[int | str, int, Entry]] = []
    seen: set[str] = set()
    for registration in plan.new_registrations:
        learner, qualification_id, entry = registration
        if isinstance(learner, int) or learner in seen:
            others.append(registration)
        else:
            seen.add(learner)
            firsts.append((qualification_id, entry))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence('centres_learner', 'id')")
        cursor.execute(_INCOMING.format(sequence=cursor.fetchone()[0]))
        if firsts:
            entries = [entry for _qualification_id, entry in firsts]
            places = _place_columns([qualification_id for qualification_id, _entry in firsts], entries, cohorts)
            _copy(cursor, (*_PLACE, *_PERSON), [*places, *_person_columns(entries)])
        if others:
            ids = _ids_of_learners(cursor) if seen else {}
            learners = [str(learner if isinstance(learner, int) else ids[learner]) for learner, _id, _entry in others]
            places = _place_columns([pk for _learner, pk, _entry in others], [entry for *_, entry in others], cohorts)
            _copy(cursor, ("learner_id", *_PLACE), [learners, *places])
        if firsts:
            cursor.execute(_INSERT_LEARNERS, [centre.ao_id, centre.pk, centre.establishment.is_synthetic])
        cursor.execute(_INSERT_REGISTRATIONS, [centre.ao_id, centre.pk])
        cursor.execute("DROP TABLE incoming_registrations")


def _place_columns(
    qualification_ids: list[int], entries: list[Entry], cohorts: dict[tuple[int, str], int]
) -> list[list[str]]:
    """The text of the columns `_PLACE`. Cohorts, numbers and dates repeat: each distinct one is written once."""
    named = list(zip(qualification_ids, map(itemgetter(6), entries), strict=True))
    ids = {(pk, name): str(cohorts[pk, name.casefold()]) for pk, name in set(named)}
    dates = [_written(map(itemgetter(place), entries)) for place in (7, 8, 9)]
    return [list(map(str, qualification_ids)), [ids[key] for key in named], *dates]


def _person_columns(entries: list[Entry]) -> list[list[str]]:
    """The text of the columns `_PERSON`."""
    given, family = list(map(itemgetter(1), entries)), list(map(itemgetter(2), entries))
    names = set(zip(given, family, strict=True))
    keys = {name: name_key(*name) for name in names}
    return [
        list(map(itemgetter(0), entries)),
        [entry[4] or "" for entry in entries],
        given,
        family,
        [keys[name] for name in zip(given, family, strict=True)],
        _written(map(itemgetter(3), entries)),
    ]


def _written(values: Iterable[Any]) -> list[str]:
    values = list(values)
    known = {value: str(value) for value in set(values)}
    return [known[value] for value in values]


def _copy(cursor: Any, columns: Sequence[str], values: Sequence[Sequence[str]]) -> None:
    text = "\n".join(map("\t".join, zip(*values, strict=True))) + "\n"
    if "\\" in text:
        # COPY reads a backslash as the beginning of an escape. Tabs and line ends cannot be here: the reader made spaces of them.
        text = text.replace("\\", "\\\\")
    cursor.copy_expert(f"COPY incoming_registrations ({', '.join(columns)}) FROM STDIN", io.StringIO(text))


def _ids_of_learners(cursor: Any) -> dict[str, int]:
    """The ids that the new learners were given, by identity."""
    cursor.execute("SELECT uln, reference, learner_id FROM incoming_registrations")
    return {identity_of(uln, reference): pk for uln, reference, pk in cursor.fetchall()}


def _change_learners(changes: list[Change]) -> None:
    merged: dict[int, dict[str, str]] = {}
    for change in changes:
        merged.setdefault(change.id, {}).update({name: after for name, (_before, after) in change.fields.items()})
    learners = list(Learner.objects.filter(pk__in=[pk for pk, fields in merged.items() if fields]))
    for learner in learners:
        for name, after in merged[learner.pk].items():
            setattr(learner, name, after)
        learner.name_key = name_key(learner.given_names, learner.family_name)
    Learner.objects.bulk_update(
        learners, ["uln", "reference", "given_names", "family_name", "name_key"], batch_size=1000
    )


def _change_registrations(changes: list[Change], cohorts: dict[tuple[int, str], int]) -> None:
    by_id = {change.id: change.entry for change in changes}
    registrations = list(Registration.objects.filter(pk__in=by_id))
    for registration in registrations:
        entry = by_id[registration.pk]
        registration.registered_on, registration.starts_on = entry.registered_on, entry.starts_on
        registration.ends_on = entry.ends_on
        registration.cohort_id = cohorts.get(
            (registration.qualification_id, entry.cohort.casefold()), registration.cohort_id
        )
    Registration.objects.bulk_update(
        registrations, ["registered_on", "starts_on", "ends_on", "cohort"], batch_size=1000
    )
