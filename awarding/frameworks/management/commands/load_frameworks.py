from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from awarding.frameworks.loading import FrameworkError
from awarding.frameworks.models import FrameworkVersion
from awarding.frameworks.services import ChangedVersionError, store_frameworks


class Command(BaseCommand):
    help = "Stores the framework files as immutable versions that AOs can adopt. Running it again changes nothing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                stored = store_frameworks()
        except (FrameworkError, ChangedVersionError) as error:
            raise CommandError(str(error)) from error
        for version in stored:
            self.stdout.write(f"stored: {version}")
        total = FrameworkVersion.objects.count()
        self.stdout.write(f"{len(stored)} new, {total} stored altogether")
        if options["json"]:
            self.stdout.write(json.dumps({"stored": total, "new": len(stored)}))
