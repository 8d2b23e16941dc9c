"""Reads of results: which ones a person sees, the lists, one claim's page, the trail behind one result (RES-01, RES-04)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.frameworks.queries import adopted_document
from awarding.jobs.models import Job, JobState
from centres.models import Centre
from mitigations.models import Claim, ClaimCell, EvidenceEntry, PanelDecision
from qa_sampling.models import Allocation, EvidenceFile, SamplePick
from qtag.models import Judgement
from results.models import PROCESS_JOB, Certificate, QualificationResult, UnitResult, process_key
from results.queries.withdrawn import results_in_force


def sees_before_release(standing: Standing) -> bool:
    """Only the AO's own people who may see results see them before their release (RES-01)."""
    return standing.reach(Permission.RESULTS_VIEW) is None


def visible_results(standing: Standing, now: dt.datetime | None = None) -> QuerySet[QualificationResult]:
    """The results that this person may see now: the AO's all, a centre's its own once they are released (RES-01).

    One from a Q-TAG is seen by nobody before its release, at the AO neither (QTG-17). A withdrawn one is history (QTG-13).
    """
    rows = _released(results_in_force(), standing, now)
    if not sees_before_release(standing):
        return rows
    return rows.filter(Q(submission=None) | Q(centre_release_at__lte=now or timezone.now()))


def visible_unit_results(standing: Standing, now: dt.datetime | None = None) -> QuerySet[UnitResult]:
    """As visible_results, for units. Of a learner whose certificate comes from a Q-TAG none are issued (QTG-14)."""
    banked = Judgement.objects.filter(registration=OuterRef("registration"), is_certificating=True)
    rows = _released(UnitResult.objects.all(), standing, now)
    return rows if sees_before_release(standing) else rows.exclude(Exists(banked))


def _released(rows: QuerySet[Any], standing: Standing, now: dt.datetime | None) -> QuerySet[Any]:
    if sees_before_release(standing):
        return rows
    reach = standing.reach(Permission.RESULTS_VIEW) or frozenset()
    return rows.filter(registration__centre_id__in=reach, centre_release_at__lte=now or timezone.now())


def list_results(
    standing: Standing,
    *,
    centre_id: int | None = None,
    qan: str = "",
    awarded_from: dt.date | None = None,
    awarded_to: dt.date | None = None,
    claim_id: int | None = None,
    submission_id: int | None = None,
) -> QuerySet[QualificationResult]:
    """Visible results, newest first, filtered; dates are London's and both counted in."""
    results = visible_results(standing)
    if centre_id is not None:
        results = results.filter(registration__centre_id=centre_id)
    if qan:
        results = results.filter(registration__qualification__qan=qan)
    if awarded_from is not None:
        results = results.filter(release_at__date__gte=awarded_from)
    if awarded_to is not None:
        results = results.filter(release_at__date__lte=awarded_to)
    if claim_id is not None:
        results = results.filter(claim_id=claim_id)
    if submission_id is not None:
        results = results.filter(submission_id=submission_id)
    return results.order_by("-id")


def with_certificates(results: QuerySet[QualificationResult]) -> QuerySet[QualificationResult]:
    """The same with names and, as `certificates_newest_first`, their certificates. One query more."""
    certificates = Certificate.objects.order_by("-id")
    return results.select_related(
        "registration__learner", "registration__centre", "registration__qualification", "claim"
    ).prefetch_related(Prefetch("certificates", queryset=certificates, to_attr="certificates_newest_first"))


def claims_to_process() -> QuerySet[Claim]:
    """Verified claims, the one that waits longest first."""
    return (
        Claim.objects.filter(state="verified")
        .select_related("centre", "qualification", "cohort")
        .annotate(learner_count=Count("learners"))
        .order_by("state_since", "id")
    )


def claims_with_results(standing: Standing) -> QuerySet[Claim]:
    """Claims whose results this person may see: any for the AO, its own centre's for others (what is in them is asked apart)."""
    if sees_before_release(standing):
        claims = Claim.objects.filter(state__in=["verified", "processed"])
    else:
        reach = standing.reach(Permission.RESULTS_VIEW) or frozenset()
        claims = Claim.objects.filter(state="processed", centre_id__in=reach)
    return claims.select_related("centre", "qualification", "cohort", "adoption__framework")


def latest_job(claim: Claim) -> Job | None:
    return Job.objects.filter(key=process_key(claim.pk)).order_by("-id").first()


def open_jobs(claim_ids: list[int]) -> dict[int, Job]:
    """The latest job of each claim that was asked for, in one query."""
    keys = {process_key(pk): pk for pk in claim_ids}
    return {keys[job.key]: job for job in Job.objects.filter(key__in=keys).order_by("id")}


def failed_jobs() -> QuerySet[Job]:
    """Failed processing of claims that still wait for it, newest first, the latest of each claim."""
    key = Concat(Value(process_key("")), Cast("pk", CharField()))
    waiting = Claim.objects.filter(state="verified").annotate(job_key=key).values("job_key")
    latest = Job.objects.filter(kind=PROCESS_JOB, key__in=waiting).order_by("key", "-id").distinct("key")
    return Job.objects.filter(pk__in=latest.values("pk"), state=JobState.FAILED).order_by("-id")


def unmade_certificates() -> QuerySet[Certificate]:
    """Certificates that could not be made, with their claims."""
    return Certificate.objects.filter(state=Certificate.State.DRAFTED).exclude(fault="").select_related("result__claim")


def next_release(claim: Claim, now: dt.datetime) -> dt.datetime | None:
    """When the centre sees the next of the claim's results that it does not see yet; None when nothing is held back."""
    row = (
        QualificationResult.objects.filter(claim=claim, centre_release_at__gt=now)
        .order_by("centre_release_at")
        .values_list("centre_release_at", flat=True)
        .first()
    )
    if row is not None:
        return row
    units = UnitResult.objects.filter(claim=claim, centre_release_at__gt=now).order_by("centre_release_at")
    return units.values_list("centre_release_at", flat=True).first()


@dataclass(frozen=True)
class UnitTrail:
    """How one unit of a result came about: what was claimed, on which evidence, what was sampled and found."""

    result: UnitResult
    cell: ClaimCell | None
    evidence: EvidenceEntry | None
    pick: SamplePick | None

    @property
    def evidence_state(self) -> str:
        """The state of the evidence in the words of the claim's framework."""
        states = adopted_document(self.result.claim.adoption).component_states
        code = self.evidence.status if self.evidence else ""
        return _(states[code].label) if code in states else code

    @property
    def evidence_named(self) -> list[str]:
        """Which evidence there is, in the words of the claim's framework."""
        kinds = adopted_document(self.result.claim.adoption).evidence_types
        codes = self.evidence.evidence_types if self.evidence else []
        return [_(kinds[code].label) if code in kinds else code for code in codes]


@dataclass(frozen=True)
class Trail:
    """Everything that stands behind one qualification result (RES-04)."""

    result: QualificationResult
    units: list[UnitTrail]
    decisions: list[PanelDecision]
    allocations: list[Allocation]
    certificates: list[Certificate]


def trail_of(result: QualificationResult) -> Trail:
    """The trail behind a result, over every claim its units came from (RES-04). A fixed number of queries."""
    registration_id = result.registration_id
    units = list(
        UnitResult.objects.filter(registration_id=registration_id)
        .select_related("unit", "claim__adoption__framework")
        .order_by("unit__reference", "id")
    )
    claim_ids = sorted({unit.claim_id for unit in units} | ({result.claim_id} if result.claim_id else set()))
    mine = {"learner__registration_id": registration_id, "claim_id__in": claim_ids}
    cells = ClaimCell.objects.filter(**mine).select_related("updated_by").annotate(of_unit=F("unit__unit_id"))
    entries = EvidenceEntry.objects.filter(**mine).select_related("updated_by").annotate(of_unit=F("unit__unit_id"))
    picks = SamplePick.objects.filter(**mine).exclude(verdict=SamplePick.Verdict.SWAPPED)
    files = EvidenceFile.objects.filter(removed_at=None).select_related("file")
    picks = (
        picks.select_related("picked_by")
        .annotate(of_unit=F("unit__unit_id"))
        .prefetch_related(Prefetch("files", queryset=files, to_attr="files_in_force"))
    )
    found: list[dict[tuple[int, int], Any]] = [
        {(row.claim_id, row.of_unit): row for row in rows} for rows in (cells, entries, picks)
    ]
    trails = [UnitTrail(unit, *(rows.get((unit.claim_id, unit.unit_id)) for rows in found)) for unit in units]
    return Trail(
        result=result,
        units=trails,
        decisions=list(PanelDecision.objects.filter(claim_id__in=claim_ids).select_related("decided_by", "claim")),
        allocations=list(Allocation.objects.filter(claim_id__in=claim_ids).select_related("verifier", "claim")),
        certificates=list(Certificate.objects.filter(result=result).select_related("revoked_by").order_by("-id")),
    )


def centres_with_results(standing: Standing) -> list[tuple[int, str]]:
    """(id, name) of the centres that have a result this person sees: the filter of the list."""
    ids = visible_results(standing).values("registration__centre_id")
    return [(centre.pk, str(centre)) for centre in Centre.objects.filter(pk__in=ids).order_by("name", "id")]


def unmade_of(claim: Claim) -> list[Certificate]:
    """The claim's certificates that could not be made, with the learner of each and why; at most fifty."""
    return list(
        unmade_certificates()
        .filter(result__claim=claim)
        .select_related("result__registration__learner")
        .order_by("id")[:50]
    )


def result_facts(result: QualificationResult) -> list[tuple[str, Any]]:
    """(name, value) pairs at the top of a result's trail: what it is and what it was worked out from (RES-04)."""
    registration = result.registration
    rows: list[tuple[str, Any]] = [
        (_("Learner"), f"{registration.learner.full_name}, {registration.learner.uln}"),
        (_("Centre"), registration.centre),
        (_("Qualification"), registration.qualification),
        (_("Grade"), result.grade),
        (_("Credits"), result.basis.get("credits")),
    ]
    if "points" in result.basis:
        worked_out = _("%(points)s points; %(grade)s is reached from %(from)s") % {
            "points": result.basis["points"],
            "grade": result.grade,
            "from": result.basis["from_points"],
        }
    else:
        worked_out = _("The units needed are achieved; the qualification has a single grade")
    came = ", ".join(f"{u['reference']} ({u['came_by']})" for u in result.basis.get("units", ()) if "came_by" in u)
    if came:
        rows.append((_("By credit transfer or prior learning"), came))
    framework = result.claim.adoption.framework if result.claim else ""
    return [*rows, (_("Worked out from"), worked_out), (_("Framework"), framework)]
