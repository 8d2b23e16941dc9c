"""Deciding a thing with a transition table: which move, and why; naming a deputy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.ui.forms import DateField, HintedRadios, PortalForm
from awarding.workflow.table import Transition


class DecisionForm(PortalForm):
    """One of the moves that are open to this person, with its reason where the table asks for one."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    move = forms.ChoiceField(label=_("What to do"), widget=HintedRadios())
    reason = forms.CharField(
        label=_("Why"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("It stays in the history. Name no learner."),
    )  # fmt: skip

    def __init__(self, *args: Any, moves: Sequence[Transition], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.moves = {move.name: move for move in moves}
        field: Any = self.fields["move"]
        field.choices = [(move.name, move.label) for move in moves]
        asking = [str(move.label) for move in moves if move.needs_reason]
        reason: Any = self.fields["reason"]
        reason.required = bool(moves) and len(asking) == len(moves)
        if asking and not reason.required:
            words = _("Needed for: %(moves)s. It stays in the history. Name no learner.")
            reason.help_text = words % {"moves": ", ".join(asking)}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        move = self.moves.get(cleaned.get("move") or "")
        if (
            move is not None
            and move.needs_reason
            and "reason" not in self.errors
            and not (cleaned.get("reason") or "").strip()
        ):
            self.add_error("reason", _("Say why: it stays in the history and the people concerned read it."))
        return cleaned


class DeputyForm(PortalForm):
    """Who signs in the head's place, until when, and why. `people` are (centre-person, name) pairs."""

    who = forms.ChoiceField(label=_("Who signs in your place"), widget=HintedRadios())
    last_day = DateField(label=_("Last day on which they may sign"))
    reason = forms.CharField(
        label=_("Why you cannot sign yourself"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The awarding organisation reads it and decides."),
    )  # fmt: skip

    def __init__(self, *args: Any, people: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["who"]
        field.choices = list(people)

    def clean_last_day(self) -> Any:
        day = self.cleaned_data["last_day"]
        if day and day < timezone.localdate():
            raise forms.ValidationError(_("The last day has passed already. Choose today or a later one."))
        return day
