"""The form of a checklist template: what is expected of every unit, and what of single ones."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.models import Unit
from awarding.frameworks.document import FrameworkDocument
from awarding.ui.forms import PortalForm
from mitigations.models import ChecklistTemplate, TemplateUnit
from mitigations.services.templates import TemplateInput, UnitInput


class TemplateForm(PortalForm):
    """What holds for the whole checklist. Kinds of evidence are the framework's."""

    expected_number = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    guidance = forms.CharField(
        label=_("Help for whoever fills the checklist in"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Stands above the checklist. Say what a good case of evidence looks like for this qualification."),
    )  # fmt: skip
    expected = forms.MultipleChoiceField(
        label=_("Evidence expected for every unit"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("What is missing is told to the centre and the panel; it does not stop the claim."),
    )  # fmt: skip
    standing_alone = forms.MultipleChoiceField(
        label=_("May stand alone"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Those that the framework lets. You may leave out some, not add any."),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Why this version"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed for every version after the first."),
    )  # fmt: skip

    def __init__(
        self, *args: Any, document: FrameworkDocument, shown: ChecklistTemplate | None = None, **kwargs: Any
    ) -> None:
        permitted = [code for code, kind in document.evidence_types.items() if kind.may_stand_alone]
        initial: dict[str, Any] = {"expected_number": 0, "standing_alone": permitted}
        if shown is not None:
            initial |= {
                "guidance": shown.guidance, "expected": shown.expected, "standing_alone": shown.standing_alone,
            }  # fmt: skip
        kwargs["initial"] = initial | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        _offer(self, "expected", _kinds(document))
        _offer(self, "standing_alone", [(code, label) for code, label in _kinds(document) if code in permitted])


class TemplateUnitForm(PortalForm):
    """What holds for one unit by itself."""

    differs = forms.BooleanField(label=_("Other evidence is expected here"), required=False)
    expected = forms.MultipleChoiceField(
        label=_("Evidence expected for this unit"), required=False, widget=forms.CheckboxSelectMultiple
    )
    guidance = forms.CharField(
        label=_("Help for this unit"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(
        self, *args: Any, document: FrameworkDocument, unit: Unit, shown: TemplateUnit | None = None, **kwargs: Any
    ) -> None:
        self.unit = unit
        self.says_something = shown is not None
        if shown is not None:
            kwargs["initial"] = {
                "differs": shown.expected is not None, "expected": shown.expected or [], "guidance": shown.guidance,
            }  # fmt: skip
        super().__init__(*args, prefix=f"u{unit.pk}", **kwargs)
        _offer(self, "expected", _kinds(document))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("expected") and not cleaned.get("differs"):
            words = _now("Tick that other evidence is expected for %(unit)s, or untick the kinds below it.")
            self.add_error("differs", words % {"unit": self.unit.reference})
        return cleaned

    def said(self) -> UnitInput:
        """What was written, once the form is valid."""
        cleaned = self.cleaned_data
        return UnitInput(tuple(cleaned["expected"]) if cleaned["differs"] else None, cleaned["guidance"])


def template_input(form: TemplateForm, units: list[TemplateUnitForm]) -> TemplateInput:
    """The template that valid forms describe."""
    cleaned = form.cleaned_data
    return TemplateInput(
        cleaned["guidance"], tuple(cleaned["expected"]), tuple(cleaned["standing_alone"]),
        {unit.unit.pk: unit.said() for unit in units},
    )  # fmt: skip


class WithdrawTemplateForm(PortalForm):
    """Why a template is withdrawn."""

    expected_number = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    reason = forms.CharField(label=_("Why it is withdrawn"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="id_withdraw_%s", **kwargs)


def _kinds(document: FrameworkDocument) -> list[tuple[str, str]]:
    return [(code, _now(kind.label)) for code, kind in document.evidence_types.items() if kind.is_evidence]


def _offer(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field: Any = form.fields[name]
    field.choices = choices
