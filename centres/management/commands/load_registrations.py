"""`manage.py load_registrations`: the import of the page, from the command line."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from awarding.accounts.standing import Process
from awarding.spreadsheets.limits import UnsafeFileError
from awarding.tenancy.queries import find_tenant
from awarding.tenancy.scope import open_scope
from centres.models import Centre
from centres.services.registrations import (
    CentreClosedError,
    ImportReport,
    import_registrations,
    read_registrations,
)

SHOWN = 50


class Command(BaseCommand):
    help = (
        "Loads learners and registrations of one centre from a workbook or CSV file; the same file twice adds nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--ao", required=True, metavar="SLUG", help="the AO's name in addresses")
        parser.add_argument("--centre", required=True, metavar="NUMBER", help="the AO's number of the centre")
        parser.add_argument("--dry-run", action="store_true", help="check everything, store nothing")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        ao = find_tenant(options["ao"])
        if ao is None:
            raise CommandError(f"No awarding organisation here is called {options['ao']!r}.")
        if not options["file"].is_file():
            raise CommandError(f"There is no file {options['file']}.")
        with transaction.atomic(), open_scope(ao):
            centre = Centre.objects.select_related("establishment").filter(number=options["centre"]).first()
            if centre is None:
                raise CommandError(f"{ao.name} has no centre with the number {options['centre']!r}.")
            try:
                report = import_registrations(
                    actor=Process("load_registrations"),
                    centre=centre,
                    table=read_registrations(options["file"]),
                    dry_run=options["dry_run"],
                )
            except (UnsafeFileError, CentreClosedError) as error:
                self._say_refusal(error, options["json"])
                raise CommandError(str(error)) from error
        self._say(report, dry_run=options["dry_run"], as_json=options["json"])

    def _say_refusal(self, error: Exception, as_json: bool) -> None:
        if as_json:
            fault = {"sheet": "", "cell": "", "code": getattr(error, "code", "refused"), "value": "",
                     "fix": getattr(error, "fix", str(error))}  # fmt: skip
            self.stdout.write(json.dumps({"read": 0, "loaded": 0, "unchanged": 0, "refused": 0, "faults": [fault]}))

    def _say(self, report: ImportReport, *, dry_run: bool, as_json: bool) -> None:
        done = "would be loaded" if dry_run else "loaded"
        self.stdout.write(
            f"{report.read} rows read: {report.loaded} {done}, {report.updated} changed, "
            f"{report.unchanged} unchanged, {report.refused} refused."
        )
        faults = report.faults
        for fault in faults[:SHOWN]:
            where = f"{fault.sheet} {fault.cell}".strip()
            self.stdout.write(f"  {fault.severity}: {where}: {fault.message} {fault.fix}")
        if len(faults) > SHOWN:
            self.stdout.write(f"  and {len(faults) - SHOWN} more.")
        if as_json:
            listed = [
                {"sheet": f.sheet, "cell": f.cell, "code": f.code, "value": f.value, "fix": f.fix} for f in faults
            ]
            counts = {key: report.counts[key] for key in ("read", "loaded", "updated", "unchanged", "refused")}
            self.stdout.write(json.dumps(counts | {"faults": listed}))
