"""Awarding organisations from the register, and finding the one that a name means."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from awarding.catalogue.register.layouts import OrganisationRow
from awarding.catalogue.register.names import organisation_key
from awarding.catalogue.register.reading import RegisterFile
from awarding.tenancy.models import AwardingOrganisation

_FIELDS = ("name", "legal_name", "acronym", "recognition_number", "contact_email")


@dataclass
class OrganisationMatch:
    """The body a name means, or None where that is not certain; `note` then says why."""

    organisation: AwardingOrganisation | None
    note: str = ""


class OrganisationIndex:
    """Every known awarding organisation by number and by name: as written, then name, legal name, acronym."""

    def __init__(self, organisations: Iterable[AwardingOrganisation] | None = None) -> None:
        self.by_number: dict[str, AwardingOrganisation] = {}
        self.as_written: dict[str, AwardingOrganisation] = {}
        self.tiers: tuple[dict[str, list[AwardingOrganisation]], ...] = tuple(defaultdict(list) for _tier in range(3))
        known = AwardingOrganisation.objects.order_by("pk") if organisations is None else organisations
        for organisation in known:
            self.add(organisation)

    def add(self, organisation: AwardingOrganisation) -> None:
        if organisation.recognition_number:
            self.by_number[organisation.recognition_number] = organisation
        self.as_written[organisation.name] = organisation
        names = (_plain_name(organisation), organisation.legal_name, organisation.acronym)
        for tier, name in zip(self.tiers, names, strict=True):
            if key := organisation_key(name):
                tier[key].append(organisation)

    def find(self, name: str) -> OrganisationMatch:
        """The one body of that name. Two that could be meant are nobody: the note names them."""
        if name in self.as_written:
            return OrganisationMatch(self.as_written[name])
        key = organisation_key(name)
        for tier in self.tiers:
            found = tier.get(key, []) if key else []
            if len(found) == 1:
                return OrganisationMatch(found[0])
            if found:
                numbers = ", ".join(sorted(row.recognition_number or row.name for row in found))
                note = _("“%(name)s” could be %(numbers)s. No recognition number was given to it.")
                return OrganisationMatch(None, note % {"name": name, "numbers": numbers})
        note = _("“%(name)s” is the name of no organisation known here. It was added without a recognition number.")
        return OrganisationMatch(None, note % {"name": name})


def _plain_name(organisation: AwardingOrganisation) -> str:
    """The name without the number that tells namesakes apart."""
    return organisation.name.removesuffix(f" ({organisation.recognition_number})")


def find_or_add_organisation(
    index: OrganisationIndex, *, name: str, recognition_number: str = "", acronym: str = ""
) -> tuple[AwardingOrganisation, str]:
    """The body that a register row names, added when unknown; and a note where it could not be matched.

    A recognition number decides; otherwise the name does. A body known by name alone takes the number on.
    """
    if recognition_number in index.by_number:
        return index.by_number[recognition_number], ""
    match = index.find(name)
    found = match.organisation
    if found is not None and not recognition_number:
        return found, "" if found.recognition_number else _without_number(index, name)
    if found is not None and not found.recognition_number:
        found.recognition_number = recognition_number
        found.save(update_fields=["recognition_number"])
        index.by_number[recognition_number] = found
        return found, ""
    taken = name in index.as_written
    added = AwardingOrganisation.objects.create(
        name=f"{name} ({recognition_number})" if taken else name,
        acronym=acronym,
        recognition_number=recognition_number or None,
    )
    index.add(added)
    return added, "" if recognition_number else match.note


def _without_number(index: OrganisationIndex, name: str) -> str:
    others = [row for row in index.tiers[0].get(organisation_key(name), []) if row.recognition_number]
    if not others:
        return _("“%(name)s” has no recognition number here: no organisation of the register bears that name.") % {
            "name": name
        }
    numbers = ", ".join(sorted(str(row.recognition_number) for row in others))
    return _("“%(name)s” could be %(numbers)s. No recognition number was given to it.") % {
        "name": name,
        "numbers": numbers,
    }


@dataclass
class OrganisationsReport:
    """What reading an organisations file did; the numbers add up to `read`."""

    read: int = 0
    loaded: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    notes: list[str] = field(default_factory=list)


@transaction.atomic
def load_organisations(file: RegisterFile) -> OrganisationsReport:
    """Stores the bodies of an organisations file, by recognition number. Loading it twice changes nothing.

    Of several bodies with one name, the only recognised one bears it plainly; the others, or all when several are
    recognised, carry their number behind it.
    """
    report = OrganisationsReport(read=file.read)
    index = OrganisationIndex()
    seen: dict[str, int] = {}
    rows: list[OrganisationRow] = []
    for row in file.rows:
        if row.recognition_number in seen:
            reason = _("Line %(line)s has this number already.") % {"line": seen[row.recognition_number]}
            file.refuse(row.line, row.recognition_number, reason)
            continue
        seen[row.recognition_number] = row.line
        rows.append(row)
    names, bearers = _distinct_names(rows), _bearers(rows)
    for row in rows:
        outcome = _store(index, row, names[row.recognition_number], bearers)
        setattr(report, outcome, getattr(report, outcome) + 1)
    report.refused = len(file.refusals)
    return report


def _distinct_names(rows: list[OrganisationRow]) -> dict[str, str]:
    bearers = Counter(row.name for row in rows)
    recognised = Counter(row.name for row in rows if row.is_recognised)
    names = {}
    for row in rows:
        plain = bearers[row.name] == 1 or (row.is_recognised and recognised[row.name] == 1)
        names[row.recognition_number] = row.name if plain else f"{row.name[:190]} ({row.recognition_number})"
    return names


def _bearers(rows: list[OrganisationRow]) -> Counter[str]:
    """How many bodies of the file a name could mean, their legal names included; by the names' keys."""
    return Counter(key for row in rows for key in {organisation_key(row.name), organisation_key(row.legal_name)} if key)


def _store(index: OrganisationIndex, row: OrganisationRow, name: str, bearers: Counter[str]) -> str:
    values = (name, row.legal_name, row.acronym, row.recognition_number, row.email)
    held = index.by_number.get(row.recognition_number) or _known_by_name(index, row, name, bearers)
    if held is None:
        held = AwardingOrganisation.objects.create(**dict(zip(_FIELDS, values, strict=True)))
        index.add(held)
        return "loaded"
    # What the file leaves empty is kept; so is a name that somebody else bears.
    bearer = index.as_written.get(name)
    changed = {
        attribute: value
        for attribute, value in zip(_FIELDS, values, strict=True)
        if value and getattr(held, attribute) != value and not (attribute == "name" and bearer not in (None, held))
    }
    # An AO that uses the portal sets its own contact address.
    if held.slug:
        changed.pop("contact_email", None)
    if not changed:
        return "unchanged"
    for attribute, value in changed.items():
        setattr(held, attribute, value)
    held.save(update_fields=list(changed))
    index.add(held)
    return "updated"


def _known_by_name(
    index: OrganisationIndex, row: OrganisationRow, name: str, bearers: Counter[str]
) -> AwardingOrganisation | None:
    """A body without a number whose name is this one's, or its legal name where that could mean no other body."""
    legal_name = row.legal_name if name == row.name and bearers[organisation_key(row.legal_name)] == 1 else ""
    for candidate in (name, legal_name):
        found = index.find(candidate).organisation if candidate else None
        if found is not None and not found.recognition_number:
            return found
    return None
