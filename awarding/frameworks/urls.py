"""Addresses of frameworks inside one AO."""

from django.urls import URLPattern, path

from awarding.frameworks import views

app_name = "frameworks"
urlpatterns: list[URLPattern] = [
    path("", views.frameworks, name="list"),
    path("<slug:code>/", views.framework, name="framework"),
    path("<slug:code>/adopt/", views.adopt, name="adopt"),
]
