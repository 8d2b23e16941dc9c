from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from awarding.frameworks.loading import DATA_FOLDER, check_framework_files


class Command(BaseCommand):
    help = "Validate every framework file: its shape, its references, its bounds. Needs no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
        parser.add_argument("--folder", type=Path, default=DATA_FOLDER, help="folder to read instead of the product's")

    def handle(self, *args: Any, **options: Any) -> None:
        documents, faults = check_framework_files(options["folder"])
        for document in documents:
            self.stdout.write(
                f"{document.id:<16}version {document.version:<4}{len(document.rules):>4} rules "
                f"{len(document.ao_decides):>4} left to organisations   {document.digest[:12]}   {document.title}"
            )
        for fault in faults:
            self.stdout.write(str(fault))
        if not faults:
            self.stdout.write("Every framework file is sound.")
        if options["json"]:
            summary = {"frameworks": len(documents), "faults": [fault.to_json() for fault in faults]}
            self.stdout.write(json.dumps(summary))
        if faults:
            raise SystemExit(1)
