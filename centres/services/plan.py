"""From checked rows to what a load would do: who and what is new, what changes, what stays."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from awarding.identifiers import TEMPORARY_ULN
from awarding.spreadsheets.reader import Row, Table
from centres.models import Centre
from centres.queries.known import (
    claims_holding,
    known_about,
    known_cohorts,
    known_registrations,
    learners_with_processed_claims,
)
from centres.rules.identity import Known, KnownLearner, KnownRegistration, check_qualifications, match_learner
from centres.rules.rows import Entry, check_rows

_DATES = ("registered_on", "starts_on", "ends_on")


@dataclass(frozen=True, slots=True)
class Change:
    """What a row changes in a learner or registration: {field: [before, after]}, as JSON for the audit trail."""

    id: int
    fields: dict[str, list[str]]
    row: Row
    entry: Entry


@dataclass(slots=True)
class Plan:
    """What one load does. New learners are known by `Entry.identity` until they have an id."""

    new_learners: dict[str, Entry] = field(default_factory=dict)
    # (id of a known learner or identity of a new one, qualification id, the row's values)
    new_registrations: list[tuple[int | str, int, Entry]] = field(default_factory=list)
    changed_registrations: list[Change] = field(default_factory=list)
    changed_learners: list[Change] = field(default_factory=list)
    # (qualification id, name in lower case): id, None while it is to be made
    cohorts: dict[tuple[int, str], int | None] = field(default_factory=dict)
    cohort_names: dict[tuple[int, str], str] = field(default_factory=dict)
    updated: int = 0
    unchanged: int = 0


def make_plan(centre: Centre, table: Table, *, today: dt.date) -> Plan:
    """Checks every row against the file and the database, adds the faults to the table, plans what is left."""
    entries = check_rows(table, today=today)
    if table.faults.file_errors:
        return Plan()
    known = known_about(centre, [entry for _row, entry in entries])
    check_qualifications(table, entries, known)
    matched = _match(table, entries, known)
    registrations = known_registrations(centre, list({learner.id for _row, _entry, learner in matched if learner}))
    plan = Plan(cohorts=dict(known_cohorts(centre)))
    changes = _compare(plan, matched, known, registrations)
    _settle_changes(table, plan, changes)
    return plan


_Matched = list[tuple[Row, Entry, KnownLearner | None]]


def _match(table: Table, entries: list[tuple[Row, Entry]], known: Known) -> _Matched:
    wrong = table.faults.rows_in_error
    good = [(row, entry) for row, entry in entries if row.number not in wrong]
    if not (known.here or known.elsewhere or known.by_reference):
        return [(row, entry, None) for row, entry in good]
    matched = [(row, entry, match_learner(table, row, entry, known)) for row, entry in good]
    return [item for item in matched if item[0].number not in wrong]


def _compare(
    plan: Plan, matched: _Matched, known: Known, registrations: dict[tuple[int, int], KnownRegistration]
) -> dict[int, tuple[Change | None, Change | None]]:
    """Plans what is new, counts what stays; answers what changes, by row: (of the learner, of the registration)."""
    changes: dict[int, tuple[Change | None, Change | None]] = {}
    needed: set[tuple[int, str]] = set()
    for row, entry, learner in matched:
        qualification_id = known.qualifications[entry[5]].id
        if learner is None:
            identity = entry.identity if entry[0] == TEMPORARY_ULN else entry[0]
            plan.new_learners.setdefault(identity, entry)
            plan.new_registrations.append((identity, qualification_id, entry))
            if (qualification_id, entry[6]) not in needed:
                needed.add((qualification_id, entry[6]))
                _need_cohort(plan, qualification_id, entry[6])
            continue
        person = _learner_change(row, entry, learner)
        registration = registrations.get((learner.id, qualification_id))
        if registration is None:
            plan.new_registrations.append((learner.id, qualification_id, entry))
            _need_cohort(plan, qualification_id, entry[6])
            if person:
                changes[row.number] = (person, None)
            continue
        place = _registration_change(row, entry, registration)
        if person or place:
            changes[row.number] = (person, place)
            plan.updated += 1
            if place and "cohort" in place.fields:
                _need_cohort(plan, qualification_id, entry[6])
        else:
            plan.unchanged += 1
    return changes


def _need_cohort(plan: Plan, qualification_id: int, name: str) -> None:
    key = (qualification_id, name.casefold())
    if key not in plan.cohorts:
        plan.cohorts[key] = None
        plan.cohort_names[key] = name


def _learner_change(row: Row, entry: Entry, learner: KnownLearner) -> Change | None:
    fields: dict[str, list[str]] = {}
    for name in ("given_names", "family_name"):
        if getattr(entry, name) != getattr(learner, name):
            fields[name] = [getattr(learner, name), getattr(entry, name)]
    if entry.reference is not None and entry.reference != learner.reference:
        fields["reference"] = [learner.reference, entry.reference]
    if learner.uln == TEMPORARY_ULN and entry.uln != TEMPORARY_ULN:
        fields["uln"] = [learner.uln, entry.uln]
    return Change(learner.id, fields, row, entry) if fields else None


def _registration_change(row: Row, entry: Entry, registration: KnownRegistration) -> Change | None:
    if entry[7:10] == registration[4:7] and entry[6] == registration[3]:
        return None
    fields: dict[str, list[str]] = {}
    for name in _DATES:
        before, after = getattr(registration, name), getattr(entry, name)
        if before != after:
            fields[name] = [before.isoformat(), after.isoformat()]
    if registration.cohort.casefold() != entry.cohort.casefold():
        fields["cohort"] = [registration.cohort, entry.cohort]
    return Change(registration.id, fields, row, entry) if fields else None


def _settle_changes(table: Table, plan: Plan, changes: dict[int, tuple[Change | None, Change | None]]) -> None:
    """Refuses changes that would contradict a claim, keeps names that stand on certificates, takes the rest."""
    if not changes:
        return
    places = [place for _person, place in changes.values() if place]
    people = [person for person, _place in changes.values() if person]
    held = claims_holding([place.id for place in places])
    printed = learners_with_processed_claims([person.id for person in people])
    for person, place in changes.values():
        if place is not None and place.id in held and _refuse_if_held(table, place, *held[place.id]):
            plan.updated -= 1
            continue
        if place is not None:
            plan.changed_registrations.append(place)
        if person is not None:
            plan.changed_learners.append(_without_printed_names(table, person) if person.id in printed else person)


def _refuse_if_held(table: Table, place: Change, number: str, is_processed: bool) -> bool:
    if is_processed:
        table.fault(
            place.row, "ends_on" if "ends_on" in place.fields else "cohort", "processed_claim",
            _("The registration stands on eRAC %(number)s, which is processed: it can no longer change.")
            % {"number": number},
            _("Leave the row out, or ask the awarding organisation if the stored registration is wrong."),
        )  # fmt: skip
        return True
    if "cohort" in place.fields:
        table.fault(
            place.row, "cohort", "on_a_claim",
            _("The learner stands on eRAC %(number)s of the cohort %(cohort)s.")
            % {"number": number, "cohort": place.fields["cohort"][0]},
            _("Keep the cohort as it is, or withdraw that claim first."),
        )  # fmt: skip
        return True
    return False


def _without_printed_names(table: Table, person: Change) -> Change:
    names = [name for name in ("given_names", "family_name") if name in person.fields]
    for name in names:
        table.fault(
            person.row, name, "name_on_certificate",
            _("The name is spelled “%(stored)s” on a claim that is processed; that spelling is kept.")
            % {"stored": person.fields[name][0]},
            _("Ask the awarding organisation for a correction if the stored spelling is wrong."),
            severity="warning",
        )  # fmt: skip
    kept: dict[str, Any] = {key: value for key, value in person.fields.items() if key not in names}
    return Change(person.id, kept, person.row, person.entry)
