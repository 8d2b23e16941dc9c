"""One line of the evidence checklist: a learner's evidence for one unit."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from awarding.frameworks.document import FrameworkDocument
from awarding.ui.forms import HintedRadios, PortalForm
from mitigations.models import EvidenceEntry


class EvidenceLineForm(PortalForm):
    """State, types, reach and note of one line (CLM-05). States and types are the framework's."""

    version = forms.CharField(widget=forms.HiddenInput, max_length=12)
    status = forms.ChoiceField(label=_("State of the evidence"), required=False, widget=HintedRadios(inline=True))
    evidence_types = forms.MultipleChoiceField(
        label=_("Which evidence there is"), required=False, widget=forms.CheckboxSelectMultiple
    )
    out_of_reach = forms.BooleanField(
        label=_("The evidence cannot be reached"),
        required=False,
        help_text=_("For example locked in a building. Declaring it does not stop the claim."),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=500)

    def __init__(self, *args: Any, document: FrameworkDocument, entry: EvidenceEntry | None, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "version": entry.version if entry else 0,
            "status": entry.status if entry else "",
            "evidence_types": entry.evidence_types if entry else [],
            "out_of_reach": bool(entry and not entry.is_reachable),
            "note": entry.note if entry else "",
        }
        super().__init__(*args, **kwargs)
        states: Any = self.fields["status"]
        states.choices = [(state.code, _(state.label)) for state in document.component_states.values()]
        types: Any = self.fields["evidence_types"]
        types.choices = [(kind.code, _(kind.label)) for kind in document.evidence_types.values()]
