"""Forms about notices to centres."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awarding.ui.forms import DateField, HintedRadios, PortalForm
from mitigations.forms.impact import checked_uln
from mitigations.models import NoticeLine
from mitigations.queries.centre_notices import NO_CONTACT, OVERDUE, WAITING
from mitigations.workflow import CENTRE_NOTICE, NOTICE_LINE


def not_in_the_past(form: PortalForm, name: str) -> None:
    """Adds an error to a date field whose day has gone by."""
    day = form.cleaned_data.get(name)
    if day is not None and day < timezone.localdate():
        form.add_error(name, _("The day lies in the past."))


class RoundForm(PortalForm):
    """What an AO says when it begins a round."""

    expected_number = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    answer_by = DateField(label=gettext_lazy("Answer by"))
    remind_every_days = forms.IntegerField(
        label=gettext_lazy("Days between reminders"),
        help_text=gettext_lazy("A centre that has not answered is reminded so often, on working days."),
        min_value=1,
        max_value=60,
    )
    message = forms.CharField(
        label=gettext_lazy("What you want to say to the centres"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        not_in_the_past(self, "answer_by")
        return cleaned


class NoticeFilterForm(PortalForm):
    """The filter above a round's notices, by GET."""

    show = forms.ChoiceField(label=gettext_lazy("Which"), required=False)
    q = forms.CharField(label=gettext_lazy("Centre’s name or number"), required=False, max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["show"]
        field.choices = [
            ("", _("All")),
            (WAITING, _("Not answered")),
            (OVERDUE, _("Not answered, and the day has passed")),
            (NO_CONTACT, _("No quality contact")),
            *[(state.name, state.label) for state in CENTRE_NOTICE.states],
        ]


class ConfirmForm(PortalForm):
    """The centre's confirmation: the framework's statement, ticked."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    agrees = forms.BooleanField(
        label=gettext_lazy("The notice names every impacted learner and programme of our centre.")
    )

    def __init__(self, *args: Any, statement: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if statement:
            self.fields["agrees"].label = statement


class MissingForm(PortalForm):
    """One learner or programme that is missing from a notice."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What is missing?"), choices=NoticeLine.Kind.choices, widget=HintedRadios()
    )
    qan = forms.CharField(label=gettext_lazy("Qualification number (QAN)"), max_length=12)
    learner_name = forms.CharField(label=gettext_lazy("Learner’s full name"), required=False, max_length=200)
    uln = forms.CharField(label=gettext_lazy("ULN"), required=False, max_length=16)
    details = forms.CharField(
        label=gettext_lazy("Details"),
        help_text=gettext_lazy(
            "What you know: cohort, dates, when the learner was registered, how many are concerned."
        ),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean_uln(self) -> str:
        return checked_uln(self.cleaned_data["uln"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("kind") == NoticeLine.Kind.LEARNER and not (cleaned.get("learner_name") or "").strip():
            self.add_error("learner_name", _("Say who is missing."))
        return cleaned


class SettleForm(PortalForm):
    """The AO's answer to one line."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    move = forms.ChoiceField(
        label=gettext_lazy("Your answer"),
        choices=[(move.name, move.label) for move in NOTICE_LINE.transitions if move.name != "take_back"],
        widget=HintedRadios(),
    )
    answer = forms.CharField(
        label=gettext_lazy("What the centre reads"),
        help_text=gettext_lazy("Needed unless the line is added."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        move = cleaned.get("move")
        if move and NOTICE_LINE.transition(move).needs_reason and not (cleaned.get("answer") or "").strip():
            self.add_error("answer", _("Say why: the centre reads it."))
        return cleaned
