"""`manage.py seed_demo`: demonstration data, as often as you like."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from demonstration.people import PASSWORD, list_sign_ins
from demonstration.seeding import seed

REGISTER, ORGANISATIONS = "qualifications_approved*.csv", "awarding_organisations*.csv"


class Command(BaseCommand):
    help = "Loads the demonstration: invented people, centres, learners and claims. Running it again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=1, help="another number makes other learners (default 1)")
        parser.add_argument("--scale", type=int, default=1, help="learners in each cohort, times this (default 1)")
        parser.add_argument(
            "--register", type=Path, help="the register's file of qualifications (default: one of --data)"
        )
        parser.add_argument(
            "--data", type=Path, default=settings.PUBLIC_DATA_DIR,
            help="folder with the register's files (default: PORTAL_DATA_DIR); without it a dozen real qualifications do",
        )  # fmt: skip
        parser.add_argument("--print-sign-ins", action="store_true", help="only print who can sign in, one per role")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.ENVIRONMENT == "production":
            raise CommandError("PORTAL_ENV is production: invented people with a known password do not belong there.")
        if options["print_sign_ins"]:
            self._print_sign_ins()
            return
        folder = options["data"]
        if folder is not None and not folder.is_dir():
            raise CommandError(f"There is no folder {folder}: correct --data or PORTAL_DATA_DIR, or leave both out.")
        register = options["register"] or find_public_file(folder, REGISTER)
        if register is not None and not register.is_file():
            raise CommandError(f"There is no file {register}.")
        counts = asdict(
            seed(
                seed=options["seed"], register=register, organisations=find_public_file(folder, ORGANISATIONS),
                scale=options["scale"],
            )
        )  # fmt: skip
        told = {"awarding organisations" if what == "aos" else what: number for what, number in counts.items()}
        self.stdout.write(", ".join(f"{number} {what}" for what, number in told.items()) + " in the demonstration.")
        if options["json"]:
            self.stdout.write(json.dumps(counts))

    def _print_sign_ins(self) -> None:
        self.stdout.write(f"Password of every demonstration person: {PASSWORD}")
        for line in list_sign_ins():
            self.stdout.write(f"  {line.ao:5} {line.role:26} {line.email}")


def find_public_file(folder: Path | None, pattern: str) -> Path | None:
    """The newest of the register's files of that name in the folder; None when there is none."""
    return max(folder.glob(pattern), default=None) if folder is not None else None
