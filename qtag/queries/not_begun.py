"""Learners of whom a Q-TAG is expected and for whom none is begun: whom reminders, progress and messages all go by."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet

from awarding.frameworks.models import Adoption
from awarding.frameworks.queries import adopted_document
from centres.models import Registration
from qtag.models import Judgement, Submission
from qtag.queries.expected import barring_terms
from qtag.queries.submissions import qtag_adoptions
from qtag.rules.eligibility import OUTCOME


def not_begun(adoption: Adoption, adoptions: Sequence[Adoption] | None = None) -> QuerySet[Registration]:
    """Active registrations that end in the framework's window, of qualifications that have Q-TAGs, without a judgement.

    Whether nothing of their qualification is begun at their centre, or they were registered after it was. Where a Q-TAG is
    the last resort none is expected before somebody begins (QTG-01). What was begun under an adoption that this one
    replaced is begun. Nobody under one that is replaced or under which nothing begins any more.
    `adoptions`: those of `qtag_adoptions`, for who has asked already.
    """
    newest = qtag_adoptions() if adoptions is None else adoptions
    if not newest or adoption.pk != newest[0].pk:
        return Registration.objects.none()
    document = adopted_document(adoption)
    window = document.window("eligibility")
    standings = {row.code: document.standing(OUTCOME, row.code) for row in document.categories.values()}
    asked = [code for code, standing in standings.items() if standing not in ("refused", "last_resort")]
    last = [code for code, standing in standings.items() if standing == "last_resort"]
    begun = Submission.objects.filter(
        adoption=adoption, centre=OuterRef("centre_id"), qualification=OuterRef("qualification_id")
    )
    judged = Judgement.objects.filter(
        submission__adoption__framework__code=document.id, registration=OuterRef("pk")
    )  # fmt: skip
    barred = barring_terms(document).filter(qualification=OuterRef("qualification_id"))
    rows = Registration.objects.filter(
        Q(qualification__category__in=asked) | Q(Exists(begun), qualification__category__in=last), ~Exists(judged),
        ~Exists(barred), status=Registration.Status.ACTIVE,
    )  # fmt: skip
    if window.opens is not None:
        rows = rows.filter(ends_on__gte=window.opens)
    return rows if window.closes is None else rows.filter(ends_on__lte=window.closes)
