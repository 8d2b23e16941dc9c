"""Addresses of catalogue inside one AO."""

from django.urls import URLPattern

app_name = "catalogue"
urlpatterns: list[URLPattern] = []
