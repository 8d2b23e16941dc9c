"""Addresses of impact, cases, notices to centres and delayed assessments inside one AO; part of mitigations' own."""

from django.urls import URLPattern, path

from mitigations.views import centre_notices, delays, impact, impact_cases, later_units, notice_lines

urlpatterns: list[URLPattern] = [
    path("claims/<int:claim_id>/later-units/", later_units.later_units, name="later_units"),
    path("impact/", impact.impact, name="impact"),
    path("impact/cases/", impact_cases.cases, name="impact_cases"),
    path("impact/cases/<int:case_id>/", impact_cases.impact_case, name="impact_case"),
    path("impact/cases/<int:case_id>/move/", impact_cases.move_impact_case, name="move_impact_case"),
    path("impact/raise/<int:registration_id>/", impact_cases.raise_impact_case, name="raise_impact_case"),
    path("impact/unregistered/<int:centre_id>/", impact_cases.raise_unregistered, name="raise_unregistered"),
    path("impact/notices/", centre_notices.centre_notices, name="centre_notices"),
    path("impact/notices/begin/", centre_notices.begin_notice_round, name="begin_round"),
    path("impact/notices/lines/", notice_lines.lines, name="notice_lines"),
    path("impact/notices/lines/<int:line_id>/", notice_lines.settle, name="settle_line"),
    path("impact/notices/lines/<int:line_id>/take-back/", notice_lines.take_back, name="take_back_line"),
    path("impact/notices/round/<int:round_id>/", centre_notices.notice_round, name="notice_round"),
    path("impact/notices/round/<int:round_id>/again/", centre_notices.resend_notices, name="resend_notices"),
    path("impact/notices/<int:centre_notice_id>/", centre_notices.centre_notice, name="centre_notice"),
    path("impact/notices/<int:centre_notice_id>/workbook/", centre_notices.download_notice, name="download_notice"),
    path("impact/notices/<int:centre_notice_id>/confirm/", centre_notices.confirm, name="confirm_notice"),
    path("impact/notices/<int:centre_notice_id>/missing/", notice_lines.report, name="report_missing"),
    path("impact/delays/", delays.delays, name="delays"),
    path("impact/delays/ask/", delays.ask_delays, name="ask_delays"),
    path("impact/delays/calendar/", delays.delay_calendar, name="delay_calendar"),
    path("impact/delays/<int:delay_question_id>/", delays.delay_question, name="delay_question"),
    path("impact/dates/<str:qan>/publish/", delays.publish_assessment_date, name="publish_date"),
    path("impact/dates/<int:assessment_date_id>/withdraw/", delays.withdraw_assessment_date, name="withdraw_date"),
]
