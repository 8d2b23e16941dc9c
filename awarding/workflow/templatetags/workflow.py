"""The history of a stateful row in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.translation import gettext as _

from awarding.workflow.models import StatusEvent
from awarding.workflow.table import Workflow

register = template.Library()
_workflows: dict[str, Workflow] = {}


def register_workflow(target_type: str, workflow: Workflow) -> None:
    """Names the table of a kind of row ("mitigations.claim"), so that its history can be put in words."""
    _workflows[target_type] = workflow


@register.inclusion_tag("components/history.html")
def workflow_history(events: Iterable[StatusEvent]) -> dict[str, Any]:
    """Every move, newest first: what it was called, who made it, when and why."""
    rows = []
    for event in events:
        workflow = _workflows.get(event.target_type)
        what = event.transition
        if workflow is not None:
            if event.source:
                what = f"{workflow.transition(event.transition).label}: {workflow.state(event.target).label}"
            else:
                what = str(workflow.state(event.target).label)
        who = str(event.actor) if event.actor else _("The portal (%(process)s)") % {"process": event.process}
        rows.append({"what": what, "who": who, "when": event.at, "reason": event.reason})
    return {"events": reversed(rows)}
