"""What is recorded of a learner's units: Z flags, external entries, later grades."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from awarding.ui.forms import DateField, HintedRadios, PortalForm


class UnitForm(PortalForm):
    """One thing to record of one unit; the day is asked for with an external entry only (QTG-15, QTG-16)."""

    what = forms.ChoiceField(
        label=_("What to record"),
        choices=[
            ("flag", _("Z flag: due, and not fully assessed")),
            ("entry", _("External entry made in the window")),
            ("forward", _("Put it forward for a later grade")),
            ("take_flag", _("Take the Z flag back")),
            ("take_entry", _("Take the external entry back")),
            ("take_forward", _("No longer put it forward")),
        ],
        widget=HintedRadios(hints={"forward": _("For learners who go on, where there is a flag or an entry.")}),
    )
    unit = forms.ChoiceField(label=_("Unit"))
    entered_on = DateField(
        label=_("Day of the external entry"), required=False, help_text=_("With an external entry only.")
    )

    def __init__(self, *args: Any, units: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = list(units)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("what") == "entry" and not cleaned.get("entered_on") and "entered_on" not in self.errors:
            self.add_error("entered_on", _("Give the day on which the entry was made."))
        return cleaned
