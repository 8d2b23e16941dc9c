"""Addresses of checklists and their templates inside one AO; part of mitigations' own."""

from django.urls import URLPattern, path

from mitigations.views import bulk, sheets, templates

urlpatterns: list[URLPattern] = [
    path("claims/<int:claim_id>/checklist-bulk/", bulk.bulk, name="bulk"),
    path("claims/<int:claim_id>/checklist-bulk/<int:bulk_id>/", bulk.bulk_answer, name="bulk_answer"),
    path("claims/<int:claim_id>/checklist-workbook/", sheets.sheet, name="checklist_workbook"),
    path("claims/<int:claim_id>/checklist-workbook/issue/", sheets.issue, name="issue_checklist"),
    path("claims/<int:claim_id>/checklist-workbook/version/<int:version>/", sheets.download, name="download_checklist"),
    path(
        "claims/<int:claim_id>/checklist-workbook/uploads/<int:checklist_upload_id>/",
        sheets.upload,
        name="checklist_upload",
    ),
    path("checklist-templates/", templates.templates, name="checklist_templates"),
    path("checklist-templates/<str:qan>/", templates.template, name="checklist_template"),
    path("checklist-templates/<str:qan>/withdraw/", templates.withdraw, name="withdraw_template"),
]
