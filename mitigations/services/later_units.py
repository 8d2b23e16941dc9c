"""Saying which units continuing learners take later, after the disrupted months."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.findings.finding import Finding, Severity
from awarding.workflow.services import GuardedError, StalePageError
from mitigations.models import ClaimLearner, ClaimUnit
from mitigations.queries.grid import marks_of
from mitigations.services.grid import lock_for_filling


@transaction.atomic
def mark_later_units(
    *, actor: Standing, claim_id: int, units: Collection[int], finishing: Collection[int], expected: str | None = None
) -> None:  # fmt: skip
    """Marks the columns (ids) that are assessed later, as usual, and the rows (ids) of learners who finish now (MIT-15).

    What is not named is unmarked. `expected` is what `marks_of` said when the page was made. Raises GuardedError where no
    mitigation is claimed or every unit would come later, StalePageError, or as `lock_for_filling`.
    """
    claim = lock_for_filling(actor, claim_id)
    if expected is not None and expected != marks_of(claim):
        raise StalePageError(
            _("Somebody else has changed this meanwhile. Look at it again: nothing of yours was saved.")
        )
    columns, rows = ClaimUnit.objects.filter(claim=claim), ClaimLearner.objects.filter(claim=claim)
    later = columns.filter(pk__in=list(units))
    if not claim.mitigation:
        raise GuardedError([_refusal(_("No mitigation is claimed, so every unit is assessed as usual anyway."))])
    if later.count() == columns.count():
        raise GuardedError([_refusal(_("If all units come later there is nothing to claim a mitigation for."))])
    before = marks_of(claim)
    columns.update(is_later=False)
    later.update(is_later=True)
    rows.update(finishes_now=False)
    rows.filter(pk__in=list(finishing)).update(finishes_now=True)
    after = marks_of(claim)
    if after != before:
        record("claim.later_units_marked", actor=actor, target=claim, data={"before": before, "after": after})


def _refusal(what: str) -> Finding:
    fix = _("Leave at least one unit to the mitigation, or generate the eRAC in the ordinary way.")
    return Finding("MIT-15", Severity.BLOCKS, _("The units"), what, fix, "nothing_mitigated")
