"""Whether a claim still comes in time."""

from __future__ import annotations

from django.utils import timezone

from awarding.findings.finding import Finding
from awarding.frameworks.queries import adopted_document
from mitigations.models import Claim
from mitigations.queries.documents import open_adoption_for
from mitigations.rules.window import upload_findings


def late_findings(claim: Claim) -> list[Finding]:
    """Whether a mitigation that was applied for in time may still be uploaded and submitted (MIT-11).

    The last day is that of the adoption in force, which may have moved since the claim was made. What the panel or a
    verifier sent back is not held to it: they gave it a day of its own.
    """
    if not claim.mitigation or claim.state != "drafted" or claim.continues_id is not None:
        return []
    document = adopted_document(open_adoption_for(claim))
    return upload_findings(document, timezone.localdate(), claim.number)
