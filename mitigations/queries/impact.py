"""Who is impacted, and why: each learner's answer with what would change it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awarding.accounts.standing import Standing
from awarding.findings.finding import Text
from awarding.frameworks.document import FrameworkDocument
from awarding.identifiers import bare_qan
from centres.models import Registration
from centres.queries import visible_registrations
from centres.rules.names import unaccented
from mitigations.models import ImpactCase, Outcome
from mitigations.queries.outcomes import IMPACT_DATE

WITHIN, ACCEPTED = "within", "accepted"
BEFORE, WITHDRAWN, NO_DATE = "before", "withdrawn", "no_date"
IMPACTED = (WITHIN, ACCEPTED)
# In the order in which pages show them.
REASONS: dict[str, Text] = {
    WITHIN: gettext_lazy("Registered, and planned to end on or after the impact date"),
    ACCEPTED: gettext_lazy("Outside the dates, and accepted as a case"),
    BEFORE: gettext_lazy("Planned to end before the impact date"),
    WITHDRAWN: gettext_lazy("Registration withdrawn"),
}


def impact_date(document: FrameworkDocument) -> object | None:
    """The framework's impact date; None where it has none, or the AO has not set it."""
    entry = document.dates.get(IMPACT_DATE)
    return entry.on if entry is not None else None


def _accepted(document: FrameworkDocument) -> Exists:
    cases = ImpactCase.objects.filter(registration_id=OuterRef("pk"), framework_code=document.id, state="accepted")
    return Exists(cases)


def impacted_registrations(document: FrameworkDocument) -> QuerySet[Registration]:
    """The open AO's registrations that end on or after the framework's impact date (MIT-06), withdrawn ones apart, and
    those accepted case by case (MIT-08).

    None at all where the framework has no impact date, or the AO has not set it.
    """
    day = impact_date(document)
    if day is None:
        return Registration.objects.none()
    rows = Registration.objects.exclude(status=Registration.Status.WITHDRAWN)
    return rows.filter(Q(ends_on__gte=day) | Q(_accepted(document)))


def impacted_by_qualification(document: FrameworkDocument, qualification_ids: Iterable[int]) -> dict[int, int]:
    """{qualification id: impacted registrations}, for the qualifications given. One query."""
    rows = impacted_registrations(document).filter(qualification_id__in=list(qualification_ids))
    return dict(rows.order_by().values_list("qualification_id").annotate(learners=Count("id")))


def impacted_without_outcome(document: FrameworkDocument) -> tuple[int, int]:
    """(qualifications, registrations) that are impacted while no outcome is set under the framework. One query."""
    in_force = Outcome.objects.filter(
        qualification_id=OuterRef("qualification_id"), framework_code=document.id, superseded_at=None
    )
    waiting = impacted_registrations(document).filter(~Exists(in_force))
    row = waiting.aggregate(qualifications=Count("qualification_id", distinct=True), registrations=Count("id"))
    return row["qualifications"], row["registrations"]


def with_reason(rows: QuerySet[Registration], document: FrameworkDocument) -> QuerySet[Any]:
    """Registrations with `impact`: the code of why each is impacted or is not (a key of REASONS, or NO_DATE)."""
    day = impact_date(document)
    if day is None:
        return rows.annotate(impact=Value(NO_DATE))
    return rows.annotate(
        impact=Case(
            When(status=Registration.Status.WITHDRAWN, then=Value(WITHDRAWN)),
            When(ends_on__gte=day, then=Value(WITHIN)),
            When(_accepted(document), then=Value(ACCEPTED)),
            default=Value(BEFORE),
        )
    )


@dataclass(frozen=True)
class Impact:
    """One registration's answer: whether it is impacted, why (in words), what would change it, and the rule that says so."""

    is_impacted: bool
    reason: str
    why: Text
    change: Text
    rule: str
    # A case can be raised about it.
    can_be_raised: bool = False


def explain_impact(document: FrameworkDocument, registration: Registration) -> Impact:
    """The answer for a registration of `with_reason` (MIT-06, MIT-07, MIT-08), in words fit for the page."""
    reason: str = registration.impact  # type: ignore[attr-defined]
    day = impact_date(document)
    words = {
        "ends": date_format(registration.ends_on, "j F Y"),
        "impact": date_format(day, "j F Y") if day else "",  # type: ignore[arg-type]
        "framework": document.short_title,
    }
    if reason == WITHIN:
        why = _("Registered, and planned to end on %(ends)s: on or after %(impact)s.") % words
        return Impact(True, reason, why, _("A corrected end date before that day, or a withdrawal."), "MIT-06")
    if reason == ACCEPTED:
        why = _("Planned to end on %(ends)s, before %(impact)s; taken in case by case.") % words
        return Impact(True, reason, why, _("If the case is opened again and refused."), "MIT-08")
    if reason == WITHDRAWN:
        why = _("The registration was withdrawn.")
        change = _("Register the learner again; nothing can be mitigated without a registration.")
        return Impact(False, reason, why, change, "MIT-07")
    if reason == NO_DATE:
        why = _("%(framework)s has no impact date yet.") % words
        return Impact(False, reason, why, _("The awarding organisation sets the date under “Frameworks”."), "MIT-06")
    why = _("Planned to end on %(ends)s, before %(impact)s.") % words
    change = _("Correct the end date if it is wrong. If the learner overran, raise a case.")
    return Impact(False, reason, why, change, "MIT-06", can_be_raised=True)


def list_impact(
    standing: Standing, document: FrameworkDocument, *, centre_id: int | None = None, words: str = "", qan: str = ""
) -> QuerySet[Any]:
    """The registrations that this person sees, each with its `impact`, by name. Ten digits are a ULN."""
    rows = with_reason(visible_registrations(standing), document)
    if centre_id is not None:
        rows = rows.filter(centre_id=centre_id)
    if qan:
        rows = rows.filter(qualification__qan=bare_qan(qan))
    for word in words.split():
        is_uln = word.isascii() and word.isdigit() and len(word) == 10
        rows = rows.filter(learner__uln=word) if is_uln else rows.filter(learner__name_key__contains=unaccented(word))
    return rows.order_by("learner__name_key", "learner_id", "pk")


def count_by_reason(rows: QuerySet[Any]) -> dict[str, int]:
    """{code of the reason: registrations}. One query."""
    return dict(rows.order_by().values_list("impact").annotate(n=Count("pk")))


def outcomes_of(document: FrameworkDocument, registrations: Sequence[Registration]) -> dict[int, Outcome]:
    """{qualification id: its outcome in force} for the registrations of a page. One query."""
    rows = Outcome.objects.filter(
        framework_code=document.id,
        superseded_at=None,
        qualification_id__in={row.qualification_id for row in registrations},
    )
    return {row.qualification_id: row for row in rows}
