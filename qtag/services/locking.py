"""The lock under which a judgement is changed, and what is refused before anything is."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.tenancy.prepared import prepared
from qtag.models import Judgement
from qtag.queries.visibility import visible_judgements
from qtag.workflow import JUDGEMENT

# A statement is kept for each number of rows up to this; a larger block is a statement of its own.
FEW_ROWS = 8


class JudgementLockedError(Exception):
    """The judgement has left the teacher's hands: nothing of it can be changed. The text says where it is."""


def lock_open(actor: Standing, judgement_id: int, permission: Permission = Permission.QTAGS_JUDGE) -> Judgement:
    """The judgement, locked to the end of the transaction, if this person may change it and it is open.

    Raises Judgement.DoesNotExist when it is out of sight, PermissionMissingError, or JudgementLockedError.
    """
    found = locked_in_order(visible_judgements(actor).filter(pk=judgement_id))
    if not found:
        raise Judgement.DoesNotExist
    (judgement,) = found
    actor.require(permission, judgement.centre_id)
    if judgement.state != "open":
        raise JudgementLockedError(locked_message(judgement))
    return judgement


def lock_rows(actor: Standing, submission_id: int, row_keys: Iterable[str]) -> dict[str, Judgement]:
    """The visible judgements of some grid rows, locked in one order so that nobody waits in a circle; by row key.

    Of the locked table only, whose columns are those of after the wait: a joined grade would be that of before it.
    """
    keys = tuple(sorted(set(row_keys)))
    read = _lock_rows if len(keys) <= FEW_ROWS else _lock_rows.plain
    return {row.row_key: row for row in read(standing=actor, submission_id=submission_id, keys=keys)}


@prepared
def _lock_rows(*, standing: Standing, submission_id: int, keys: tuple[str, ...]) -> QuerySet[Judgement]:
    rows = visible_judgements(standing).filter(submission_id=submission_id, row_key__in=keys)
    # Long texts and lists of evidence are nobody's business where a grade is given.
    return rows.order_by("pk").select_for_update(of=("self",)).defer("rationale", "told_evidence", "told_banked")


def locked_in_order(rows: QuerySet[Judgement]) -> list[Judgement]:
    """The rows locked to the end of the transaction, in one order so that nobody waits in a circle, then read.

    Read by a statement of its own: one that waits for a lock and joins a grade answers the row as it is after the wait
    beside the grade that it had before, and somebody's entry would be taken for saved, or lost.
    """
    ids = list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    return list(
        Judgement.objects.select_related("registration__qualification", "registration__learner", "grade")
        .filter(pk__in=ids)
        .order_by("pk")
    )


def locked_message(judgement: Judgement) -> str:
    return _("This Q-TAG is now “%(state)s” and cannot be changed: nothing of yours was saved.") % {
        "state": JUDGEMENT.state(judgement.state).label
    }
