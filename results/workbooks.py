"""Results as a workbook that exams offices open (RES-03)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import FilteredRelation, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from awarding.spreadsheets.writer import WrittenColumn
from results.models import Certificate, QualificationResult

# Header, kind, width, and the field it is read from. Identifiers are text: no digit of a ULN may be lost (RES-03).
# Learner, centre and qualification carry the numbers and dates by which an office's own system finds the learner's record.
COLUMNS: tuple[tuple[WrittenColumn, str], ...] = (
    (WrittenColumn(_("ULN"), width=13), "registration__learner__uln"),
    (WrittenColumn(_("Given names"), width=22), "registration__learner__given_names"),
    (WrittenColumn(_("Family name"), width=22), "registration__learner__family_name"),
    (WrittenColumn(_("Date of birth"), kind="date", width=12), "registration__learner__date_of_birth"),
    (WrittenColumn(_("Centre’s reference"), width=14), "registration__learner__reference"),
    (WrittenColumn(_("Centre number"), width=12), "registration__centre__number"),
    (WrittenColumn(_("UKPRN"), width=10), "registration__centre__establishment__ukprn"),
    (WrittenColumn(_("Centre"), width=32), "registration__centre__name"),
    (WrittenColumn(_("Qualification number"), width=13), "registration__qualification__qan"),
    (WrittenColumn(_("Qualification"), width=48), "registration__qualification__title"),
    (WrittenColumn(_("Type"), width=22), "registration__qualification__type"),
    (WrittenColumn(_("Level"), width=10), "registration__qualification__level"),
    (WrittenColumn(_("Cohort"), width=14), "registration__cohort__name"),
    (WrittenColumn(_("Start date"), kind="date", width=12), "registration__starts_on"),
    (WrittenColumn(_("Planned end date"), kind="date", width=16), "registration__ends_on"),
    (WrittenColumn(_("Grade"), width=10), "grade"),
    (WrittenColumn(_("Awarded on"), kind="datetime", width=17), "release_at"),
    (WrittenColumn(_("Certificate number"), width=20), "in_force__number"),
    (WrittenColumn(_("Certificate issued on"), kind="datetime", width=19), "in_force__issued_at"),
    (WrittenColumn(_("eRAC"), width=18), "claim__number"),
)
CHUNK = 2000


def export_rows(results: QuerySet[QualificationResult]) -> Iterator[tuple[Any, ...]]:
    """The rows of the workbook, one at a time, in order of centre, qualification, cohort and name."""
    # At most one certificate of a result is not revoked (`one_certificate_in_force`): the join repeats no row.
    in_force = FilteredRelation("certificates", condition=~Q(certificates__state=Certificate.State.REVOKED))
    ordered = results.annotate(in_force=in_force).order_by(
        "registration__centre__name", "registration__centre_id", "registration__qualification__qan",
        "registration__cohort__name", "registration__learner__name_key", "id",
    )  # fmt: skip
    return ordered.values_list(*(field for _column, field in COLUMNS)).iterator(chunk_size=CHUNK)
