"""Asking for another size, and answering."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from awarding.catalogue.models import Qualification
from awarding.ui.forms import HintedRadios, PortalForm
from mitigations.forms.moves import MoveForm
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


class SizeDecisionForm(MoveForm):
    """One move of a request, with its reason."""

    workflow = SIZE_MOVE
    expected_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
