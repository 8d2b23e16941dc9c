"""Which units continuing learners take later, and who finishes now."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from awarding.ui.forms import PortalForm


class LaterUnitsForm(PortalForm):
    """The units after the disrupted months, and the learners to whom that does not apply (MIT-15)."""

    expected = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20_000)
    units = forms.TypedMultipleChoiceField(
        label=_("Units that are assessed later, as usual"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )
    finishing = forms.TypedMultipleChoiceField(
        label=_("Learners who finish now"),
        help_text=_("For them all units fell in the disrupted months. Tick nobody if all of them go on."),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, *args: Any, units: list[tuple[int, str]], learners: list[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["units"].choices = units
        fields["finishing"].choices = learners
