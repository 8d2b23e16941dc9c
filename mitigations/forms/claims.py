"""Forms about whole claims: the list's filter, generating, withdrawing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from awarding.ui.forms import HintedRadios, PortalForm
from mitigations.workflow import CLAIM


class ClaimFilterForm(PortalForm):
    """The filter above the list of claims, by GET. `centres` are (id, name) pairs."""

    state = forms.ChoiceField(label=_("State"), required=False)
    centre = forms.TypedChoiceField(label=_("Centre"), required=False, coerce=int, empty_value=None)
    qan = forms.CharField(label=_("Qualification number"), required=False, max_length=12)
    number = forms.CharField(label=_("eRAC number"), required=False, max_length=30)

    def __init__(self, *args: Any, centres: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        anything = [("", _("Any"))]
        states: Any = self.fields["state"]
        states.choices = anything + [(state.name, state.label) for state in CLAIM.states]
        places: Any = self.fields["centre"]
        places.choices = anything + [(pk, name) for pk, name in centres]


class GenerateForm(PortalForm):
    """Whether a mitigation is taken up or declined (MIT-04)."""

    mitigation = forms.ChoiceField(
        label=_("How do you claim?"),
        choices=[("take", _("As agreed for the qualification")), ("decline", _("In the ordinary way"))],
        initial="take",
        widget=HintedRadios(hints={"decline": _("The decision is recorded with the claim.")}),
    )
    declined_reason = forms.CharField(
        label=_("Why the mitigation is declined"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("mitigation") == "decline" and not (cleaned.get("declined_reason") or "").strip():
            self.add_error("declined_reason", _("Say why the mitigation is declined: it is recorded with the claim."))
        return cleaned


class ReasonForm(PortalForm):
    """A move that needs a reason, made on the version of the claim that the page showed."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
