"""Addresses of centres inside one AO."""

from django.urls import URLPattern, path

from centres.views import centres, cohorts, direct_claims, interests, learners, prior, uploads

app_name = "centres"
urlpatterns: list[URLPattern] = [
    path("centres/", centres.list_centres, name="list"),
    path("centres/approve/", centres.approve, name="approve"),
    path("centres/<int:centre_id>/", centres.home, name="home"),
    path("centres/<int:centre_id>/change/", centres.change, name="change"),
    path("centres/<int:centre_id>/uploads/new/", uploads.new_upload, name="upload_new"),
    path("direct-claims/", direct_claims.list_direct_claims, name="direct_claims"),
    path("direct-claims/ask/", direct_claims.ask, name="direct_claims_ask"),
    path("direct-claims/<int:status_id>/", direct_claims.show_status, name="direct_claims_status"),
    path("direct-claims/<int:status_id>/monitoring/", direct_claims.monitor, name="direct_claims_monitor"),
    path("direct-claims/<int:status_id>/<slug:move>/", direct_claims.decide, name="direct_claims_decide"),
    path("learners/", learners.list_learners, name="registrations"),
    path("learners/<int:learner_id>/", learners.show_learner, name="learner"),
    path("learners/<int:learner_id>/correct/", learners.correct, name="correct_learner"),
    path("registrations/<int:registration_id>/prior/", prior.prior, name="prior"),
    path("registrations/<int:registration_id>/prior/new/", prior.prior_new, name="prior_new"),
    path("registrations/<int:registration_id>/prior/<int:prior_id>/end/", prior.prior_end, name="prior_end"),
    path("cohorts/", cohorts.show_cohorts, name="cohorts"),
    path("cohorts/<int:cohort_id>/", cohorts.show_cohort, name="cohort"),
    path("cohorts/<int:cohort_id>/staff/", cohorts.change_staff, name="cohort_staff"),
    path("uploads/", uploads.show_uploads, name="uploads"),
    path("uploads/template.xlsx", uploads.template_xlsx, name="template_xlsx"),
    path("uploads/template.csv", uploads.template_csv_file, name="template_csv"),
    path("uploads/<int:upload_id>/", uploads.show_upload, name="upload"),
    path("uploads/<int:upload_id>/load/", uploads.load, name="upload_load"),
    path("uploads/<int:upload_id>/discard/", uploads.discard, name="upload_discard"),
    path("uploads/<int:upload_id>/rows-to-mend.xlsx", uploads.rows_to_mend_file, name="upload_faults"),
    path("uploads/<int:upload_id>/file/", uploads.original, name="upload_file"),
    path("interests/", interests.show_interests, name="interests"),
    path("interests/<int:interest_id>/end/", interests.end, name="interest_end"),
]
