"""One move of a request, chosen among those that are open to the person, with its reason where the table asks for one."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awarding.ui.forms import HintedRadios, PortalForm
from awarding.workflow.table import Workflow

SAY_WHY = gettext_lazy("Say why: the people concerned will read it.")


class MoveForm(PortalForm):
    """`workflow` is the table of the moves; `moves` are those that this person may make now."""

    workflow: ClassVar[Workflow]
    field_order = ["expected_version", "move", "reason"]

    move = forms.ChoiceField(label=gettext_lazy("What to do"), widget=HintedRadios())
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("The other side reads it, and it stays in the history."),
    )  # fmt: skip

    def __init__(self, *args: Any, moves: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["move"]
        field.choices = [(move.name, move.label) for move in moves]
        say_when_needed(self.fields["reason"], moves)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        move = cleaned.get("move")
        unsaid = "reason" not in self.errors and not (cleaned.get("reason") or "").strip()
        if move and unsaid and self.workflow.transition(move).needs_reason:
            self.add_error("reason", SAY_WHY)
        return cleaned


def say_when_needed(reason: Any, moves: list[Any]) -> None:
    """Makes the box for a reason tell the truth about `moves`: never "optional" where leaving it empty is refused."""
    needing = [str(move.label) for move in moves if move.needs_reason]
    if needing and len(needing) == len(moves):
        reason.required = True
        reason.error_messages["required"] = SAY_WHY
    elif needing:
        reason.is_sometimes_needed = True
        when = _("Needed for: %(moves)s.") % {"moves": "; ".join(needing)}
        reason.help_text = f"{reason.help_text} {when}"
