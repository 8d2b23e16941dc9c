"""Addresses of enquiries, published answers, clinics and demonstrations."""

from django.urls import URLPattern, path

from awarding.enquiries.views import answers, ask, enquiries, sessions, settings

app_name = "enquiries"
urlpatterns: list[URLPattern] = [
    path("", enquiries.enquiries, name="list"),
    path("ask/", ask.ask, name="ask"),
    path("often/", settings.often, name="often"),
    path("routing/", settings.routing, name="routing"),
    path("routing/topics/<int:topic_id>/drop/", settings.drop, name="drop_topic"),
    path("routing/rules/<int:rule_row_id>/remove/", settings.remove, name="remove_rule"),
    path("answers/", answers.answers, name="answers"),
    path("answers/new/", answers.publish, name="publish"),
    path("answers/<int:answer_id>/", answers.change, name="change_answer"),
    path("answers/<int:answer_id>/withdraw/", answers.withdraw, name="withdraw_answer"),
    path("sessions/", sessions.sessions, name="sessions"),
    path("sessions/new/", sessions.announce, name="announce"),
    path("sessions/<int:session_id>/", sessions.session, name="session"),
    path("sessions/<int:session_id>/place/", sessions.place, name="place"),
    path("sessions/<int:session_id>/call-off/", sessions.call_off, name="call_off"),
    path("<int:enquiry_id>/", enquiries.enquiry, name="enquiry"),
    path("<int:enquiry_id>/write/", enquiries.write, name="write"),
    path("<int:enquiry_id>/assign/", enquiries.assign, name="assign"),
    path("<int:enquiry_id>/close/", enquiries.close, name="close"),
]
