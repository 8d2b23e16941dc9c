"""The usual messages of fields, with the field's name: "This field is required" tells nobody which, or what to do."""

from __future__ import annotations

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.forms.utils import pretty_name
from django.utils.translation import gettext as _


def name_fields_in_messages(form: forms.BaseForm) -> None:
    """Puts each field's name into its messages. One that the form or field brings itself is left alone."""
    for name, field in form.fields.items():
        label = str(field.label or pretty_name(name))
        usual = forms.Field.default_error_messages["required"]
        if field.required and field.error_messages.get("required") == usual:
            field.error_messages["required"] = _required_message(field) % {"label": label}
        if isinstance(field, forms.IntegerField):
            _name_number(field, label)
        elif isinstance(field, forms.ChoiceField):
            _name_choice(field, label)
        elif isinstance(field, forms.CharField):
            _name_text(field, label)


def _name_number(field: forms.IntegerField, label: str) -> None:
    """The bounds of a number by its name: of nine boxes with a number, which one is too small?"""
    own = type(field).default_error_messages
    if field.error_messages.get("invalid") == own["invalid"]:
        number = isinstance(field, forms.FloatField | forms.DecimalField)
        words = _("“%(label)s” takes a number") if number else _("“%(label)s” takes a whole number")
        field.error_messages["invalid"] = words % {"label": label}
    for code, words in (
        ("min_value", _("“%(label)s” must be %(limit)s or more")),
        ("max_value", _("“%(label)s” must be %(limit)s or less")),
    ):
        field.error_messages.setdefault(code, words % {"label": _escaped(label), "limit": "%(limit_value)s"})


def _name_choice(field: forms.ChoiceField, label: str) -> None:
    """What is no answer any more was one when the page was made: somebody was quicker, or the button was pressed twice."""
    if field.error_messages.get("invalid_choice") == type(field).default_error_messages["invalid_choice"]:
        words = _("What you chose for “%(label)s” cannot be chosen now. See how things stand below, and choose again.")
        field.error_messages["invalid_choice"] = words % {"label": _escaped(label)}


def _name_text(field: forms.CharField, label: str) -> None:
    words = _("“%(label)s” may have at most %(most)s characters; what you wrote has %(has)s")
    limits = {"label": _escaped(label), "most": "%(limit_value)s", "has": "%(show_value)s"}
    field.error_messages.setdefault("max_length", words % limits)
    for validator in field.validators:
        if isinstance(validator, ProhibitNullCharactersValidator):
            words = _("“%(label)s” holds a character that cannot be stored. Type it anew instead of pasting it.")
            field.error_messages.setdefault(validator.code, words % {"label": _escaped(label)})


def _escaped(label: str) -> str:
    """For messages that are filled in once more when they are shown."""
    return label.replace("%", "%%")


def _required_message(field: forms.Field) -> str:
    widget = field.widget
    if isinstance(widget, forms.CheckboxInput):
        return _("Tick “%(label)s” to go on")
    if isinstance(widget, forms.FileInput):
        return _("Choose a file for “%(label)s”")
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return _("Tick at least one for “%(label)s”")
    if isinstance(widget, forms.Select | forms.RadioSelect):
        return _("Choose an answer for “%(label)s”")
    return _("Fill in “%(label)s”")
