"""Addresses of people and invitations inside one AO."""

from django.urls import URLPattern, path

from awarding.accounts.views import people

app_name = "people"
urlpatterns: list[URLPattern] = [
    path("", people.people_list, name="list"),
    path("invite/", people.invite, name="invite"),
    path("invitations/<int:invitation_id>/send-again/", people.resend, name="resend"),
    path("invitations/<int:invitation_id>/withdraw/", people.withdraw, name="withdraw"),
    path("roles/<int:membership_id>/end/", people.end, name="end"),
]
