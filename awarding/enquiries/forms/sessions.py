"""Forms of clinics and demonstrations."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from awarding.accounts.roles import Role
from awarding.enquiries.models import HelpSession
from awarding.ui.forms import DateField, PortalForm

LONDON = ZoneInfo("Europe/London")


class SessionForm(PortalForm):
    """A session to be announced. `cleaned_data["starts_at"]` is aware, in London's time."""

    kind = forms.ChoiceField(label=_("What it is"), choices=HelpSession.Kind.choices, widget=forms.RadioSelect)
    title = forms.CharField(label=_("Title"), max_length=150)
    about = forms.CharField(label=_("What it is about"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
    day = DateField(label=_("Day"))
    time = forms.TimeField(
        label=_("Begins at"),
        help_text=_("London time, such as 14:30."),
        error_messages={"invalid": _("Write the time with hours and minutes, such as 14:30.")},
    )
    minutes = forms.IntegerField(label=_("Length in minutes"), min_value=5, max_value=480)
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    link = forms.URLField(label=_("Link to join"), max_length=300, required=False, assume_scheme="https")
    roles = forms.MultipleChoiceField(
        label=_("For whom"), choices=Role.choices, widget=forms.CheckboxSelectMultiple,
        help_text=_("Only they are told, and only they see it."),
    )  # fmt: skip
    capacity = forms.IntegerField(label=_("Most people"), min_value=1, max_value=5000, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        day, time = cleaned.pop("day", None), cleaned.pop("time", None)
        if day is not None and time is not None:
            cleaned["starts_at"] = datetime.combine(day, time, tzinfo=LONDON)
        return cleaned


class CallOffForm(PortalForm):
    reason = forms.CharField(label=_("Why it is called off"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
