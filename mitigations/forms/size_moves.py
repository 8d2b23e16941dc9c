"""Asking for another size, and answering."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awarding.catalogue.models import Qualification
from awarding.ui.forms import HintedRadios, PortalForm
from mitigations.workflow_sizes import SIZE_MOVE


class SizeMoveForm(PortalForm):
    """To which size, and why. `sizes` are those the learner is not on."""

    target = forms.TypedChoiceField(label=gettext_lazy("Which size"), coerce=int, widget=HintedRadios())
    reason = forms.CharField(
        label=gettext_lazy("Why this size is right for the learner"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("The awarding organisation reads it where the move could cost the learner something."),
    )

    def __init__(self, *args: Any, sizes: list[Qualification], hints: dict[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["target"]
        field.widget = HintedRadios(hints={str(pk): hint for pk, hint in hints.items()})
        field.choices = [(size.pk, str(size)) for size in sizes]


class SizeDecisionForm(PortalForm):
    """One move of a request, with its reason."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    move = forms.ChoiceField(label=gettext_lazy("What to do"), widget=HintedRadios())
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("The other side reads it, and it stays in the history."),
    )  # fmt: skip

    def __init__(self, *args: Any, moves: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["move"]
        field.choices = [(move.name, move.label) for move in moves]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        move = cleaned.get("move")
        if move and SIZE_MOVE.transition(move).needs_reason and not (cleaned.get("reason") or "").strip():
            self.add_error("reason", _("Say why: the people concerned will read it."))
        return cleaned
