"""One learner's Q-TAG: everything it rests on, on one page, and the small forms that record it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from awarding.accounts.audience import allowed
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.roles import Permission as P
from awarding.catalogue.models import Grade, QualificationUnit, Unit
from awarding.files.content import UnacceptableFileError
from awarding.frameworks.queries import adopted_document
from awarding.ui.forms import PortalForm
from awarding.workflow.services import TransitionError
from qtag.documents import evidence_pdf
from qtag.forms.learner import (
    AsideForm,
    BankForm,
    CircumstanceForm,
    EvidenceForm,
    FactsForm,
    RationaleForm,
    ToldForm,
)
from qtag.models import BankedUnit, EvidenceFile, EvidenceRecord, Judgement
from qtag.queries.learner import learner_view, qualification_grades, unit_grades
from qtag.services import recording
from qtag.services.files import attach_file, set_file_aside
from qtag.services.locking import JudgementLockedError
from qtag.views.eligibility import ANSWERS
from qtag.views.frame import judgement_or_404, submission_page
from qtag.workflow import JUDGEMENT


@allowed(P.QTAGS_VIEW)
@require_GET
def learner(request: HttpRequest, judgement_id: int) -> HttpResponse:
    """What one learner's grade rests on, whether it may be made, and what happened to it."""
    judgement = judgement_or_404(request, judgement_id)
    standing = standing_in(request)
    view = learner_view(standing, judgement)
    label, colour = ANSWERS[view.answer]
    types = adopted_document(judgement.submission.adoption).evidence_types
    context = {
        "view": view, "judgement": judgement, "learner": judgement.registration.learner, "answer": label,
        "answer_colour": colour, "state": JUDGEMENT.state(judgement.state),
        "evidence": [
            (piece, types[piece.type].label if piece.type in types else piece.type, len(view.files.get(piece.pk, [])))
            for piece in view.evidence
        ],
        "may_change": judgement.state == "open" and standing.can(P.QTAGS_JUDGE, judgement.centre_id),
    }  # fmt: skip
    return _page(request, judgement, "learner.html", context)


@allowed(P.QTAGS_VIEW)
@require_GET
def evidence_record(request: HttpRequest, judgement_id: int) -> HttpResponse:
    """The learner's evidence record as PDF."""
    judgement = judgement_or_404(request, judgement_id)
    pdf = evidence_pdf(learner_view(standing_in(request), judgement))
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="evidence-{judgement.row_key}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


# One form each, by the last part of its address: its heading, how it is made, what it does.
Maker = Callable[[Judgement, Any], PortalForm]
Doer = Callable[..., Any]


def _facts_form(judgement: Judgement, posted: Any) -> PortalForm:
    going = {True: "tops_up" if judgement.is_top_up else "finishes", False: "goes_on", None: ""}
    initial = {
        "expected_version": judgement.facts_version, "ready_on": judgement.ready_on or judgement.registration.ends_on,
        "going": going[judgement.is_certificating], "is_apprenticeship": judgement.is_apprenticeship,
        "was_absent": judgement.was_absent,
    }  # fmt: skip
    return FactsForm(posted, initial=initial)


def _evidence_form(judgement: Judgement, posted: Any) -> PortalForm:
    types = adopted_document(judgement.submission.adoption).evidence_types.values()
    grades = [(grade.code, grade.label) for grade in qualification_grades(judgement)]
    return EvidenceForm(posted, types=types, grades=grades)


def _bank_form(judgement: Judgement, posted: Any) -> PortalForm:
    places = QualificationUnit.objects.filter(qualification=judgement.registration.qualification_id)
    units = [
        (str(place.unit_id), str(place.unit)) for place in places.select_related("unit").order_by("position", "id")
    ]
    return BankForm(posted, units=units, grades=[(str(grade.pk), grade.label) for grade in unit_grades(judgement)])


def _save_facts(request: HttpRequest, judgement: Judgement, form: Any) -> None:
    recording.save_facts(
        actor=standing_in(request), judgement_id=judgement.pk, facts=form.facts,
        expected_version=form.cleaned_data["expected_version"],
    )  # fmt: skip


def _save_evidence(request: HttpRequest, judgement: Judgement, form: Any) -> None:
    said = dict(form.cleaned_data)
    file = said.pop("file")
    scale = judgement.registration.qualification.scale_id
    said["shows_grade"] = Grade.objects.filter(scale_id=scale, code=said["shows_grade"]).first()
    with transaction.atomic():  # a file that cannot be taken leaves no piece behind: the form is shown again
        piece = recording.record_evidence(actor=standing_in(request), judgement_id=judgement.pk, **said)
        if file:
            attach_file(actor=standing_in(request), piece=piece, handle=file.file, name=file.name, size=file.size)


def _save_rationale(request: HttpRequest, judgement: Judgement, form: Any) -> None:
    recording.write_rationale(actor=standing_in(request), judgement_id=judgement.pk, **form.cleaned_data)


def _save_told(request: HttpRequest, judgement: Judgement, form: Any) -> None:
    recording.record_told(actor=standing_in(request), judgement_id=judgement.pk, **form.cleaned_data)


def _save_circumstance(request: HttpRequest, judgement: Judgement, form: Any) -> None:
    recording.record_circumstance(actor=standing_in(request), judgement_id=judgement.pk, **form.cleaned_data)


def _save_banked(request: HttpRequest, judgement: Judgement, form: Any) -> None:
    said = form.cleaned_data
    recording.bank_unit(
        actor=standing_in(request), judgement_id=judgement.pk, unit=Unit.objects.get(pk=said["unit"]),
        grade=Grade.objects.get(pk=said["grade"]), kind=said["kind"], achieved_on=said["achieved_on"],
    )  # fmt: skip


FORMS: dict[str, tuple[Any, Maker, Doer]] = {
    "facts": (gettext_lazy("Is the learner eligible?"), _facts_form, _save_facts),
    "evidence": (gettext_lazy("Add evidence"), _evidence_form, _save_evidence),
    "rationale": (
        gettext_lazy("Rationale"), lambda j, posted: RationaleForm(posted, initial={"rationale": j.rationale}), _save_rationale,
    ),
    "told": (
        gettext_lazy("The learner was told"), lambda j, posted: ToldForm(posted, initial={"told_on": j.told_on}), _save_told,
    ),
    "circumstances": (
        gettext_lazy("Adjustments and circumstances"), lambda j, posted: CircumstanceForm(posted), _save_circumstance,
    ),
    "banked": (gettext_lazy("Bank a unit result"), _bank_form, _save_banked),
}  # fmt: skip


@allowed(P.QTAGS_JUDGE)
@require_http_methods(["GET", "POST"])
def record(request: HttpRequest, judgement_id: int, section: str) -> HttpResponse:
    """One of the small forms; what was typed is shown again when it could not be saved."""
    judgement = judgement_or_404(request, judgement_id)
    standing_in(request).require(P.QTAGS_JUDGE, judgement.centre_id)
    if section not in FORMS:
        raise Http404
    heading, make, save = FORMS[section]
    form = make(judgement, request.POST if request.method == "POST" else None)
    form.files = request.FILES
    status = 200
    if form.is_bound and form.is_valid():
        try:
            save(request, judgement, form)
        except UnacceptableFileError as error:
            form.add_error("file", str(error))
        except (JudgementLockedError, TransitionError) as error:
            form.add_error(None, str(error))
            status = 409
        else:
            messages.success(request, _("Saved."))
            return redirect(ao_url(request, "qtag:learner", judgement_id=judgement.pk))
    return _page(
        request, judgement, "record.html", {"form": form, "label": heading}, heading=str(heading), status=status
    )


@allowed(P.QTAGS_JUDGE)
@require_http_methods(["GET", "POST"])
def aside(request: HttpRequest, judgement_id: int, kind: str, piece_id: int) -> HttpResponse:
    """Sets a piece of evidence, a file of it or a banked result aside, with the reason (QTG-19, QTG-22)."""
    judgement = judgement_or_404(request, judgement_id)
    standing_in(request).require(P.QTAGS_JUDGE, judgement.centre_id)
    if kind == "evidence":
        piece: Any = get_object_or_404(EvidenceRecord, pk=piece_id, judgement=judgement)
    elif kind == "banked":
        banked = BankedUnit.objects.select_related("unit")
        piece = get_object_or_404(banked, pk=piece_id, registration=judgement.registration_id)
    elif kind == "file":
        attached = EvidenceFile.objects.select_related("piece", "file")
        piece = get_object_or_404(attached, pk=piece_id, piece__judgement=judgement)
    else:
        raise Http404
    form = AsideForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound and form.is_valid():
        said = {"actor": standing_in(request), "reason": form.cleaned_data["reason"]}
        try:
            if kind == "evidence":
                recording.set_evidence_aside(piece=piece, **said)
            elif kind == "file":
                set_file_aside(attached=piece, **said)
            else:
                recording.set_banked_aside(judgement_id=judgement.pk, banked=piece, **said)
        except (JudgementLockedError, TransitionError) as error:
            form.add_error(None, str(error))
            status = 409
        else:
            messages.success(request, _("Set aside; it stays in the record with your reason."))
            return redirect(ao_url(request, "qtag:learner", judgement_id=judgement.pk))
    what = {"evidence": lambda: piece.covers, "file": lambda: piece.file.name, "banked": lambda: str(piece.unit)}[
        kind
    ]()
    context = {"form": form, "what": what}
    return _page(request, judgement, "aside.html", context, heading=_("Set aside"), status=status)


def _page(
    request: HttpRequest, judgement: Judgement, template: str, context: dict[str, Any], *, heading: str = "", status: int = 200
) -> HttpResponse:  # fmt: skip
    name = judgement.registration.learner.full_name
    crumbs = [(_("Grades"), ao_url(request, "qtag:grid", submission_id=judgement.submission_id))]
    if heading:
        crumbs.append((name, ao_url(request, "qtag:learner", judgement_id=judgement.pk)))
    shown = {"judgement": judgement} | context
    return submission_page(
        request, judgement.submission, template, shown, heading=heading or name, status=status, crumbs=crumbs
    )
