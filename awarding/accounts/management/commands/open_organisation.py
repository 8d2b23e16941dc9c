"""`manage.py open_organisation`: an awarding organisation begins to use the portal."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from awarding.accounts.services.beginnings import BeginningError, open_organisation


class Command(BaseCommand):
    help = "Lets an awarding organisation use the portal and names its first admin, who invites everybody else."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="its short name in addresses, such as aim")
        parser.add_argument("--name", required=True, help="as in the register")
        parser.add_argument("--recognition-number", default="", metavar="RN5322")
        parser.add_argument(
            "--prefix", default="", help="of its eRAC and certificate numbers (default: the short name)"
        )
        parser.add_argument("--admin", required=True, metavar="EMAIL", help="the first AO admin")
        parser.add_argument("--admin-name", required=True, metavar="NAME")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            ao = open_organisation(
                slug=options["slug"], name=options["name"], prefix=options["prefix"] or options["slug"].upper()[:8],
                admin_email=options["admin"], admin_name=options["admin_name"],
                recognition_number=options["recognition_number"],
            )  # fmt: skip
        except BeginningError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{ao.name} is at {settings.PUBLIC_URL}{reverse('ao_home', kwargs={'ao': ao.slug})}")
        reset = f"{settings.PUBLIC_URL}{reverse('account_reset_password')}"
        self.stdout.write(f"{options['admin']} chooses a password at {reset} and then sets up a second factor.")
