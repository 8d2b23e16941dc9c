"""Forms about direct claims status."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.models import Qualification
from awarding.identifiers import bare_qan
from awarding.ui.forms import DateField, HintedRadios, PortalForm
from centres.models import Centre, DirectClaimsMonitoring
from centres.queries.direct_claims import taught_at

WORDS = forms.Textarea(attrs={"rows": 4})


class AskForm(PortalForm):
    """An application or a recommendation. `cleaned_data` has the Centre and the Qualification themselves."""

    centre_number = forms.CharField(label=_("Centre number"), max_length=20)
    qan = forms.CharField(
        label=_("Qualification number"), max_length=12,
        help_text=_("For example 601/7159/5. The centre must have learners on it."),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Why"), max_length=2000, widget=WORDS,
        help_text=_("How internal verification works there, and what past visits found. Everybody concerned reads it."),
    )  # fmt: skip

    def __init__(self, *args: Any, centres: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.centres = centres

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        number, qan = data.get("centre_number"), bare_qan(data.get("qan") or "")
        if not number or not qan:
            return data
        centre: Centre | None = self.centres.filter(number__iexact=number.strip()).first()
        if centre is None:
            self.add_error(
                "centre_number",
                _("No centre of yours has the number %(number)s. It stands at the foot of the centre’s home page.")
                % {"number": number.strip()},
            )
            return data
        qualification: Qualification | None = taught_at(centre).filter(qan=qan).first()
        if qualification is None:
            self.add_error(
                "qan",
                _("%(centre)s has no learners registered for %(qan)s. Check the number, or register learners first.")
                % {"centre": centre.name, "qan": data["qan"].strip()},
            )
        return data | {"centre": centre, "qualification": qualification}


class MoveForm(PortalForm):
    """A decision with its reason, made on the version of the status that the page showed."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reasons"), max_length=2000, widget=WORDS, help_text=_("The centre reads them.")
    )  # fmt: skip


class GrantForm(MoveForm):
    """A grant, with the day of the first monitoring."""

    monitoring_due_on = DateField(label=_("First monitoring by"), help_text=_("Within six months from today."))


class MonitoringForm(PortalForm):
    """A monitoring that was held."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    held_on = DateField(label=_("Held on"))
    outcome = forms.ChoiceField(
        label=_("Outcome"), choices=DirectClaimsMonitoring.Outcome.choices,
        widget=HintedRadios(hints={"unsatisfactory": _("The status stays as it is until you freeze or remove it.")}),
    )  # fmt: skip
    notes = forms.CharField(
        label=_("What was found"), max_length=4000, widget=WORDS, help_text=_("The centre reads it.")
    )  # fmt: skip
    next_due_on = DateField(label=_("Next monitoring by"), required=False)
