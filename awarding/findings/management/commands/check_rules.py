from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from awarding.findings.catalogue import rule
from awarding.findings.coverage import Coverage, scan_coverage


class Command(BaseCommand):
    help = "Which rule of the catalogue is enforced where, and which test proves it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
        parser.add_argument("--root", type=Path, default=None, help="folder to read instead of the project")
        parser.add_argument(
            "--strict", action="store_true", help="exit with 1 when a rule is enforced but not proved, or an id unknown"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = scan_coverage(options["root"] or Path(settings.BASE_DIR))
        self._print_table(found)
        if options["json"]:
            self.stdout.write(json.dumps(found.summary()))
        if options["strict"] and (found.missing or found.unknown):
            raise SystemExit(1)

    def _print_table(self, found: Coverage) -> None:
        self.stdout.write(f"{'rule':<8}{'enforced in':<48}{'proved by':<48}title")
        for rule_id in found.rules:
            enforced, proved = found.enforced.get(rule_id, []), found.proved.get(rule_id, [])
            self.stdout.write(f"{rule_id:<8}{_cell(enforced):<48}{_cell(proved):<48}{rule(rule_id).title}")
        for rule_id, places in found.unknown.items():
            self.stdout.write(f"{rule_id}: not in the catalogue, but named in {', '.join(places)}. Correct the id.")
        for rule_id in found.missing:
            where = ", ".join(found.enforced[rule_id][:3])
            self.stdout.write(f"{rule_id}: enforced in {where}, proved by no test. Name it in a test that would fail.")


def _cell(places: list[str]) -> str:
    if not places:
        return "-"
    more = f" +{len(places) - 1}" if len(places) > 1 else ""
    return f"{places[0][-40:]}{more}"
