"""Setting what happens to a qualification under a framework: dated versions, one in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission, Role
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.catalogue.models import Qualification
from awarding.findings.finding import Finding
from awarding.frameworks.models import Adoption
from awarding.frameworks.queries import adopted_document
from awarding.notices.models import Urgency
from awarding.notices.services import notify_roles
from awarding.workflow.services import GuardedError, StalePageError
from centres.models import Registration
from mitigations.models import Outcome
from mitigations.queries.outcomes import kind_in_words
from mitigations.rules.outcome import outcome_findings


@dataclass
class OutcomesReport:
    """What setting one outcome for many qualifications did."""

    set: list[Outcome] = field(default_factory=list)
    unchanged: int = 0
    refused: list[Finding] = field(default_factory=list)


@transaction.atomic
def set_outcome(
    *,
    actor: Standing,
    qualification: Qualification,
    adoption: Adoption,
    kind: str,
    reason: str = "",
    expected_number: int | None = None,
) -> Outcome:
    """Sets the one outcome of a qualification under an adopted framework (MIT-01), or that it is out of scope (MIT-03).

    A new version supersedes the one in force; the same kind and reason again change nothing. `expected_number` is the
    version the page showed, 0 for none. Raises GuardedError with the findings, StalePageError when somebody was first.
    """
    actor.require(Permission.OUTCOMES_SET)
    expected = None if expected_number is None else {qualification.pk: expected_number}
    report = _set(actor, [qualification.pk], adoption, kind, reason, expected)
    if report.refused:
        raise GuardedError(report.refused)
    if report.set:
        return report.set[0]
    return Outcome.objects.get(qualification=qualification, framework_code=adoption.framework.code, superseded_at=None)


@transaction.atomic
def set_outcomes(
    *, actor: Standing, qualifications: Iterable[Qualification], adoption: Adoption, kind: str, reason: str = ""
) -> OutcomesReport:
    """Sets one outcome for many qualifications: those that may have it get it, the others are named (MIT-01).

    A handful of queries, however many there are.
    """
    actor.require(Permission.OUTCOMES_SET)
    return _set(actor, [row.pk for row in qualifications], adoption, kind, reason, None)


def _set(
    actor: Standing,
    ids: list[int],
    adoption: Adoption,
    kind: str,
    reason: str,
    expected: dict[int, int] | None,
) -> OutcomesReport:
    reason = reason.strip()
    # Locked in the order of their ids, so that two admins at once wait for each other instead of for ever.
    locked = list(Qualification.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk"))
    fresh = Adoption.objects.select_related("framework").get(pk=adoption.pk)
    if fresh.superseded_at is not None:
        raise StalePageError(
            _("The framework was adopted anew since you opened the page. Look again: nothing was set.")
        )
    document = adopted_document(fresh)
    code = fresh.framework.code
    held = {row.qualification_id: row for row in _in_force(code, locked)}
    report, wanted = OutcomesReport(), []
    for qualification in locked:
        current = held.get(qualification.pk)
        if current is not None and (current.kind, current.reason) == (kind, reason):
            report.unchanged += 1
            continue
        if expected is not None and expected[qualification.pk] != (current.number if current else 0):
            raise StalePageError(
                _("Someone else set this outcome first. Nothing of yours was saved. Look at it below.")
            )
        findings = outcome_findings(document, qualification.category, qualification.display_qan, kind, reason)
        if findings:
            report.refused += findings
            continue
        wanted.append(qualification)
    report.set = _write(actor, fresh, wanted, held, kind, reason)
    changed = [row for row in report.set if row.qualification_id in held]
    _tell_centres(changed, kind_in_words(document, kind), actor)
    return report


def _in_force(code: str, qualifications: list[Qualification]) -> Iterable[Outcome]:
    return Outcome.objects.filter(framework_code=code, superseded_at=None, qualification__in=qualifications)


def _write(
    actor: Standing,
    adoption: Adoption,
    qualifications: list[Qualification],
    held: dict[int, Outcome],
    kind: str,
    reason: str,
) -> list[Outcome]:
    if not qualifications:
        return []
    code, now = adoption.framework.code, timezone.now()
    every = Outcome.objects.filter(framework_code=code, qualification__in=qualifications)
    last = dict(every.order_by().values_list("qualification_id").annotate(last=Max("number")))
    every.filter(superseded_at=None).update(superseded_at=now)
    made = Outcome.objects.bulk_create(
        [
            Outcome(
                qualification=row,
                adoption=adoption,
                framework_code=code,
                number=last.get(row.pk, 0) + 1,
                kind=kind,
                reason=reason,
                set_by=actor.person,
                set_at=now,
            )
            for row in qualifications
        ]
    )
    before = {row.qan: held[row.pk].kind for row in qualifications if row.pk in held}
    facts = {"framework": code, "kind": kind, "reason": reason, "qans": [row.qan for row in qualifications]}
    target = made[0] if len(made) == 1 else adoption
    record("outcome.set", actor=actor, target=target, data=facts | {"before": before})
    return made


def _tell_centres(changed: list[Outcome], label: str, actor: Standing) -> None:
    """Tells the quality contact of every centre that has learners on a qualification whose outcome changed (MIT-05)."""
    if not changed:
        return
    by_qualification = {row.qualification_id: row for row in changed}
    pairs = (
        Registration.objects.filter(qualification_id__in=by_qualification)
        .exclude(status=Registration.Status.WITHDRAWN)
        .order_by("centre_id", "qualification_id")
        .values_list("centre_id", "qualification_id")
        .distinct()
    )
    by_centre: dict[int, list[Outcome]] = defaultdict(list)
    for centre_id, qualification_id in pairs:
        by_centre[centre_id].append(by_qualification[qualification_id])
    for centre_id, outcomes in by_centre.items():
        names = "\n".join(f"{row.qualification}: {label}" for row in outcomes)
        first = outcomes[0].qualification
        notify_roles(
            roles={Role.QUALITY_CONTACT},
            centre_id=centre_id,
            key=f"outcome:{outcomes[0].pk}:centre:{centre_id}",
            subject=_("What happens to a qualification has changed"),
            body=_("The outcome changed for:") + f"\n{names}",
            url=reverse("public:qualification", args=[first.qan]),
            target=outcomes[0],
            urgency=Urgency.URGENT,
            besides=actor.person,
        )
