"""A qualification's units as a workbook: the template handed out, and what comes back."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification
from awarding.catalogue.queries.qualification import groups_of
from awarding.catalogue.services.units import GroupDraft, UnitDraft, UnitsReport, load_units, read_unit_reference
from awarding.spreadsheets.columns import CellError, Column
from awarding.spreadsheets.reader import Row, Table, read_table
from awarding.spreadsheets.template import upload_template

_LARGEST = 32_000


def _reference(cell: Any) -> str:
    text = " ".join(str(cell).split())
    if len(text) > 20:
        raise CellError(
            "reference_too_long",
            _("“%(value)s” is too long for a unit reference.") % {"value": text[:40]},
            _("Enter at most 20 characters, for example K/501/5773."),
        )
    return read_unit_reference(text)[0]


UNIT_COLUMNS = (
    Column(
        "reference", gettext_lazy("Unit reference"), parse=_reference, example="K/501/5773", width=16,
        synonyms=("reference", "unit number", "unit code", "unique reference number", "component reference"),
        help=gettext_lazy("The unit's number: a letter, three digits, four digits. The AO's own is taken, too."),
    ),
    Column(
        "title", gettext_lazy("Unit title"), max_length=300, example="Working in a team", width=48,
        synonyms=("title", "unit name", "component title"),
    ),
    Column("level", gettext_lazy("Level"), required=False, blank=True, max_length=60, example="Level 2",
           synonyms=("unit level",)),
    Column("credits", gettext_lazy("Credits"), kind="integer", smallest=0, largest=_LARGEST, example="3", width=10,
           synonyms=("credit value", "unit credit value", "credit")),
    Column("hours", gettext_lazy("Guided learning hours"), kind="integer", required=False, blank=True, smallest=0,
           largest=_LARGEST, example="24", width=12, synonyms=("glh", "guided hours")),
    Column(
        "group", gettext_lazy("Group"), max_length=120, example="Mandatory", width=24,
        synonyms=("unit group", "rules of combination group", "group name"),
        help=gettext_lazy("The group of the rules of combination in which the unit stands."),
    ),
    Column(
        "mandatory", gettext_lazy("Every unit of the group is needed"), kind="choice", required=False, blank=True,
        choices=(("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))), example="Yes", width=14,
        choice_synonyms=(("y", "yes"), ("n", "no"), ("true", "yes"), ("false", "no")), synonyms=("mandatory",),
        help=gettext_lazy("Say it on one row of the group at least; rows that say it must agree."),
    ),
    Column("group_units", gettext_lazy("Units needed from the group"), kind="integer", required=False, blank=True,
           smallest=0, largest=_LARGEST, example="1", width=12, synonyms=("minimum units",)),
    Column("group_credits", gettext_lazy("Credits needed from the group"), kind="integer", required=False, blank=True,
           smallest=0, largest=_LARGEST, example="3", width=12, synonyms=("minimum credits",)),
)  # fmt: skip
_ASKS = ("mandatory", "group_units", "group_credits")


def units_template(qualification: Qualification) -> bytes:
    """The workbook to fill in; its example sheet shows the units that are there."""
    rows = []
    for entry in groups_of(qualification):
        group = entry.group
        asks = ["Yes" if group.is_mandatory else "No", str(group.min_units), str(group.min_credits)]
        for place in entry.places:
            unit = place.unit
            facts = [unit.reference, unit.title, unit.level, str(unit.credits), str(unit.guided_hours)]
            rows.append([*facts, group.name, *asks])
    title = _("Units of %(qan)s %(title)s") % {"qan": qualification.display_qan, "title": qualification.title}
    notes = [
        _("One row for each unit. Units that the file does not name stay in the qualification as they are."),
        _("What is needed from a group stands on one of its rows at least; rows that say it must agree."),
    ]
    return upload_template(UNIT_COLUMNS, title=title, sheet=_("Units"), example_rows=rows, notes=notes)


class _RolledBack(Exception):
    """Ends a preview."""


def import_units(
    *, actor: Standing, qualification: Qualification, content: bytes, preview: bool
) -> tuple[UnitsReport, Table]:
    """Loads a workbook or CSV of units. Any faulty row keeps the whole file out: groups hang together.

    A preview is the same import, rolled back. Raises UnsafeFileError for a file that may not be opened.
    """
    table = read_table(content, columns=UNIT_COLUMNS)
    _check(table)
    report = UnitsReport(read=len(table.rows), refused=len(table.faults.rows_in_error))
    if table.faults.errors:
        report.refused = report.read
        return report, table
    rows = table.good_rows()
    drafts = [(_unit_of(row), str(row["group"])) for row in rows]
    try:
        with transaction.atomic():
            report = load_units(actor=actor, qualification=qualification, groups=_groups_of(rows), units=drafts)
            if preview:
                raise _RolledBack
    except _RolledBack:
        pass
    return report, table


def _unit_of(row: Row) -> UnitDraft:
    return UnitDraft(
        reference=row["reference"],
        title=row["title"],
        level=row["level"] or "",
        credits=row["credits"],
        guided_hours=row["hours"] or 0,
    )


def _groups_of(rows: list[Row]) -> list[GroupDraft]:
    said: dict[str, dict[str, Any]] = {}
    for row in rows:
        asks = said.setdefault(row["group"], {})
        asks |= {name: row[name] for name in _ASKS if row[name] is not None}
    return [
        GroupDraft(name, asks.get("mandatory") == "yes", asks.get("group_units") or 0, asks.get("group_credits") or 0)
        for name, asks in said.items()
    ]


def _check(table: Table) -> None:
    """A reference once, a doubtful one noted, a group's rows of one mind."""
    seen: dict[str, int] = {}
    said: dict[tuple[str, str], tuple[Any, int]] = {}
    for row in table.rows:
        reference = row["reference"]
        if reference and reference in seen:
            message = _("The unit stands in row %(row)s already.") % {"row": seen[reference]}
            table.fault(row, "reference", "unit_twice", message, _("Leave one of the two rows."))
        elif reference:
            seen[reference] = row.number
            if read_unit_reference(reference)[1]:
                message = _("“%(value)s” is no usual unit reference: its first letter or its shape does not fit.")
                table.fault(
                    row, "reference", "unit_reference_doubtful", message % {"value": reference},
                    _("Compare it with the specification. It is taken as it stands."), severity="warning",
                )  # fmt: skip
        for name in _ASKS:
            if row["group"] is None or row[name] is None:
                continue
            value, where = said.setdefault((row["group"], name), (row[name], row.number))
            if value != row[name]:
                message = _("Row %(row)s says otherwise for the group “%(group)s”.")
                words = {"row": where, "group": row["group"]}
                fix = _("Give every row of the group the same value, or leave it out on all but one.")
                table.fault(row, name, "group_disagrees", message % words, fix)
