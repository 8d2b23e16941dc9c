"""`manage.py sense_check`: the job of the sense check in the foreground, over one AO or all."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from awarding.accounts.standing import Process
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.queries import find_tenant, tenants
from awarding.tenancy.scope import open_scope
from qtag.models import SenseRun
from qtag.queries.sense_runs import count_rows
from qtag.sense_check.counts import SenseCheckError
from qtag.services.sense_run import run_sense_check

COUNTED = ("groups", "compared", "flagged", "too_few", "seconds")


class Command(BaseCommand):
    help = "Sets this year's grades beside earlier years: what changed since the last run, or everything with --whole."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--ao", metavar="SLUG", help="the AO's name in addresses")
        parser.add_argument("--all", action="store_true", help="every AO, one after the other")
        parser.add_argument("--whole", action="store_true", help="learn anew from every centre")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        total: dict[str, float] = dict.fromkeys(COUNTED, 0)
        for ao in self._organisations(options):
            try:
                run = run_sense_check(actor=Process("sense_check"), ao=ao, whole=options["whole"])
            except SenseCheckError as error:
                raise CommandError(f"{ao.name}: {error}") from error
            with open_scope(ao):
                now = count_rows() | {"seconds": run.counts["seconds"]}
            self._say(ao, run, now)
            for name in COUNTED:
                total[name] += now[name]
        total["seconds"] = round(total["seconds"], 3)
        if options["json"]:
            self.stdout.write(json.dumps(total))

    def _organisations(self, options: dict[str, Any]) -> list[AwardingOrganisation]:
        if options["all"]:
            return list(tenants())
        if not options["ao"]:
            raise CommandError("Say which awarding organisation: --ao SLUG, or --all.")
        ao = find_tenant(options["ao"])
        if ao is None:
            raise CommandError(f"No awarding organisation here is called {options['ao']!r}.")
        return [ao]

    def _say(self, ao: AwardingOrganisation, run: SenseRun, now: dict[str, float]) -> None:
        self.stdout.write(
            f"{ao.name}: {run.get_kind_display().lower()}, {run.counts['groups']} groups computed in {now['seconds']} s;"
            f" of {now['groups']} groups {now['compared']} are compared, {now['flagged']} flagged, {now['too_few']} too few."
        )
