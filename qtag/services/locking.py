"""The lock under which a judgement is changed, and what is refused before anything is."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from qtag.models import Judgement
from qtag.queries.visibility import visible_judgements
from qtag.workflow import JUDGEMENT


class JudgementLockedError(Exception):
    """The judgement has left the teacher's hands: nothing of it can be changed. The text says where it is."""


def lock_open(actor: Standing, judgement_id: int, permission: Permission = Permission.QTAGS_JUDGE) -> Judgement:
    """The judgement, locked to the end of the transaction, if this person may change it and it is open.

    Raises Judgement.DoesNotExist when it is out of sight, PermissionMissingError, or JudgementLockedError.
    """
    if not visible_judgements(actor).filter(pk=judgement_id).exists():
        raise Judgement.DoesNotExist
    rows = Judgement.objects.select_related("registration__qualification", "registration__learner", "grade")
    judgement: Judgement = rows.select_for_update(of=("self",)).get(pk=judgement_id)
    actor.require(permission, judgement.centre_id)
    if judgement.state != "open":
        raise JudgementLockedError(locked_message(judgement))
    return judgement


def lock_rows(actor: Standing, submission_id: int, row_keys: Iterable[str]) -> dict[str, Judgement]:
    """The visible judgements of some grid rows, locked in one order so that nobody waits in a circle; by row key."""
    rows = visible_judgements(actor).filter(submission=submission_id, row_key__in=set(row_keys))
    ids = list(rows.values_list("pk", flat=True))
    locked = (
        Judgement.objects.select_related("registration__qualification", "grade")
        .select_for_update(of=("self",))
        .filter(pk__in=ids)
        .order_by("pk")
    )
    return {judgement.row_key: judgement for judgement in locked}


def locked_message(judgement: Judgement) -> str:
    return _("This Q-TAG is now “%(state)s” and cannot be changed: nothing of yours was saved.") % {
        "state": JUDGEMENT.state(judgement.state).label
    }
