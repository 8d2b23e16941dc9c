"""Forms of the panel."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.ui.forms import DateField, HintedRadios, PortalForm
from mitigations.models import PanelDecision
from mitigations.queries.panel import Sieve
from mitigations.rules.conditions import Condition, condition_faults
from mitigations.rules.marks import MARKS
from mitigations.rules.verification import DIRECT_VERDICTS, SUFFICIENT
from mitigations.services.panel import Said

CONDITION_ROWS = 4


class OpenCaseForm(PortalForm):
    """Why a case is taken out of turn (CLM-12)."""

    reason = forms.CharField(
        label=_("Why this claim is taken first"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class SieveForm(PortalForm):
    """The filter above the queue, by GET."""

    finding = forms.ChoiceField(label=_("Finding"), required=False)
    holder = forms.ChoiceField(
        label=_("Held by"),
        required=False,
        choices=[("", _("Anybody")), ("free", _("Nobody")), ("held", _("Somebody")), ("mine", _("Me"))],
    )
    centre = forms.CharField(label=_("Centre: number, or a part of its name"), required=False, max_length=100)
    qan = forms.CharField(label=_("Qualification number"), required=False, max_length=12)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        findings: Any = self.fields["finding"]
        findings.choices = [("", _("Any or none")), ("none", _("No finding")), *MARKS.items()]

    @property
    def sieve(self) -> Sieve:
        """What was asked for; everything when it could not be understood."""
        return Sieve(**self.cleaned_data) if self.is_bound and self.is_valid() else Sieve()


class DecisionForm(PortalForm):
    """The panel's decision (CLM-07, CLM-08, CLM-09)."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    # The version of the case for a second opinion or the chair; empty for the first opinion.
    case_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    verdict = forms.ChoiceField(
        label=_("Decision"),
        choices=PanelDecision.Verdict.choices,
        widget=HintedRadios(
            hints={
                "sufficient": _("The sample is asked for and the claim goes to its external verifier."),
                "in_principle": _(
                    "The claim waits with its centre until the missing evidence is there, and keeps its place."
                ),
                "left_with_dcv": _("The centre’s own verifier confirms it; no external verifier looks at it."),
                "moderation": _("The claim goes to an external verifier although the centre holds direct claims."),
                "insufficient": _("The claim goes back to its centre with an agreed next step and a date."),
            }
        ),
    )
    reasons = forms.CharField(
        label=_("Reasons"),
        help_text=_("The centre reads them, and later cases are compared with them: name no learner."),
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
    expires_on = DateField(
        label=_("The approval in principle expires on"),
        required=False,
        help_text=_("After this day the claim comes back to the panel by itself. Leave it empty for no end."),
    )

    def __init__(self, *args: Any, in_principle_days: int = 28, is_direct: bool = False, **kwargs: Any) -> None:
        """`is_direct`: the centre holds direct claims, and the panel leaves the claim there or not (CLM-11)."""
        expires_on = timezone.localdate() + dt.timedelta(days=in_principle_days)
        kwargs["initial"] = {"expires_on": expires_on} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        left_out = {SUFFICIENT} if is_direct else DIRECT_VERDICTS
        verdicts: Any = self.fields["verdict"]
        verdicts.choices = [choice for choice in PanelDecision.Verdict.choices if choice[0] not in left_out]
        for number in range(1, CONDITION_ROWS + 1):
            what = forms.CharField(
                label=_("Condition %(number)s: what is needed") % {"number": number}, required=False, max_length=500
            )
            self.fields[f"condition_{number}"] = what
            self.fields[f"condition_{number}_due"] = DateField(
                label=_("Condition %(number)s: by when") % {"number": number}, required=False
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        verdict = cleaned.get("verdict")
        if verdict == PanelDecision.Verdict.INSUFFICIENT:
            self._check_next_step(cleaned)
        if verdict == PanelDecision.Verdict.IN_PRINCIPLE:
            cleaned["conditions"] = self._read_conditions(cleaned)
        else:
            cleaned["conditions"], cleaned["expires_on"] = [], None
        return cleaned

    def _check_next_step(self, cleaned: dict[str, Any]) -> None:
        if not (cleaned.get("next_step") or "").strip():
            self.add_error("next_step", _("Record the next step agreed with the centre."))
        due = cleaned.get("next_step_due")
        if due is None and "next_step_due" not in self.errors:
            self.add_error("next_step_due", _("Record by when the next step is taken."))
        elif due is not None and due < timezone.localdate():
            self.add_error("next_step_due", _("The date of the next step lies in the past."))

    def _read_conditions(self, cleaned: dict[str, Any]) -> list[Condition]:
        today, expires_on, found = timezone.localdate(), cleaned.get("expires_on"), []
        for number in range(1, CONDITION_ROWS + 1):
            name = f"condition_{number}"
            what, due = (cleaned.get(name) or "").strip(), cleaned.get(f"{name}_due")
            if what and due is None and f"{name}_due" not in self.errors:
                self.add_error(f"{name}_due", _("Say by when this condition is to be met."))
            elif due is not None and not what:
                self.add_error(name, _("Say what is needed by this day."))
            elif what and due is not None:
                condition = Condition(what, due)
                for fault in condition_faults([condition], expires_on, today):
                    if fault.code != "expiry":
                        self.add_error(f"{name}_due", str(fault.what))
                found.append(condition)
        for fault in condition_faults([], expires_on, today):
            self.add_error("expires_on", str(fault.what))
        return found

    @property
    def said(self) -> Said:
        """The opinion, of a valid form."""
        wanted = ("verdict", "reasons", "next_step", "next_step_due", "conditions", "expires_on")
        return Said(**{name: self.cleaned_data[name] for name in wanted})

    @property
    def condition_fields(self) -> list[Any]:
        """The fields of the conditions, which the page shows together."""
        numbers = range(1, CONDITION_ROWS + 1)
        return [self[name] for n in numbers for name in (f"condition_{n}", f"condition_{n}_due")]

    @property
    def has_next_step(self) -> bool:
        """Whether the next step is filled in or asked for, so that the page shows it open."""
        fields = (self["next_step"], self["next_step_due"])
        return any(field.errors for field in fields) or bool(self["next_step"].value())

    @property
    def has_conditions(self) -> bool:
        """Whether something was entered there, so that the page shows them open."""
        return any(field.value() for field in self.condition_fields if not isinstance(field.value(), tuple)) or any(
            field.errors for field in self.condition_fields
        )


class BatchForm(DecisionForm):
    """One decision for several claims."""

    turn_reason = forms.CharField(
        label=_("Why these claims come before earlier ones"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, in_turn: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["expected_version"], self.fields["case_version"]
        if in_turn:
            del self.fields["turn_reason"]


class UndoForm(PortalForm):
    """Why a decision is undone before its release, or a second opinion is done without."""

    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))


class PrecedentForm(PortalForm):
    """The filter of precedents, by GET."""

    qan = forms.CharField(label=_("Qualification number"), required=False, max_length=12)
    finding = forms.ChoiceField(label=_("Finding"), required=False)
    verdict = forms.ChoiceField(label=_("Decision"), required=False)
    words = forms.CharField(label=_("Words in the reasons"), required=False, max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        findings: Any = self.fields["finding"]
        findings.choices = [("", _("Any or none")), *MARKS.items()]
        verdicts: Any = self.fields["verdict"]
        verdicts.choices = [("", _("Any")), *PanelDecision.Verdict.choices]


class PanelSettingsForm(PortalForm):
    """How the AO's panel works."""

    releases_apart = forms.ChoiceField(
        label=_("When is the centre told?"),
        choices=[("at_once", _("At once, when the panel has decided")), ("apart", _("When somebody releases it"))],
        widget=HintedRadios(
            hints={"apart": _("Until then the centre sees nothing of a decision, and it can be undone with a reason.")}
        ),
    )
    second_opinion_share = forms.IntegerField(
        label=_("Cases that a second member decides blind, per cent"),
        min_value=0,
        max_value=100,
        help_text=_("0 for none. They are drawn by lot; the draw can be done again and gives the same."),
    )
    in_principle_days = forms.IntegerField(
        label=_("Days that an approval in principle usually lasts"), min_value=1, max_value=730
    )
    reminder_days = forms.CharField(
        label=_("Remind the centre, days before"),
        required=False,
        max_length=40,
        help_text=_("Whole numbers with commas between them, such as 14, 7, 1. Empty for no reminders."),
    )
    draws_anew = forms.BooleanField(label=_("Take a new seed for the draws to come"), required=False)

    def clean_reminder_days(self) -> list[int]:
        parts = [part.strip() for part in self.cleaned_data["reminder_days"].split(",") if part.strip()]
        if any(not (part.isascii() and part.isdecimal()) or int(part) > 365 for part in parts) or len(parts) > 6:
            raise forms.ValidationError(
                _("Write at most six whole numbers up to 365 with commas between, such as 14, 7, 1.")
            )
        return sorted({int(part) for part in parts}, reverse=True)
