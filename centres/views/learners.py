"""Learners: the list, one learner's whole story, corrections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from awarding.accounts.audience import allowed
from awarding.accounts.requests import PortalRequest
from awarding.accounts.roles import Permission as P
from awarding.ui import tables
from awarding.ui.addresses import addresses
from awarding.ui.templatetags.ui import qan as show_qan
from centres.forms.centres import CorrectLearnerForm
from centres.models import Centre
from centres.queries import lists
from centres.queries.lists import cohort_choices, qualifications_at
from centres.queries.story import story_of
from centres.queries.visibility import first_centres, visible_centres, visible_cohorts, visible_learners
from centres.services.learners import CorrectionError, correct_learner
from centres.views.pieces import centre_crumbs, page_of


def chosen_centre(request: PortalRequest) -> tuple[Centre | None, list[Centre]]:
    """The centre that the list is of, and those to choose from (none where there is one only, or too many to list)."""
    some = first_centres(request.standing, P.LEARNERS_VIEW)
    wanted = request.GET.get("centre", "")
    if wanted.isdigit():
        known = next((centre for centre in some if centre.pk == int(wanted)), None)
        return known or get_object_or_404(visible_centres(request.standing, P.LEARNERS_VIEW), pk=int(wanted)), some
    return (some[0] if len(some) == 1 else None), some


@require_GET
@allowed(P.LEARNERS_VIEW)
def list_learners(request: PortalRequest) -> HttpResponse:
    """Learners of a centre by name; without a centre, by ULN."""
    standing = request.standing
    centre, centres = chosen_centre(request)
    words = request.GET.get("q", "").strip()[:100]
    qan = request.GET.get("qan", "").replace("/", "")[:8]
    cohorts = cohort_choices(standing, centre.pk) if centre else []
    cohort_id: int | None = None
    if centre is not None and (wanted := request.GET.get("cohort", "")).isdigit():
        cohort_id = int(wanted)
        if all(cohort.pk != cohort_id for cohort in cohorts):
            get_object_or_404(visible_cohorts(standing).filter(centre=centre), pk=cohort_id)
    is_searchable = centre is not None or bool(words)
    found = lists.list_learners(
        standing, centre_id=centre.pk if centre else None, words=words, qan=qan, cohort_id=cohort_id
    )
    page_obj = page_of(request, found if is_searchable else [])
    context = {
        "heading": _("Learners"),
        "breadcrumbs": centre_crumbs(request, centre),
        "page_obj": page_obj,
        "table": _table_of_learners(request, list(page_obj.object_list), with_centre=centre is None),
        "centre": centre,
        "centres": centres if len(centres) > 1 else [],
        "query": words,
        "qan": qan,
        "cohort_id": cohort_id,
        "qualifications": qualifications_at(standing, centre.pk) if centre else [],
        "cohorts": cohorts,
        "is_filtered": bool(words or qan or cohort_id),
        "is_searchable": is_searchable,
        "is_uln": len(words) == 10 and words.isdigit(),
        "may_import": centre is not None and standing.can(P.REGISTRATIONS_IMPORT, centre.pk),
    }
    return render(request, "centres/learners.html", context)


def _table_of_learners(request: PortalRequest, learners: Sequence[Any], *, with_centre: bool) -> tables.Table | None:
    """A line for each learner, with what they are registered for; None where there are none."""
    if not learners:
        return None
    registrations = lists.registrations_of(request.standing, [learner.pk for learner in learners])
    page_of_learner = addresses("centres:learner", "learner_id", ao=request.ao.slug)
    rows = []
    for learner in learners:
        name = format_html("<bdi>{} {}</bdi>", learner.given_names, learner.family_name)
        who = tables.link(page_of_learner(learner.pk), name)
        beside = [tables.quiet(learner.reference)] if learner.reference else []
        courses = [
            tables.words(title, tables.quiet(f"{show_qan(number)}, {cohort}"))
            for title, number, cohort in registrations[learner.pk]
        ]
        rows.append(
            (
                tables.lines([who, tables.quiet(learner.centre__name)]) if with_centre else who,
                tables.lines([learner.uln, *beside]),
                f"{learner.date_of_birth:%d/%m/%Y}",
                tables.lines(courses),
            )
        )
    columns = [tables.Column(title) for title in (_("Learner"), _("ULN"), _("Born"), _("Registered for"))]
    return tables.Table(_("Learners"), columns, rows, is_caption_hidden=True)


@require_GET
@allowed(P.LEARNERS_VIEW)
def show_learner(request: PortalRequest, learner_id: int) -> HttpResponse:
    """One learner's whole story, and whether they will get a result."""
    learner = get_object_or_404(visible_learners(request.standing), pk=learner_id)
    facts: list[tuple[str, Any]] = [
        (_("ULN"), learner.uln),
        (_("Date of birth"), f"{learner.date_of_birth:%d/%m/%Y}"),
        (_("Centre"), learner.centre),
    ]
    if learner.reference:
        facts.insert(1, (_("Centre's reference"), learner.reference))
    context = {
        "heading": learner.full_name,
        "breadcrumbs": centre_crumbs(request, learner.centre),
        "learner": learner,
        "facts": facts,
        "chapters": story_of(request.standing, learner),
        "may_correct": request.standing.can(P.REGISTRATIONS_IMPORT, learner.centre_id),
    }
    return render(request, "centres/learner.html", context)


@allowed(P.REGISTRATIONS_IMPORT)
def correct(request: PortalRequest, learner_id: int) -> HttpResponse:
    """Corrects what is stored about a learner."""
    learner = get_object_or_404(visible_learners(request.standing), pk=learner_id)
    request.standing.require(P.REGISTRATIONS_IMPORT, learner.centre_id)
    fields = ("given_names", "family_name", "date_of_birth", "reference")
    form = CorrectLearnerForm(
        request.POST if request.method == "POST" else None, initial={key: getattr(learner, key) for key in fields}
    )
    if request.method == "POST" and form.is_valid():
        try:
            correct_learner(actor=request.standing, learner=learner, **form.cleaned_data)
        except CorrectionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The learner's details are corrected."))
            return redirect("centres:learner", ao=request.ao.slug, learner_id=learner.pk)
    context = {
        "heading": _("Correct %(name)s") % {"name": learner.full_name},
        "breadcrumbs": centre_crumbs(request, learner.centre),
        "form": form,
        "action": _("Save the correction"),
    }
    return render(request, "centres/form.html", context)
