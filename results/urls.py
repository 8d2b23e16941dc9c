"""Addresses of results inside one AO."""

from django.urls import path

from results.views import certificates, exports, processing, qtag_changes, qtags, results

app_name = "results"
urlpatterns = [
    path("results/", results.results, name="list"),
    path("results/to-process/", processing.to_process, name="to_process"),
    path("results/process/", processing.process_many, name="process_many"),
    path("results/claims/<int:claim_id>/", results.claim, name="claim"),
    path("results/claims/<int:claim_id>/process/", processing.process, name="process"),
    path("results/qtags/", qtags.qtags, name="qtags"),
    path("results/qtags/process/", qtags.process, name="qtags_process"),
    path("results/qtags/release/<int:adoption_id>/<slug:code>/", qtags.release, name="qtags_release"),
    path("results/qtags/<int:submission_id>/", qtags.submission, name="qtag_submission"),
    path("results/qtags/<int:submission_id>/changes/", qtag_changes.changes, name="qtag_changes"),
    path("results/export/", exports.export, name="export"),
    path("results/<int:result_id>/trail/", results.trail, name="trail"),
    path("certificates/<int:certificate_id>/", certificates.certificate, name="certificate"),
    path("certificates/<int:certificate_id>/revoke/", certificates.revoke, name="revoke"),
    path("certificates/<int:certificate_id>/reissue/", certificates.reissue, name="reissue"),
]
