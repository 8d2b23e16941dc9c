"""The form of My account."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from awarding.ui.forms import PortalForm


class AccountForm(PortalForm):
    name = forms.CharField(
        label=_("Name"), max_length=150, help_text=_("As colleagues and centres know you."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )  # fmt: skip
    language = forms.ChoiceField(label=_("Language of pages and messages"), choices=lambda: settings.LANGUAGES)
