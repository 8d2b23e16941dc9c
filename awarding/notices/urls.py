"""Addresses of notices inside one AO."""

from django.urls import URLPattern

app_name = "notices"
urlpatterns: list[URLPattern] = []
