"""Holds on the evidence of Q-TAGs: the list, what one covers, and what they mean for how long evidence is kept (QTG-19)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.models import Qualification
from awarding.identifiers.qan import bare_qan
from centres.models import Centre, Learner, Registration
from qtag.models import EvidenceFile, EvidenceHold
from qtag.queries.retention import retention_source
from qtag.rules.retention import CaseFact, RetentionFacts


def list_holds(state: str = "") -> QuerySet[EvidenceHold]:
    """Newest first, those in force before the others; `state` keeps those in one."""
    rows = EvidenceHold.objects.select_related("centre", "qualification", "learner", "put_by")
    return (rows.filter(state=state) if state else rows).order_by("state", "-id")


def files_held(hold: EvidenceHold) -> int:
    """How many files it keeps from deletion, or kept; those deleted before it are not counted."""
    rows = EvidenceFile.objects.filter(piece__judgement__centre=hold.centre_id, file__erased_at=None)
    if hold.qualification_id is not None:
        rows = rows.filter(piece__judgement__registration__qualification=hold.qualification_id)
    if hold.learner_id is not None:
        rows = rows.filter(piece__judgement__registration__learner=hold.learner_id)
    return rows.count()


def find_centre(number: str) -> Centre | None:
    """The centre of this number, as people type it."""
    return Centre.objects.filter(number__iexact=number.strip()).first()


def find_registered(centre: Centre, qan: str, uln: str) -> tuple[Qualification | None, Learner | None]:
    """The qualification and the learner of these numbers, each None where nobody is registered so at the centre."""
    rows = Registration.objects.filter(centre=centre).select_related("qualification", "learner")
    qualification = learner = None
    if qan:
        rows = rows.filter(qualification__qan=bare_qan(qan))
        found = rows.first()
        qualification = found.qualification if found else None
    if uln:
        found = rows.filter(learner__uln=uln.replace(" ", "")).first()
        learner = found.learner if found else None
    return qualification, learner


@retention_source
def held_evidence(registration_ids: Sequence[int]) -> dict[int, RetentionFacts]:
    """The holds on each registration's evidence, those that were lifted with the day (QTG-19). Two queries.

    Their label says no more than that: why is nothing that the centre reads.
    """
    rows = Registration.objects.filter(pk__in=list(registration_ids))
    places = {pk: of for pk, *of in rows.values_list("pk", "centre_id", "qualification_id", "learner_id")}
    at_centre: dict[int, list[EvidenceHold]] = defaultdict(list)
    for hold in EvidenceHold.objects.filter(centre__in={of[0] for of in places.values()}):
        at_centre[hold.centre_id].append(hold)
    found = {}
    for pk, (centre_id, qualification_id, learner_id) in places.items():
        cases = tuple(
            CaseFact(
                _("a matter that the awarding organisation has open"),
                None if hold.state == "in_force" else timezone.localtime(hold.state_since).date(),
            )
            for hold in at_centre[centre_id]
            if hold.qualification_id in (None, qualification_id) and hold.learner_id in (None, learner_id)
        )
        if cases:
            found[pk] = RetentionFacts(cases=cases)
    return found
