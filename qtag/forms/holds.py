"""Putting a hold on evidence and lifting it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from awarding.ui.forms import PortalForm
from qtag.models import EvidenceHold
from qtag.queries.holds import find_centre, find_registered


class HoldForm(PortalForm):
    """What the hold covers, by the numbers that people have before them, and why (QTG-19)."""

    centre_number = forms.CharField(label=_("Centre number"), max_length=20)
    qan = forms.CharField(
        label=_("Qualification number (QAN)"), max_length=12, required=False,
        help_text=_("Leave it empty to hold the evidence of every qualification."),
    )  # fmt: skip
    uln = forms.CharField(
        label=_("Unique learner number (ULN)"), max_length=14, required=False,
        help_text=_("Leave it empty to hold the evidence of every learner."),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("For what"), choices=EvidenceHold.Kind.choices, widget=forms.RadioSelect)
    reference = forms.CharField(label=_("Reference of the case"), max_length=60)
    reason = forms.CharField(
        label=_("Why"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The centre does not read it. It stays in the history."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if "centre_number" not in said:
            return said
        said["centre"] = find_centre(said["centre_number"])
        if said["centre"] is None:
            self.add_error("centre_number", _("No centre has this number. Look at its page for the right one."))
            return said
        qan, uln = said.get("qan", ""), said.get("uln", "")
        said["qualification"], said["learner"] = find_registered(said["centre"], qan, uln)
        if qan and said["qualification"] is None:
            self.add_error("qan", _("Nobody is registered for a qualification with this number at the centre."))
        elif uln and said["learner"] is None:
            self.add_error("uln", _("No learner with this number is registered so at the centre."))
        return said

    @property
    def said(self) -> dict[str, Any]:
        """As `put_hold` takes it."""
        names = ("centre", "qualification", "learner", "kind", "reference", "reason")
        return {name: self.cleaned_data[name] for name in names}


class LiftForm(PortalForm):
    """Why the evidence is no longer held."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Why it is lifted"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
