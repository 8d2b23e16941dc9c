"""`manage.py load_establishments`: schools and colleges from a public list, so that centres are approved by URN."""

from __future__ import annotations

import csv
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from awarding.identifiers import IdentifierError, parse_urn
from centres.services.establishments import EstablishmentRow, load_establishments

NEEDED = ("URN", "School Name")


class Command(BaseCommand):
    help = "Loads establishments from a CSV file with the columns URN, School Name, School Type, Local Authority."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        rows, refused = [], []
        with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
            reader = csv.DictReader(file)
            missing = [name for name in NEEDED if name not in (reader.fieldnames or [])]
            if missing:
                raise CommandError(f"{path.name} lacks the columns {', '.join(missing)}.")
            for number, line in enumerate(reader, start=2):
                name = " ".join((line["School Name"] or "").split())[:255]
                try:
                    urn = parse_urn(line["URN"])
                except IdentifierError as error:
                    refused.append(f"line {number}: {error}")
                    continue
                if not name:
                    refused.append(f"line {number}: no name")
                    continue
                area = (line.get("Local Authority") or "")[:120]
                rows.append(EstablishmentRow(urn, name, (line.get("School Type") or "")[:120], area))
        counts = load_establishments(rows)
        read = len(rows) + len(refused)
        self.stdout.write(
            f"{read} lines read: {counts['loaded']} new, {counts['updated']} changed, "
            f"{counts['unchanged']} unchanged, {len(refused)} refused."
        )
        for refusal in refused[:50]:
            self.stdout.write(f"  refused: {refusal}")
        if options["json"]:
            self.stdout.write(json.dumps({"read": read, **counts, "refused": len(refused)}))
