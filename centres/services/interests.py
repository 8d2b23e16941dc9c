"""Declaring an interest in a centre, and ending the declaration."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import PermissionMissingError, Standing
from awarding.audit.services import record
from centres.models import Centre, DeclaredInterest


class InterestError(ValueError):
    """A declaration that cannot be made as asked; the text is for the page."""


@transaction.atomic
def declare_interest(*, actor: Standing, centre: Centre, nature: str) -> DeclaredInterest:
    """The actor's own interest in a centre: from now on they neither decide nor verify its claims (CLM-08, SMP-10).

    Declaring again while one is open answers the open one, with the new words noted in the audit trail.
    Raises PermissionMissingError, InterestError without words.
    """
    actor.require(Permission.INTERESTS_DECLARE)
    if not nature.strip():
        raise InterestError(_("Say what the interest is, for example that a relative works there."))
    open_one = DeclaredInterest.objects.select_for_update().filter(
        person=actor.person, centre=centre, ended_at=None
    ).first()  # fmt: skip
    if open_one is None:
        open_one = DeclaredInterest.objects.create(person=actor.person, centre=centre, nature=nature.strip())
        record("interest.declared", actor=actor, target=open_one, data={"centre": centre.pk})
    elif open_one.nature != nature.strip():
        before, open_one.nature = open_one.nature, nature.strip()
        open_one.save(update_fields=["nature"])
        record("interest.changed", actor=actor, target=open_one, data={"nature": [before, open_one.nature]})
    return open_one


@transaction.atomic
def end_interest(*, actor: Standing, interest: DeclaredInterest) -> DeclaredInterest:
    """Ends one's own declaration; an AO admin may end anybody's. Ending an ended one changes nothing."""
    interest = DeclaredInterest.objects.select_for_update(of=("self",)).get(pk=interest.pk)
    if interest.person_id != actor.person.pk and not actor.can(Permission.CENTRES_APPROVE):
        raise PermissionMissingError(_("Only the person who declared it, or an AO admin, ends a declaration."))
    if interest.ended_at is None:
        interest.ended_at = timezone.now()
        interest.save(update_fields=["ended_at"])
        record("interest.ended", actor=actor, target=interest, data={"centre": interest.centre_id})
    return interest
