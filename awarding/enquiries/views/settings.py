"""Who answers what, and what keeps being asked."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from awarding.accounts.audience import allowed
from awarding.accounts.requests import PortalRequest
from awarding.accounts.roles import Permission
from awarding.enquiries.forms.settings import RuleForm, SettingsForm, TopicForm
from awarding.enquiries.models import RoutingRule, Topic
from awarding.enquiries.queries.enquiries import OFTEN_DAYS, asked_often
from awarding.enquiries.queries.routing import enquiry_settings, offered_topics, routing_rules
from awarding.enquiries.services import routing as service
from awarding.enquiries.services.routing import RoutingError
from awarding.ui.forms import PortalForm


@allowed(Permission.HELP_PUBLISH)
@require_http_methods(["GET", "POST"])
def routing(request: PortalRequest) -> HttpResponse:
    """Days, topics and rules on one page; `save` says which of the three forms was sent."""
    forms = _forms(request)
    wanted = request.POST.get("save", "") if request.method == "POST" else ""
    if wanted in forms:
        form = forms[wanted]
        act = {"days": service.change_settings, "topic": service.add_topic, "rule": service.add_rule}[wanted]
        if form.is_valid() and _save(request, act, form):
            return redirect("enquiries:routing", ao=request.ao.slug)
    context = {
        "heading": _("Who answers what"),
        "breadcrumbs": _crumbs(request),
        "forms": forms,
        "has_errors": any(form.is_bound and form.errors for form in forms.values()),
        "topics": offered_topics(),
        "rules": routing_rules(),
        "settings": enquiry_settings(),
    }
    return render(request, "enquiries/routing.html", context)


def _forms(request: PortalRequest) -> dict[str, PortalForm]:
    kept = enquiry_settings()
    data = {name: request.POST if request.POST.get("save") == name else None for name in ("days", "topic", "rule")}
    first = {"answer_days": kept.answer_days, "fallback_role": kept.fallback_role}
    return {
        "days": SettingsForm(data["days"], initial=first, prefix="days"),
        "topic": TopicForm(data["topic"], prefix="topic"),
        "rule": RuleForm(data["rule"], prefix="rule"),
    }


def _save(request: PortalRequest, act: Any, form: PortalForm) -> bool:
    given = dict(form.cleaned_data)
    if act is service.add_rule:
        given.setdefault("topic", None)
    try:
        act(actor=request.standing, **given)
    except RoutingError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, _("Saved. It holds for what is asked from now on."))
    return True


@allowed(Permission.HELP_PUBLISH)
@require_POST
def drop(request: PortalRequest, topic_id: int) -> HttpResponse:
    """No longer offers a topic."""
    topic = get_object_or_404(Topic, pk=topic_id)
    service.drop_topic(actor=request.standing, topic=topic)
    messages.success(request, _("“%(name)s” is no longer offered.") % {"name": topic.name})
    return redirect("enquiries:routing", ao=request.ao.slug)


@allowed(Permission.HELP_PUBLISH)
@require_POST
def remove(request: PortalRequest, rule_row_id: int) -> HttpResponse:
    """Takes a rule away."""
    service.remove_rule(actor=request.standing, rule=get_object_or_404(RoutingRule, pk=rule_row_id))
    messages.success(request, _("The rule is gone. What it has routed stays where it is."))
    return redirect("enquiries:routing", ao=request.ao.slug)


@allowed(Permission.HELP_PUBLISH)
@require_safe
def often(request: PortalRequest) -> HttpResponse:
    """Topics and qualifications that keep coming, with how many answers are published on each (HLP-02)."""
    topics, qualifications = asked_often()
    context = {
        "heading": _("What keeps being asked"),
        "breadcrumbs": _crumbs(request),
        "topics": topics,
        "qualifications": qualifications,
        "days": OFTEN_DAYS,
    }
    return render(request, "enquiries/often.html", context)


def _crumbs(request: PortalRequest) -> list[tuple[str, str]]:
    return [(_("Enquiries"), reverse("enquiries:list", kwargs={"ao": request.ao.slug}))]
