"""Addresses of jobs inside one AO."""

from django.urls import URLPattern

app_name = "jobs"
urlpatterns: list[URLPattern] = []
