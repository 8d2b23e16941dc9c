"""Addresses of centres inside one AO."""

from django.urls import URLPattern

app_name = "centres"
urlpatterns: list[URLPattern] = []
