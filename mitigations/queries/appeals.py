"""Reads of appeals: which can be lodged and until when, who sees them, the stages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.findings.finding import Finding, Severity
from awarding.tenancy.prepared import prepared
from awarding.working_days import add_working_days
from mitigations.models import Appeal, AppealFile, AppealRound, AppealStage, Claim, PanelDecision
from mitigations.queries.claims import visible_claims
from mitigations.queries.disputes import event_rows
from mitigations.workflow import APPEAL


def stages_in_order() -> list[AppealStage]:
    """The AO's stages as they are now. One query."""
    return list(AppealStage.objects.filter(dropped_at=None).order_by("position", "id"))


def stage_after(stage: AppealStage, stages: list[AppealStage]) -> AppealStage | None:
    """The next stage of the procedure as it is now, None after the last."""
    later = [row for row in stages if (row.position, row.pk) > (stage.position, stage.pk)]
    return later[0] if later else None


def visible_appeals(standing: Standing) -> QuerySet[Appeal]:
    """The AO's people who decide appeals or oversee see all; a centre's own are its voices' to see."""
    rows = Appeal.objects.select_related(
        "centre", "claim__qualification", "claim__cohort", "decision__decided_by", "stage", "bundle"
    )
    if standing.can(Permission.APPEALS_DECIDE) or standing.can(Permission.AO_OVERVIEW):
        return rows
    return rows.filter(centre_id__in=standing.reach(Permission.APPEALS_LODGE) or ())


def rounds_of(appeal: Appeal) -> list[AppealRound]:
    """What was said at each stage, in order, each with its files. Two queries."""
    files = Prefetch("files", queryset=AppealFile.objects.select_related("file", "uploaded_by").order_by("id"))
    return list(
        appeal.rounds.select_related("lodged_by", "decided_by").prefetch_related(files).order_by("number")
    )  # fmt: skip


def decision_to_appeal(standing: Standing, decision_id: int) -> PanelDecision | None:
    """A released decision on a claim that this person may see and appeal for, or None."""
    claims = visible_claims(standing)
    reach = standing.reach(Permission.APPEALS_LODGE)
    if reach is not None:
        claims = claims.filter(centre_id__in=reach)
    rows = PanelDecision.objects.select_related("claim__centre", "claim__qualification", "claim__cohort", "decided_by")
    return rows.filter(pk=decision_id, claim__in=claims.values("pk")).first()


@dataclass(frozen=True)
class Way:
    """Whether a decision can be appealed against: the first stage and the last day, and what stands in the way."""

    stage: AppealStage | None
    lodge_by: date | None
    findings: list[Finding]


def way_to_appeal(decision: PanelDecision) -> Way:
    """The way open against a released decision today (CLM-15); with findings it is closed. Three queries."""
    stages = stages_in_order()
    stage = stages[0] if stages else None
    lodge_by = add_working_days(timezone.localdate(_told_at(decision)), stage.lodge_days) if stage else None
    number = decision.claim.number
    known = Appeal.objects.filter(decision=decision).first()
    if known is not None:
        what = _("This decision was appealed against already: %(number)s.") % {"number": known.number}
        return Way(stage, lodge_by, [_blocked(number, what, _("Go on with that appeal."), "appealed_already")])
    if decision.verdict == PanelDecision.Verdict.SUFFICIENT:
        what = _("The panel found the evidence sufficient: there is nothing to appeal against.")
        return Way(
            stage, lodge_by, [_blocked(number, what, _("Ask about anything that is unclear in it."), "sufficient")]
        )
    if PanelDecision.objects.filter(claim_id=decision.claim_id, pk__gt=decision.pk).exists():
        what = _("The panel has decided this claim again since.")
        return Way(stage, lodge_by, [_blocked(number, what, _("Appeal against the later decision."), "overtaken")])
    if stage is None or lodge_by is None:
        what = _("The awarding organisation has not set the stages of its appeals yet.")
        fix = _("Ask about this eRAC and say that you want to appeal.")
        return Way(None, None, [_blocked(number, what, fix, "no_stages")])
    if timezone.localdate() > lodge_by:
        return Way(stage, lodge_by, [late_finding(number, lodge_by)])
    return Way(stage, lodge_by, [])


def late_finding(number: str, lodge_by: date) -> Finding:
    """An appeal that comes after its last day (CLM-15)."""
    what = _("An appeal could be lodged until %(day)s.") % {"day": date_format(lodge_by, "j F Y")}
    fix = _("Ask about this eRAC and say why the appeal is late: the awarding organisation can answer that.")
    return _blocked(number, what, fix, "late")


def _blocked(where: str, what: str, fix: str, code: str) -> Finding:
    return Finding("CLM-15", Severity.BLOCKS, where, what, fix, code)


def _told_at(decision: PanelDecision) -> Any:
    return decision.released_at or decision.decided_at


@dataclass(frozen=True)
class ClaimAppeals:
    """What a claim's page says of appeals: those there are, and the decision that could be appealed against now."""

    rows: list[tuple[Appeal, Any]]
    decision: PanelDecision | None


def claim_appeals(standing: Standing, claim: Claim, decision: PanelDecision | None) -> ClaimAppeals:
    """For the claim's page, from its last decision. One query, none for those who see no appeals."""
    lodges = standing.can(Permission.APPEALS_LODGE, claim.centre_id)
    if not (lodges or standing.can(Permission.APPEALS_DECIDE) or standing.can(Permission.AO_OVERVIEW)):
        return ClaimAppeals([], None)
    found = _appeals_of(claim_id=claim.pk)
    can_appeal = (
        lodges
        and decision is not None
        and decision.verdict != PanelDecision.Verdict.SUFFICIENT
        and all(appeal.decision_id != decision.pk for appeal in found)
    )
    return ClaimAppeals([(appeal, APPEAL.state(appeal.state)) for appeal in found], decision if can_appeal else None)


@prepared
def _appeals_of(*, claim_id: int) -> QuerySet[Appeal]:
    return Appeal.objects.filter(claim_id=claim_id).select_related("stage").order_by("-id")


def appeal_history(appeal: Appeal) -> list[dict[str, Any]]:
    return event_rows(APPEAL, appeal)
