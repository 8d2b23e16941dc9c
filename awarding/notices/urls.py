"""Addresses of the inbox, which crosses a person's AOs."""

from django.urls import URLPattern, path

from awarding.notices import views

app_name = "notices"
urlpatterns: list[URLPattern] = [
    path("", views.inbox, name="inbox"),
    path("<int:notice_id>/open/", views.open_notice, name="open"),
    path("mark-all-read/", views.mark_all, name="mark_all"),
]
