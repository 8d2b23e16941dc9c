"""Addresses of the panel inside one AO; part of mitigations' own."""

from django.urls import URLPattern, path

from mitigations.views import cases, conditions, letters, panel, panel_settings

urlpatterns: list[URLPattern] = [
    path("claims/<int:claim_id>/conditions/", conditions.conditions, name="conditions"),
    path("claims/<int:claim_id>/conditions/<int:condition_id>/", conditions.condition, name="condition"),
    path("claims/<int:claim_id>/conditions/<int:condition_id>/reopen/", conditions.reopen, name="reopen_condition"),
    path("claims/<int:claim_id>/conditions/<int:condition_id>/file/", conditions.condition_file, name="condition_file"),
    path("claims/<int:claim_id>/letter/<int:decision_id>/", letters.letter, name="decision_letter"),
    path("panel/", panel.queue, name="panel_queue"),
    path("panel/batches/", panel.batches, name="panel_batches"),
    path("panel/batch/", cases.batch, name="panel_batch"),
    path("panel/cases/", cases.cases, name="panel_cases"),
    path("panel/cases/release/", cases.release, name="panel_release"),
    path("panel/conditions/", conditions.panel_conditions, name="panel_conditions"),
    path("panel/precedents/", cases.precedents, name="panel_precedents"),
    path("panel/agreement/", cases.agreement, name="panel_agreement"),
    path("panel/settings/", panel_settings.settings_page, name="panel_settings"),
    path("panel/<int:claim_id>/", panel.case, name="case"),
    path("panel/<int:claim_id>/open/", panel.open_, name="open_case"),
    path("panel/<int:claim_id>/decide/", panel.decide, name="decide"),
    path("panel/<int:claim_id>/waive/", cases.waive, name="waive_second"),
]
