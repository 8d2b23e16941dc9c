"""Addresses of disputed outcomes and appeals inside one AO; part of mitigations' own."""

from django.urls import URLPattern, path

from mitigations.views import appeals, disputes, stages

urlpatterns: list[URLPattern] = [
    path("disputes/", disputes.disputes, name="disputes"),
    path("disputes/<int:dispute_id>/", disputes.dispute, name="dispute"),
    path("outcomes/<str:qan>/dispute/", disputes.dispute_outcome, name="dispute_outcome"),
    path("appeals/", appeals.appeals, name="appeals"),
    path("appeals/stages/", stages.stages, name="appeal_stages"),
    path("appeals/stages/<int:stage_id>/", stages.stage, name="appeal_stage"),
    path("appeals/stages/<int:stage_id>/drop/", stages.drop, name="drop_stage"),
    path("appeals/against/<int:decision_id>/", appeals.lodge, name="lodge_appeal"),
    path("appeals/<int:appeal_id>/", appeals.appeal, name="appeal"),
    path("appeals/<int:appeal_id>/answer/", appeals.answer, name="answer_appeal"),
    path("appeals/<int:appeal_id>/next/", appeals.go_on, name="next_stage"),
    path("appeals/<int:appeal_id>/accept/", appeals.accept, name="accept_answer"),
    path("appeals/<int:appeal_id>/withdraw/", appeals.withdraw, name="withdraw_appeal"),
    path("appeals/<int:appeal_id>/files/", appeals.add_file, name="add_appeal_file"),
    path("appeals/<int:appeal_id>/files/<int:appeal_file_id>/", appeals.file, name="appeal_file"),
    path("appeals/<int:appeal_id>/bundle/", appeals.make_bundle, name="make_bundle"),
    path("appeals/<int:appeal_id>/bundle/file/", appeals.bundle, name="bundle"),
]
