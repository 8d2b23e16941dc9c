"""Forms about who is impacted: the filters, and cases of learners outside the dates."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awarding.catalogue.models import Qualification
from awarding.catalogue.queries.search import own_qualifications, read_qan
from awarding.identifiers import UlnError, parse_uln
from awarding.ui.forms import DateField, HintedRadios, PortalForm
from mitigations.forms.moves import SAY_WHY, say_when_needed
from mitigations.models import ImpactCase
from mitigations.queries.impact import REASONS
from mitigations.workflow import IMPACT_CASE


def own_qualification(text: str) -> Qualification:
    """The open AO's qualification of a typed number. Raises ValidationError that says how to find the right one."""
    number = read_qan(text)
    found = own_qualifications().filter(qan=number.number).first() if number is not None else None
    if found is None:
        raise forms.ValidationError(
            _("“%(typed)s” is not the number of a qualification here. Look it up under “Qualifications”: 601/7159/5.")
            % {"typed": text[:20]}
        )
    return found


def checked_uln(text: str) -> str:
    """A typed ULN as ten digits, or "" for none. Raises ValidationError."""
    if not text.strip():
        return ""
    try:
        return parse_uln(text)
    except UlnError as error:
        raise forms.ValidationError(str(error)) from error


class ImpactFilterForm(PortalForm):
    """The filter above the list of learners, by GET. `centres` are (id, name), `frameworks` (code, title)."""

    framework = forms.ChoiceField(label=gettext_lazy("Framework"), required=False)
    centre = forms.TypedChoiceField(label=gettext_lazy("Centre"), required=False, coerce=int, empty_value=None)
    reason = forms.ChoiceField(label=gettext_lazy("Why"), required=False)
    qan = forms.CharField(label=gettext_lazy("Qualification number"), required=False, max_length=12)
    q = forms.CharField(label=gettext_lazy("Learner’s name or ULN"), required=False, max_length=100)

    def __init__(
        self, *args: Any, frameworks: list[tuple[str, str]], centres: list[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["framework"].choices = frameworks
        fields["centre"].choices = [("", _("Any")), *centres]
        fields["reason"].choices = [("", _("Any")), *REASONS.items()]


class CaseFilterForm(PortalForm):
    """The filter above the list of cases, by GET."""

    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("What happened"), required=False)
    owner = forms.ChoiceField(label=gettext_lazy("Owner"), required=False)
    centre = forms.TypedChoiceField(label=gettext_lazy("Centre"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, centres: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        states = [(state.name, state.label) for state in IMPACT_CASE.states]
        fields["state"].choices = [("", _("Any")), ("open", _("Under way")), *states]
        fields["kind"].choices = [("", _("Any")), *ImpactCase.Kind.choices]
        fields["owner"].choices = [("", _("Anybody")), ("me", _("Me"))]
        fields["centre"].choices = [("", _("Any")), *centres]


class CaseForm(PortalForm):
    """What a centre says about a learner outside the dates (MIT-08)."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What happened"),
        choices=[choice for choice in ImpactCase.Kind.choices if choice[0] != ImpactCase.Kind.UNREGISTERED],
        widget=HintedRadios(),
    )
    why = forms.CharField(
        label=gettext_lazy("Why the learner was held up all the same"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    evidence = forms.CharField(
        label=gettext_lazy("Evidence to hand now"),
        help_text=gettext_lazy("What exists, for which units, and where it is. You need not send it yet."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class UnregisteredCaseForm(PortalForm):
    """A learner whom nobody registered (MIT-07). `cleaned_data["qan"]` is the qualification."""

    learner_name = forms.CharField(label=gettext_lazy("Learner’s full name"), max_length=200)
    uln = forms.CharField(
        label=gettext_lazy("ULN"), max_length=16, required=False, help_text=gettext_lazy("Ten digits, if there is one.")
    )
    qan = forms.CharField(label=gettext_lazy("Qualification number (QAN)"), max_length=12)
    why = forms.CharField(
        label=gettext_lazy("Why the learner is not registered"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    evidence = forms.CharField(
        label=gettext_lazy("Evidence to hand now"), max_length=4000, widget=forms.Textarea(attrs={"rows": 5})
    )

    def clean_qan(self) -> Qualification:
        return own_qualification(self.cleaned_data["qan"])

    def clean_uln(self) -> str:
        return checked_uln(self.cleaned_data["uln"])


class CaseMoveForm(PortalForm):
    """One move of a case, with its reason; asking the centre names a day."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    move = forms.ChoiceField(label=gettext_lazy("What to do"), widget=HintedRadios())
    reason = forms.CharField(
        label=gettext_lazy("What you write to the other side"),
        help_text=gettext_lazy("The other side reads it, and it stays in the history."),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    due_on = DateField(label=gettext_lazy("When you ask the centre: answer by"), required=False)

    def __init__(self, *args: Any, moves: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["move"]
        field.choices = [(move.name, move.label) for move in moves]
        say_when_needed(self.fields["reason"], moves)
        if not any(move.name == "ask" for move in moves):
            del self.fields["due_on"]
        else:
            due_on: Any = self.fields["due_on"]
            due_on.is_sometimes_needed = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        move = cleaned.get("move")
        unsaid = "reason" not in self.errors and not (cleaned.get("reason") or "").strip()
        if move and unsaid and IMPACT_CASE.transition(move).needs_reason:
            self.add_error("reason", SAY_WHY)
        due = cleaned.get("due_on")
        if move == "ask" and "due_on" not in self.errors:
            if due is None:
                self.add_error("due_on", _("Say by when the centre should answer."))
            elif due < timezone.localdate():
                self.add_error("due_on", _("The day lies in the past."))
        return cleaned
