"""Learners: the list, one learner's whole story, corrections."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from awarding.accounts.audience import allowed
from awarding.accounts.requests import PortalRequest
from awarding.accounts.roles import Permission as P
from centres.forms.centres import CorrectLearnerForm
from centres.models import Centre, Cohort, Registration
from centres.queries.lists import list_cohorts, qualifications_at, search_learners
from centres.queries.story import story_of
from centres.queries.visibility import visible_centres, visible_cohorts, visible_learners, visible_registrations
from centres.services.learners import CorrectionError, correct_learner
from centres.views.pieces import centre_crumbs, page_of


def chosen_centre(request: PortalRequest) -> tuple[Centre | None, list[Centre]]:
    """The centre that the list is of, and those to choose from (none where there is one only, or too many to list)."""
    centres = visible_centres(request.standing, P.LEARNERS_VIEW)
    wanted = request.GET.get("centre", "")
    if wanted.isdigit():
        chosen = get_object_or_404(centres, pk=int(wanted))
        return chosen, list(centres[:200])
    some = list(centres[:200])
    return (some[0] if len(some) == 1 else None), some


@require_GET
@allowed(P.LEARNERS_VIEW)
def list_learners(request: PortalRequest) -> HttpResponse:
    """Learners of a centre by name; without a centre, by ULN."""
    standing = request.standing
    centre, centres = chosen_centre(request)
    words = request.GET.get("q", "").strip()[:100]
    qan = request.GET.get("qan", "").replace("/", "")[:8]
    cohort: Cohort | None = None
    if centre is not None and (wanted := request.GET.get("cohort", "")).isdigit():
        cohort = get_object_or_404(visible_cohorts(standing).filter(centre=centre), pk=int(wanted))
    is_searchable = centre is not None or bool(words)
    learners = search_learners(standing, centre=centre, words=words, qan=qan, cohort=cohort)
    page_obj = page_of(request, learners if is_searchable else learners.none())
    by_learner: dict[int, list[Registration]] = {learner.pk: [] for learner in page_obj}
    for registration in visible_registrations(standing).filter(learner__in=list(by_learner)).order_by("pk"):
        by_learner[registration.learner_id].append(registration)
    context = {
        "heading": _("Learners"),
        "breadcrumbs": centre_crumbs(request, centre),
        "page_obj": page_obj,
        "rows": [{"learner": learner, "registrations": by_learner[learner.pk]} for learner in page_obj],
        "centre": centre,
        "centres": centres if len(centres) > 1 else [],
        "query": words,
        "qan": qan,
        "cohort": cohort,
        "qualifications": qualifications_at(standing, centre) if centre else [],
        "cohorts": list(list_cohorts(standing, centre)[:200]) if centre else [],
        "is_filtered": bool(words or qan or cohort),
        "is_searchable": is_searchable,
        "is_uln": len(words) == 10 and words.isdigit(),
        "may_import": centre is not None and standing.can(P.REGISTRATIONS_IMPORT, centre.pk),
    }
    return render(request, "centres/learners.html", context)


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
