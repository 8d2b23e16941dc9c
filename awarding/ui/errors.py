"""The errors of forms as a page lists them: a message and the id of the field to go to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.forms import BaseForm, BaseFormSet


def linked_errors(sources: Iterable[BaseForm | BaseFormSet | None]) -> list[tuple[str, str]]:
    """(message, id of the element to move to) for every error of the given forms and formsets, in page order."""
    found: list[tuple[str, str]] = []
    for source in sources:
        if isinstance(source, BaseFormSet):
            if not source.is_bound:
                continue
            found += [(str(message), "main-content") for message in source.non_form_errors()]
            for form in source.forms:
                found += _form_errors(form)
        elif source is not None:
            found += _form_errors(source)
    return found


def first_control_id(field: forms.BoundField) -> str:
    """The id of the control a person should land on: the first box of a date, the first of a set of choices."""
    widget: Any = field.field.widget
    named = widget.attrs.get("id") or field.auto_id
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return f"{named}_0"
    return widget.id_for_label(named) or named


def _form_errors(form: BaseForm) -> Iterator[tuple[str, str]]:
    if not form.errors:
        return
    for message in form.non_field_errors():
        yield str(message), f"{form.prefix + '-' if form.prefix else ''}form-errors"
    for field in form:
        if field.is_hidden:
            continue
        for message in field.errors:
            # Forms of other packages say no more than "required": in a list, that needs its field's name.
            bare = message == forms.Field.default_error_messages["required"]
            yield f"{field.label}: {message}" if bare else str(message), first_control_id(field)
    for field in form.hidden_fields():
        for message in field.errors:
            yield f"{field.label}: {message}", "main-content"
