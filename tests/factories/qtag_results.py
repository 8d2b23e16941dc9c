"""Q-TAGs that were submitted, signed for, and made into results."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from awarding.accounts.standing import Standing
from awarding.jobs.models import Job
from centres.models import Centre
from qtag.models import Award, Declaration, Submission
from qtag.queries.coverage import coverage_of
from qtag.queries.declaration import declaration_view
from qtag.services.declaring import sign_declaration
from results.models import Certificate, QtagRelease
from results.queries.qtags import signed_digest
from results.services.certificates import activate_certificate
from results.services.qtags import accept_submissions, record_qtag_results
from results.services.releasing import set_release


def sign_for(head: Standing, centre: Centre, submission: Submission) -> Declaration:
    """The head of centre signs for everything as it stands."""
    view = declaration_view(centre, submission.adoption)
    return sign_declaration(
        actor=head, centre=centre, adoption=submission.adoption, shown_digest=view.digest,
        statements=[row.code for row in view.statements],
    )  # fmt: skip


def plan_release(admin: Standing, submission: Submission, at: dt.datetime | None = None) -> QtagRelease:
    """Sets the release of the submission's level; in a day when nothing is said."""
    document_release = submission_release(submission)
    return set_release(
        actor=admin, adoption=submission.adoption, code=document_release,
        release_at=at or timezone.now() + dt.timedelta(days=1), reason="This test runs later",
    )  # fmt: skip


def submission_release(submission: Submission) -> str:
    from results.queries.qtags import release_of

    release = release_of(submission)
    if release is None:
        raise AssertionError(f"No release for {submission.qualification.level}")
    return release.code


def release_now(submission: Submission) -> None:
    """As if the instant of release had come a minute ago."""
    then = timezone.now() - dt.timedelta(minutes=1)
    QtagRelease.objects.filter(adoption=submission.adoption).update(release_at=then)
    submission.results.update(release_at=then, centre_release_at=then)


def award(admin: Standing, submission: Submission, *, takes_late: bool = False) -> Job:
    """Accepted (looked at, where it changed since), recorded, certificates in force without drawing their PDFs."""
    done = accept_submissions(
        actor=admin, submissions=[submission], takes_late=takes_late, late_reason="A test" if takes_late else "",
        seen={submission.pk: signed_digest(coverage_of([submission])[submission.pk])},
    )  # fmt: skip
    if done.job is None:
        raise AssertionError(done.refused)
    record_qtag_results(award_id=Award.objects.get(submission=submission).pk)
    for certificate in Certificate.objects.filter(result__submission=submission, state="drafted"):
        activate_certificate(certificate_id=certificate.pk, pdf=b"%PDF-1.7 not drawn in this test")
    return done.job
