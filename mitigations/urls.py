"""Addresses of mitigations inside one AO."""

from django.urls import URLPattern, URLResolver, path

from mitigations.views import claims

app_name = "mitigations"
urlpatterns: list[URLPattern | URLResolver] = [
    path("claims/", claims.claims, name="claims"),
    path("claims/generate/", claims.generate, name="generate"),
    path("claims/<int:claim_id>/", claims.claim, name="claim"),
]
