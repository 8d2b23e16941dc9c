"""What every endpoint of the API has in common. It reads what the pages show, through the same queries and audiences."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import pagination

# The awarding organisation's part of every address; the middleware takes it and opens its scope.
AO_PARAMETER = OpenApiParameter(
    "ao", OpenApiTypes.STR, OpenApiParameter.PATH, description="Short name of the awarding organisation."
)
ID_PARAMETER = OpenApiParameter("id", OpenApiTypes.INT, OpenApiParameter.PATH)


class Pages(pagination.PageNumberPagination):
    """Fifty to a page, two hundred at most (`page_size`)."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


class ReadOnly:
    """Base of the API's viewsets: `audience` says who may call, `visible()` which rows they see."""

    pagination_class: type[pagination.BasePagination] | None = Pages

    def visible(self) -> Any:
        raise NotImplementedError

    def get_queryset(self) -> Any:
        # While the schema is drawn there is no AO and no person.
        if getattr(self, "swagger_fake_view", False):
            return self.queryset  # type: ignore[attr-defined]
        return self.visible()
