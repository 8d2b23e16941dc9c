"""Addresses of people and invitations inside one AO."""

from django.urls import URLPattern

app_name = "people"
urlpatterns: list[URLPattern] = []
