"""One answer for many lines of a checklist."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from awarding.frameworks.document import FrameworkDocument
from awarding.ui.forms import HintedRadios, PortalForm
from mitigations.forms.checklist import state_choices, type_choices
from mitigations.models import ClaimLearner, ClaimUnit
from mitigations.queries.bulk import BulkInput
from mitigations.rules.facts import TemplateFacts


class BulkAnswerForm(PortalForm):
    """Which units, which learners, what is said of their evidence (CLM-05). What is left open stays as it is."""

    every_unit = forms.BooleanField(label=_("Every unit"), required=False)
    units = forms.MultipleChoiceField(
        label=_("Or these units"), required=False, widget=forms.CheckboxSelectMultiple
    )  # fmt: skip
    who = forms.ChoiceField(
        label=_("For whom"), widget=HintedRadios(hints={"but": _("Tick the exceptions below."), "only": _("Tick them below.")}),
        choices=[("all", _("Every learner")), ("but", _("Every learner but some")), ("only", _("Some learners only"))],
        initial="all",
    )  # fmt: skip
    learners = forms.MultipleChoiceField(label=_("Learners"), required=False, widget=forms.CheckboxSelectMultiple)
    status = forms.ChoiceField(label=_("State of the evidence"), required=False, widget=HintedRadios(inline=True))
    evidence_types = forms.MultipleChoiceField(
        label=_("Which evidence there is"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: stays as it is."),
    )  # fmt: skip
    reach = forms.ChoiceField(
        label=_("Can it be reached?"), required=False, widget=HintedRadios(inline=True),
        choices=[("", _("Stays as it is")), ("yes", _("Yes")), ("no", _("No"))],
    )  # fmt: skip
    reach_reason = forms.CharField(label=_("Why it cannot be reached"), required=False, max_length=300)
    kept_at = forms.CharField(label=_("Where it is"), required=False, max_length=200)

    def __init__(
        self, *args: Any, document: FrameworkDocument, template: TemplateFacts | None, units: list[ClaimUnit],
        learners: list[ClaimLearner], **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["units"].choices = [(str(unit.pk), f"{unit.unit.reference} {unit.unit.title}") for unit in units]
        fields["learners"].choices = [
            (row.row_key, f"{row.registration.learner.full_name}, {row.registration.learner.uln}") for row in learners
        ]
        fields["status"].choices = [("", _now("Stays as it is")), *state_choices(document)]
        fields["evidence_types"].choices = type_choices(document, template)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("every_unit") and not cleaned.get("units") and "units" not in self.errors:
            self.add_error("units", _now("Tick the units, or “Every unit”."))
        if cleaned.get("who") in ("but", "only") and not cleaned.get("learners") and "learners" not in self.errors:
            self.add_error("learners", _now("Tick the learners, or choose “Every learner”."))
        if cleaned.get("reach") == "no" and not cleaned.get("reach_reason"):
            self.add_error(
                "reach_reason", _now("Say why the evidence cannot be reached, for example “building closed”.")
            )
        if not self.errors and not self._said(cleaned):
            self.add_error(
                None, _now("Say something of the evidence: its state, which it is, or whether it can be reached.")
            )
        return cleaned

    def asked(self) -> BulkInput:
        """The answer that a valid form gives."""
        cleaned = self.cleaned_data
        fields: Any = self.fields
        every = {key for key, _label in fields["learners"].choices}
        rows = {"all": None, "but": frozenset(every - set(cleaned["learners"])), "only": frozenset(cleaned["learners"])}
        columns = [key for key, _label in fields["units"].choices] if cleaned["every_unit"] else cleaned["units"]
        return BulkInput(self._said(cleaned), frozenset(columns), rows[cleaned["who"]])

    @staticmethod
    def _said(cleaned: dict[str, Any]) -> dict[str, Any]:
        said: dict[str, Any] = {}
        if cleaned.get("status"):
            said["status"] = cleaned["status"]
        if cleaned.get("evidence_types"):
            said["evidence_types"] = list(cleaned["evidence_types"])
        if cleaned.get("reach") == "yes":
            said["is_reachable"] = True
        elif cleaned.get("reach") == "no":
            said |= {"is_reachable": False, "reach_reason": cleaned["reach_reason"], "kept_at": cleaned["kept_at"]}
        return said
