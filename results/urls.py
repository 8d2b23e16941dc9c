"""Addresses of results inside one AO."""

from django.urls import URLPattern

app_name = "results"
urlpatterns: list[URLPattern] = []
