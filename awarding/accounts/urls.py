"""Addresses about oneself, outside any AO: sign-in, My work, inbox, account, who can do what."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.urls")),
]
