"""`manage.py load_history`: earlier results from a workbook, as the page loads them."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from awarding.accounts.standing import Process
from awarding.spreadsheets.limits import UnsafeFileError
from awarding.tenancy.queries import find_tenant
from awarding.tenancy.scope import open_scope
from qtag.services.history import load_history, read_history_file

SHOWN = 50


class Command(BaseCommand):
    help = "Loads an AO's earlier results from a workbook or CSV file; the same file twice changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--ao", required=True, metavar="SLUG", help="the AO's name in addresses")
        parser.add_argument("--groups", action="store_true", help="results by group of learners")
        parser.add_argument("--dry-run", action="store_true", help="check everything, store nothing")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        ao = find_tenant(options["ao"])
        if ao is None:
            raise CommandError(f"No awarding organisation here is called {options['ao']!r}.")
        if not options["file"].is_file():
            raise CommandError(f"There is no file {options['file']}.")
        try:
            table = read_history_file(options["file"], groups=options["groups"])
        except UnsafeFileError as error:
            raise CommandError(str(error)) from error
        with open_scope(ao):
            report = load_history(
                actor=Process("load_history"), table=table, groups=options["groups"], dry_run=options["dry_run"]
            )
        self.stdout.write(", ".join(f"{count} {name}" for name, count in report.counts.items()))
        for fault in report.faults[:SHOWN]:
            self.stdout.write(f"  {fault.severity}: {fault.sheet} {fault.cell}: {fault.message} {fault.fix}")
        if options["json"]:
            faults = [
                {"sheet": one.sheet, "cell": one.cell, "code": one.code, "value": one.value, "fix": one.fix}
                for one in report.faults
            ]
            self.stdout.write(json.dumps(report.counts | {"faults": faults}))
