"""When centres are reminded."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from awarding.ui.forms import PortalForm


class ReminderForm(PortalForm):
    """Days before a deadline, as people write them: "14, 7, 3, 1"."""

    days = forms.CharField(
        label=_("Remind this many days before"), help_text=_("Numbers with commas between them, such as 14, 7, 3, 1."),
        max_length=60,
    )  # fmt: skip

    def clean_days(self) -> list[int]:
        parts = [part.strip() for part in self.cleaned_data["days"].split(",") if part.strip()]
        wrong = [part for part in parts if not part.isdecimal() or int(part) > 60]
        if wrong or not parts:
            raise forms.ValidationError(
                _("Not a number of days from 0 to 60: %(what)s") % {"what": ", ".join(wrong) or _("nothing given")}
            )
        return [int(part) for part in parts]
