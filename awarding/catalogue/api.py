"""Qualifications over the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers, viewsets

from awarding.accounts.audience import MEMBER
from awarding.catalogue.models import Qualification, Unit


class UnitSerializer(serializers.ModelSerializer[Unit]):
    class Meta:
        model = Unit
        fields = ("reference", "title", "level", "credits", "guided_hours")


class QualificationSerializer(serializers.ModelSerializer[Qualification]):
    qan = serializers.CharField(source="display_qan", help_text="With slashes, such as 601/7159/5.")

    class Meta:
        model = Qualification
        fields = ("qan", "title", "level", "type", "sector", "status", "category", "min_credits", "updated_at")


class QualificationFilter(django_filters.FilterSet):
    qan = django_filters.CharFilter(method="by_qan", help_text="With or without slashes.")
    title = django_filters.CharFilter(field_name="title", lookup_expr="icontains")

    class Meta:
        model = Qualification
        fields = ("qan", "title", "level", "type", "sector")

    def by_qan(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(qan=value.replace("/", "").strip().upper())


class QualificationViewSet(viewsets.ReadOnlyModelViewSet[Qualification]):
    """The qualifications of the awarding organisation, by title. One is addressed by its QAN without slashes."""

    audience = MEMBER
    queryset = Qualification.objects_for_schema() if hasattr(Qualification, "objects_for_schema") else None
    serializer_class = QualificationSerializer
    filterset_class = QualificationFilter
    lookup_field = "qan"
    lookup_value_regex = "[0-9A-Za-z]{8}"

    def get_queryset(self) -> QuerySet[Qualification]:
        return Qualification.objects.filter(ao=self.request.ao).order_by("title", "qan")  # type: ignore[attr-defined]
