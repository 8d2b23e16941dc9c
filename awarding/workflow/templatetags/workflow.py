"""The history of a stateful row in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.apps import apps
from django.utils.translation import gettext as _

from awarding.workflow.models import StatusEvent
from awarding.workflow.registry import workflows
from awarding.workflow.table import Workflow

register = template.Library()


def _workflow_of(target_type: str) -> Workflow | None:
    """The table of a kind of row ("mitigations.claim"), by the name that its model gives."""
    name = getattr(apps.get_model(target_type), "workflow_name", None)
    return next((workflow for workflow in workflows() if workflow.name == name), None)


@register.inclusion_tag("components/history.html")
def workflow_history(events: Iterable[StatusEvent]) -> dict[str, Any]:
    """Every move, newest first: what it was called, who made it, when and why."""
    rows = []
    for event in events:
        workflow = _workflow_of(event.target_type)
        what = event.transition if workflow is None else str(workflow.event_label(event.transition))
        who = str(event.actor) if event.actor else _("The portal (%(process)s)") % {"process": event.process}
        rows.append({"what": what, "who": who, "when": event.at, "reason": event.reason})
    return {"events": reversed(rows)}
