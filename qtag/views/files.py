"""The files of a piece of evidence: attaching, opening, and deleting when their time is over (QTG-19)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.files.content import UnacceptableFileError
from awarding.files.serving import serve_file
from awarding.frameworks.queries import adopted_document
from qtag.forms.files import AttachForm
from qtag.models import EvidenceFile, EvidenceRecord, Judgement
from qtag.queries.files import visible_files, visible_pieces
from qtag.queries.retention import evidence_retention
from qtag.services.files import RetainedError, attach_file, delete_file
from qtag.services.locking import JudgementLockedError
from qtag.services.recording import confirm_piece
from qtag.views.frame import judgement_or_404, submission_page


@allowed(P.QTAGS_VIEW)
@require_http_methods(["GET", "POST"])
def piece(request: HttpRequest, judgement_id: int, piece_id: int) -> HttpResponse:
    """One piece of evidence with its files, until when they are kept, and a place to attach one more."""
    judgement, standing = judgement_or_404(request, judgement_id), standing_in(request)
    found = get_object_or_404(visible_pieces(standing), pk=piece_id, judgement=judgement)
    if request.method != "POST":
        return _show(request, judgement, found, AttachForm())
    standing.require(P.QTAGS_JUDGE, judgement.centre_id)
    if "confirm" in request.POST:
        return _confirm(request, judgement, found)
    form = AttachForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, judgement, found, form)
    upload = form.cleaned_data["file"]
    try:
        attach_file(actor=standing, piece=found, handle=upload.file, name=upload.name, size=upload.size)
    except UnacceptableFileError as error:
        form.add_error("file", str(error))
        return _show(request, judgement, found, form)
    except JudgementLockedError as error:
        form.add_error(None, str(error))
        return _show(request, judgement, found, form, status=409)
    messages.success(request, _("“%(name)s” is attached.") % {"name": upload.name})
    return redirect(request.path)


def _confirm(request: HttpRequest, judgement: Judgement, found: EvidenceRecord) -> HttpResponse:
    """What was not so when the piece was recorded is so now; another answer than those of the page changes nothing."""
    try:
        confirm_piece(actor=standing_in(request), piece=found, what=request.POST["confirm"])
    except KeyError:
        return _show(request, judgement, found, AttachForm())
    except JudgementLockedError as error:
        form = AttachForm({})
        form.add_error(None, str(error))
        return _show(request, judgement, found, form, status=409)
    messages.success(request, _("Confirmed."))
    return redirect(request.path)


@allowed(P.QTAGS_VIEW)
@require_GET
def attached_file(request: HttpRequest, judgement_id: int, attached_id: int) -> HttpResponseBase:
    """The bytes of one file, for those who see the judgement and nobody else (QTG-17)."""
    return serve_file(_file(request, judgement_id, attached_id).file, inline="show" in request.GET)


@allowed(P.QTAGS_SUBMIT)
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, judgement_id: int, attached_id: int) -> HttpResponse:
    """Deletes a file whose time is over; before that says until when it is kept (QTG-19)."""
    judgement, standing = judgement_or_404(request, judgement_id), standing_in(request)
    standing.require(P.QTAGS_SUBMIT, judgement.centre_id)
    found = _file(request, judgement_id, attached_id)
    back = ao_url(request, "qtag:piece", judgement_id=judgement.pk, piece_id=found.piece_id)
    status = 200
    if request.method == "POST":
        try:
            delete_file(actor=standing, attached=found)
        except RetainedError:
            status = 409
        else:
            messages.success(request, _("“%(name)s” is deleted; its digest stays.") % {"name": found.file.name})
            return redirect(back)
    kept = evidence_retention(judgement)
    context = {
        "attached": found, "kept": kept, "is_over": kept.is_over(timezone.localdate()), "back_url": back,
        "is_refused": status == 409, "has_errors": status == 409,
    }  # fmt: skip
    return _page(request, judgement, "delete_file.html", context, heading=_("Delete a file"), status=status)


def _file(request: HttpRequest, judgement_id: int, attached_id: int) -> EvidenceFile:
    rows = visible_files(standing_in(request)).filter(piece__judgement=judgement_id)
    found: EvidenceFile = get_object_or_404(rows, pk=attached_id)
    return found


def _show(
    request: HttpRequest, judgement: Judgement, found: EvidenceRecord, form: AttachForm, status: int = 200
) -> HttpResponse:
    standing = standing_in(request)
    types = adopted_document(judgement.submission.adoption).evidence_types
    kept = evidence_retention(judgement)
    context = {
        "piece": found, "kind": types[found.type].label if found.type in types else found.type, "form": form, "kept": kept,
        "files": list(visible_files(standing).filter(piece=found)),
        "may_change": judgement.state == "open" and standing.can(P.QTAGS_JUDGE, judgement.centre_id),
        "may_delete": standing.can(P.QTAGS_SUBMIT, judgement.centre_id),
        "is_over": kept.is_over(timezone.localdate()),
    }  # fmt: skip
    return _page(request, judgement, "piece.html", context, heading=_("Evidence and its files"), status=status)


def _page(
    request: HttpRequest, judgement: Judgement, template: str, context: dict[str, Any], *, heading: str, status: int
) -> HttpResponse:
    name = judgement.registration.learner.full_name
    crumbs = [(name, ao_url(request, "qtag:learner", judgement_id=judgement.pk))]
    shown = {"judgement": judgement, "learner": judgement.registration.learner} | context
    return submission_page(
        request, judgement.submission, template, shown, heading=heading, status=status, crumbs=crumbs
    )
