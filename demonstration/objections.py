"""Outcomes that centres dispute, and appeals against decisions of the panel."""

from __future__ import annotations

import io
from collections.abc import Callable

from awarding.accounts.standing import Standing
from demonstration.claims import evidence_pdf
from mitigations.models import Outcome, PanelDecision
from mitigations.services.appeals import add_appeal_file, answer_appeal, lodge_appeal, save_stage
from mitigations.services.bundles import ask_for_bundle
from mitigations.services.disputes import keep_outcome, raise_dispute

STAGES = (("Review by another officer", 20, 15), ("Appeal board", 10, 30))


def seed_disputes(admin: Standing, contacts: list[Standing]) -> None:
    """One dispute that waits and one that was settled. Needs the AO's scope."""
    outcomes = list(Outcome.objects.filter(superseded_at=None).select_related("qualification").order_by("id")[:2])
    for contact, outcome, answer in zip(
        contacts, outcomes, ("", "Its assessment needs the workplace, and that is closed."), strict=False
    ):
        dispute = raise_dispute(
            actor=contact, centre_id=min(contact.centre_ids), outcome=outcome,
            reason="Our learners could be assessed in another form: the practical part was done in February.",
        )  # fmt: skip
        if answer:
            keep_outcome(actor=admin, dispute=dispute, reason=answer, expected_version=dispute.version)


def seed_appeals(admin: Standing, officer: Standing, contact_of: Callable[[int], Standing]) -> None:
    """The stages; an appeal that waits for its answer, and where there are decisions enough one that was answered.

    `contact_of` answers the quality contact of a centre by its id. The last decision is left for somebody to appeal against.
    """
    for position, (name, lodge_days, answer_days) in enumerate(STAGES, start=1):
        save_stage(actor=admin, name=name, position=position, lodge_days=lodge_days, answer_days=answer_days)
    decided = PanelDecision.objects.exclude(verdict="sufficient").select_related("claim")
    open_ones = list(decided.filter(claim__state__in=["returned", "approved_in_principle"]).order_by("id"))
    for place, decision in enumerate(open_ones[:-1][:2]):
        contact = contact_of(decision.claim.centre_id)
        appeal = lodge_appeal(
            actor=contact, decision=decision,
            grounds="The decision names work that was not begun. It was: the assessor’s log of March shows it.",
        )  # fmt: skip
        content = evidence_pdf(decision.claim.number, "Log of the assessor, March")
        add_appeal_file(actor=contact, appeal=appeal, handle=io.BytesIO(content), name="log.pdf", size=len(content))
        ask_for_bundle(actor=officer, appeal=appeal)
        if place:
            appeal.refresh_from_db()
            answer_appeal(
                actor=officer, appeal=appeal, answer="not_upheld", expected_version=appeal.version,
                reasons="The log is of another unit than the one that the decision names.",
            )  # fmt: skip
