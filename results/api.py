"""Results over the API: released ones for a centre, all for the AO's own people (RES-01)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, viewsets

from awarding.accounts.audience import Audience
from awarding.accounts.roles import Permission
from awarding.api import AO_PARAMETER, ID_PARAMETER, ReadOnly
from awarding.identifiers import bare_qan
from centres.api import LearnerSerializer
from results.models import Certificate, QualificationResult, UnitResult
from results.queries.results import list_results, visible_unit_results, with_certificates


class CertificateSerializer(serializers.ModelSerializer[Certificate]):
    class Meta:
        model = Certificate
        fields = ("id", "number", "state", "issued_at", "revoked_at")


class ResultSerializer(serializers.ModelSerializer[QualificationResult]):
    learner = LearnerSerializer(source="registration.learner")
    registration = serializers.IntegerField(source="registration_id")
    centre = serializers.CharField(source="registration.centre.number", help_text="The centre's number at the AO.")
    qualification = serializers.CharField(source="registration.qualification.display_qan")
    claim = serializers.CharField(
        source="claim.number",
        allow_null=True,
        help_text="The eRAC it was recorded from; null when it came from a Q-TAG.",
    )
    certificates = CertificateSerializer(many=True, source="certificates_newest_first")

    class Meta:
        model = QualificationResult
        fields = (
            "id", "registration", "learner", "centre", "qualification", "grade", "release_at", "claim", "certificates",
        )  # fmt: skip


class UnitResultSerializer(serializers.ModelSerializer[UnitResult]):
    registration = serializers.IntegerField(source="registration_id")
    uln = serializers.CharField(source="registration.learner.uln")
    unit = serializers.CharField(source="unit.reference")
    claim = serializers.CharField(source="claim.number")

    class Meta:
        model = UnitResult
        fields = ("id", "registration", "uln", "unit", "grade", "recorded_at", "claim")


class ResultFilter(django_filters.FilterSet):
    centre = django_filters.CharFilter(field_name="registration__centre__number")
    qualification = django_filters.CharFilter(method="by_qan", help_text="QAN with or without slashes.")
    claim = django_filters.CharFilter(field_name="claim__number")
    uln = django_filters.CharFilter(field_name="registration__learner__uln")

    def by_qan(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(registration__qualification__qan=bare_qan(value))


_AUDIENCE = Audience("permission", (Permission.RESULTS_VIEW,))


@extend_schema(parameters=[AO_PARAMETER])
@extend_schema_view(retrieve=extend_schema(parameters=[AO_PARAMETER, ID_PARAMETER]))
class ResultViewSet(ReadOnly, viewsets.ReadOnlyModelViewSet[QualificationResult]):
    """Qualification results with their certificates, newest first. A centre sees its own from their release (RES-01)."""

    audience = _AUDIENCE
    queryset = QualificationResult.objects.none()
    serializer_class = ResultSerializer
    filterset_class = ResultFilter

    def visible(self) -> QuerySet[QualificationResult]:
        return with_certificates(list_results(self.request.standing))  # type: ignore[attr-defined]


@extend_schema(parameters=[AO_PARAMETER])
@extend_schema_view(retrieve=extend_schema(parameters=[AO_PARAMETER, ID_PARAMETER]))
class UnitResultViewSet(ReadOnly, viewsets.ReadOnlyModelViewSet[UnitResult]):
    """Unit results, newest first. A centre sees its own from their release (RES-01)."""

    audience = _AUDIENCE
    queryset = UnitResult.objects.none()
    serializer_class = UnitResultSerializer
    filterset_class = ResultFilter

    def visible(self) -> QuerySet[UnitResult]:
        rows = visible_unit_results(self.request.standing)  # type: ignore[attr-defined]
        return rows.select_related("registration__learner", "unit", "claim").order_by("-id")
