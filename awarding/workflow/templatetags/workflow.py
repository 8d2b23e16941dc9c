"""The history of a stateful row in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template

from awarding.workflow.models import StatusEvent
from awarding.workflow.registry import workflow_of

register = template.Library()


@register.inclusion_tag("components/history.html")
def workflow_history(events: Iterable[StatusEvent]) -> dict[str, Any]:
    """Every move, newest first: what it was called, who made it, when and why."""
    rows = []
    for event in events:
        workflow = workflow_of(event.target_type)
        what = event.transition if workflow is None else str(workflow.event_label(event.transition))
        rows.append({"what": what, "who": event.who, "when": event.at, "reason": event.reason})
    return {"events": reversed(rows)}
