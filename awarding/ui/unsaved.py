"""What was typed into a form that somebody else made out of date: told back, so that nothing is lost."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _


def texts_of(form: forms.BaseForm) -> list[str]:
    """The long texts of a bound form, as they were typed."""
    fields = [form[name] for name, field in form.fields.items() if isinstance(field.widget, forms.Textarea)]
    return [str(field.value()).strip() for field in fields if field.value()]


def tell_unsaved(request: HttpRequest, why: object, typed: Iterable[str] = ()) -> None:
    """Says above the page that shows how things stand now why nothing was saved, with what was typed, to be copied."""
    text = "\n".join(words for words in typed if words)
    if text:
        told = format_html('{} {}<br><span class="portal-typed">{}</span>', str(why), _("You had written:"), text)
        messages.error(request, told)
    else:
        messages.error(request, str(why))
