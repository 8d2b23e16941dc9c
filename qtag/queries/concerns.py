"""Declarations that were missing on their day: who did not sign, and what the AO has to judge about it (HOC-03)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from awarding.frameworks.models import Adoption
from centres.models import Centre
from qtag.models import Declaration, DeclarationConcern, DeclarationPart, Judgement, Submission
from qtag.queries.submissions import current_window


def unsigned_submissions(adoption: Adoption) -> QuerySet[Submission]:
    """Where something is submitted that no signature covers (HOC-01, HOC-04)."""
    sent = Judgement.objects.filter(submission=OuterRef("pk"), state="submitted")
    covering = DeclarationPart.objects.filter(submission=OuterRef("pk"), state="covering")
    return Submission.objects.filter(Exists(sent), ~Exists(covering), adoption=adoption)


def held_on_the_day(due: date) -> QuerySet[DeclarationPart]:
    """The signed parts that were there by the end of the day and held at its end, whatever became of them since (HOC-03).

    What the AO reopens afterwards has to be signed again (HOC-04), and nobody was late with it.
    """
    over = timezone.make_aware(datetime.combine(due + timedelta(days=1), time.min))
    return DeclarationPart.objects.filter(Q(state="covering") | Q(state_since__gte=over), declaration__is_late=False)


def missing_on_the_day(adoption: Adoption, due: date) -> QuerySet[Submission]:
    """What is not signed for, and was not when its day was over."""
    return unsigned_submissions(adoption).filter(~Exists(held_on_the_day(due).filter(submission=OuterRef("pk"))))


def centres_unsigned(adoption: Adoption) -> QuerySet[Centre]:
    """The centres with anything of that kind, in a fixed order."""
    return Centre.objects.filter(pk__in=unsigned_submissions(adoption).values("centre_id")).order_by("pk")


def missing_since(adoption: Adoption, today: date) -> date | None:
    """The day by which declarations were due, once it is past; None before, and where the framework sets none."""
    closes = current_window(adoption, "declaration").closes
    return closes if closes is not None and today > closes else None


def list_concerns(state: str = "") -> QuerySet[DeclarationConcern]:
    """Newest first, those to be judged before the others; `state` keeps those in one."""
    rows = DeclarationConcern.objects.select_related("centre", "adoption__framework")
    return (rows.filter(state=state) if state else rows).order_by("-raised_at", "-id")


@dataclass(frozen=True)
class ConcernFacts:
    """What the AO needs to judge: counts and dates, never a grade (QTG-17). `signed_at` is that of the first signature."""

    qualifications: int
    learners: int
    uncovered: int
    signed_at: datetime | None
    signed_late: bool


def concern_facts(concern: DeclarationConcern) -> ConcernFacts:
    """Three queries."""
    sent = Judgement.objects.filter(
        submission__adoption=concern.adoption_id, submission__centre=concern.centre_id, state="submitted"
    )
    counts = sent.aggregate(learners=Count("pk"), books=Count("submission", distinct=True))
    open_books = unsigned_submissions(concern.adoption).filter(centre=concern.centre_id).count()
    first = Declaration.objects.filter(
        Q(centre=concern.centre_id), adoption=concern.adoption_id, signed_at__gte=concern.raised_at
    )
    signed = first.order_by("id").first()
    return ConcernFacts(
        counts["books"], counts["learners"], open_books, signed.signed_at if signed else None, bool(signed and signed.is_late)
    )  # fmt: skip
