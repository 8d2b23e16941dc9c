"""Setting when the results of Q-TAGs are released: an act of the AO, to the minute, in London's time (QTG-17, RES-01)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.frameworks.models import Adoption
from awarding.frameworks.queries import adopted_document
from awarding.workflow.services import TransitionError
from results.models import QtagRelease
from results.queries.qtags import held_results
from results.rules_qtag import release_fault


class ReleaseError(TransitionError):
    """Why a release cannot be set like that; the text is fit for the page."""


@transaction.atomic
def set_release(
    *, actor: Standing, adoption: Adoption, code: str, release_at: dt.datetime | None, reason: str = ""
) -> QtagRelease:
    """Sets, or moves while it is still to come, the instant of one group of levels; None releases now.

    Results recorded already move with it. ReleaseError says what is wrong: it is over, it was released already, or it is
    later than the framework's own instant without a reason (RES-02).
    """
    actor.require(Permission.RESULTS_PROCESS)
    # One at a time sets it; recording waits for the plan's row.
    Adoption.objects.select_for_update(of=("self",), no_key=True).get(pk=adoption.pk)
    release = adopted_document(adoption).releases.get(code)
    if release is None:
        raise ReleaseError(_("The framework has no such release."))
    now = timezone.now()
    current = QtagRelease.objects.select_for_update(of=("self",)).filter(adoption=adoption, code=code).first()
    wanted = now if release_at is None else release_at
    fault = release_fault(
        now + dt.timedelta(seconds=1) if release_at is None else release_at, now=now, published=release.to_learners,
        current=current.release_at if current else None, reason=reason,
    )  # fmt: skip
    if fault:
        raise ReleaseError(fault)
    plan = current or QtagRelease(adoption=adoption, code=code)
    before = current.release_at.isoformat() if current else ""
    plan.release_at, plan.reason, plan.set_by, plan.set_at = wanted, reason.strip(), actor.person, now
    plan.save()
    moved = held_results(adoption.pk, release.levels, now).update(release_at=wanted, centre_release_at=wanted)
    facts = {"code": code, "before": before, "after": wanted.isoformat(), "results": moved, "reason": reason.strip()}
    record("qtag_release.set", actor=actor, target=plan, data=facts)
    return plan
