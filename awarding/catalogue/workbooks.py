"""A qualification's units as a workbook: the template handed out, and what comes back."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awarding.accounts.standing import Standing
from awarding.catalogue.models import LevelCredits, Qualification
from awarding.catalogue.queries.combination import sets_by_reference
from awarding.catalogue.queries.qualification import groups_of
from awarding.catalogue.services.loading import RulesDraft, UnitsReport, load_units
from awarding.catalogue.services.qualification import CatalogueError
from awarding.catalogue.services.reading import read_levels, read_references, read_unit_reference
from awarding.catalogue.services.units import GroupDraft, UnitDraft
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


def _levels(cell: Any) -> list[tuple[int, int]]:
    try:
        return read_levels(str(cell))
    except ValueError as error:
        raise CellError("levels_unreadable", str(error), _("Write them as 3: 45 | 4: 15.")) from error


def _references(cell: Any) -> list[str]:
    return read_references(str(cell))


def _names(cell: Any) -> list[str]:
    return [name.strip() for name in str(cell).split(";") if name.strip()]


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
    Column("group_max_units", gettext_lazy("Most units that count from the group"), kind="integer", required=False,
           blank=True, smallest=0, largest=_LARGEST, example="", width=12, synonyms=("maximum units",)),
    Column("group_max_credits", gettext_lazy("Most credits that count from the group"), kind="integer", required=False,
           blank=True, smallest=0, largest=_LARGEST, example="", width=12, synonyms=("maximum credits",)),
    Column("inside", gettext_lazy("The group stands inside"), required=False, blank=True, max_length=120, example="",
           width=20, synonyms=("inside the group", "parent group")),
    Column("also", gettext_lazy("May count instead in"), required=False, blank=True, parse=_names, example="", width=20,
           help=gettext_lazy("Names of other groups that take the unit, with semicolons between them.")),
    Column("barred", gettext_lazy("Barred with"), required=False, blank=True, parse=_references, example="", width=20,
           synonyms=("barred combinations", "barred units"),
           help=gettext_lazy("References of units of which only one counts beside this one, with semicolons between them. "
                             "When one row says it, the file says all that is barred.")),
    Column("levels", gettext_lazy("Credits needed at levels"), required=False, blank=True, parse=_levels, example="",
           width=16, help=gettext_lazy("For the whole qualification, on one row at least: 3: 45 | 4: 15.")),
    Column("transfer_limit", gettext_lazy("Most by transfer, percent"), kind="integer", required=False, blank=True,
           smallest=0, largest=100, example="", width=12, synonyms=("transfer limit",),
           help=gettext_lazy("For the whole qualification, on one row at least.")),
)  # fmt: skip
_ASKS = ("mandatory", "group_units", "group_credits", "group_max_units", "group_max_credits", "inside")
_OF_ALL = ("levels", "transfer_limit")


def units_template(qualification: Qualification) -> bytes:
    """The workbook to fill in; its example sheet shows the units that are there."""
    rows = []
    minima = LevelCredits.objects.filter(qualification=qualification).order_by("level").values_list("level", "credits")
    whole = [" | ".join(f"{level}: {credits}" for level, credits in minima), _blank(qualification.transfer_limit)]
    partners = _partners(sets_by_reference(qualification))
    for entry in groups_of(qualification):
        group = entry.group
        asks = ["Yes" if group.is_mandatory else "No", str(group.min_units), str(group.min_credits)]
        asks += [str(group.max_units), str(group.max_credits), group.inside.name if group.inside else ""]
        for place in entry.places:
            unit = place.unit
            facts = [unit.reference, unit.title, unit.level, str(unit.credits), str(unit.guided_hours)]
            also = "; ".join(other.group.name for other in place.others.all())
            rows.append([*facts, group.name, *asks, also, "; ".join(partners.get(unit.reference, ())), *whole])
    title = _("Units of %(qan)s %(title)s") % {"qan": qualification.display_qan, "title": qualification.title}
    notes = [
        _("One row for each unit. Units that the file does not name stay in the qualification as they are."),
        _("What is needed from a group stands on one of its rows at least; rows that say it must agree."),
        _("So do the credits needed at levels and the most by transfer, for the whole qualification."),
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
            report = load_units(
                actor=actor, qualification=qualification, groups=_groups_of(rows, qualification), units=drafts,
                rules=_rules_of(rows),
            )  # fmt: skip
            if preview:
                raise _RolledBack
    except _RolledBack:
        pass
    except CatalogueError as error:
        column = next((c for c in UNIT_COLUMNS if c.key == _COLUMN_OF.get(error.field or "", error.field)), None)
        row = next((r for r in rows if column is not None and r[column.key] is not None), rows[0])
        fix = _("Correct the column in the workbook and upload it again.")
        table.fault(row, column.key if column else "group", "rules_refused", str(error), fix)
        report = UnitsReport(read=len(table.rows), refused=len(table.rows))
    return report, table


# The columns of what a service names otherwise.
_COLUMN_OF = {"max_units": "group_max_units", "max_credits": "group_max_credits", "name": "group"}


def _unit_of(row: Row) -> UnitDraft:
    return UnitDraft(
        reference=row["reference"],
        title=row["title"],
        level=row["level"] or "",
        credits=row["credits"],
        guided_hours=row["hours"] or 0,
    )


def _groups_of(rows: list[Row], qualification: Qualification) -> list[GroupDraft]:
    """What the rows say of each group. Maxima, and where it stands, stay as they are while no row says them."""
    held = {group.name: group for group in qualification.groups.select_related("inside")}
    said: dict[str, dict[str, Any]] = {}
    for row in rows:
        asks = said.setdefault(row["group"], {})
        asks |= {name: row[name] for name in _ASKS if row[name] is not None}
    drafts = []
    for name, asks in said.items():
        known = held.get(name)
        inside = known.inside.name if known and known.inside else ""
        drafts.append(
            GroupDraft(
                name, asks.get("mandatory") == "yes", asks.get("group_units") or 0, asks.get("group_credits") or 0,
                asks.get("group_max_units", known.max_units if known else 0),
                asks.get("group_max_credits", known.max_credits if known else 0), asks.get("inside") or inside,
            )
        )  # fmt: skip
    return drafts


def _rules_of(rows: list[Row]) -> RulesDraft:
    pairs = [(row["reference"], other) for row in rows for other in row["barred"] or ()]
    return RulesDraft(
        also={row["reference"]: row["also"] for row in rows if row["also"] is not None},
        levels=next((row["levels"] for row in rows if row["levels"] is not None), None),
        barred=_sets_of(pairs) if pairs else None,
        transfer_limit=next((row["transfer_limit"] for row in rows if row["transfer_limit"] is not None), None),
    )


def _sets_of(pairs: list[tuple[str, str]]) -> list[list[str]]:
    """The pairs as sets: units that are all barred against each other are one, as they were entered on the page."""
    barred: dict[str, set[str]] = {}
    for one, other in pairs:
        barred.setdefault(one, set()).add(other)
        barred.setdefault(other, set()).add(one)
    sets: list[list[str]] = []
    seen: set[frozenset[str]] = set()
    for unit, others in barred.items():
        together = others | {unit}
        is_whole = all(together <= barred[other] | {other} for other in others)
        for members in [together] if is_whole else [{unit, other} for other in sorted(others)]:
            covered = any(frozenset(members) <= known for known in seen)
            if not covered:
                seen.add(frozenset(members))
                sets.append(sorted(members))
    return sets


def _partners(sets: list[list[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for references in sets:
        for reference in references:
            found.setdefault(reference, []).extend(other for other in references if other != reference)
    return found


def _blank(value: int | None) -> str:
    return "" if value is None else str(value)


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
        for name in (*_ASKS, *_OF_ALL):
            if row["group"] is None or row[name] is None:
                continue
            of = "" if name in _OF_ALL else row["group"]
            value, where = said.setdefault((of, name), (row[name], row.number))
            if value != row[name]:
                message = (
                    _("Row %(row)s says otherwise for the group “%(group)s”.")
                    if of
                    else _("Row %(row)s says otherwise.")
                )
                words = {"row": where, "group": row["group"]}
                fix = _("Give every row the same value, or leave it out on all but one.")
                table.fault(row, name, "group_disagrees", message % words, fix)
