"""One line of the evidence checklist: a learner's evidence for one unit."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from awarding.frameworks.document import FrameworkDocument
from awarding.ui.forms import HintedRadios, PortalForm
from mitigations.models import EvidenceEntry
from mitigations.rules.checklist import type_label
from mitigations.rules.facts import TemplateFacts


class EvidenceLineForm(PortalForm):
    """State, types, reach and note of one line (CLM-05). States and types are the framework's.

    `guidance` is what the template says of the unit, for the page to show above the form.
    """

    guidance = ""

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
    reach_reason = forms.CharField(label=_("Why it cannot be reached"), required=False, max_length=300)
    kept_at = forms.CharField(label=_("Where it is"), required=False, max_length=200)
    note = forms.CharField(label=_("Note"), required=False, max_length=500)

    def __init__(
        self,
        *args: Any,
        document: FrameworkDocument,
        entry: EvidenceEntry | None,
        template: TemplateFacts | None = None,
        expected: tuple[str, ...] = (),
        **kwargs: Any,
    ) -> None:
        kwargs["initial"] = {
            "version": entry.version if entry else 0,
            "status": entry.status if entry else "",
            "evidence_types": entry.evidence_types if entry else [],
            "out_of_reach": bool(entry and not entry.is_reachable),
            "reach_reason": entry.reach_reason if entry else "",
            "kept_at": entry.kept_at if entry else "",
            "note": entry.note if entry else "",
        }
        super().__init__(*args, **kwargs)
        states: Any = self.fields["status"]
        states.choices = state_choices(document)
        types: Any = self.fields["evidence_types"]
        types.choices = type_choices(document, template)
        if labels := [
            _now(document.evidence_types[code].label) for code in expected if code in document.evidence_types
        ]:
            types.help_text = _now("Expected here: %(kinds)s.") % {"kinds": ", ".join(labels)}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("out_of_reach") and not cleaned.get("reach_reason"):
            self.add_error(
                "reach_reason", _now("Say why the evidence cannot be reached, for example “building closed”.")
            )
        return cleaned


def state_choices(document: FrameworkDocument) -> list[tuple[str, str]]:
    """The framework's states of a component."""
    return [(state.code, _now(state.label)) for state in document.component_states.values()]


def type_choices(document: FrameworkDocument, template: TemplateFacts | None) -> list[tuple[str, str]]:
    """The framework's kinds of evidence; those that are not enough by themselves say so."""
    return [(code, type_label(document, template, code)) for code in document.evidence_types]
