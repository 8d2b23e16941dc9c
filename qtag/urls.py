"""Addresses of Q-TAGs inside one AO."""

from django.urls import URLPattern, URLResolver, path

from qtag.views import (
    concerns,
    deadlines,
    declaration,
    declaration_history,
    deputies,
    grid,
    learner,
    moves,
    progress,
    submissions,
    terms,
    units,
)
from qtag.views import messages as progress_messages

app_name = "qtag"
urlpatterns: list[URLPattern | URLResolver] = [
    path("qtags/", submissions.submissions, name="submissions"),
    path("qtags/begin/", submissions.begin, name="begin"),
    path("qtags/progress/", progress.progress, name="progress"),
    path("qtags/messages/", progress_messages.sent, name="messages"),
    path("qtags/messages/new/", progress_messages.message, name="message"),
    path("qtags/deadlines/", deadlines.deadlines, name="deadlines"),
    path("qtags/progress/<int:submission_id>/", progress.progress_submission, name="progress_submission"),
    path("qtags/terms/<str:qan>/", terms.terms, name="terms"),
    path("qtags/<int:submission_id>/", submissions.submission, name="submission"),
    path("qtags/<int:submission_id>/learners/add/", submissions.add_learners, name="add_learners"),
    path("qtags/<int:submission_id>/eligibility/", submissions.eligibility, name="eligibility"),
    path("qtags/<int:submission_id>/steps/", submissions.steps, name="steps"),
    path("qtags/<int:submission_id>/steps/<slug:step>/", submissions.record_one_step, name="record_step"),
    path("qtags/<int:submission_id>/last-resort/", submissions.last_resort, name="last_resort"),
    path("qtags/<int:submission_id>/grid/", grid.grid, name="grid"),
    path("qtags/<int:submission_id>/grid/save/", grid.save_grid, name="save_grid"),
    path("qtags/<int:submission_id>/moves/", moves.moves, name="moves"),
    path("qtags/<int:submission_id>/moves/make/", moves.move, name="move"),
    path("qtags/learners/<int:judgement_id>/", learner.learner, name="learner"),
    path("qtags/learners/<int:judgement_id>/record.pdf", learner.evidence_record, name="evidence_record"),
    path("qtags/learners/<int:judgement_id>/record/<slug:section>/", learner.record, name="record"),
    path("qtags/learners/<int:judgement_id>/units/", units.learner_units, name="units"),
    path("qtags/<int:submission_id>/flags/", units.submission_flags, name="flags"),
    path("qtags/learners/<int:judgement_id>/aside/<slug:kind>/<int:piece_id>/", learner.aside, name="aside"),
    path("qtags/learners/<int:judgement_id>/return/<slug:move>/", moves.send_back, name="send_back"),
    path("qtags/learners/<int:judgement_id>/reopen/", moves.reopen, name="reopen"),
    path("declarations/", declaration.declarations, name="declarations"),
    path("declarations/deputies/", deputies.deputies, name="deputies"),
    path("declarations/deputies/name/", deputies.name, name="deputy_name"),
    path("declarations/deputies/<int:deputy_id>/", deputies.deputy, name="deputy"),
    path("declarations/missing/", concerns.concerns, name="concerns"),
    path("declarations/missing/<int:concern_id>/", concerns.concern, name="concern"),
    path("declarations/<int:centre_id>/<int:adoption_id>/sign/", declaration.sign, name="sign"),
    path("declarations/<int:declaration_id>/", declaration_history.declaration, name="declaration"),
    path("declarations/<int:declaration_id>/document/", declaration.document, name="declaration_document"),
]
