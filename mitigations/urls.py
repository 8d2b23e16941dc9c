"""Addresses of mitigations inside one AO."""

from django.urls import URLPattern

app_name = "mitigations"
urlpatterns: list[URLPattern] = []
