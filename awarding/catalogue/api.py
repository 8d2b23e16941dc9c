"""Qualifications over the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers, viewsets

from awarding.accounts.audience import MEMBER
from awarding.api import AO_PARAMETER, ReadOnly
from awarding.catalogue.models import Qualification
from awarding.identifiers import bare_qan

QAN_PARAMETER = OpenApiParameter(
    "qan", OpenApiTypes.STR, OpenApiParameter.PATH, description="Eight characters, without slashes."
)


class QualificationSerializer(serializers.ModelSerializer[Qualification]):
    qan = serializers.CharField(source="display_qan", help_text="With slashes, such as 601/7159/5.")

    class Meta:
        model = Qualification
        fields = ("qan", "title", "level", "type", "sector", "status", "category", "min_credits", "updated_at")


class QualificationFilter(django_filters.FilterSet):
    qan = django_filters.CharFilter(method="by_qan", help_text="With or without slashes.")
    level = django_filters.CharFilter()
    sector = django_filters.CharFilter()

    def by_qan(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(qan=bare_qan(value))


@extend_schema(parameters=[AO_PARAMETER])
@extend_schema_view(retrieve=extend_schema(parameters=[AO_PARAMETER, QAN_PARAMETER]))
class QualificationViewSet(ReadOnly, viewsets.ReadOnlyModelViewSet[Qualification]):
    """The qualifications of the awarding organisation, by title. One is addressed by its QAN without slashes."""

    audience = MEMBER
    queryset = Qualification.objects.none()
    serializer_class = QualificationSerializer
    filterset_class = QualificationFilter
    lookup_field = "qan"
    lookup_value_regex = "[0-9A-Za-z]{8}"

    def visible(self) -> QuerySet[Qualification]:
        return Qualification.objects.filter(ao=self.request.ao).order_by("title", "qan")  # type: ignore[attr-defined]
