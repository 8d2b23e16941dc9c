"""What a row of an upload means for what the AO already knows: a new learner, a known one, or somebody else."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.translation import gettext as _

from awarding.identifiers import TEMPORARY_ULN, parse_qan
from awarding.spreadsheets.reader import Row, Table
from centres.rules.names import same_name
from centres.rules.rows import Entry


class KnownLearner(NamedTuple):
    """A learner who is there already. `is_here`: at the centre that uploads."""

    id: int
    is_here: bool
    uln: str
    reference: str
    given_names: str
    family_name: str
    date_of_birth: dt.date


class KnownRegistration(NamedTuple):
    """A registration of a learner of the centre."""

    id: int
    learner_id: int
    qualification_id: int
    cohort: str
    registered_on: dt.date
    starts_on: dt.date
    ends_on: dt.date


class KnownQualification(NamedTuple):
    """A qualification of the register. `owner` is the name of its AO, empty for one's own."""

    id: int
    owner: str


@dataclass(slots=True)
class Known:
    """What the database says about the rows of one upload."""

    qualifications: dict[str, KnownQualification] = field(default_factory=dict)
    here: dict[str, KnownLearner] = field(default_factory=dict)
    elsewhere: dict[str, list[KnownLearner]] = field(default_factory=dict)
    by_reference: dict[str, KnownLearner] = field(default_factory=dict)


def check_qualifications(table: Table, entries: list[tuple[Row, Entry]], known: Known) -> None:
    """Faults of rows whose QAN is not this AO's. Codes: qan_unknown, qan_of_another_ao. The owner's name is public."""
    own = {qan for qan, found in known.qualifications.items() if not found.owner}
    for row, entry in entries:
        qan = entry[5]
        if qan is None or qan in own:
            continue
        found = known.qualifications.get(qan)
        shown = parse_qan(qan)
        if found is not None:
            table.fault(
                row, "qan", "qan_of_another_ao",
                _("%(qan)s belongs to %(owner)s.") % {"qan": shown.display, "owner": found.owner},
                _("Register the learner with that awarding organisation, or correct the number."),
            )  # fmt: skip
        else:
            doubt = _("Its last character does not fit the others: look for a mistyped digit.")
            table.fault(
                row, "qan", "qan_unknown",
                _("No qualification %(qan)s is in the catalogue.") % {"qan": shown.display},
                doubt if shown.check_failed else _("Compare it with the list of qualifications here."),
            )  # fmt: skip


def match_learner(table: Table, row: Row, entry: Entry, known: Known) -> KnownLearner | None:
    """The learner of this centre whom the row means, or None for somebody new; a fault where it is somebody else.

    Codes: uln_other_learner (the centre's own learner of that ULN differs: says in what), uln_of_another_person (another
    centre's learner of that ULN differs: names nobody), reference_other_learner, and the warning uln_at_another_centre.
    A learner kept under the temporary ULN is found again by the centre's reference when the real one arrives.
    """
    found = known.here.get(entry.uln) if entry.uln != TEMPORARY_ULN else None
    if found is not None:
        if not _is(found, entry):
            _report_other_learner(table, row, found, entry)
        return found
    if entry.reference is not None and (found := known.by_reference.get(entry.reference)) is not None:
        if _is(found, entry):
            if found.uln == TEMPORARY_ULN and entry.uln != TEMPORARY_ULN:
                _check_elsewhere(table, row, entry, known.elsewhere.get(entry.uln, ()))
            if TEMPORARY_ULN in (found.uln, entry.uln):
                return found
        elif entry.uln == TEMPORARY_ULN:
            table.fault(
                row, "reference", "reference_other_learner",
                _("The reference belongs to %(name)s, born %(born)s.")
                % {"name": f"{found.given_names} {found.family_name}", "born": f"{found.date_of_birth:%d/%m/%Y}"},
                _("Give this learner another reference, or correct the name or date of birth."),
            )  # fmt: skip
            return found
    if entry.uln != TEMPORARY_ULN:
        _check_elsewhere(table, row, entry, known.elsewhere.get(entry.uln, ()))
    return None


def _is(learner: KnownLearner, entry: Entry) -> bool:
    return (
        learner.date_of_birth == entry.date_of_birth
        and same_name(learner.given_names, entry.given_names)
        and same_name(learner.family_name, entry.family_name)
    )


def _report_other_learner(table: Table, row: Row, found: KnownLearner, entry: Entry) -> None:
    """Says which of name and date of birth differs, at the cell that differs."""
    if found.date_of_birth != entry.date_of_birth:
        key, differs = "date_of_birth", _("born %(born)s") % {"born": f"{found.date_of_birth:%d/%m/%Y}"}
    elif not same_name(found.family_name, entry.family_name):
        key, differs = "family_name", _("with the family name %(name)s") % {"name": found.family_name}
    else:
        key, differs = "given_names", _("with the given names %(name)s") % {"name": found.given_names}
    table.fault(
        row, key, "uln_other_learner",
        _("The ULN %(uln)s is registered at this centre for %(name)s, %(differs)s.")
        % {"uln": entry.uln, "name": f"{found.given_names} {found.family_name}", "differs": differs},
        _("Correct this row; or, if what is stored is wrong or has changed, correct it on the learner's own page first."),
    )  # fmt: skip


def _check_elsewhere(table: Table, row: Row, entry: Entry, others: list[KnownLearner] | tuple[()]) -> None:
    """Nothing is said about another centre's learner beyond whether name and date of birth agree."""
    if any(not _is(other, entry) for other in others):
        table.fault(
            row, "uln", "uln_of_another_person",
            _("This ULN is already in use for a learner with another name or date of birth."),
            _("Check the ULN with the Learning Records Service. If it is right, tell the awarding organisation."),
        )  # fmt: skip
    elif others:
        table.fault(
            row, "uln", "uln_at_another_centre",
            _("A learner with this ULN, name and date of birth is registered at another centre too."),
            _("Nothing to do if the learner is at both, or has moved. The row is loaded."),
            severity="warning",
        )  # fmt: skip
