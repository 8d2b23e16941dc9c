"""Addresses of external verification inside one AO."""

from django.urls import path

from qa_sampling.views import allocation, evidence, sample

app_name = "qa_sampling"
urlpatterns = [
    path("verification/", allocation.allocations, name="allocations"),
    path("verification/allocate/", allocation.unallocated, name="unallocated"),
    path("verification/allocate/<int:claim_id>/", allocation.allocate, name="allocate"),
    path("verification/take-back/<int:claim_id>/", allocation.take_back, name="take_back"),
    path("verification/<int:claim_id>/", sample.sample, name="sample"),
    path("verification/<int:claim_id>/pick/", sample.pick, name="pick"),
    path("verification/<int:claim_id>/ask/", sample.ask, name="ask"),
    path("verification/<int:claim_id>/decide/", sample.decide, name="decide"),
    path("verification/<int:claim_id>/finish/", sample.finish, name="finish"),
    path("verification/pieces/<int:pick_id>/", sample.piece, name="piece"),
    path("verification/pieces/<int:pick_id>/swap/", sample.swap, name="swap"),
    path("claims/<int:claim_id>/evidence/", evidence.evidence, name="evidence"),
    path("evidence/<int:evidence_id>/", evidence.evidence_file, name="evidence_file"),
    path("evidence/<int:evidence_id>/remove/", evidence.remove, name="remove_evidence"),
]
