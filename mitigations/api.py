"""Claims over the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, viewsets

from awarding.accounts.audience import Audience
from awarding.accounts.roles import Permission
from awarding.api import AO_PARAMETER, ID_PARAMETER, ReadOnly
from awarding.identifiers import bare_qan
from mitigations.models import Claim, ClaimCell
from mitigations.queries.claims import list_claims
from mitigations.workflow import CLAIM


class ClaimSerializer(serializers.ModelSerializer[Claim]):
    centre = serializers.CharField(source="centre.number", help_text="The centre's number at the AO.")
    qualification = serializers.CharField(source="qualification.display_qan")
    cohort = serializers.CharField(source="cohort.name")
    learners = serializers.IntegerField(source="learner_count", help_text="How many learners stand on it.")

    class Meta:
        model = Claim
        fields = (
            "id", "number", "state", "state_since", "centre", "qualification", "cohort", "mitigation", "learners",
            "queued_at", "created_at",
        )  # fmt: skip


class CellSerializer(serializers.ModelSerializer[ClaimCell]):
    uln = serializers.CharField(source="learner.registration.learner.uln")
    registration = serializers.IntegerField(source="learner.registration_id")
    unit = serializers.CharField(source="unit.unit.reference")
    grade = serializers.CharField(source="value", help_text="As claimed by the centre. Not a result.")

    class Meta:
        model = ClaimCell
        fields = ("registration", "uln", "unit", "grade", "is_incomplete", "verdict")


class ClaimDetailSerializer(ClaimSerializer):
    cells = CellSerializer(many=True, source="claimed_cells")

    class Meta(ClaimSerializer.Meta):
        fields = (*ClaimSerializer.Meta.fields, "cells")  # type: ignore[assignment]


class ClaimFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=[(state.name, state.label) for state in CLAIM.states])
    centre = django_filters.CharFilter(field_name="centre__number")
    qualification = django_filters.CharFilter(method="by_qan", help_text="QAN with or without slashes.")
    number = django_filters.CharFilter()

    def by_qan(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(qualification__qan=bare_qan(value))


@extend_schema(parameters=[AO_PARAMETER])
@extend_schema_view(retrieve=extend_schema(parameters=[AO_PARAMETER, ID_PARAMETER], responses=ClaimDetailSerializer))
class ClaimViewSet(ReadOnly, viewsets.ReadOnlyModelViewSet[Claim]):
    """The claims that the caller may see, newest first; one of them with what is claimed in it."""

    audience = Audience("permission", (Permission.CLAIMS_VIEW,))
    queryset = Claim.objects.none()
    filterset_class = ClaimFilter

    def get_serializer_class(self) -> type[serializers.ModelSerializer[Claim]]:
        return ClaimDetailSerializer if self.action == "retrieve" else ClaimSerializer

    def visible(self) -> QuerySet[Claim]:
        claims = list_claims(self.request.standing)  # type: ignore[attr-defined]
        if self.action != "retrieve":
            return claims
        cells = (
            ClaimCell.objects.exclude(value="")
            .select_related("learner__registration__learner", "unit__unit")
            .order_by("learner__position", "unit__position", "id")
        )
        return claims.prefetch_related(Prefetch("cells", queryset=cells, to_attr="claimed_cells"))
