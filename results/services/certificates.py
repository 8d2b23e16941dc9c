"""Certificates: made, revoked, issued again."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.audit.services import record, recording
from awarding.files.services import store_file
from awarding.jobs.models import Job
from awarding.tenancy.prepared import prepared
from awarding.tenancy.prepared_writes import prepared_update, write
from awarding.workflow.services import ReasonMissingError, StalePageError
from mitigations.models import Claim
from qtag.models import Award
from results.models import Certificate, QualificationResult
from results.services.processing import PROCESSOR, draft_certificates, locked_claim, process_claim
from results.services.qtags import make_certificates_of


@transaction.atomic
def activate_certificate(*, certificate_id: int, pdf: bytes) -> bool:
    """Stores the PDF of a drafted certificate and puts it in force. Answers False when it no longer waits for one.

    Two workers that made the same certificate side by side leave one file: the second finds it done (CLM-14).
    """
    certificate = _locked.first(certificate_id=certificate_id)
    if certificate is None:
        raise Certificate.DoesNotExist
    if certificate.state != Certificate.State.DRAFTED:
        return False
    stored = store_file(
        actor=PROCESSOR,
        purpose="certificate",
        name=f"{certificate.number}.pdf",
        content=pdf,
        media_type="application/pdf",
    )
    write(
        _put_in_force.to(stored.pk, Certificate.State.ACTIVE, timezone.now(), "", certificate_id=certificate_id),
        recording("certificate.issued", actor=PROCESSOR, target=certificate, data={"number": certificate.number}),
    )
    return True


@prepared
def _locked(*, certificate_id: int) -> QuerySet[Certificate]:
    return Certificate.objects.filter(pk=certificate_id).select_for_update(of=("self",))


@prepared_update("file", "state", "issued_at", "fault")
def _put_in_force(*, certificate_id: int) -> QuerySet[Certificate]:
    return Certificate.objects.filter(pk=certificate_id)


@transaction.atomic
def note_fault(*, certificate_id: int, fault: str) -> None:
    """Keeps why a certificate could not be made, for the page that names the learner."""
    Certificate.objects.filter(pk=certificate_id, state=Certificate.State.DRAFTED).update(fault=fault[:500])


@transaction.atomic
def revoke_certificate(*, actor: Standing, certificate: Certificate, reason: str, reissue: bool = False) -> Job | None:
    """Takes a certificate out of force, at once visible on the check page; with `reissue` a new one is made.

    Answers the job that makes the new one, if any. Raises ReasonMissingError without a reason, StalePageError when it
    was revoked already.
    """
    actor.require(Permission.RESULTS_PROCESS)
    if not reason.strip():
        raise ReasonMissingError(_("Say why it is revoked: whoever checks it later asks."))
    # What it came from before its certificates, as processing does, so that the two never wait for each other.
    source = locked_source(certificate.result)
    certificate = Certificate.objects.select_for_update(of=("self",)).select_related("result").get(pk=certificate.pk)
    if certificate.state == Certificate.State.REVOKED:
        raise StalePageError(_("%(number)s is already revoked. Nothing was changed.") % {"number": certificate.number})
    certificate.state, certificate.revoked_at = Certificate.State.REVOKED, timezone.now()
    certificate.revoked_by, certificate.revoked_reason = actor.person, reason.strip()
    certificate.save(update_fields=["state", "revoked_at", "revoked_by", "revoked_reason"])
    facts = {"number": certificate.number, "reason": reason.strip()}
    record("certificate.revoked", actor=actor, target=certificate, data=facts)
    return _make_anew(actor, source, certificate) if reissue else None


@transaction.atomic
def reissue_certificate(*, actor: Standing, certificate: Certificate) -> Job:
    """Has a certificate made anew after it was revoked: another number, and the old one stays revoked.

    Answers the job that makes it. Raises StalePageError when it is not revoked, the result has another one by now, or the
    result itself was withdrawn.
    """
    actor.require(Permission.RESULTS_PROCESS)
    source = locked_source(certificate.result)
    certificate = Certificate.objects.select_for_update(of=("self",)).select_related("result").get(pk=certificate.pk)
    if certificate.state != Certificate.State.REVOKED:
        raise StalePageError(_("%(number)s is in force: revoke it first.") % {"number": certificate.number})
    others = Certificate.objects.filter(result=certificate.result).exclude(state=Certificate.State.REVOKED)
    if (other := others.first()) is not None:
        raise StalePageError(_("%(number)s has been made instead already.") % {"number": other.number})
    if certificate.result.withdrawals.exists():
        raise StalePageError(_("The result was withdrawn: there is nothing to certify any more."))
    return _make_anew(actor, source, certificate)


def _make_anew(actor: Standing, source: Claim | Award, old: Certificate) -> Job:
    (fresh,) = draft_certificates([old.result], replaces=old)
    facts = {"number": fresh.number, "instead_of": old.number, "reason": old.revoked_reason}
    record("certificate.reissued", actor=actor, target=fresh, data=facts)
    if isinstance(source, Award):
        return make_certificates_of(actor, source)
    return process_claim(actor=actor, claim=source)


def locked_source(result: QualificationResult) -> Claim | Award:
    """The claim, or the award of the Q-TAGs, that a result came from; its row locked."""
    if result.claim_id is not None:
        return locked_claim(result.claim_id)
    award: Award = Award.objects.select_for_update(of=("self",)).get(submission=result.submission_id)
    return award
