"""Registrations over the API."""

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
from centres.models import Learner, Registration
from centres.queries.visibility import visible_registrations


class LearnerSerializer(serializers.ModelSerializer[Learner]):
    class Meta:
        model = Learner
        fields = ("uln", "reference", "given_names", "family_name", "date_of_birth")


class RegistrationSerializer(serializers.ModelSerializer[Registration]):
    learner = LearnerSerializer()
    centre = serializers.CharField(source="centre.number", help_text="The centre's number at the AO.")
    qualification = serializers.CharField(source="qualification.display_qan")
    cohort = serializers.CharField(source="cohort.name")

    class Meta:
        model = Registration
        fields = (
            "id", "learner", "centre", "qualification", "cohort", "registered_on", "starts_on", "ends_on", "status",
        )  # fmt: skip


class RegistrationFilter(django_filters.FilterSet):
    centre = django_filters.CharFilter(field_name="centre__number")
    qualification = django_filters.CharFilter(method="by_qan", help_text="QAN with or without slashes.")
    uln = django_filters.CharFilter(field_name="learner__uln")
    status = django_filters.ChoiceFilter(choices=Registration.Status.choices)

    def by_qan(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(qualification__qan=bare_qan(value))


@extend_schema(parameters=[AO_PARAMETER])
@extend_schema_view(retrieve=extend_schema(parameters=[AO_PARAMETER, ID_PARAMETER]))
class RegistrationViewSet(ReadOnly, viewsets.ReadOnlyModelViewSet[Registration]):
    """The registrations that the caller may see: those of their centre or cohorts, or all of the AO's."""

    audience = Audience("permission", (Permission.LEARNERS_VIEW,))
    queryset = Registration.objects.none()
    serializer_class = RegistrationSerializer
    filterset_class = RegistrationFilter

    def visible(self) -> QuerySet[Registration]:
        return visible_registrations(self.request.standing).order_by("id")  # type: ignore[attr-defined]
