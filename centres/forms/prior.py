"""Credit transfer and recognition of prior learning."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.models import Grade
from awarding.ui.forms import DateField, HintedRadios, PortalForm
from centres.models import PriorAchievement, Registration
from centres.queries.prior import units_to_bring


class PriorForm(PortalForm):
    """One unit that a learner brings."""

    unit = forms.TypedChoiceField(label=_("Unit"), coerce=int)
    kind = forms.ChoiceField(label=_("How"), choices=PriorAchievement.Kind.choices, widget=HintedRadios())
    source = forms.CharField(
        label=_("From where"),
        max_length=200,
        help_text=_("The awarding organisation and qualification, the employer, or the course."),
    )
    evidence = forms.CharField(
        label=_("Evidence"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "What shows it and where it is kept: a certificate with its number, a portfolio mapped to the criteria."
        ),
    )
    achieved_on = DateField(label=_("Achieved on"), required=False)
    grade = forms.ChoiceField(
        label=_("Grade"), required=False, help_text=_("Only where the grade is transferred, too.")
    )

    def __init__(self, *args: Any, registration: Registration, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        self.units = {place.unit_id: place.unit for place in units_to_bring(registration)}
        fields["unit"].choices = [
            ("", _("Choose a unit")),
            *((pk, f"{unit.reference} {unit.title}") for pk, unit in self.units.items()),
        ]
        grades = Grade.objects.filter(scale_id=registration.qualification.unit_scale_id, is_achieved=True)
        fields["grade"].choices = [("", _("No grade")), *((g.code, g.label) for g in grades.order_by("rank"))]

    def clean_achieved_on(self) -> Any:
        day = self.cleaned_data["achieved_on"]
        if day is not None and day > timezone.localdate():
            raise forms.ValidationError(_("The day lies in the future."))
        return day

    def facts(self) -> dict[str, Any]:
        """What the service takes."""
        return self.cleaned_data | {"unit": self.units[self.cleaned_data["unit"]]}


class EndPriorForm(PortalForm):
    """Why a record is taken back."""

    reason = forms.CharField(label=_("Why it is taken back"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
