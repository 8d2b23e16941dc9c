"""Writes about one's own account."""

from __future__ import annotations

from django.db import transaction

from awarding.accounts.models import User
from awarding.audit.services import record


@transaction.atomic
def change_account(*, person: User, name: str, language: str) -> None:
    """Changes how a person is called and addressed. They do it themselves; nobody else can."""
    before = {"name": person.name, "language": person.language}
    person.name, person.language = name.strip(), language
    person.save(update_fields=["name", "language"])
    record("person.account_changed", actor=person, target=person, data={"before": before})
