"""Addresses of outcomes inside one AO; part of mitigations' own."""

from django.urls import URLPattern, path

from mitigations.views import outcomes

urlpatterns: list[URLPattern] = [
    path("outcomes/", outcomes.outcomes, name="outcomes"),
    path("outcomes/set/", outcomes.outcomes_set, name="outcomes_set"),
    path("outcomes/<str:qan>/", outcomes.outcome, name="outcome"),
]
