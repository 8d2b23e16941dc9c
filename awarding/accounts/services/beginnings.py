"""How an awarding organisation begins to use the portal: its address and its first admin."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email, validate_slug
from django.db import transaction

from awarding.accounts.models import Membership, User
from awarding.accounts.roles import Role
from awarding.accounts.standing import Process
from awarding.audit.services import record
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import open_scope

PROCESS = Process("open_organisation")


class BeginningError(ValueError):
    """The organisation cannot begin so; the text says why and what to do."""


@transaction.atomic
def open_organisation(
    *, slug: str, name: str, prefix: str, admin_email: str, admin_name: str, recognition_number: str = ""
) -> AwardingOrganisation:
    """Lets an awarding organisation use the portal under /ao/<slug>/, with a first AO admin who has no password yet.

    One that the register brought is found by recognition number or name; otherwise it is made. Running it again changes
    nothing. Raises BeginningError for a slug or e-mail address that is unfit or taken.
    """
    email = admin_email.strip().lower()
    try:
        validate_slug(slug)
        validate_email(email)
    except ValidationError as error:
        raise BeginningError(f"{slug!r}, {email!r}: {' '.join(error.messages)}") from error
    ao = _find(name, recognition_number)
    taken = AwardingOrganisation.objects.filter(slug=slug).exclude(pk=ao.pk).first()
    if taken is not None:
        raise BeginningError(f"The short name {slug!r} belongs to {taken.name}. Choose another.")
    if ao.slug and ao.slug != slug:
        raise BeginningError(f"{ao.name} uses the portal as {ao.slug!r} already; addresses in letters would break.")
    ao.slug, ao.claim_prefix = slug, prefix or ao.claim_prefix
    ao.save()
    person = User.objects.filter(email=email).first()
    if person is None:
        person = User.objects.create_user(email, None, name=admin_name.strip())
        EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    with open_scope(ao):
        membership, is_new = Membership.objects.get_or_create(
            person=person, role=Role.AO_ADMIN, centre=None, ended_at=None
        )
        if is_new:
            facts = {"role": Role.AO_ADMIN.value, "email": email}
            record("organisation.opened", actor=PROCESS, target=membership, data=facts)
    return ao


def _find(name: str, recognition_number: str) -> AwardingOrganisation:
    known = AwardingOrganisation.objects.select_for_update()
    found = known.filter(recognition_number=recognition_number).first() if recognition_number else None
    found = found or known.filter(name=name).first()
    return found or AwardingOrganisation(name=name, recognition_number=recognition_number or None)
