"""Writes about memberships: ending one."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.models import Membership
from awarding.accounts.queries import can_manage
from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError, Standing
from awarding.audit.services import record


class MembershipError(Exception):
    """A membership that cannot be ended; the message says why and what to do."""


@transaction.atomic
def end_membership(*, actor: Standing, membership: Membership, own_confirmed: bool = False) -> Membership:
    """Ends a role from this moment; the row stays as history.

    Refused with MembershipError for the AO's last admin, and for one's own role unless `own_confirmed`; with
    PermissionMissingError for a role the actor may not manage. Ending what has ended changes nothing.
    """
    # All admins are locked, in one order: two who remove each other at the same time cannot both succeed.
    admins = list(
        Membership.objects.select_for_update(of=("self",)).filter(role=Role.AO_ADMIN, ended_at=None).order_by("id")
    )
    locked = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    if locked.ended_at is not None:
        return locked
    if not can_manage(actor, Role(locked.role), locked.centre_id):
        raise PermissionMissingError(
            _("%(name)s may not give or end the role “%(role)s” here.")
            % {"name": actor.name, "role": locked.get_role_display()}
        )
    if locked.role == Role.AO_ADMIN and [row.pk for row in admins] == [locked.pk]:
        raise MembershipError(
            _("This is the last AO admin: nobody could invite another. Invite the next one first, then end this role.")
        )
    if locked.person_id == actor.person.pk and not own_confirmed:
        raise MembershipError(_("This is a role of your own. Tick the box if you mean to give it up."))
    locked.ended_at = timezone.now()
    locked.save(update_fields=["ended_at"])
    facts = {"person": locked.person_id, "role": locked.role, "centre": locked.centre_id}
    record("membership.ended", actor=actor, target=locked, data=facts)
    return locked
