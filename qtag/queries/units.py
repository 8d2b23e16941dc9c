"""The units of a learner with their Z flags, external entries and what may be graded later, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from awarding.catalogue.models import QualificationUnit, Unit
from awarding.findings.finding import Finding
from awarding.frameworks.queries import adopted_document
from qtag.models import BankedUnit, ExternalEntry, Judgement, LaterUnit, ReducedUnit
from qtag.rules.later import UnitState, flag_due, later_findings


@dataclass(frozen=True)
class UnitRow:
    """One unit: what is recorded of it, and what stands against a grade for it in a later series."""

    unit: Unit
    flag: ReducedUnit | None
    entry: ExternalEntry | None
    banked: BankedUnit | None
    later: LaterUnit | None
    findings: list[Finding]


def is_finishing(judgement: Judgement) -> bool | None:
    """Whether the learner finishes this summer; who tops up an earlier award does (QTG-02)."""
    return True if judgement.is_top_up else judgement.is_certificating


def own_units(judgement: Judgement) -> list[Unit]:
    """The units of the learner's qualification, in its order."""
    places = QualificationUnit.objects.filter(qualification=judgement.registration.qualification_id)
    return [place.unit for place in places.select_related("unit").order_by("position", "id")]


def unit_state(judgement: Judgement, unit: Unit) -> UnitState:
    """Of one unit, asked again under the lock before anything is written. Three queries."""
    here = {"registration": judgement.registration_id, "unit": unit}
    return UnitState(
        is_reduced=ReducedUnit.objects.filter(**here).exists(),
        has_entry=ExternalEntry.objects.filter(**here).exists(),
        is_banked=BankedUnit.objects.filter(**here, set_aside_at=None).exists(),
    )


def unit_rows(judgement: Judgement) -> list[UnitRow]:
    """Every unit of the learner's qualification. Five queries."""
    mine = {"registration": judgement.registration_id}
    flags = {row.unit_id: row for row in ReducedUnit.objects.filter(**mine).select_related("flagged_by")}
    entries = {row.unit_id: row for row in ExternalEntry.objects.filter(**mine)}
    banked = {row.unit_id: row for row in BankedUnit.objects.filter(**mine, set_aside_at=None).select_related("grade")}
    later = {row.unit_id: row for row in LaterUnit.objects.filter(**mine)}
    finishing = is_finishing(judgement)
    rows = []
    for unit in own_units(judgement):
        state = UnitState(unit.pk in flags, unit.pk in entries, unit.pk in banked)
        found = later_findings(finishing, state, str(unit))
        rows.append(
            UnitRow(unit, flags.get(unit.pk), entries.get(unit.pk), banked.get(unit.pk), later.get(unit.pk), found)
        )
    return rows


def flag_day(judgement: Judgement) -> date | None:
    """The last day for this learner's Z flags (QTG-15)."""
    return flag_due(adopted_document(judgement.submission.adoption), is_finishing(judgement))


def flagged_for(judgements: Iterable[Judgement], unit: Unit) -> set[int]:
    """The ids of the registrations for which the unit carries the flag."""
    ids = [row.registration_id for row in judgements]
    return set(ReducedUnit.objects.filter(registration__in=ids, unit=unit).values_list("registration_id", flat=True))
