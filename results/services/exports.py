"""Asking for a workbook of results."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.jobs.models import Job
from awarding.jobs.services import start_job

EXPORT_JOB = "results.export"


@transaction.atomic
def export_results(
    *,
    actor: Standing,
    centre_id: int | None = None,
    qan: str = "",
    awarded_from: dt.date | None = None,
    awarded_to: dt.date | None = None,
) -> Job:
    """Asks for one workbook of the results that the actor may see, filtered (RES-03). The same question while it is
    open answers the same job.

    What may be seen is decided when the job runs, and by the actor's standing then (RES-01).
    """
    actor.require(Permission.RESULTS_EXPORT, centre_id)
    asked: dict[str, Any] = {
        "centre_id": centre_id,
        "qan": qan,
        "awarded_from": awarded_from.isoformat() if awarded_from else None,
        "awarded_to": awarded_to.isoformat() if awarded_to else None,
    }
    # The digest tells questions apart; who asks is part of it, since people see different rows.
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]
    return start_job(
        actor=actor,
        kind=EXPORT_JOB,
        title=_("Results as a spreadsheet"),
        key=f"results-export-{actor.person.pk}-{digest}",
        parameters=asked,
        centre_id=_centre_of(actor, centre_id),
        back_to=reverse("results:list", kwargs={"ao": actor.ao.slug}),
    )


def _centre_of(actor: Standing, centre_id: int | None) -> int | None:
    """The job's centre: the one asked for; else, of a person with a single centre, that one; None is the AO."""
    reach = actor.reach(Permission.RESULTS_EXPORT)
    if reach is None:
        # The AO's file may hold results before their release: no centre sees the job.
        return None
    if centre_id in reach:
        return centre_id
    return next(iter(reach)) if len(reach) == 1 else None
