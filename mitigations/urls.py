"""Addresses of mitigations inside one AO."""

from django.urls import URLPattern, URLResolver, include, path

from mitigations.views import checklist, claims, documents, grid, submission

app_name = "mitigations"
urlpatterns: list[URLPattern | URLResolver] = [
    path("claims/", claims.claims, name="claims"),
    path("claims/generate/", claims.generate, name="generate"),
    path("", include("mitigations.urls_verification")),
    path("claims/<int:claim_id>/", claims.claim, name="claim"),
    path("claims/<int:claim_id>/grid/", grid.grid, name="grid"),
    path("claims/<int:claim_id>/grid/save/", grid.save_grid, name="save_grid"),
    path("claims/<int:claim_id>/workbook/", documents.workbook, name="workbook"),
    path("claims/<int:claim_id>/workbook/issue/", documents.issue, name="issue_document"),
    path("claims/<int:claim_id>/workbook/version/<int:version>/", documents.download, name="download"),
    path("claims/<int:claim_id>/workbook/uploads/<int:upload_id>/", documents.upload, name="upload"),
    path("claims/<int:claim_id>/checklist/", checklist.checklist, name="checklist"),
    path("claims/<int:claim_id>/checklist/save/", checklist.save_checklist, name="save_checklist"),
    path("claims/<int:claim_id>/checklist/<slug:row_key>/", checklist.evidence, name="evidence"),
    path("claims/<int:claim_id>/submit/", submission.submit, name="submit"),
    path("claims/<int:claim_id>/receipt/", submission.receipt, name="receipt"),
    path("claims/<int:claim_id>/withdraw/", submission.withdraw, name="withdraw"),
    path("claims/<int:claim_id>/resume/", submission.resume, name="resume"),
    path("", include("mitigations.urls_checklist")),
    path("", include("mitigations.urls_objections")),
    path("", include("mitigations.urls_panel")),
    path("", include("mitigations.urls_outcomes")),
    path("", include("mitigations.urls_impact")),
    path("", include("mitigations.urls_sizes")),
    path("", include("mitigations.urls_component_tags")),
]
