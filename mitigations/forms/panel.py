"""Forms of the panel."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.ui.forms import DateField, HintedRadios, PortalForm
from mitigations.models import PanelDecision


class OpenCaseForm(PortalForm):
    """Why a case is taken out of turn (CLM-12)."""

    reason = forms.CharField(
        label=_("Why this claim is taken first"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class DecisionForm(PortalForm):
    """The panel's decision (CLM-08, CLM-09)."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    verdict = forms.ChoiceField(
        label=_("Decision"),
        choices=PanelDecision.Verdict.choices,
        widget=HintedRadios(
            hints={
                "sufficient": _("The sample is asked for and the claim goes to its external verifier."),
                "in_principle": _(
                    "The claim waits with its centre until the missing evidence is there, and keeps its place."
                ),
                "insufficient": _("The claim goes back to its centre with an agreed next step and a date."),
            }
        ),
    )
    reasons = forms.CharField(
        label=_("Reasons"),
        help_text=_("The centre reads them."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    next_step = forms.CharField(
        label=_("Next step agreed with the centre"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    next_step_due = DateField(label=_("Next step by"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("verdict") == PanelDecision.Verdict.INSUFFICIENT:
            if not (cleaned.get("next_step") or "").strip():
                self.add_error("next_step", _("Record the next step agreed with the centre."))
            due = cleaned.get("next_step_due")
            if due is None and "next_step_due" not in self.errors:
                self.add_error("next_step_due", _("Record by when the next step is taken."))
            elif due is not None and due < timezone.localdate():
                self.add_error("next_step_due", _("The date of the next step lies in the past."))
        return cleaned
