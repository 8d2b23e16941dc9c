"""Writing a request for a component's grade, and moving it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from awarding.frameworks.document import FrameworkDocument
from awarding.ui.forms import HintedRadios, PortalForm
from mitigations.forms.moves import MoveForm
from mitigations.models import ComponentTag
from mitigations.services.component_tags import TagInput
from mitigations.workflow import COMPONENT_TAG

TELL = "tell_"


class TagForm(PortalForm):
    """One component's grade with all that a request tells. Nothing but the grade is needed before it is sent.

    `learners` and `units` are (id, name) pairs; without them the request stands and its place is fixed.
    """

    expected_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, document: FrameworkDocument, grades: list[tuple[str, str]],
        places: tuple[list[tuple[int, str]], list[tuple[int, str]]] | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        tags = document.component_tags
        if tags is None:
            raise LookupError(f"{document.id} gives no grades for single components")
        if places is not None:
            for name, label, rows in zip(("learner", "unit"), (_("Learner"), _("Unit")), places, strict=True):
                choices = [("", _("Choose one")), *rows]
                self.fields[name] = forms.TypedChoiceField(label=label, coerce=int, choices=choices)
        self.fields["grade"] = forms.ChoiceField(
            label=_("Grade you propose"), choices=grades, widget=HintedRadios(),
            help_text=_("It counts once the awarding organisation has agreed."),
        )  # fmt: skip
        codes = document.outcome(tags.outcome).last_resort_statements
        self.fields["statements"] = forms.MultipleChoiceField(
            label=_("What you confirm"), required=False, widget=forms.CheckboxSelectMultiple,
            choices=[(code, _(document.statements[code].text)) for code in codes],
            help_text=_("A grade by teachers is the last resort: both are needed before the request is sent."),
        )  # fmt: skip
        self.fields["evidence_types"] = forms.MultipleChoiceField(
            label=_("Evidence for this component"), required=False, widget=forms.CheckboxSelectMultiple,
            choices=[(row.code, _(row.label)) for row in document.evidence_types.values() if row.is_evidence],
            help_text=_("At least one piece that the learner produced."),
        )  # fmt: skip
        self.fields["evidence"] = _words(
            _("What the learner produced"), _("Which pieces of work, and when they were made.")
        )
        for tell in tags.tells:
            self.fields[TELL + tell.code] = _words(_(tell.label), _(tell.asks))

    @staticmethod
    def initial_of(tag: ComponentTag) -> dict[str, Any]:
        """What a request holds, as the form's first values."""
        told = {TELL + code: text for code, text in tag.tells.items()}
        return told | {
            "expected_version": tag.version, "grade": tag.grade, "statements": tag.statements,
            "evidence_types": tag.evidence_types, "evidence": tag.evidence,
        }  # fmt: skip

    def said(self) -> TagInput:
        """The valid answers."""
        data = self.cleaned_data
        told = {name.removeprefix(TELL): text for name, text in data.items() if name.startswith(TELL)}
        return TagInput(data["grade"], data["statements"], told, data["evidence_types"], data["evidence"])


def _words(label: str, hint: str) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4}), help_text=hint
    )


class TagMoveForm(MoveForm):
    """One move of a request, with its reason where one is needed."""

    workflow = COMPONENT_TAG
    expected_version = forms.IntegerField(widget=forms.HiddenInput)
