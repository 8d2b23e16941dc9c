from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from awarding.catalogue.register.reading import RegisterFile, RegisterFileError, read_register_file
from awarding.catalogue.services.organisations import load_organisations
from awarding.catalogue.services.register import LoadReport, load_register

_SHOWN = 20


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = (
        "Loads qualifications from the DfE's list of approved qualifications or the register's Qualifications.csv, "
        "and awarding organisations from an organisations file. The kind of file is told by its header."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="CSV of qualifications (or of organisations alone)")
        parser.add_argument("--organisations", type=Path, help="CSV of awarding organisations, read first")
        parser.add_argument(
            "--as-of",
            type=dt.date.fromisoformat,
            help="day of the file's facts, as 2025-02-18, where its rows do not say (default: when it was last changed)",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            if options["organisations"]:
                self._organisations(self._expected(options["organisations"], organisations=True))
            file = read_register_file(path)
        except RegisterFileError as error:
            raise CommandError(str(error)) from error
        if file.layout.code == "organisations":
            counts = self._organisations(file)
        else:
            day = options["as_of"] or dt.date.fromtimestamp(path.stat().st_mtime)
            report = load_register(file, as_of=day)
            self._tell(file, report)
            counts = report.as_dict()
        if options["json"]:
            self.stdout.write(json.dumps(counts))

    def _expected(self, path: Path, *, organisations: bool) -> RegisterFile:
        file = read_register_file(path)
        if (file.layout.code == "organisations") != organisations:
            raise RegisterFileError(f"{path.name} holds {file.layout.title}; --organisations takes organisations.")
        return file

    def _organisations(self, file: RegisterFile) -> dict[str, int]:
        report = load_organisations(file)
        names = ("read", "loaded", "updated", "unchanged", "refused")
        counts = {name: getattr(report, name) for name in names}
        self.stdout.write(f"{file.name}: " + ", ".join(f"{count} {name}" for name, count in counts.items()))
        self._list("refused", [f"line {row.line}, {row.value}: {row.reason}" for row in file.refusals])
        return counts

    def _tell(self, file: RegisterFile, report: LoadReport) -> None:
        counts = ", ".join(f"{count} {name}" for name, count in report.as_dict().items())
        self.stdout.write(f"{file.name} ({file.layout.title}): {counts}")
        self._list("note", file.warnings)
        self._list("organisations to look at", report.notes)
        doubtful = [f"line {line}, {qan}: loaded; its check character does not fit" for line, qan in report.doubtful]
        self._list("numbers to look at", doubtful)
        # Every refused row is named: nobody should have to guess which one is missing.
        self._list("refused", [f"line {row.line}, {row.value}: {row.reason}" for row in report.refusals], shown=None)

    def _list(self, title: str, lines: list[str], shown: int | None = _SHOWN) -> None:
        if not lines:
            return
        self.stdout.write(f"{title}:")
        for line in lines[:shown]:
            self.stdout.write(f"  {line}")
        if shown is not None and len(lines) > shown:
            self.stdout.write(f"  and {len(lines) - shown} more")
