"""Reads of verification inside the centre: who may do it, what was recorded, whether it is asked for."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery

from awarding.accounts.models import Membership, User
from awarding.accounts.roles import Permission, Role
from awarding.accounts.standing import Standing
from awarding.frameworks.queries import adopted_document
from awarding.tenancy.prepared import prepared
from centres.models import CohortStaff, DirectClaimsStatus
from mitigations.models import Claim, ClaimCell, EvidenceEntry, InternalSignOff, VerifierRecord
from mitigations.queries.claims import visible_claims
from mitigations.rules.facts import RecordFacts
from mitigations.rules.verification import OwnWork

# So many stand one by one on somebody's My work.
MOST_TO_SIGN = 9


def asks_internal_verification(claim: Claim) -> bool:
    """Whether the claim passes its internal verifier before it is submitted, by its framework as the AO runs it."""
    return adopted_document(claim.adoption).internal_verification == "before_submission"


def latest_record(claim: Claim) -> VerifierRecord | None:
    """The direct-claims verifier's record that counts (CLM-11)."""
    return VerifierRecord.objects.filter(claim=claim).select_related("signed_by", "file").first()


def record_facts(claim: Claim) -> RecordFacts | None:
    """The latest record as the checks see it. Three queries."""
    record = latest_record(claim)
    if record is None:
        return None
    changes = [
        ClaimCell.objects.filter(claim=claim).aggregate(at=Max("updated_at"))["at"],
        EvidenceEntry.objects.filter(claim=claim).aggregate(at=Max("updated_at"))["at"],
    ]
    return RecordFacts(record.decision, any(at is not None and at > record.signed_at for at in changes))


@prepared
def records_to_sign(*, standing: Standing) -> QuerySet[Claim, Any]:
    """(pk, number, since, cohort) of claims whose checklist is begun and whose record this person has still to sign (CLM-11).

    There is none yet, or the eRAC or its checklist was changed after the last. Nobody is asked to sign for what they teach
    or entered themselves.
    """
    person_id, of_claim = standing.person.pk, Q(claim=OuterRef("pk"))
    where = {"centre_id": OuterRef("centre_id"), "qualification_id": OuterRef("qualification_id")}
    granted = DirectClaimsStatus.objects.filter(state="granted", **where)
    latest = VerifierRecord.objects.filter(of_claim).order_by("-id").values("signed_at")[:1]
    answers, cells = EvidenceEntry.objects.filter(of_claim), ClaimCell.objects.filter(of_claim)
    teaches = CohortStaff.objects.filter(cohort_id=OuterRef("cohort_id"), person_id=person_id)
    teacher = Membership.objects.filter(
        person_id=person_id, centre_id=OuterRef("centre_id"), role=Role.TEACHER, ended_at=None
    )
    reach = standing.reach(Permission.DIRECT_CLAIMS_VERIFY)
    rows = visible_claims(standing) if reach is None else visible_claims(standing).filter(centre_id__in=reach)
    rows = rows.filter(Exists(granted), Exists(answers), state__in=["drafted", "returned", "approved_in_principle"])
    rows = rows.exclude(Exists(cells.filter(updated_by_id=person_id).exclude(value="")))
    rows = rows.exclude(Exists(teaches) & Exists(teacher)).annotate(signed_at=Subquery(latest))
    later = Q(updated_at__gt=OuterRef("signed_at"))
    rows = rows.filter(Q(signed_at=None) | Exists(answers.filter(later)) | Exists(cells.filter(later)))
    return rows.order_by("state_since", "id").values_list("pk", "number", "state_since", "cohort__name", named=True)[
        :MOST_TO_SIGN
    ]


def sign_offs_of(claim: Claim) -> QuerySet[InternalSignOff]:
    """That internal verification was done, the latest first."""
    return InternalSignOff.objects.filter(claim=claim).select_related("recorded_by")


def own_work(person_id: int, claim: Claim) -> OwnWork:
    """What of the claim is the person's own: they teach its cohort, or entered grades that stand in it."""
    teaches = (
        CohortStaff.objects.filter(cohort_id=claim.cohort_id, person_id=person_id).exists()
        and Membership.objects.filter(
            person_id=person_id, centre_id=claim.centre_id, role=Role.TEACHER, ended_at=None
        ).exists()
    )
    grades = ClaimCell.objects.filter(claim=claim, updated_by_id=person_id).exclude(value="").count()
    return OwnWork(teaches, grades)


def internal_verifiers(claim: Claim) -> QuerySet[User]:
    """The internal verifiers who look after the claim's cohort."""
    staff = CohortStaff.objects.filter(cohort_id=claim.cohort_id).values("person_id")
    return _holders(Role.INTERNAL_VERIFIER, claim.centre_id).filter(pk__in=staff)


def _holders(role: Role, centre_id: int) -> QuerySet[User]:
    held = Membership.objects.filter(Q(role=role), centre_id=centre_id, ended_at=None, person__is_active=True)
    return User.objects.filter(pk__in=held.values("person_id")).order_by("name", "pk")
