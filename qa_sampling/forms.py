"""Forms of external verification."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from awarding.accounts.models import User
from awarding.ui.forms import DateField, PortalForm


class VerifierField(forms.ModelChoiceField):
    """A verifier by name."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.email})"


class AllocateForm(PortalForm):
    verifier = VerifierField(queryset=User.objects.none(), label=_("External verifier"), empty_label=_("Choose one"))
    due_on = DateField(label=_("Finish by"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, verifiers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["verifier"].queryset = verifiers  # type: ignore[attr-defined]


class ReasonForm(PortalForm):
    """A reason that the people concerned will read."""

    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class RequestForm(PortalForm):
    due_on = DateField(label=_("Send the evidence by"))

    def clean_due_on(self) -> dt.date:
        due_on: dt.date = self.cleaned_data["due_on"]
        if due_on < dt.date.today():
            raise forms.ValidationError(_("Choose a day that has not passed."))
        return due_on


class VerdictForm(PortalForm):
    verdict = forms.ChoiceField(
        label=_("What do you find?"),
        choices=[("accepted", _("Accept")), ("returned", _("Return to the centre"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed when you return it: say what the centre should mend."),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("verdict") == "returned" and not data.get("reason", "").strip():
            self.add_error("reason", _("Say why it is returned: the centre needs to know what to mend."))
        return data


class EvidenceForm(PortalForm):
    file = forms.FileField(label=_("File"))
    caption = forms.CharField(label=_("What it shows"), max_length=200, required=False)
