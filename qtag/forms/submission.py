"""Forms of a submission: beginning it, its steps, the last resort, moving learners on, what the AO records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.ui.forms import DateField, PortalForm
from qtag.forms.statements import StatementsForm


class BeginForm(PortalForm):
    """The qualification whose Q-TAGs begin, among those with registered learners."""

    course = forms.ChoiceField(label=_("Centre and qualification"))

    def __init__(self, *args: Any, courses: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Nothing is chosen for anybody: what has begun is not taken back.
        self.fields["course"].choices = [("", _("Choose")), *courses]  # type: ignore[attr-defined]


class StepForm(PortalForm):
    """What was done in one of the six steps (QTG-12)."""

    note = forms.CharField(label=_("What was done"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class LastResortForm(StatementsForm):
    """Each statement confirmed by itself, and why nothing else was possible (QTG-01)."""

    reason = forms.CharField(
        label=_("Why no other way to a result was possible"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )


class ReturnForm(PortalForm):
    """Why a learner's Q-TAG goes back, or is reopened."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Why"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class AgreementForm(PortalForm):
    """What the AO agreed with a centre before Q-TAGs open (QTG-20)."""

    agreed_with = forms.CharField(
        label=_("Agreed with"), max_length=200,
        help_text=_("Whom the terms of the qualification name, written as there; who it was goes into what was agreed."),
    )  # fmt: skip
    agreed_on = DateField(label=_("Agreed on"))
    note = forms.CharField(
        label=_("What was agreed"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean_agreed_on(self) -> Any:
        day = self.cleaned_data["agreed_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(_("The day lies in the future."))
        return day


class TermsForm(PortalForm):
    """What the AO says of a qualification (QTG-04, QTG-05, QTG-20)."""

    out_of_scope_reason = forms.CharField(
        label=_("Why it is out of scope"), help_text=_("Leave it empty while Q-TAGs are possible. Centres read it."),
        max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    is_all_licence = forms.BooleanField(label=_("Every unit is linked to a licence to practise"), required=False)
    agreement_with = forms.CharField(
        label=_("Agreement needed first with"),
        help_text=_("Such as: the external examiner."),
        max_length=120,
        required=False,
    )
    licence_units = forms.MultipleChoiceField(
        label=_("Units that must be passed first"), required=False, widget=forms.CheckboxSelectMultiple
    )
    conditional_units = forms.MultipleChoiceField(
        label=_("Units that must be passed first where a learner chose them"), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    def __init__(self, *args: Any, units: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("licence_units", "conditional_units"):
            self.fields[name].choices = list(units)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        both = set(cleaned.get("licence_units") or ()) & set(cleaned.get("conditional_units") or ())
        if both:
            self.add_error("conditional_units", _("A unit is either always needed or only where chosen, not both."))
        return cleaned
