"""Earlier results of a group stay closed until every judgement of it is recorded (SNS-01). One gate for everything.

Pages, the API, exports and the run all ask here. A group is a centre's learners on one qualification; wider views of a
centre open when all of its groups have.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from centres.models import Registration
from qtag.models import Judgement, SenseRow, Submission
from qtag.queries.expected import gets_none
from qtag.queries.submissions import running_adoptions


class HistoryClosedError(PermissionDenied):
    """Earlier results are asked for before every judgement is recorded (SNS-01). The text says how many are missing."""


@dataclass(frozen=True)
class MissingGrades:
    """A qualification at a centre with learners who still need a grade, or the answer that they get none."""

    submission: Submission
    learners: int
    missing: int


def missing_judgements() -> QuerySet[Judgement]:
    """Q-TAGs that are still to be judged: without a grade, or with one that has not left its teacher's hands (SNS-01).

    Who gets none, whatever anybody judges, is not waited for: that is an answer, too. It is that of the checks of
    eligibility, so that nobody is counted as missing here who is not expected to be judged there.
    """
    withdrawn = Q(registration__status=Registration.Status.WITHDRAWN)
    answered = Judgement.objects.filter(gets_none(running_adoptions()), grade=None).values("pk")
    return Judgement.objects.filter(Q(grade=None) | Q(state="open")).exclude(withdrawn).exclude(pk__in=answered)


def history_is_open(centre_id: int, qualification_id: int | None = None) -> bool:
    """Whether every judgement of the group is recorded (SNS-01); without a qualification, every group of the centre."""
    rows = missing_judgements().filter(centre_id=centre_id)
    if qualification_id is not None:
        rows = rows.filter(submission__qualification_id=qualification_id)
    return not rows.exists()


def require_open_history(centre_id: int, qualification_id: int | None = None) -> None:
    """HistoryClosedError, which is answered with 403, until every judgement of the group is recorded (SNS-01)."""
    rows = missing_judgements().filter(centre_id=centre_id)
    if qualification_id is not None:
        rows = rows.filter(submission__qualification_id=qualification_id)
    count = rows.count()
    if count:
        text = ngettext(
            "Earlier results open once every judgement is recorded: %(n)d is missing (SNS-01).",
            "Earlier results open once every judgement is recorded: %(n)d are missing (SNS-01).",
            count,
        )
        raise HistoryClosedError(text % {"n": count})


def require_open_group(standing: Standing, centre_number: str, qan: str) -> None:
    """HistoryClosedError if this is a group of the person's that is still closed (SNS-01); nothing where there is none.

    The AO sees nothing of a group before all of it is submitted (QTG-17), and hears here only that it is closed.
    """
    reach = standing.reach(Permission.SENSE_VIEW)
    found = Submission.objects.filter(centre__number__iexact=centre_number, qualification__qan=qan)
    if reach is not None:
        found = found.filter(centre_id__in=reach)
    group = found.values_list("centre_id", "qualification_id").first()
    if group is not None:
        require_open_history(*group)


def open_rows(rows: QuerySet[SenseRow]) -> QuerySet[SenseRow]:
    """Without the rows of groups that are closed, also those that a run made before a learner was added (SNS-01)."""
    missing = missing_judgements().filter(centre_id=OuterRef("centre_id"))
    of_group = missing.filter(submission__qualification_id=OuterRef("qualification_id"))
    return rows.filter(
        (Q(level=SenseRow.Level.QUALIFICATION) & ~Exists(of_group))
        | (~Q(level=SenseRow.Level.QUALIFICATION) & ~Exists(missing))
    )


def grades_missing(centre_id: int) -> list[MissingGrades]:
    """The centre's qualifications that are still closed, and how many grades each lacks. Two queries."""
    lacking = dict(
        missing_judgements()
        .filter(centre_id=centre_id)
        .values_list("submission_id")
        .annotate(missing=Count("pk"))
        .order_by("submission_id")
    )
    rows = Submission.objects.filter(pk__in=list(lacking)).select_related("qualification", "centre")
    counted = rows.annotate(learners=Count("judgements")).order_by("qualification__title", "id")
    return [MissingGrades(row, row.learners, lacking[row.pk]) for row in counted]


def closed_words(missing: int) -> str:
    """What is still to be done, in a sentence."""
    return (
        ngettext(
            "%(n)d learner is still to be judged and proposed.",
            "%(n)d learners are still to be judged and proposed.",
            missing,
        )
        % {"n": missing}
        + " "
        + _("If one of them gets none, say so in their facts: that they go on, or were absent.")
    )
