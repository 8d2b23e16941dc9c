"""Addresses of qa_sampling inside one AO."""

from django.urls import URLPattern

app_name = "qa_sampling"
urlpatterns: list[URLPattern] = []
