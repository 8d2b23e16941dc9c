"""Addresses of the centre's own verifiers and of stuck claims inside one AO; part of mitigations' own."""

from django.urls import URLPattern, path

from mitigations.views import holding, verification

urlpatterns: list[URLPattern] = [
    path("claims/stuck/", holding.stuck, name="stuck"),
    path("claims/stuck/limits/", holding.limits, name="hold_limits"),
    path("claims/<int:claim_id>/unstick/", holding.unstick, name="unstick"),
    path("claims/<int:claim_id>/remind/", holding.remind, name="remind"),
    path("claims/<int:claim_id>/sign-off/", verification.sign_off, name="sign_off"),
    path("claims/<int:claim_id>/verifier-record/", verification.record, name="verifier_record"),
    path(
        "claims/<int:claim_id>/verifier-record/<int:record_id>/", verification.record_file, name="verifier_record_file"
    ),
    path("claims/<int:claim_id>/confirm-direct/", verification.confirm_direct, name="confirm_direct"),
]
