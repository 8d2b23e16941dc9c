"""`manage.py check_invariants`: nothing lost, nothing twice, in every AO."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from awarding.invariants import FILES_NAME, INVARIANTS, check_invariants


class Command(BaseCommand):
    help = "Asks the database whether every promise of the portal holds, in the scope of each awarding organisation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--files", action="store_true", help="read every stored file and compare its digest, too")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        broken = check_invariants(files=options["files"])
        promises = {invariant.name: invariant.promise for invariant in INVARIANTS}
        promises[FILES_NAME] = "Every stored file is there, byte for byte."
        for one in broken:
            self.stdout.write(self.style.ERROR(f"{one.ao}: {promises[one.name]} Not so: {one.what}"))
        asked = len(INVARIANTS) + bool(options["files"])
        self.stdout.write(
            f"{asked} promises asked: {'all hold' if not broken else f'{len(broken)} things break them'}."
        )
        if options["json"]:
            listed = [{"name": one.name, "ao": one.ao, "what": one.what} for one in broken]
            self.stdout.write(json.dumps({"invariants": asked, "broken": listed}))
        if broken:
            raise CommandError("Some promises do not hold: see above.", returncode=1)
