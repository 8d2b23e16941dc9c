"""From declared Q-TAGs to results: accepted by the AO, recorded once, withdrawn when one is reopened (QTG-13, CLM-14)."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from awarding.accounts.roles import Permission, Role
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.catalogue.models import Grade
from awarding.findings.finding import Finding, blocking
from awarding.jobs.models import Job
from awarding.jobs.services import start_job
from awarding.notices.services import notify_roles
from awarding.tenancy.scope import current_ao
from awarding.workflow.services import GuardedError, ReasonMissingError, apply_transition, write_event
from qtag.models import Award, DeclarationPart, Judgement, Submission
from qtag.queries.coverage import Coverage, coverage_of
from qtag.queries.facts import learner_facts, submission_facts
from qtag.rules.eligibility import eligibility_findings
from qtag.services.reopening import follows_reopening
from qtag.workflow import AWARD
from results.models import Certificate, QtagRelease, QualificationResult, ResultWithdrawal
from results.queries.qtags import is_changed, planned_releases, release_of, signed_digest, stops
from results.queries.withdrawn import next_editions, results_in_force
from results.rules_qtag import changed_finding, grade_finding, late_finding, release_instant, taken_finding
from results.services.processing import PROCESSOR, draft_certificates

QTAG_JOB = "results.process_qtags"
# At most so many submissions become results at one request; the next request takes the rest.
MOST_AT_ONCE = 500


@dataclass(frozen=True)
class Accepted:
    """What became of a request: the job that records, how many submissions it takes, and why others were refused."""

    job: Job | None
    count: int
    refused: list[tuple[Submission, list[Finding]]]


@dataclass
class QtagsRecorded:
    """What one run added for one submission, and whom it left out with the reason."""

    results: int = 0
    held: list[Finding] = field(default_factory=list)


@transaction.atomic
def accept_submissions(
    *, actor: Standing, submissions: Sequence[Submission], takes_late: bool = False, late_reason: str = "",
    seen: Mapping[int, str] | None = None,
) -> Accepted:  # fmt: skip
    """The AO accepts submissions, and a job makes results of them; asking again is the same job or nothing new (CLM-14).

    A submission that is not signed for as it stands (HOC-03, HOC-04), or whose release is not set (RES-01), is refused and
    stops no other. One that changed since it was accepted is taken only where `seen` holds, by submission id, the digest of
    what somebody looked at, and it is that of today (QTG-13). Late Q-TAGs wait unless `takes_late`, which needs a reason
    (QTG-10, ReasonMissingError); of a submission that changed it is asked anew.
    """
    actor.require(Permission.RESULTS_PROCESS)
    if takes_late and not late_reason.strip():
        raise ReasonMissingError(_("Say why late Q-TAGs are taken: it stays with the results."))
    # One order for everybody, so that two who ask at once wait for each other and not in a circle.
    rows = list(
        Submission.objects.filter(pk__in=[row.pk for row in submissions])
        .select_related("centre", "qualification", "adoption__framework")
        .select_for_update(of=("self",), no_key=True)
        .order_by("pk")[:MOST_AT_ONCE]
    )
    covers = coverage_of(rows)
    planned = planned_releases(sorted({row.adoption_id for row in rows}))
    awards = {row.submission_id: row for row in Award.objects.filter(submission__in=[row.pk for row in rows])}
    taken, refused = [], []
    for row in rows:
        award, cover = awards.get(row.pk), covers[row.pk]
        stopping = blocking(stops(row, cover, planned))
        if not stopping and is_changed(award, cover) and (seen or {}).get(row.pk) != signed_digest(cover):
            stopping = [changed_finding()]
        if stopping:
            refused.append((row, stopping))
        else:
            taken.append(_accept(actor, row, award, cover, late_reason.strip() if takes_late else ""))
    job = _start(actor, taken) if taken else None
    return Accepted(job, len(taken), refused)


def _accept(actor: Standing, submission: Submission, award: Award | None, cover: Coverage, late_reason: str) -> Award:
    """`late_reason` is "" where late ones are not taken. Accepting the same again changes nothing but that."""
    late = {"takes_late": True, "late_reason": late_reason} if late_reason else {}
    digest = signed_digest(cover)
    who = {"accepted_by": actor.person, "accepted_at": timezone.now(), "accepted_digest": digest}
    data = {"digest": digest}
    if award is None:
        award = Award.objects.create(submission=submission, centre=submission.centre, state="accepted", **who, **late)
        write_event(award, "accept", "", actor=actor, reason=late_reason, data=data)
        return award
    if is_changed(award, cover):
        # What was late before has its result, or was looked at just now: the reason of then says nothing of today's.
        late = {"takes_late": bool(late_reason), "late_reason": late_reason}
    elif award.state == "accepted":
        Award.objects.filter(pk=award.pk).update(**late)
        return award
    return apply_transition(
        AWARD, award, "accept_again", actor=actor, reason=late_reason, changes=who | late, data=data
    )


def make_certificates_of(actor: Standing, award: Award) -> Job:
    """Asks for the certificates of an award that are drafted and not made yet: a reissued one, one that failed."""
    actor.require(Permission.RESULTS_PROCESS)
    return _start(actor, [award])


def _start(actor: Standing, awards: Sequence[Award]) -> Job:
    ids = sorted(award.pk for award in awards)
    digest = hashlib.sha256(",".join(map(str, ids)).encode()).hexdigest()[:16]
    words = ngettext("Results of %(n)d Q-TAG submission", "Results of %(n)d Q-TAG submissions", len(ids))
    return start_job(
        actor=actor, kind=QTAG_JOB, title=words % {"n": len(ids)}, key=f"process-qtags-{digest}",
        parameters={"awards": ids}, back_to=reverse("results:qtags", kwargs={"ao": actor.ao.slug}),
    )  # fmt: skip


@transaction.atomic
def record_qtag_results(*, award_id: int) -> QtagsRecorded:
    """Makes results of an accepted submission, all or nothing, and drafts their certificates (CLM-14).

    Whoever has a result in force keeps it: run it as often as you like, also side by side. No unit result comes of it
    (QTG-14). Raises GuardedError when the signature went meanwhile, or covers something else than was accepted (QTG-13); a
    reopened award records nothing.
    """
    award = Award.objects.select_related("submission__qualification", "submission__adoption__framework").get(
        pk=award_id
    )
    submission = award.submission
    # In the order of a reopening: the Q-TAGs, the signed parts, then the award. Neither waits for the other in a circle.
    locked = Judgement.objects.filter(submission=submission, state="submitted").order_by("pk")
    list(locked.select_for_update(of=("self",)).values_list("pk", flat=True))
    list(DeclarationPart.objects.filter(submission=submission).order_by("pk").select_for_update(of=("self",)))
    award = Award.objects.select_for_update(of=("self",)).get(pk=award_id)
    if award.state != "accepted":
        return QtagsRecorded()
    cover = coverage_of([submission])[submission.pk]
    planned = planned_releases([submission.adoption_id])
    stopping = blocking(stops(submission, cover, planned))
    if not stopping and is_changed(award, cover):
        stopping = [changed_finding()]
    if stopping:
        raise GuardedError(stopping)
    chosen, held = _choose(award, submission, cover)
    release = release_of(submission)
    code = release.code if release else ""  # without one the stops said so
    # Whoever moves the release waits, or has moved it: what is recorded leaves with the rest.
    plan = QtagRelease.objects.select_for_update(of=("self",)).get(adoption=submission.adoption_id, code=code)
    results = _record(submission, cover, chosen, release_instant(plan.release_at, timezone.now()))
    award = apply_transition(AWARD, award, "record", actor=PROCESSOR, data={"results": len(results)})
    if results:
        record("results.recorded", actor=PROCESSOR, target=submission, data={"results": len(results)})
        _tell(award, submission)
    return QtagsRecorded(len(results), held)


def _choose(
    award: Award, submission: Submission, cover: Coverage
) -> tuple[list[tuple[Judgement, Grade]], list[Finding]]:
    """The Q-TAGs that become results now, and why others do not. What may be judged at all is asked once more."""
    ids = [row.registration_id for row in cover.submitted]
    done = dict(results_in_force().filter(registration__in=ids).values_list("registration_id", "submission_id"))
    about, facts = submission_facts(submission), learner_facts(cover.submitted)
    chosen: list[tuple[Judgement, Grade]] = []
    held: list[Finding] = []
    for row in cover.submitted:
        learner = row.registration.learner.full_name
        if row.registration_id in done:
            if done[row.registration_id] != submission.pk:
                held.append(taken_finding(learner))
            continue
        stopping = blocking(eligibility_findings(about, facts[row.pk]))
        if stopping:
            held += [Finding(f.rule, f.severity, learner, f.what, f.fix, f.code) for f in stopping[:1]]
        elif row.grade is None or row.grade.scale_id != submission.qualification.scale_id:
            held.append(grade_finding(learner))
        elif row.is_late and not award.takes_late:
            day = timezone.localtime(row.submitted_at).strftime("%d %B %Y") if row.submitted_at else ""
            held.append(late_finding(learner, day))
        else:
            chosen.append((row, row.grade))
    return chosen, held


def _record(
    submission: Submission, cover: Coverage, chosen: list[tuple[Judgement, Grade]], release_at: dt.datetime
) -> list[QualificationResult]:
    editions = next_editions(row.registration_id for row, _grade in chosen)
    results = QualificationResult.objects.bulk_create(
        [
            QualificationResult(
                registration_id=row.registration_id, submission=submission, grade=grade.code,
                edition=editions.get(row.registration_id, 1), release_at=release_at, centre_release_at=release_at,
                basis={
                    "how": "q_tag", "judgement": row.pk, "version": row.grade_version,
                    "part": cover.part.pk if cover.part else None,
                },
            )
            for row, grade in chosen
        ],
        batch_size=500,
    )  # fmt: skip
    achieved = {row.registration_id for row, grade in chosen if grade.is_achieved}
    draft_certificates([result for result in results if result.registration_id in achieved])
    return results


def _tell(award: Award, submission: Submission) -> None:
    """To the centre: how far it is, and where. No grade, no number of achievements (QTG-17, RES-01)."""
    notify_roles(
        roles={Role(role) for role in AWARD.transition("record").notifies}, centre_id=submission.centre_id,
        key=f"qtag-award-{award.pk}-{award.version}",
        subject=_("Q-TAGs have been processed: %(qualification)s") % {"qualification": submission.qualification},
        body=_("The results are recorded. The page says from when you can see them."),
        url=reverse("results:qtag_submission", kwargs={"ao": current_ao().slug, "submission_id": submission.pk}),
        target=submission,
    )  # fmt: skip


@follows_reopening
def withdraw_result(actor: Standing, judgement: Judgement, reason: str) -> None:
    """A reopened Q-TAG's result no longer holds, and its certificate is revoked; both stay as history (QTG-13)."""
    award = Award.objects.select_for_update(of=("self",)).filter(submission=judgement.submission_id).first()
    if award is None:
        return
    if award.state != "reopened":
        apply_transition(AWARD, award, "reopen", actor=PROCESSOR, data={"judgement": judgement.pk})
    result = (
        results_in_force().filter(registration=judgement.registration_id, submission=judgement.submission_id).first()
    )
    if result is None:
        return
    ResultWithdrawal.objects.create(result=result, reason=reason.strip(), withdrawn_by=actor.person)
    record("result.withdrawn", actor=actor, target=result, data={"judgement": judgement.pk, "reason": reason.strip()})
    for certificate in result.certificates.select_for_update(of=("self",)).exclude(state=Certificate.State.REVOKED):
        certificate.state, certificate.revoked_at = Certificate.State.REVOKED, timezone.now()
        certificate.revoked_by, certificate.revoked_reason = actor.person, reason.strip()
        certificate.save(update_fields=["state", "revoked_at", "revoked_by", "revoked_reason"])
        facts = {"number": certificate.number, "reason": reason.strip()}
        record("certificate.revoked", actor=actor, target=certificate, data=facts)
