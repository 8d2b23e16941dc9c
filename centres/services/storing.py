"""Writing a plan to the database, fast: rows are copied into temporary tables, then moved in one statement each.

(COPY straight into a table under row-level security is refused by PostgreSQL.)
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from awarding.accounts.standing import Actor
from awarding.audit.services import record
from centres.models import Centre, Cohort, Learner, Registration
from centres.queries.known import known_cohorts
from centres.rules.names import name_key
from centres.services.plan import Change, Plan

_CHANGES_PER_RECORD = 200
_NEW_IDS = "SELECT nextval(pg_get_serial_sequence('centres_learner', 'id')) FROM generate_series(1, %s)"
_LEARNER_TABLE = "id bigint, uln text, reference text, given text, family text, name_key text, born date"
_INSERT_LEARNERS = """
    INSERT INTO centres_learner (id, ao_id, centre_id, uln, reference, given_names, family_name, name_key, date_of_birth,
                                 is_synthetic, created_at)
    SELECT id, %s, %s, uln, reference, given, family, name_key, born, %s, now() FROM incoming_learners ORDER BY id
"""
_REGISTRATION_TABLE = (
    "learner_id bigint, qualification_id bigint, cohort_id bigint, registered_on date, starts_on date, ends_on date"
)
_INSERT_REGISTRATIONS = """
    INSERT INTO centres_registration (ao_id, centre_id, learner_id, qualification_id, cohort_id, registered_on, starts_on,
                                      ends_on, status)
    SELECT %s, %s, learner_id, qualification_id, cohort_id, registered_on, starts_on, ends_on, 'active'
    FROM incoming_registrations
"""


def store_plan(plan: Plan, *, actor: Actor, centre: Centre) -> None:
    """Stores new cohorts, learners and registrations, and makes the changes, in the open transaction."""
    cohorts = _store_cohorts(plan, centre)
    ids = _store_learners(plan, centre)
    _store_registrations(plan, centre, cohorts, ids)
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


def _store_learners(plan: Plan, centre: Centre) -> dict[str, int]:
    """Answers the ids of the new learners, by identity."""
    if not plan.new_learners:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_NEW_IDS, [len(plan.new_learners)])
        ids = dict(zip(plan.new_learners, (pk for (pk,) in cursor.fetchall()), strict=True))
    lines = (
        (ids[identity], e.uln, e.reference or "", e[1], e[2], name_key(e[1], e[2]), e[3])
        for identity, e in plan.new_learners.items()
    )
    _copy("incoming_learners", _LEARNER_TABLE, lines)
    is_synthetic = centre.establishment.is_synthetic
    _move(_INSERT_LEARNERS, [centre.ao_id, centre.pk, is_synthetic], "incoming_learners")
    return ids


def _store_registrations(plan: Plan, centre: Centre, cohorts: dict[tuple[int, str], int], ids: dict[str, int]) -> None:
    if not plan.new_registrations:
        return
    folded: dict[str, str] = {}
    lines = []
    for learner, qualification_id, e in plan.new_registrations:
        name = folded.get(e[6]) or folded.setdefault(e[6], e[6].casefold())
        learner_id = ids[learner] if isinstance(learner, str) else learner
        lines.append((learner_id, qualification_id, cohorts[qualification_id, name], e[7], e[8], e[9]))
    _copy("incoming_registrations", _REGISTRATION_TABLE, lines)
    _move(_INSERT_REGISTRATIONS, [centre.ao_id, centre.pk], "incoming_registrations")


def _copy(table: str, columns: str, lines: Iterable[Sequence[Any]]) -> None:
    text = "".join(["\t".join(map(str, line)) + "\n" for line in lines])
    if "\\" in text:
        # COPY reads a backslash as the beginning of an escape. Tabs and line ends cannot be here: the reader made spaces of them.
        text = text.replace("\\", "\\\\")
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {table} ({columns}) ON COMMIT DROP")
        cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO(text))


def _move(statement: str, parameters: list[Any], table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        cursor.execute(f"DROP TABLE {table}")


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
