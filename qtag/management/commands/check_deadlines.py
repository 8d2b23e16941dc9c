"""`manage.py check_deadlines`: what is due on Q-TAGs, and telling those concerned; `--dry-run` only shows it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from awarding.accounts.queries import holders
from awarding.tenancy.queries import tenants
from awarding.tenancy.scope import open_scope
from qtag.queries.deadlines import due_reminders
from qtag.queries.submissions import running_adoptions
from qtag.services.deadlines import tell_deadlines


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--on takes a day such as 2021-06-17, and “{text}” is none.") from error


class Command(BaseCommand):
    help = "Tells centres and awarding organisations what is due or late on Q-TAGs; each message once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--ao", help="only the awarding organisation with this short name")
        parser.add_argument("--on", help="as if it were this day (YYYY-MM-DD); with --dry-run only")
        parser.add_argument("--dry-run", action="store_true", help="show who would get what, and send nothing")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["on"] and not options["dry_run"]:
            raise CommandError("--on is for --dry-run: what is sent is sent today.")
        today = _day(options["on"]) if options["on"] else timezone.localdate()
        aos = [ao for ao in tenants() if options["ao"] in (None, ao.slug)]
        if not aos:
            known = ", ".join(str(ao.slug) for ao in tenants())
            raise CommandError(f"No awarding organisation is called “{options['ao']}”. There are: {known}.")
        shown = sent = 0
        for ao in aos:
            with open_scope(ao):
                for adoption in running_adoptions():
                    for reminder in due_reminders(adoption, today):
                        centre_id = reminder.centre.pk if reminder.centre else None
                        people = ", ".join(p.email for p in holders(set(reminder.roles), centre_id))
                        self.stdout.write(
                            f"{ao.slug}: {reminder.subject} | {reminder.body} | {people or 'nobody holds the role'}"
                        )
                        shown += 1
                if not options["dry_run"]:
                    sent += tell_deadlines(today)
        self.stdout.write(f"{shown} messages are due; {sent} were new and are sent.")
        if options["json"]:
            self.stdout.write(json.dumps({"due": shown, "sent": sent}))
