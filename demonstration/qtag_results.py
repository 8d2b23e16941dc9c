"""Results from Q-TAGs: at one awarding organisation released, at the other waiting for their day."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from awarding.accounts.standing import Standing
from qtag.models import Submission
from results.queries.qtags import release_of, signed_and_waiting_ids
from results.services.qtags import accept_submissions
from results.services.releasing import set_release

# Of the demonstration the AO whose results are out already.
RELEASED = "ncfe"
WAITS_DAYS = 30
LATE = "Centres of the demonstration submit years after the close."


def seed_qtag_results(admin: Standing) -> None:
    """Accepts what is signed for; the job that records it runs with the other jobs of the demonstration."""
    ids = [row.pk for row in signed_and_waiting_ids() if not row.is_changed]
    submissions = list(Submission.objects.filter(pk__in=ids).select_related("qualification", "adoption__framework"))
    at = None
    if admin.ao.slug != RELEASED:
        day = timezone.localtime(timezone.now() + dt.timedelta(days=WAITS_DAYS))
        at = day.replace(hour=8, minute=0, second=0, microsecond=0)
    releases = {(row.adoption, release.code) for row in submissions if (release := release_of(row)) is not None}
    for adoption, code in sorted(releases, key=lambda each: each[1]):
        set_release(actor=admin, adoption=adoption, code=code, release_at=at, reason=LATE)
    accept_submissions(actor=admin, submissions=submissions, takes_late=True, late_reason=LATE)
