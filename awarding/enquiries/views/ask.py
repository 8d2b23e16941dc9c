"""Asking: what it is about, what is answered already, then the question."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from awarding.accounts.audience import allowed
from awarding.accounts.models import Membership
from awarding.accounts.requests import PortalRequest
from awarding.accounts.roles import Permission
from awarding.accounts.standing import PermissionMissingError
from awarding.enquiries.forms.enquiries import AboutForm, AskForm
from awarding.enquiries.queries.answers import matching_answers
from awarding.enquiries.queries.routing import enquiry_settings
from awarding.enquiries.references import Reference, UnknownReferenceError, find_reference
from awarding.enquiries.services.enquiry import ask_enquiry
from awarding.workflow.services import TransitionError


@allowed(Permission.ENQUIRIES_ASK)
@require_http_methods(["GET", "POST"])
def ask(request: PortalRequest) -> HttpResponse:
    """Two steps on one address: `?about=` names what is asked about, and the page of it asks for the rest.

    What is published on it stands above the question (HLP-02).
    """
    about = AboutForm(request.GET if "about" in request.GET else None)
    if not about.is_bound or not about.is_valid():
        return _first(request, about)
    try:
        reference = find_reference(request.standing, about.cleaned_data["about"])
    except UnknownReferenceError as error:
        about.add_error("about", str(error))
        return _first(request, about)
    centres = _centres(request, reference)
    topic = about.cleaned_data.get("topic")
    first = {"topic": topic.pk if topic else None, "subject": request.GET.get("subject", "")[:150]}
    form = AskForm(request.POST if request.method == "POST" else None, initial=first, centres=centres)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        centre_id = asked.get("centre") or (centres[0][0] if centres else None)
        try:
            enquiry = ask_enquiry(
                actor=request.standing, centre_id=centre_id, about=reference.number, topic=asked.get("topic"),
                subject=asked["subject"], question=asked["question"],
            )  # fmt: skip
        except (TransitionError, UnknownReferenceError) as error:
            form.add_error(None, str(error))
        except PermissionMissingError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("%(number)s is sent.") % {"number": enquiry.number})
            return redirect("enquiries:enquiry", ao=request.ao.slug, enquiry_id=enquiry.pk)
    context = _frame(request) | {
        "heading": _("Ask about %(number)s") % {"number": reference.number},
        "reference": reference,
        "topic": topic,
        "form": form,
        "matches": matching_answers(topic_id=topic.pk if topic else None, qualification=reference.qualification),
        "days": enquiry_settings().answer_days,
    }
    return render(request, "enquiries/ask.html", context)


def _first(request: PortalRequest, form: AboutForm) -> HttpResponse:
    context = _frame(request) | {"heading": _("Ask the awarding organisation"), "form": form}
    return render(request, "enquiries/about.html", context)


def _frame(request: PortalRequest) -> dict[str, Any]:
    return {"breadcrumbs": [(_("Enquiries"), reverse("enquiries:list", kwargs={"ao": request.ao.slug}))]}


def _centres(request: PortalRequest, reference: Reference) -> list[tuple[int, str]]:
    """(id, name) of the centres for which this person can ask about that: the thing's own, or each of theirs."""
    reach = request.standing.reach(Permission.ENQUIRIES_ASK) or frozenset()
    wanted = reach if reference.centre_id is None else reach & {reference.centre_id}
    # The centre's model is reached through the reference: this package knows nothing of the app that holds it.
    model: Any = Membership._meta.get_field("centre").related_model
    return [(row.pk, row.name) for row in model.objects.filter(pk__in=wanted).order_by("name", "id")]
