"""Earlier results and comparisons with them over the API: what the pages show, to the same people, behind the same gate."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from awarding.accounts.audience import Audience
from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.api import AO_PARAMETER, ID_PARAMETER, ReadOnly
from awarding.identifiers import bare_qan
from qtag.models import SenseRow
from qtag.queries.earlier_results import EarlierResults, earlier_results
from qtag.queries.group_gaps import GroupGap, centre_gaps
from qtag.queries.learner_groups import group_tables
from qtag.queries.sense_gate import require_open_group
from qtag.queries.sense_rows import (
    GroupView,
    find_row,
    group_name,
    rows_by_evidence,
    sees_grades,
    with_reasons,
)

_CLOSED = OpenApiResponse(
    OpenApiTypes.OBJECT,
    description="Not every judgement of the group is recorded yet: `detail` says how many lack (SNS-01).",
)


class ReasonSerializer(serializers.Serializer[Any]):
    """Why this year differs, in the centre's words (SNS-09)."""

    kinds = serializers.ListField(child=serializers.CharField(), help_text="Codes of the kinds of reason.")
    text = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    view = serializers.CharField(help_text="What the AO made of it: a code, empty while nobody has read it.")
    view_note = serializers.CharField()


class ComparisonSerializer(serializers.Serializer[GroupView]):
    """One group set beside its past. Effects are steps of a grade; by volume, a ratio. Rounded as the pages round them."""

    id = serializers.IntegerField(source="row.pk")
    level = serializers.ChoiceField(source="row.level", choices=SenseRow.Level.choices)
    centre = serializers.CharField(source="row.centre.number", help_text="The centre's number at the AO.")
    qualification = serializers.SerializerMethodField(help_text="Null for the wider levels.")
    group = serializers.SerializerMethodField(help_text="What a person calls the group.")
    by_volume = serializers.BooleanField(source="row.by_volume", help_text="How many achieve, not grades (SNS-06).")
    verdict = serializers.ChoiceField(source="row.verdict", choices=SenseRow.Verdict.choices)
    size = serializers.IntegerField(source="row.size", help_text="Learners this year.")
    past_size = serializers.IntegerField(source="row.past_size", help_text="Learners of the earlier years that count.")
    years = serializers.IntegerField(source="row.years", help_text="Earlier years.")
    effect = serializers.SerializerMethodField(help_text="This year less what was expected; by volume, times as many.")
    low = serializers.SerializerMethodField(help_text="95% interval of it, from.")
    high = serializers.SerializerMethodField(help_text="95% interval of it, to.")
    shift = serializers.SerializerMethodField(help_text="What moved for the whole AO; taken off already.")
    q = serializers.SerializerMethodField(
        help_text="Share of false flags if this group and all with stronger evidence were flagged; orders the list."
    )
    on_stand_in = serializers.BooleanField(
        source="row.on_stand_in", help_text="The earlier results rest on another principle (SNS-03)."
    )
    too_few_reason = serializers.CharField(source="row.too_few_reason", help_text="Which side is too small (SNS-07).")
    says = serializers.SerializerMethodField(help_text="The sentences of the page.")
    waits = serializers.BooleanField(help_text="It differs and nobody has explained these numbers (HOC-05).")
    reason = ReasonSerializer(allow_null=True, help_text="The newest reason, null where none is recorded (SNS-09).")
    reason_speaks = serializers.BooleanField(
        source="speaks", help_text="Whether the reason was given for the numbers of today."
    )

    def get_effect(self, view: GroupView) -> float | None:
        return _told(view.row, view.row.effect)

    def get_low(self, view: GroupView) -> float | None:
        return _told(view.row, view.row.low)

    def get_high(self, view: GroupView) -> float | None:
        return _told(view.row, view.row.high)

    def get_shift(self, view: GroupView) -> float | None:
        return _told(view.row, view.row.shift)

    def get_q(self, view: GroupView) -> float | None:
        return None if view.row.q is None else round(view.row.q, 4)

    def get_qualification(self, view: GroupView) -> str | None:
        return view.row.qualification.display_qan if view.row.qualification else None

    def get_group(self, view: GroupView) -> str:
        return group_name(view.row)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_says(self, view: GroupView) -> list[str]:
        return view.words(to_centre=sees_grades(self.context["request"].standing, view.row))


class SeriesSerializer(serializers.Serializer[Any]):
    series = serializers.CharField(help_text="A year and a season, such as 2019-summer.")
    name = serializers.CharField(help_text="The same in words.")
    another_principle = serializers.BooleanField(
        help_text="As in 2020; counts only where nothing else is there (SNS-03)."
    )
    counts = serializers.ListField(
        child=serializers.IntegerField(), allow_null=True, help_text="Learners by grade, in the order of `grades`."
    )
    achieved = serializers.IntegerField(allow_null=True, help_text="By volume: how many achieved.")
    weeks = serializers.IntegerField(allow_null=True, help_text="By volume: in so many weeks.")


class EarlierResultsSerializer(serializers.Serializer[EarlierResults]):
    """Earlier results of one qualification at one centre, as they count today after mergers, splits and new numbers."""

    id = serializers.IntegerField(source="row.pk", help_text="That of the comparison, too.")
    centre = serializers.CharField(source="row.centre.number", help_text="The centre's number at the AO.")
    qualification = serializers.CharField(source="row.qualification.display_qan")
    by_volume = serializers.BooleanField(source="row.by_volume")
    grades = serializers.ListField(child=serializers.CharField(), help_text="Lowest first; empty by volume.")
    series = SeriesSerializer(many=True)
    this_year = SeriesSerializer(
        allow_null=True, help_text="For the centre's own people only: nobody else sees grades before results (QTG-17)."
    )


class GroupCellSerializer(serializers.Serializer[Any]):
    series = serializers.CharField(allow_blank=True, help_text="Empty for this year.")
    another_principle = serializers.BooleanField(help_text="As in 2020 (SNS-03).")
    learners = serializers.IntegerField(allow_null=True, help_text="Null where it is kept from view (SNS-08).")
    mean = serializers.FloatField(
        allow_null=True,
        help_text="In steps of the scale, with a pass alone the share that achieved; null with its learners.",
    )


class GroupLineSerializer(serializers.Serializer[Any]):
    group = serializers.CharField()
    cells = GroupCellSerializer(many=True)


class GroupTableSerializer(serializers.Serializer[Any]):
    characteristic = serializers.CharField()
    groups = GroupLineSerializer(many=True)
    totals = serializers.ListField(
        child=serializers.IntegerField(),
        allow_null=True,
        help_text="By series; null where they would tell a hidden number.",
    )


class GroupGapSerializer(serializers.Serializer[GroupGap]):
    """A group beside the others: has the distance between them moved this year? Steps of a grade, as on the page."""

    characteristic = serializers.CharField()
    group = serializers.CharField()
    beside = serializers.CharField(help_text="The groups that it is set beside.")
    learners = serializers.IntegerField(help_text="0 where they may not be shown.")
    others = serializers.IntegerField()
    gap = serializers.SerializerMethodField(help_text="Its mean less the others’, this year; null where not compared.")
    expected = serializers.SerializerMethodField(help_text="As earlier years lead to expect.")
    low = serializers.SerializerMethodField(help_text="95% interval of what was expected, from.")
    high = serializers.SerializerMethodField(help_text="95% interval of what was expected, to.")
    compared = serializers.BooleanField(source="is_compared", help_text="False: too few to compare (SNS-07).")
    flagged = serializers.BooleanField(help_text="It moved by more than chance and the usual ups and downs explain.")

    def get_gap(self, gap: GroupGap) -> float | None:
        return _rounded(gap.gap) if gap.is_compared else None

    def get_expected(self, gap: GroupGap) -> float | None:
        return _rounded(gap.expected)

    def get_low(self, gap: GroupGap) -> float | None:
        return _rounded(gap.low)

    def get_high(self, gap: GroupGap) -> float | None:
        return _rounded(gap.high)


class LearnerGroupsSerializer(serializers.Serializer[Any]):
    """Groups of learners of one qualification at a centre, or of the whole centre, small ones hidden as on the page (SNS-08)."""

    id = serializers.IntegerField()
    comparisons = GroupGapSerializer(many=True, help_text="Empty until a whole run has learnt from groups.")
    tables = GroupTableSerializer(many=True)


class ComparisonFilter(django_filters.FilterSet):
    centre = django_filters.CharFilter(field_name="centre__number", lookup_expr="iexact")
    qualification = django_filters.CharFilter(method="by_qan", help_text="QAN with or without slashes.")
    level = django_filters.ChoiceFilter(choices=SenseRow.Level.choices)
    verdict = django_filters.ChoiceFilter(choices=SenseRow.Verdict.choices)

    def by_qan(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(qualification__qan=bare_qan(value))


class _OfRows(ReadOnly, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[SenseRow]):
    """Rows of the sense check that the caller sees; one that is closed answers 403 and says what lacks (SNS-01)."""

    audience = Audience("permission", (Permission.SENSE_VIEW,))
    queryset = SenseRow.objects.none()
    filterset_class = ComparisonFilter
    levels: ClassVar[tuple[str, ...]] = tuple(SenseRow.Level.values)

    @property
    def standing(self) -> Standing:
        return self.request.standing  # type: ignore[attr-defined]

    def visible(self) -> QuerySet[SenseRow]:
        return rows_by_evidence(self.standing).filter(level__in=self.levels)

    def shown(self, rows: list[SenseRow]) -> list[Any]:
        """What the serializer takes, one for each row, in as many queries as for one."""
        raise NotImplementedError

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        # Who asks for one group by its name hears that it is closed, instead of an empty list.
        asked = request.query_params
        if asked.get("centre") and asked.get("qualification"):
            require_open_group(self.standing, asked["centre"], bare_qan(asked["qualification"]))
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(self.shown(list(rows or [])), many=True).data)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = find_row(self.standing, int(self.kwargs["pk"]), self.levels)
        return Response(self.get_serializer(self.shown([row])[0]).data)


@extend_schema_view(
    list=extend_schema(parameters=[AO_PARAMETER], responses={200: ComparisonSerializer(many=True), 403: _CLOSED}),
    retrieve=extend_schema(
        parameters=[AO_PARAMETER, ID_PARAMETER], responses={200: ComparisonSerializer, 403: _CLOSED}
    ),
)
class ComparisonViewSet(_OfRows):
    """Groups beside their earlier years, the strongest evidence first: those that are open (SNS-01), a centre's own or the
    AO's submitted ones. Naming centre and qualification of a closed group answers 403."""

    lookup_value_regex = "[0-9]{1,18}"
    serializer_class = ComparisonSerializer  # type: ignore[assignment]

    def shown(self, rows: list[SenseRow]) -> list[Any]:
        return with_reasons(rows)


@extend_schema_view(
    list=extend_schema(parameters=[AO_PARAMETER], responses={200: EarlierResultsSerializer(many=True), 403: _CLOSED}),
    retrieve=extend_schema(
        parameters=[AO_PARAMETER, ID_PARAMETER], responses={200: EarlierResultsSerializer, 403: _CLOSED}
    ),
)
class EarlierResultsViewSet(_OfRows):
    """Earlier results of the groups that are open (SNS-01). Naming centre and qualification of a closed group answers 403."""

    lookup_value_regex = "[0-9]{1,18}"
    serializer_class = EarlierResultsSerializer  # type: ignore[assignment]
    levels: ClassVar[tuple[str, ...]] = (SenseRow.Level.QUALIFICATION.value,)

    def shown(self, rows: list[SenseRow]) -> list[Any]:
        return [earlier_results(self.standing, row) for row in rows]


@extend_schema_view(
    retrieve=extend_schema(
        parameters=[AO_PARAMETER, ID_PARAMETER], responses={200: LearnerGroupsSerializer, 403: _CLOSED}
    )
)
class LearnerGroupsViewSet(ReadOnly, viewsets.GenericViewSet[SenseRow]):
    """Groups of learners of a comparison, for the head of centre and the quality contact, hidden as on the page (SNS-08)."""

    audience = Audience("permission", (Permission.SENSE_EXPLAIN,))
    lookup_value_regex = "[0-9]{1,18}"
    queryset = SenseRow.objects.none()
    serializer_class = LearnerGroupsSerializer

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        standing: Standing = request.standing  # type: ignore[attr-defined]
        levels = (SenseRow.Level.QUALIFICATION.value, SenseRow.Level.CENTRE.value)
        row = find_row(standing, int(self.kwargs["pk"]), levels)
        found = group_tables(standing, row.centre, row.qualification) if row.qualification else []
        gaps, _is_learnt = centre_gaps(standing, row.centre, row.qualification)
        tables = [
            {
                "characteristic": table.characteristic, "totals": table.totals,
                "groups": [
                    {
                        "group": value,
                        "cells": [
                            {
                                "series": series, "another_principle": series in table.stand_ins,
                                "learners": cell.learners, "mean": _rounded(cell.mean),
                            }
                            for series, cell in zip(table.series, cells, strict=True)
                        ],
                    }
                    for value, cells in table.groups
                ],
            }
            for table in found
        ]  # fmt: skip
        return Response(self.get_serializer({"id": row.pk, "comparisons": gaps, "tables": tables}).data)


def _told(row: SenseRow, value: float | None) -> float | None:
    """As a page tells it: two places; for volumes how many times as many, not its logarithm (SNS-06)."""
    if value is None or not row.is_compared:
        return None
    return round(math.exp(value) if row.by_volume else value, 2)


def _rounded(mean: float | None) -> float | None:
    # As the page rounds it: more places would tell more than the page does.
    return None if mean is None else round(mean, 2)
