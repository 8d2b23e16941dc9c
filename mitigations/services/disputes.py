"""Raising, keeping, changing: outcomes that a centre thinks are wrong."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission, Role
from awarding.accounts.standing import Standing
from awarding.findings.finding import Finding, Severity
from awarding.frameworks.models import Adoption
from awarding.notices.services import notify_roles
from awarding.tenancy.services import mint_number
from awarding.workflow.services import (
    GuardedError,
    ReasonMissingError,
    StalePageError,
    TransitionError,
    apply_transition,
    write_event,
)
from mitigations.models import Outcome, OutcomeDispute
from mitigations.services.outcomes import set_outcome
from mitigations.services.telling import tell_moved
from mitigations.workflow import OUTCOME_DISPUTE


class DisputeOpenError(TransitionError):
    """The centre has disputed this already; `dispute` is the one that is open."""

    def __init__(self, dispute: OutcomeDispute) -> None:
        self.dispute = dispute
        super().__init__(_("Your centre disputes this already: %(number)s.") % {"number": dispute.number})


@transaction.atomic
def raise_dispute(
    *, actor: Standing, centre_id: int, outcome: Outcome, reason: str, wanted_kind: str = ""
) -> OutcomeDispute:
    """A centre says that an outcome is wrong, and why (MIT-05). The AO's admins are told.

    Raises ReasonMissingError without a reason, StalePageError when another version is in force by now,
    DisputeOpenError while the centre's earlier one waits.
    """
    actor.require(Permission.OUTCOMES_DISPUTE, centre_id)
    if not reason.strip():
        raise ReasonMissingError(_("Say why the outcome is wrong: the awarding organisation decides on that."))
    # The outcome's lock makes a second click wait, and then find the first one's dispute.
    current = Outcome.objects.select_for_update(of=("self",)).select_related("qualification").get(pk=outcome.pk)
    if current.superseded_at is not None:
        raise StalePageError(
            _("The outcome was changed since you opened the page. Look at it again; nothing was sent.")
        )
    rows = OutcomeDispute.objects.filter(
        centre_id=centre_id, qualification=current.qualification, framework_code=current.framework_code, state="raised"
    )
    known = rows.first()
    if known is not None:
        raise DisputeOpenError(known)
    year = timezone.localdate().year
    dispute = OutcomeDispute.objects.create(
        number=f"DSP-{year}-{mint_number(f'dispute-{year}'):06d}", centre_id=centre_id, outcome=current,
        qualification=current.qualification, framework_code=current.framework_code, reason=reason.strip(),
        wanted_kind=wanted_kind, raised_by=actor.person, state=OUTCOME_DISPUTE.initial,
    )  # fmt: skip
    write_event(
        dispute, "raise", "", actor=actor, reason=reason, data={"version": current.number, "kind": current.kind}
    )
    notify_roles(
        roles={Role.AO_ADMIN}, centre_id=None, key=f"dispute-{dispute.pk}-raised", target=dispute, url=_url(actor, dispute),
        subject=_("%(number)s: an outcome is disputed") % {"number": dispute.number},
        body=f"{current.qualification}\n\n{dispute.reason}", besides=actor.person,
    )  # fmt: skip
    return dispute


@transaction.atomic
def keep_outcome(*, actor: Standing, dispute: OutcomeDispute, reason: str, expected_version: int) -> OutcomeDispute:
    """The AO keeps the outcome, with its reason, which the centre reads (MIT-05)."""
    return _decide(actor, dispute, "keep", reason, expected_version, None)


@transaction.atomic
def change_outcome(
    *, actor: Standing, dispute: OutcomeDispute, kind: str, reason: str, expected_version: int
) -> OutcomeDispute:
    """The AO changes the outcome: a new dated version, told to every centre that it touches (MIT-05).

    The reason stands with the outcome, for everybody. Raises GuardedError for an outcome that the framework does not
    permit, or that is the one in force.
    """
    actor.require(Permission.OUTCOMES_SET)
    if not reason.strip():
        raise ReasonMissingError(_("Give a reason: everybody concerned will read it."))
    adoption = Adoption.objects.select_related("framework").get(
        framework__code=dispute.framework_code, superseded_at=None
    )
    rows = Outcome.objects.filter(qualification_id=dispute.qualification_id, framework_code=dispute.framework_code)
    current = rows.select_related("qualification").get(superseded_at=None)
    if current.kind == kind:
        raise GuardedError(
            [
                Finding(
                    "MIT-05", Severity.BLOCKS, current.qualification.display_qan, _("That is the outcome in force already."),
                    _("Keep it with a reason, or choose another."), "same_outcome",
                )
            ]
        )  # fmt: skip
    new = set_outcome(
        actor=actor, qualification=current.qualification, adoption=adoption, kind=kind, reason=reason,
        expected_number=current.number,
    )  # fmt: skip
    return _decide(actor, dispute, "change", reason, expected_version, new)


@transaction.atomic
def withdraw_dispute(*, actor: Standing, dispute: OutcomeDispute, reason: str, expected_version: int) -> OutcomeDispute:
    """The centre takes its objection back, with a reason."""
    moved = apply_transition(
        OUTCOME_DISPUTE, dispute, "withdraw", actor=actor, reason=reason, expected_version=expected_version
    )
    _tell(actor, moved, "withdraw", reason)
    return moved


def _decide(
    actor: Standing, dispute: OutcomeDispute, move: str, reason: str, expected_version: int, new: Outcome | None
) -> OutcomeDispute:
    changes = {
        "decision": reason.strip(), "decided_by": actor.person, "decided_at": timezone.now(), "new_outcome": new
    }  # fmt: skip
    moved = apply_transition(
        OUTCOME_DISPUTE, dispute, move, actor=actor, reason=reason, expected_version=expected_version, changes=changes,
        data={"version": new.number, "kind": new.kind} if new else {},
    )  # fmt: skip
    _tell(actor, moved, move, reason)
    return moved


def _tell(actor: Standing, dispute: OutcomeDispute, move: str, body: str) -> None:
    title = f"{dispute.number}: {OUTCOME_DISPUTE.event_label(move)}"
    tell_moved(
        actor=actor,
        workflow=OUTCOME_DISPUTE,
        subject=dispute,
        move=move,
        title=title,
        body=body,
        url=_url(actor, dispute),
    )


def _url(actor: Standing, dispute: OutcomeDispute) -> str:
    return reverse("mitigations:dispute", kwargs={"ao": actor.ao.slug, "dispute_id": dispute.pk})
