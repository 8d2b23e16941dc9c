"""Outcomes as they stand, by qualification and framework."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from awarding.catalogue.models import Qualification
from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.models import Adoption
from awarding.frameworks.queries import adopted_document, open_adoptions
from mitigations.models import Outcome
from mitigations.rules.outcome import OUT_OF_SCOPE

NONE_YET = "none"


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


def answers_for(qualification: Qualification) -> list[Answer]:
    """The answer under each framework the AO runs. Needs that AO's scope. Two queries.

    Out of scope is an answer like any other, with its reason (MIT-03).
    """
    adopted = adopted_with_outcomes()
    rows = Outcome.objects.filter(qualification=qualification, superseded_at=None)
    held = {row.framework_code: row for row in rows}
    return [_answer(entry, held.get(entry.code)) for entry in adopted]


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
