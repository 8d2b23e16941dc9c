"""What a claim says about whether its learners will get a result: the answer on a learner's page."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from awarding.tenancy.scope import current_ao
from centres.models import Registration
from centres.queries.prospects import Prospect, prospect_source
from mitigations.models import ClaimLearner
from mitigations.workflow import CLAIM

# Which rule explains why a claim waits where it waits.
RULES = {
    "queued": "CLM-12",
    "approved_in_principle": "CLM-07",
    "returned": "CLM-09",
    "with_iv": "CLM-13",
    "with_dcv": "CLM-11",
    "allocated": "CLM-09",
    "verified": "CLM-14",
}


@prospect_source(position=10)
def claimed(registrations: Sequence[Registration]) -> dict[int, Prospect]:
    """For registrations on a claim that was not withdrawn, where the newest of their claims is. One query."""
    rows = (
        ClaimLearner.objects.filter(registration__in=list(registrations))
        .exclude(claim__state="withdrawn")
        .select_related("claim")
        .order_by("claim_id")
    )
    slug = current_ao().slug
    prospects = {}
    for row in rows:
        claim, state = row.claim, CLAIM.state(row.claim.state)
        words = {"number": claim.number, "state": state.label}
        if state.is_final:
            answer, colour = _("Processed"), "green"
            explanation = _("eRAC %(number)s is processed. The result can be seen from its release on.") % words
        else:
            answer, colour = _("On the way"), state.colour
            explanation = _("The learner stands on eRAC %(number)s: %(state)s.") % words
        prospects[row.registration_id] = Prospect(
            answer=answer,
            explanation=explanation,
            missing="" if state.is_final else state.next,
            holder="" if state.is_final else state.holder,
            rule="" if state.is_final else RULES.get(claim.state, ""),
            url=reverse("mitigations:claim", kwargs={"ao": slug, "claim_id": claim.pk}),
            colour=colour,
        )
    return prospects
