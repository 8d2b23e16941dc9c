"""Reads of certificates: the ones to be made, the ones that may be seen."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.standing import Standing
from awarding.catalogue.models import Grade
from awarding.tenancy.prepared import prepared
from results.models import Certificate, QualificationResult
from results.queries.results import visible_results

_SHOWN = (
    "file", "result__claim", "result__submission", "result__registration__learner", "result__registration__centre",
)  # fmt: skip


def certificates_in_full() -> QuerySet[Certificate]:
    """Certificates with everything that is printed on them, in one query."""
    return Certificate.objects.select_related(*_SHOWN, "result__registration__qualification")


def certificate_in_full(certificate_id: int) -> Certificate:
    """One of them. Raises Certificate.DoesNotExist."""
    found = _in_full.first(certificate_id=certificate_id)
    if found is None:
        raise Certificate.DoesNotExist
    return found


@prepared
def _in_full(*, certificate_id: int) -> QuerySet[Certificate]:
    return certificates_in_full().filter(pk=certificate_id)


def visible_certificates(standing: Standing) -> QuerySet[Certificate]:
    """The certificates of the results that this person may see now (RES-01)."""
    return certificates_in_full().filter(result__in=visible_results(standing).values("pk"))


def drafted_ids(besides: Collection[int] = (), **of: Any) -> list[int]:
    """The certificates that wait for their PDF, in order of their numbers; `of` says which, such as `result__claim=7`."""
    rows = Certificate.objects.filter(state=Certificate.State.DRAFTED, **of)
    return list(rows.exclude(pk__in=list(besides)).order_by("pk").values_list("pk", flat=True))


def grade_in_words(result: QualificationResult) -> str:
    """The result's grade as its scale spells it out; its code where the scale no longer has it."""
    scale_id = result.registration.qualification.scale_id
    found = _labels.first(scale_id=scale_id, code=result.grade) if scale_id else None
    return found or result.grade


@prepared
def _labels(*, scale_id: int, code: str) -> QuerySet[Grade, str]:
    return Grade.objects.filter(scale_id=scale_id, code=code).order_by("pk").values_list("label", flat=True)


def certificate_facts(certificate: Certificate) -> list[tuple[str, object]]:
    """(name, value) pairs that a certificate states."""
    registration = certificate.result.registration
    return [
        (_("Certificate number"), certificate.number),
        (_("Learner"), registration.learner.full_name),
        (_("Qualification"), f"{registration.qualification.display_qan} {registration.qualification.title}"),
        (_("Level"), registration.qualification.level),
        (_("Grade"), grade_in_words(certificate.result)),
        (_("Awarded on"), timezone.localdate(certificate.result.release_at)),
        (_("Centre"), registration.centre.name),
    ]
