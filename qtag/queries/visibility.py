"""Whose Q-TAGs a person sees (QTG-17): a centre's own people, teachers and endorsers those of their cohorts."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from centres.queries import cohort_filter
from qtag.models import Judgement, Submission


def visible_judgements(standing: Standing, permission: Permission = Permission.QTAGS_VIEW) -> QuerySet[Judgement]:
    """The judgements that `permission` reaches. No role at the AO holds the one to see them (QTG-17)."""
    if not standing.can(permission):
        return Judgement.objects.none()
    # A judgement's centre is that of its registration; the cohort says whose it is to judge.
    return Judgement.objects.filter(cohort_filter(standing, permission, "registration__"))


def visible_submissions(standing: Standing) -> QuerySet[Submission]:
    """The submissions in which the person sees at least one judgement, and those of the centres they see whole."""
    seen = visible_judgements(standing).filter(submission=OuterRef("pk"))
    rows = Submission.objects.select_related("centre", "qualification", "adoption__framework")
    whole = standing.reach(Permission.QTAGS_SUBMIT) or frozenset()
    return rows.filter(Exists(seen)) | rows.filter(centre_id__in=whole)
