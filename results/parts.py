"""What results say on a claim's page: where they are, once this person may see them."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from mitigations.models import Claim
from mitigations.parts import ClaimPart, claim_part
from results.queries.results import visible_results


@claim_part
def results_part(claim: Claim, standing: Standing) -> ClaimPart | None:
    """The way to results and certificates, from the instant of release (RES-01). One query once processed, else none."""
    if claim.state != "processed" or not standing.can(Permission.RESULTS_VIEW, claim.centre_id):
        return None
    url = reverse("results:claim", kwargs={"ao": standing.ao.slug, "claim_id": claim.pk})
    if not visible_results(standing).filter(claim=claim).exists():
        return None
    return ClaimPart(_("Results and certificates"), url, _("To be seen"), "green")
