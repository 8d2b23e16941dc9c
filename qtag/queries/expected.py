"""Of whom a Q-TAG is expected: nobody is reminded of, or counted as late for, a learner who gets none."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.models import Adoption
from awarding.frameworks.queries import adopted_document
from centres.models import Registration
from qtag.models import Judgement, QualificationTerms
from qtag.queries.submissions import running_adoptions
from qtag.rules.eligibility import OUTCOME


def expected(rows: QuerySet[Judgement], adoptions: Sequence[Adoption] | None = None) -> QuerySet[Judgement]:
    """Without those still open whose answer is no, or who were withdrawn (QTG-01 to -06); `adoptions`: those of the AO.

    What has left its teacher's hands stays: somebody has to act on it whatever became of the facts.
    """
    none = Judgement.objects.filter(gets_none(running_adoptions() if adoptions is None else adoptions), state="open")
    return rows.exclude(pk__in=none.order_by().values("pk"))


def gets_none(adoptions: Sequence[Adoption]) -> Q:
    """What the checks of eligibility call a no, as a condition of the database (QTG-01 to -06)."""
    found = Q(is_certificating=False, is_top_up=False) | Q(was_absent=True) | Q(is_apprenticeship=True)
    found |= Q(registration__status=Registration.Status.WITHDRAWN)
    for adoption in adoptions:
        document = adopted_document(adoption)
        found |= Q(submission__adoption_id=adoption.pk) & (_outside(document) | _barred(document))
    return found


def _outside(document: FrameworkDocument) -> Q:
    """Due or ready outside the window: on the day that was said, or else that of the registration (QTG-03)."""
    window = document.window("eligibility")
    found = Q(pk__in=[])
    for name, unsaid in (("ready_on", Q()), ("registration__ends_on", Q(ready_on=None))):
        if window.opens is not None:
            found |= unsaid & Q(**{f"{name}__lt": window.opens})
        if window.closes is not None:
            found |= unsaid & Q(**{f"{name}__gt": window.closes})
    return found


def _barred(document: FrameworkDocument) -> Q:
    """Qualifications that have no Q-TAGs at all (QTG-01, QTG-04, QTG-05)."""
    refused = [row.code for row in document.categories.values() if document.standing(OUTCOME, row.code) == "refused"]
    terms = barring_terms(document)
    return Q(submission__qualification__category__in=refused) | Q(
        submission__qualification__in=terms.order_by().values("qualification")
    )


def barring_terms(document: FrameworkDocument) -> QuerySet[QualificationTerms]:
    """The terms by which the AO leaves a qualification out of this framework's Q-TAGs (QTG-04, QTG-05)."""
    rows = QualificationTerms.objects.filter(framework_code=document.id)
    return rows.filter(Q(is_all_licence=True) | ~Q(out_of_scope_reason=""))
