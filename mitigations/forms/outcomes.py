"""Forms that set outcomes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awarding.frameworks.document import FrameworkDocument
from awarding.ui.forms import HintedRadios, PortalForm
from mitigations.rules.outcome import OUT_OF_SCOPE, permitted_outcomes


class OutcomeForm(PortalForm):
    """One outcome for one qualification: only those that the framework permits for its category."""

    kind = forms.ChoiceField(label=gettext_lazy("What happens to it"), widget=HintedRadios())
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
        required=False,
        help_text=gettext_lazy("Everybody can read it. Needed for out of scope and for a last resort."),
    )
    expected = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    def __init__(self, *args: Any, document: FrameworkDocument, category: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices, hints = outcome_choices(document, category)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - narrows the type
        field.choices = choices
        field.widget.hints = hints


def outcome_choices(document: FrameworkDocument, category: str) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """(choices, hints) of the outcomes permitted for the category, out of scope the last."""
    choices, hints = [], {}
    for row in permitted_outcomes(document, category):
        label = _(row.outcome.label)
        choices.append(
            (row.outcome.code, _("%(label)s (last resort)") % {"label": label} if row.is_last_resort else label)
        )
        hints[row.outcome.code] = _(row.outcome.means)
    choices.append((OUT_OF_SCOPE, _("Out of the framework's scope")))
    hints[OUT_OF_SCOPE] = _("The ordinary conditions apply. Give the reason, mostly that it is not publicly funded.")
    return choices, hints


class BulkOutcomeForm(PortalForm):
    """One outcome for the qualifications that are ticked."""

    kind = forms.ChoiceField(label=gettext_lazy("Outcome for those ticked"))
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=2000, required=False)

    def __init__(self, *args: Any, document: FrameworkDocument, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = [(row.code, _(row.label)) for row in document.outcomes.values()]
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - narrows the type
        field.choices = [("", _("Choose")), *labels, (OUT_OF_SCOPE, _("Out of the framework's scope"))]
