"""Boxes, drop-downs and the group round a plain field, drawn in Python.

The same markup as Django's templates of these widgets and as `portal_field.html` (a test compares them), at about a tenth of
their processor time: a filter of four fields stands above every list. What is not drawn here is left to its template.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.formats import localize
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeData
from django.utils.translation import gettext as _


def draw(template_name: str, context: Mapping[str, Any]) -> str | None:
    """The markup of the template with this context, or None when it is not drawn here."""
    drawing = _DRAWN.get(template_name)
    return drawing(context) if drawing is not None else None


def _box(context: Mapping[str, Any]) -> str:
    widget = context["widget"]
    value = widget["value"]
    shown = "" if value is None else f' value="{_as_text(value)}"'
    return (
        f'<input type="{escape(widget["type"])}" name="{escape(widget["name"])}"{shown}{_attributes(widget["attrs"])}>'
    )


def _drop_down(context: Mapping[str, Any]) -> str:
    widget = context["widget"]
    parts = [f'<select name="{escape(widget["name"])}"{_attributes(widget["attrs"])}>']
    for group, options, _number in widget["optgroups"]:
        if group:
            parts.append(f'<optgroup label="{conditional_escape(group)}">')
        for option in options:
            label = option["label"]
            words = conditional_escape(label if isinstance(label, str) else localize(label))
            parts.append(f'<option value="{_as_text(option["value"])}"{_attributes(option["attrs"])}>{words}</option>')
        if group:
            parts.append("</optgroup>")
    parts.append("</select>")
    return "\n".join(parts)


def _plain_field(context: Mapping[str, Any]) -> str | None:
    """A label, perhaps a hint, the control. Fields with an error, and groups of controls, have a template."""
    field = context["field"]
    if field.kind != "plain" or field.errors:
        return None
    label, control_id = conditional_escape(field.label), escape(field.id_for_label)
    optional = f" {escape(_('(optional)'))}" if field.is_optional else ""
    hint = ""
    if field.help_text:
        hint = f'<div class="govuk-hint" id="{field.auto_id}_helptext">{conditional_escape(field.help_text)}</div>'
    return (
        f'<div class="govuk-form-group">\n<label class="govuk-label govuk-label--s" for="{control_id}">'
        f"{label}{optional}</label>\n{hint}{field}\n</div>"
    )


def _attributes(attrs: Mapping[str, Any]) -> str:
    return "".join(
        f" {escape(name)}" if value is True else f' {escape(name)}="{_as_text(value)}"'
        for name, value in attrs.items()
        if value is not False
    )


def _as_text(value: Any) -> str:
    return conditional_escape(value if isinstance(value, SafeData) else str(value))


_WIDGETS = "django/forms/widgets/"
_BOXES = ("text", "input", "number", "email", "url", "search", "tel", "hidden", "password", "date", "datetime")
_DRAWN: dict[str, Callable[[Mapping[str, Any]], str | None]] = {
    **{f"{_WIDGETS}{kind}.html": _box for kind in _BOXES},
    f"{_WIDGETS}select.html": _drop_down,
    "django/forms/portal_field.html": _plain_field,
}
