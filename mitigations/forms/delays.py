"""Forms about delayed assessments."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awarding.ui.forms import DateField, PortalForm
from mitigations.forms.centre_notices import not_in_the_past
from mitigations.models import AssessmentDate
from mitigations.models.delay import MOST_LEARNERS
from mitigations.workflow import DELAY_QUESTION


class AskForm(PortalForm):
    """What an AO says when it asks centres about delayed assessments."""

    answer_by = DateField(label=gettext_lazy("Answer by"))
    remind_every_days = forms.IntegerField(
        label=gettext_lazy("Days between reminders"), min_value=1, max_value=60, initial=7
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        not_in_the_past(self, "answer_by")
        return cleaned


class QuestionFilterForm(PortalForm):
    """The filter above the list of questions, by GET."""

    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    q = forms.CharField(label=gettext_lazy("Centre, or qualification"), required=False, max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["state"]
        states = [(state.name, state.label) for state in DELAY_QUESTION.states]
        field.choices = [("", _("Any")), ("late", _("Not answered, and the day has passed")), *states]


class AnswerForm(PortalForm):
    """When a centre's learners can sit, how many, with what needs (MIT-16)."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    sitting = forms.IntegerField(
        label=gettext_lazy("How many learners will sit?"),
        help_text=gettext_lazy("0 if none of them wants to any more; then leave the days empty."),
        min_value=0,
        max_value=MOST_LEARNERS,
    )
    can_sit_from = DateField(label=gettext_lazy("From which day can they sit?"), required=False)
    can_sit_until = DateField(label=gettext_lazy("Until which day?"), required=False)
    needs = forms.CharField(
        label=gettext_lazy("What do they need?"),
        help_text=gettext_lazy("Access arrangements, rooms, equipment, a visit, days that are impossible. No names."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("sitting"):
            return cleaned
        first, last = cleaned.get("can_sit_from"), cleaned.get("can_sit_until")
        if first is None and "can_sit_from" not in self.errors:
            self.add_error("can_sit_from", _("Say from which day they can sit."))
        if last is None and "can_sit_until" not in self.errors:
            self.add_error("can_sit_until", _("Say until which day they can sit."))
        if first and last and last < first:
            self.add_error("can_sit_until", _("The last day lies before the first."))
        not_in_the_past(self, "can_sit_until")
        return cleaned


class DateForm(PortalForm):
    """A date to publish."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What is it?"), choices=AssessmentDate.Kind.choices, widget=forms.RadioSelect
    )
    title = forms.CharField(label=gettext_lazy("Which assessment"), max_length=200)
    starts_on = DateField(label=gettext_lazy("First day"))
    ends_on = DateField(
        label=gettext_lazy("Last day"), required=False, help_text=gettext_lazy("Leave empty when it is one day.")
    )
    entries_by = DateField(label=gettext_lazy("Entries by"), required=False)
    details = forms.CharField(
        label=gettext_lazy("What centres and learners should know"),
        help_text=gettext_lazy("Everybody can read it."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        not_in_the_past(self, "starts_on")
        first = cleaned.get("starts_on")
        if first is None:
            return cleaned
        if "ends_on" not in self.errors:
            cleaned["ends_on"] = cleaned.get("ends_on") or first
            if cleaned["ends_on"] < first:
                self.add_error("ends_on", _("The last day lies before the first."))
        entries = cleaned.get("entries_by")
        if entries is not None and entries > first:
            self.add_error("entries_by", _("Entries close after the assessment begins."))
        return cleaned


class WithdrawDateForm(PortalForm):
    """Why a published date is taken back."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("The centres that were told of the date read it."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
