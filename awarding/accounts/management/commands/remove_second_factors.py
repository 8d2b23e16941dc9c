"""`manage.py remove_second_factors EMAIL --reason "..."`: for somebody who has lost app, keys and recovery codes."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from awarding.accounts.models import User
from awarding.accounts.services.account import remove_second_factors
from awarding.accounts.standing import Process


class Command(BaseCommand):
    help = "Removes a person's second factors and ends their sessions. Make sure first that it is they who ask."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--reason", required=True, help="who asked, and how it was made sure that it is them")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(email=options["email"].strip().lower()).first()
        if person is None:
            raise CommandError(f"There is no account with the address {options['email']}.")
        try:
            number = remove_second_factors(
                person=person, actor=Process("remove_second_factors"), reason=options["reason"]
            )
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Removed {number} and ended the sessions. {person.name} sets up a new one at the next sign-in."
        )
