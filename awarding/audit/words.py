"""Records of the audit trail as people read them. What is stored stays as it is; only its showing is put in words."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _

from awarding.audit.models import AuditRecord
from awarding.workflow.registry import workflow_of


def event_in_words(record: AuditRecord) -> str:
    """A move by the words of its table ("Appeals: Lodged"); anything else by its name, readable ("Job succeeded")."""
    workflow = workflow_of(record.target_type)
    move = record.event.rpartition(".")[2]
    if workflow is not None and "from" in record.data:
        label = str(workflow.event_label(move))
        return f"{workflow.title}: {label if label != move else _plain(move)}"
    return _plain(record.event)


def target_in_words(record: AuditRecord) -> str:
    """The kind of thing and its key in the database."""
    try:
        kind = str(apps.get_model(record.target_type)._meta.verbose_name)
    except (LookupError, ValueError):
        kind = record.target_type
    return f"{kind[:1].upper()}{kind[1:]} {record.target_id or ''}".strip()


def facts_in_words(record: AuditRecord) -> list[str]:
    """One line a fact, empty ones left out; the states of a move as its table names them."""
    facts = dict(record.data)
    lines: list[str] = []
    workflow = workflow_of(record.target_type)
    if workflow is not None and "from" in facts and "to" in facts:
        before, after = (workflow.label_of(facts.pop(key)) for key in ("from", "to"))
        lines.append(_("From “%(before)s” to “%(after)s”") % {"before": before, "after": after} if before else after)
    return lines + [
        f"{_plain(key)}: {_value(value)}" for key, value in facts.items() if value not in ("", None, [], {})
    ]


def _value(value: Any) -> str:
    match value:
        case bool():
            return _("yes") if value else _("no")
        case list():
            return ", ".join(_value(part) for part in value)
        case dict():
            return "; ".join(f"{key}: {_value(part)}" for key, part in value.items())
        case _:
            return str(value)


def _plain(name: str) -> str:
    words = name.replace(".", " ").replace("_", " ")
    return words[:1].upper() + words[1:]
