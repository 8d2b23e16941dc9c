"""`manage.py check_isolation`: are the AOs kept apart by the database itself?"""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from awarding.tenancy.isolation import inspect_isolation


class Command(BaseCommand):
    help = "Reads the database's catalogue: every tenant table has a forced policy, no reference can cross AOs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = inspect_isolation()
        self.stdout.write(f"{len(found.tenant_tables)} tables hold rows of an awarding organisation.")
        for name, faults in (
            ("No forced row-level policy", found.without_policy),
            ("Reference that could cross AOs", found.loose_references),
            ("The application's role", found.role_faults),
        ):
            for fault in faults:
                self.stdout.write(self.style.ERROR(f"{name}: {fault}"))
        if found.is_sound:
            self.stdout.write("Sound.")
        if options["json"]:
            self.stdout.write(json.dumps(found.summary()))
        if not found.is_sound:
            raise CommandError("The awarding organisations are not kept apart: see above.", returncode=1)
