"""Direct claims status: asked for, granted, frozen, removed, monitored (CLM-11)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from awarding.accounts.roles import AO_ROLES, Permission, Role
from awarding.accounts.standing import PermissionMissingError, Standing
from awarding.catalogue.models import Qualification
from awarding.findings.finding import Finding, Severity
from awarding.notices.services import notify_roles
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import current_ao, open_scope
from awarding.workflow.services import GuardedError, ReasonMissingError, StalePageError, apply_transition, write_event
from centres.models import Centre, DirectClaimsMonitoring, DirectClaimsStatus
from centres.queries.direct_claims import MONITORED_STATES, recommendable_centres
from centres.queries.interests import has_open_interest
from centres.rules.direct_claims import WARNING_DAYS, last_first_monitoring, monitoring_words
from centres.workflow import DIRECT_CLAIMS


@transaction.atomic
def apply_for_direct_claims(
    *, actor: Standing, centre: Centre, qualification: Qualification, reason: str
) -> DirectClaimsStatus:
    """The centre's application, or one that reached the AO by another way and is recorded by its admin.

    Asking while one is open answers it unchanged; after a refusal or removal it is a new application in the same
    history. Raises PermissionMissingError, ReasonMissingError without words, StalePageError where it is granted already.
    """
    if not actor.can(Permission.DIRECT_CLAIMS_DECIDE):
        actor.require(Permission.DIRECT_CLAIMS_APPLY, centre.pk)
    _refuse_silence(reason)
    status, is_new = _status_of(centre, qualification)
    if is_new:
        write_event(status, "apply", "", actor=actor, reason=reason)
    elif status.state == "applied":
        return status
    elif status.state in DIRECT_CLAIMS.transition("reapply").sources:
        status = apply_transition(
            DIRECT_CLAIMS, status, "reapply", actor=actor, reason=reason,
            changes={"recommended_by": None, "recommended_on": None, "granted_on": None, "monitoring_due_on": None},
        )  # fmt: skip
    else:
        raise StalePageError(
            _("%(what)s is “%(state)s” already.") % {"what": status, "state": DIRECT_CLAIMS.state(status.state).label}
        )
    body = _("%(what)s. Grant it with a day for the first monitoring, or say why not.") % {"what": status}
    _tell(status, {Role.AO_ADMIN}, f"applied-{status.version}", _("Direct claims applied for"), body, actor)
    return status


@transaction.atomic
def recommend_direct_claims(
    *, actor: Standing, centre: Centre, qualification: Qualification, reason: str
) -> DirectClaimsStatus:
    """An external verifier's recommendation: begins an application, or is added to the one that waits.

    Raises PermissionMissingError for a centre whose claims they never verified, GuardedError with a declared interest
    (SMP-10), ReasonMissingError without words, StalePageError where nothing waits for a decision.
    """
    actor.require(Permission.DIRECT_CLAIMS_RECOMMEND)
    if not recommendable_centres(actor).filter(pk=centre.pk).exists():
        raise PermissionMissingError(_("You can recommend a centre once one of its claims was allocated to you."))
    if has_open_interest(actor.person.pk, centre.pk):
        raise GuardedError([_interest(centre)])
    _refuse_silence(reason)
    status, _is_new = _status_of(centre, qualification)
    if status.state != "applied":
        raise StalePageError(
            _("%(what)s is “%(state)s”: nothing waits for a recommendation.")
            % {"what": status, "state": DIRECT_CLAIMS.state(status.state).label}
        )
    status.recommended_by, status.recommended_on = actor.person, timezone.localdate()
    status.version += 1
    status.save(update_fields=["recommended_by", "recommended_on", "version"])
    write_event(status, "recommend", status.state, actor=actor, reason=reason)
    body = _("%(who)s recommends %(what)s: %(why)s") % {"who": actor.person, "what": status, "why": reason.strip()}
    _tell(status, {Role.AO_ADMIN}, f"recommended-{status.version}", _("Direct claims recommended"), body, actor)
    return status


@transaction.atomic
def grant_direct_claims(
    *, actor: Standing, status: DirectClaimsStatus, reason: str, expected_version: int,
    monitoring_due_on: dt.date | None = None, today: dt.date | None = None,
) -> DirectClaimsStatus:  # fmt: skip
    """Grants what was applied for; its first monitoring is due within six months, the last day of them if not said.

    Raises GuardedError for a day of the first monitoring that is past or too late, else as `apply_transition`.
    """
    actor.require(Permission.DIRECT_CLAIMS_DECIDE)
    today = today or timezone.localdate()
    latest = last_first_monitoring(today)
    due = monitoring_due_on or latest
    if not today <= due <= latest:
        what = _("%(day)s is not within six months from the grant.") % {"day": date_format(due, "j F Y")}
        fix = _("Choose a day from today to %(latest)s.") % {"latest": date_format(latest, "j F Y")}
        raise GuardedError(
            [Finding("CLM-11", Severity.BLOCKS, _("First monitoring"), what, fix, "monitoring_too_late")]
        )
    moved = apply_transition(
        DIRECT_CLAIMS, status, "grant", actor=actor, reason=reason, expected_version=expected_version,
        changes={"granted_on": today, "monitoring_due_on": due}, data={"monitoring_due_on": due.isoformat()},
    )  # fmt: skip
    body = _("Reasons: %(reasons)s\n\nThe first monitoring is due by %(day)s.") % {
        "reasons": reason.strip(),
        "day": date_format(due, "j F Y"),
    }
    _tell_of_move(moved, "grant", body, actor)
    return moved


@transaction.atomic
def move_direct_claims(
    *, actor: Standing, status: DirectClaimsStatus, move: str, reason: str, expected_version: int
) -> DirectClaimsStatus:
    """Refuses, freezes, restores or removes, with a reason that the centre reads. Raises as `apply_transition` does."""
    actor.require(Permission.DIRECT_CLAIMS_DECIDE)
    # A grant needs its day of monitoring, and an application is the centre's.
    if move not in ("refuse", "freeze", "restore", "remove"):
        raise ValueError(move)
    moved = apply_transition(
        DIRECT_CLAIMS, status, move, actor=actor, reason=reason, expected_version=expected_version,
        changes={"monitoring_due_on": None} if move == "remove" else None,
    )  # fmt: skip
    _tell_of_move(moved, move, _("Reasons: %(reasons)s") % {"reasons": reason.strip()}, actor)
    return moved


@transaction.atomic
def record_monitoring(
    *, actor: Standing, status: DirectClaimsStatus, held_on: dt.date, outcome: str, notes: str, expected_version: int,
    next_due_on: dt.date | None = None,
) -> DirectClaimsMonitoring:  # fmt: skip
    """Records a monitoring that was held and by when the next is due. It moves nothing: freezing is a decision of its own.

    Raises StalePageError when somebody changed the status since the page was made or it is not granted or frozen,
    ReasonMissingError without words, GuardedError for a day that cannot be.
    """
    actor.require(Permission.DIRECT_CLAIMS_DECIDE)
    _refuse_silence(notes)
    locked = _lock(status.pk)
    if locked.version != expected_version or locked.state not in MONITORED_STATES:
        raise StalePageError(_("This status was changed since you opened the page. Nothing of yours was saved."))
    if held_on > timezone.localdate() or (locked.granted_on is not None and held_on < locked.granted_on):
        what = _("The day it was held lies in the future, or before the grant.")
        fix = _("Enter the day on which it was held.")
        raise GuardedError([Finding("CLM-11", Severity.BLOCKS, _("Monitoring"), what, fix, "monitoring_day")])
    if next_due_on is not None and next_due_on <= held_on:
        what = _("The next monitoring would be due before this one was held.")
        raise GuardedError(
            [Finding("CLM-11", Severity.BLOCKS, _("Monitoring"), what, _("Enter a later day."), "next_day")]
        )
    held = DirectClaimsMonitoring.objects.create(
        status=locked, held_on=held_on, outcome=DirectClaimsMonitoring.Outcome(outcome), notes=notes.strip(),
        next_due_on=next_due_on, recorded_by=actor.person,
    )  # fmt: skip
    locked.monitoring_due_on = next_due_on
    locked.version += 1
    locked.save(update_fields=["monitoring_due_on", "version"])
    facts = {"held_on": held_on.isoformat(), "outcome": outcome}
    reason = f"{held.get_outcome_display()}. {held.notes}"
    write_event(locked, "monitor", locked.state, actor=actor, reason=reason, data=facts)
    body = _("Outcome: %(outcome)s\n\n%(notes)s") % {"outcome": held.get_outcome_display(), "notes": held.notes}
    subject = _("Direct claims: monitoring recorded")
    _tell(locked, {Role.QUALITY_CONTACT}, f"monitored-{held.pk}", subject, body, actor)
    return held


def remind_of_monitoring(ao: AwardingOrganisation, *, today: dt.date | None = None) -> int:
    """Tells the AO and the centre of each monitoring that is due soon or overdue; each of the two once for each due day.

    A notice is written once per key, so running it twice, late, or not at all for a week does no harm. Answers how
    many monitorings it looked at.
    """
    today = today or timezone.localdate()
    with open_scope(ao):
        rows = DirectClaimsStatus.objects.filter(
            state__in=MONITORED_STATES, monitoring_due_on__lte=today + dt.timedelta(days=WARNING_DAYS)
        ).select_related("centre", "qualification")
        found = list(rows.order_by("monitoring_due_on", "id"))
        for status in found:
            stage = monitoring_words(status.monitoring_due_on, today)
            words = {"what": status, "day": date_format(status.monitoring_due_on, "j F Y")}
            subject = (
                _("Direct claims: monitoring overdue") if stage == "overdue" else _("Direct claims: monitoring due")
            )
            body = _("%(what)s: the monitoring is due by %(day)s.") % words
            roles = {Role.AO_ADMIN} | ({Role.QUALITY_CONTACT} if stage == "soon" else set())
            _tell(status, roles, f"monitoring-{status.monitoring_due_on}-{stage}", subject, body, None)
    return len(found)


def status_url(status: DirectClaimsStatus) -> str:
    return reverse("centres:direct_claims_status", kwargs={"ao": current_ao().slug, "status_id": status.pk})


def _refuse_silence(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissingError(_("Give a reason: the people concerned will read it."))


def _lock(pk: int) -> DirectClaimsStatus:
    rows = DirectClaimsStatus.objects.select_related("centre", "qualification").select_for_update(of=("self",))
    locked: DirectClaimsStatus = rows.get(pk=pk)
    return locked


def _status_of(centre: Centre, qualification: Qualification) -> tuple[DirectClaimsStatus, bool]:
    """The locked row of the pair, made when there is none. The centre's lock makes a second click wait for the first."""
    Centre.objects.select_for_update(of=("self",), no_key=True).get(pk=centre.pk)
    made, is_new = DirectClaimsStatus.objects.get_or_create(
        centre=centre, qualification=qualification, defaults={"state": DIRECT_CLAIMS.initial}
    )
    return _lock(made.pk), is_new


def _interest(centre: Centre) -> Finding:
    return Finding(
        "SMP-10", Severity.BLOCKS, str(centre), _("You declared an interest in this centre."),
        _("Leave the recommendation to another verifier."), "declared_interest",
    )  # fmt: skip


def _tell_of_move(status: DirectClaimsStatus, move: str, body: str, actor: Standing) -> None:
    subject = _("Direct claims: %(move)s") % {"move": DIRECT_CLAIMS.event_label(move)}
    body = f"{status}\n\n{body}"
    _tell(status, set(DIRECT_CLAIMS.transition(move).notifies), f"{move}-{status.version}", subject, body, actor)


def _tell(
    status: DirectClaimsStatus, roles: set[Role], key: str, subject: str, body: str, actor: Standing | None
) -> None:
    for part, centre_id in ((roles & AO_ROLES, None), (roles - AO_ROLES, status.centre_id)):
        if part:
            notify_roles(
                roles=part, centre_id=centre_id, key=f"direct-claims-{status.pk}-{key}", subject=subject, body=body,
                url=status_url(status), target=status, besides=actor.person if actor else None,
            )  # fmt: skip
