"""Loading the register: what is new, what changed, what stays, what is refused."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django_scopes import scopes_disabled

from awarding.accounts.standing import Process
from awarding.audit.services import record
from awarding.catalogue.models import Qualification, QualificationChange, RegisterLoad
from awarding.catalogue.register.layouts import RegisterRow
from awarding.catalogue.register.names import title_key
from awarding.catalogue.register.reading import Refusal, RegisterFile
from awarding.catalogue.services.organisations import OrganisationIndex, find_or_add_organisation
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import open_scope

# Any number of our own: two loads at once take turns, AO by AO.
_LOCK = 0x7265676C
_BATCH = 1000
_COMPARED = ("title", "level", "type", "sector", "status")
_WRITTEN = [*_COMPARED, "title_key", "funding", "qan_check_failed", "snapshot_on", "updated_at"]


@dataclass
class LoadReport:
    """What a load did. read = loaded + updated + unchanged + refused."""

    read: int = 0
    loaded: int = 0
    updated: int = 0
    unchanged: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    # Names of bodies that were matched to no recognition number, and why.
    notes: list[str] = field(default_factory=list)
    # (line, number) of QANs whose check character does not fit: loaded, and marked.
    doubtful: list[tuple[int, str]] = field(default_factory=list)

    @property
    def refused(self) -> int:
        return len(self.refusals)

    def as_dict(self) -> dict[str, int]:
        """The counts, as `load_register --json` prints them."""
        names = ("read", "loaded", "updated", "unchanged", "refused")
        return {name: getattr(self, name) for name in names}


def load_register(file: RegisterFile, *, as_of: dt.date) -> LoadReport:
    """Loads the qualifications of a register file, one transaction for each awarding organisation.

    `as_of` is the day of the file's facts, for rows that do not say theirs. A row whose facts are older than what is
    stored changes nothing: it is unchanged where they agree, refused where they differ. Killed half-way and run
    again, it ends the same. What changed is kept as QualificationChange under one RegisterLoad.
    """
    report = LoadReport(read=file.read)
    load = _Load(file, as_of, report)
    for organisation, rows in _by_organisation(file, report):
        load.run(organisation, rows)
    report.refusals = sorted(file.refusals, key=lambda refusal: refusal.line)
    load.close()
    return report


def _by_organisation(
    file: RegisterFile, report: LoadReport
) -> list[tuple[AwardingOrganisation, dict[str, RegisterRow]]]:
    """The rows of each body by QAN. Of rows that repeat a QAN the first counts; the others are refused."""
    index = OrganisationIndex()
    owners: dict[tuple[str, str], AwardingOrganisation] = {}
    grouped: dict[int, dict[str, RegisterRow]] = defaultdict(dict)
    bodies: dict[int, AwardingOrganisation] = {}
    seen: dict[str, RegisterRow] = {}
    for row in file.rows:
        if row.qan in seen:
            first = seen[row.qan]
            same = (first.facts, first.organisation) == (row.facts, row.organisation)
            words = _("repeats it") if same else _("says something else of it")
            reason = _("Line %(line)s gave this number first; this line %(what)s. The first was taken.")
            file.refuse(row.line, row.qan, reason % {"line": first.line, "what": words})
            continue
        seen[row.qan] = row
        if row.check_failed:
            report.doubtful.append((row.line, row.qan))
        named = (row.organisation, row.recognition_number)
        if named not in owners:
            owners[named], note = find_or_add_organisation(
                index, name=row.organisation, recognition_number=row.recognition_number, acronym=row.acronym
            )
            if note:
                report.notes.append(note)
        body = owners[named]
        bodies[body.pk] = body
        grouped[body.pk][row.qan] = row
    return [(bodies[pk], rows) for pk, rows in grouped.items()]


class _Load:
    """One run over a file."""

    def __init__(self, file: RegisterFile, as_of: dt.date, report: LoadReport) -> None:
        self.file, self.as_of, self.report = file, as_of, report
        # Made with the first change, so that a file that changes nothing leaves nothing behind.
        self.load: RegisterLoad | None = None
        self.now = timezone.now()

    def run(self, organisation: AwardingOrganisation, rows: dict[str, RegisterRow]) -> None:
        with open_scope(organisation):
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            with scopes_disabled():  # another body's qualification is seen too: QANs are everybody's
                held = {row.qan: row for row in Qualification.objects.filter(qan__in=list(rows)).select_related("ao")}
            new, moved, changes, seen_again = [], [], [], []
            for qan, row in rows.items():
                stored = held.get(qan)
                if stored is None:
                    new.append(self._make(row))
                    continue
                if stored.ao_id != organisation.pk:
                    self._refuse_foreign(row, stored)
                    continue
                differences = _differences(stored, row)
                day = row.snapshot_on or self.as_of
                if differences and stored.snapshot_on and day < stored.snapshot_on:
                    self._refuse_older(row, stored)
                    continue
                if differences:
                    changes += [(stored, *difference) for difference in differences]
                    moved.append(self._renew(stored, row, day))
                    continue
                self.report.unchanged += 1
                if stored.snapshot_on is None or day > stored.snapshot_on:
                    seen_again.append((day, stored.pk))
            self._write(new, moved, changes, seen_again)

    def _make(self, row: RegisterRow) -> Qualification:
        return Qualification(
            qan=row.qan,
            qan_check_failed=row.check_failed,
            title_key=title_key(row.facts["title"]),
            min_credits=row.first_credits,
            snapshot_on=row.snapshot_on or self.as_of,
            updated_at=self.now,
            **row.facts,
        )

    def _renew(self, stored: Qualification, row: RegisterRow, day: dt.date) -> Qualification:
        for name, value in row.facts.items():
            setattr(stored, name, value)
        stored.title_key = title_key(stored.title)
        stored.qan_check_failed = row.check_failed
        stored.snapshot_on = max(day, stored.snapshot_on or day)
        stored.updated_at = self.now
        return stored

    def _refuse_foreign(self, row: RegisterRow, stored: Qualification) -> None:
        reason = _(
            "It is held here by %(holder)s, and this line gives it to %(other)s. "
            "A qualification does not change hands by loading a file; ask support."
        )
        words = {"holder": stored.ao.name, "other": row.organisation}
        self.file.refuse(row.line, row.qan, reason % words)

    def _refuse_older(self, row: RegisterRow, stored: Qualification) -> None:
        reason = _("Its facts of %(old)s differ from the newer ones of %(new)s that are stored. The newer were kept.")
        words = {"old": row.snapshot_on or self.as_of, "new": stored.snapshot_on}
        self.file.refuse(row.line, row.qan, reason % words)

    def _write(
        self,
        new: list[Qualification],
        moved: list[Qualification],
        changes: list[tuple[Qualification, str, str, str]],
        seen_again: list[tuple[dt.date, int]],
    ) -> None:
        by_day: dict[dt.date, list[int]] = defaultdict(list)
        for day, pk in seen_again:
            by_day[day].append(pk)
        for day, pks in by_day.items():
            Qualification.objects.filter(pk__in=pks).update(snapshot_on=day)
        if not new and not moved:
            return
        load = self._opened()
        Qualification.objects.bulk_create(new, batch_size=_BATCH)
        Qualification.objects.bulk_create(
            moved, batch_size=_BATCH, update_conflicts=True, unique_fields=["qan"], update_fields=_WRITTEN
        )
        QualificationChange.objects.bulk_create(
            [
                QualificationChange(qualification=row, load=load, field=name, before=before, after=after, at=self.now)
                for row, name, before, after in changes
            ],
            batch_size=_BATCH,
        )
        self.report.loaded += len(new)
        self.report.updated += len(moved)
        facts = {"file": self.file.name, "sha256": self.file.sha256, "loaded": len(new), "updated": len(moved)}
        record("register.loaded", actor=Process("load_register"), target=load, data=facts)

    def _opened(self) -> RegisterLoad:
        if self.load is None:
            self.load = RegisterLoad.objects.create(
                file_name=self.file.name[:255], sha256=self.file.sha256, layout=self.file.layout.code, at=self.now
            )
        return self.load

    def close(self) -> None:
        if self.load is None:
            return
        for name in ("read", "loaded", "updated", "unchanged"):
            setattr(self.load, name, getattr(self.report, name))
        self.load.refusals = [refusal.as_dict() for refusal in self.report.refusals[:1000]]
        self.load.save()


def _differences(stored: Qualification, row: RegisterRow) -> list[tuple[str, str, str]]:
    """(field, before, after) of what the row says otherwise. A fact it leaves empty, or only writes in other case,
    is no difference: the two registers disagree about capitals."""
    found = []
    for name in _COMPARED:
        before, after = getattr(stored, name), row.facts.get(name) or getattr(stored, name)
        if before == after or (name != "title" and before.casefold() == after.casefold()):
            row.facts[name] = before
        else:
            found.append((name, before, after))
    if "funding" in row.facts:
        for offer in sorted(stored.funding.keys() | row.facts["funding"].keys()):
            before, after = stored.funding.get(offer), row.facts["funding"].get(offer)
            if before != after:
                found.append((f"funding.{offer}", _offer_in_words(before), _offer_in_words(after)))
    return found


def _offer_in_words(offer: dict[str, Any] | None) -> str:
    if not offer:
        return ""
    words = "available" if offer["available"] else "not available"
    days = " to ".join(filter(None, [offer["from"], offer["to"]]))
    return " ".join(filter(None, [words, days, offer["notes"]]))
