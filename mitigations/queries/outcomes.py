"""Outcomes as they stand, by qualification and framework."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.catalogue.models import Qualification
from awarding.findings.finding import Finding
from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.models import Adoption
from awarding.frameworks.queries import adopted_document, open_adoptions
from mitigations.models import AssessmentDate, Claim, Outcome
from mitigations.rules.evidence import is_mitigation
from mitigations.rules.outcome import OUT_OF_SCOPE
from mitigations.rules.window import application_findings

NONE_YET = "none"
IMPACT_DATE = "impact"


@dataclass(frozen=True)
class Adopted:
    """A framework that the open AO runs, with its document as it applies there."""

    adoption: Adoption
    document: FrameworkDocument

    @property
    def code(self) -> str:
        return self.adoption.framework.code


def adopted_with_outcomes() -> list[Adopted]:
    """The adopted frameworks that give outcomes to qualifications, newest adoption first. One query."""
    rows = [Adopted(adoption, adopted_document(adoption)) for adoption in open_adoptions()]
    return [row for row in rows if row.document.outcomes]


def adopted_with_impact() -> list[Adopted]:
    """The adopted frameworks that have an impact date, set or still to be set, newest adoption first. One query."""
    return [row for row in adopted_with_outcomes() if IMPACT_DATE in row.document.dates]


def open_outcomes(framework_code: str, qualification_ids: Iterable[int]) -> dict[int, Outcome]:
    """{qualification id: its outcome in force}. One query."""
    rows = Outcome.objects.filter(
        framework_code=framework_code, superseded_at=None, qualification_id__in=list(qualification_ids)
    )
    return {row.qualification_id: row for row in rows.select_related("set_by")}


def filter_by_outcome(rows: QuerySet[Qualification], framework_code: str, kind: str) -> QuerySet[Qualification]:
    """Those whose outcome in force is `kind`; `none`: that have none yet; empty: all."""
    in_force = Outcome.objects.filter(
        qualification_id=OuterRef("pk"), framework_code=framework_code, superseded_at=None
    )
    if kind == NONE_YET:
        return rows.filter(~Exists(in_force))
    return rows.filter(Exists(in_force.filter(kind=kind))) if kind else rows


def count_by_kind(framework_code: str) -> dict[str, int]:
    """{kind: qualifications with it}, and under `none` those without. Two queries."""
    rows = Outcome.objects.filter(framework_code=framework_code, superseded_at=None).order_by().values_list("kind")
    counts: dict[str, int] = dict(rows.annotate(qualifications=Count("id")))
    return counts | {NONE_YET: Qualification.objects.count() - sum(counts.values())}


def ground_of(qualification: Qualification) -> tuple[Adoption | None, Outcome | None]:
    """The open adoption to claim under and the qualification's outcome in force there, if it has one. Two queries.

    What carries on from the framework before is in force as well (CTB-06).
    """
    adoptions = open_adoptions()
    rows = Outcome.objects.filter(qualification=qualification, superseded_at=None)
    outcomes = {outcome.framework_code: outcome for outcome in rows}
    for adoption in adoptions:
        outcome = outcome_among(adopted_document(adoption), outcomes)
        if outcome is not None:
            return adoption, outcome
    return (adoptions[0] if adoptions else None), None


def outcome_among(document: FrameworkDocument, outcomes: Mapping[str, Outcome]) -> Outcome | None:
    """The outcome under a framework, of those by framework's code: its own, or one that carries on (CTB-06).

    Only what the framework names carries on, only from the one that it follows, and only where none of its own is set.
    """
    own = outcomes.get(document.id)
    if own is not None:
        return own
    earlier = outcomes.get(document.follows)
    carries = earlier is not None and earlier.kind in document.carried_on and document.in_force("CTB-06")
    return earlier if carries else None


def carried_from(document: FrameworkDocument, claim: Claim) -> str:
    """The title of the framework under which the claim's outcome was agreed, if that was an earlier one (CTB-06)."""
    if claim.mitigation not in document.carried_on or claim.outcome is None:
        return ""
    if claim.outcome.framework_code != document.follows:
        return ""
    return adopted_document(claim.outcome.adoption).short_title


def mitigation_of(adoption: Adoption, outcome: Outcome | None) -> str:
    """The kind of the outcome where it is a mitigation, otherwise empty."""
    outcomes = adopted_document(adoption).outcomes
    if outcome is None or outcome.kind not in outcomes:
        return ""
    return outcome.kind if is_mitigation(outcomes[outcome.kind]) else ""


def application_findings_of(qualification: Qualification) -> list[Finding]:
    """Whether the qualification's mitigation, if it has one, can be applied for today in London (MIT-11)."""
    adoption, outcome = ground_of(qualification)
    if adoption is None or not mitigation_of(adoption, outcome):
        return []
    return application_findings(adopted_document(adoption), timezone.localdate(), qualification.display_qan)


def outcome_versions(qualification: Qualification) -> QuerySet[Outcome]:
    """Every version under every framework, newest first."""
    return Outcome.objects.filter(qualification=qualification).select_related("set_by", "adoption__framework")


def kind_in_words(document: FrameworkDocument, kind: str) -> str:
    """An outcome's label in the language active now."""
    if kind == OUT_OF_SCOPE:
        return _("Out of the framework's scope")
    return _(document.outcomes[kind].label) if kind in document.outcomes else kind


@dataclass(frozen=True)
class Answer:
    """What happens to a qualification under one framework, in words."""

    framework: str
    label: str
    means: str
    reason: str
    since: object
    is_decided: bool = True
    is_out_of_scope: bool = False
    # Published dates of a delayed assessment and its resits (MIT-16).
    dates: tuple[AssessmentDate, ...] = ()


def answers_for(qualification: Qualification) -> list[Answer]:
    """The answer under each framework the AO runs, with published dates. Needs that AO's scope. Three queries.

    Out of scope is an answer like any other, with its reason (MIT-03).
    """
    adopted = adopted_with_outcomes()
    rows = Outcome.objects.filter(qualification=qualification, superseded_at=None)
    held = {row.framework_code: row for row in rows}
    dates = AssessmentDate.objects.filter(qualification=qualification, ended_at=None).order_by("starts_on", "pk")
    published = list(dates.select_related("qualification"))
    return [
        replace(
            _answer(entry, outcome_among(entry.document, held)),
            dates=tuple(d for d in published if d.framework_code == entry.code),
        )
        for entry in adopted
    ]


def _answer(entry: Adopted, outcome: Outcome | None) -> Answer:
    title = _(entry.document.title)
    if outcome is None:
        means = _("The awarding organisation has not decided yet. Ask your centre, or look again later.")
        return Answer(title, _("Not decided yet"), means, "", None, is_decided=False)
    label = kind_in_words(entry.document, outcome.kind)
    if outcome.kind == OUT_OF_SCOPE:
        means = _("The ordinary conditions apply: assessment, claims and certificates go on as they always did.")
        return Answer(title, label, means, outcome.reason, outcome.set_at, is_out_of_scope=True)
    found = entry.document.outcomes.get(outcome.kind)
    return Answer(title, label, _(found.means) if found else "", outcome.reason, outcome.set_at)
