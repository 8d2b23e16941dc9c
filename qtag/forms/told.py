"""Recording for many learners that they were told which evidence is used."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from awarding.ui.forms import HintedRadios
from qtag.forms.learner import ToldForm

TICKED, EVERYBODY = "ticked", "everybody"


class ToldManyForm(ToldForm):
    """One day for many learners (QTG-21)."""

    whom = forms.ChoiceField(
        label=_("Who was told on that day"),
        choices=[(TICKED, _("The learners ticked below")), (EVERYBODY, _("Everybody shown who was not told of everything yet"))],
        initial=TICKED,
        widget=HintedRadios(hints={EVERYBODY: _("On all pages of this list, but for those without evidence.")}, inline=False),
    )  # fmt: skip

    def __init__(self, *args: Any, is_any_ticked: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_any_ticked = is_any_ticked

    def clean_whom(self) -> str:
        whom: str = self.cleaned_data["whom"]
        if whom == TICKED and not self.is_any_ticked:
            raise forms.ValidationError(_("Tick at least one learner below, or choose everybody."))
        return whom
