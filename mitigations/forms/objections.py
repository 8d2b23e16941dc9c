"""Forms of disputed outcomes and of appeals."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from awarding.files.content import ALLOWED_ENDINGS
from awarding.frameworks.document import FrameworkDocument
from awarding.ui.forms import HintedRadios, PortalForm, UploadField
from mitigations.forms.outcomes import outcome_choices
from mitigations.models import AppealRound


class RaiseForm(PortalForm):
    """Why an outcome is wrong, and what would be right."""

    outcome = forms.IntegerField(widget=forms.HiddenInput)
    centre = forms.TypedChoiceField(label=_("For which centre"), coerce=int)
    reason = forms.CharField(
        label=_("Why it is wrong"), max_length=4000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Name what the awarding organisation may not know: who uses the qualification, and for what."),
    )  # fmt: skip
    wanted_kind = forms.ChoiceField(label=_("What would be right"), required=False)

    def __init__(
        self, *args: Any, document: FrameworkDocument, category: str, centres: list[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        wanted: Any = self.fields["wanted_kind"]
        wanted.choices = [("", _("I do not know")), *outcome_choices(document, category)[0]]
        if len(centres) < 2:
            del self.fields["centre"]
        else:
            field: Any = self.fields["centre"]
            field.choices = [("", _("Choose a centre")), *centres]


class SettleForm(PortalForm):
    """Keep the outcome, or set another one."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("What happens to the qualification"), widget=HintedRadios())
    reason = forms.CharField(
        label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The centre reads it. If the outcome changes, everybody can."),
    )  # fmt: skip

    def __init__(self, *args: Any, document: FrameworkDocument, category: str, current: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices, hints = outcome_choices(document, category)
        field: Any = self.fields["kind"]
        field.choices = [("keep", _("Keep it as it is")), *(pair for pair in choices if pair[0] != current)]
        field.widget.hints = hints


class GroundsForm(PortalForm):
    """The grounds of an appeal, with one file if there is one; more can be added afterwards."""

    grounds = forms.CharField(
        label=_("Grounds"), max_length=8000, widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("Say which reason of the decision is wrong, and what shows it."),
    )  # fmt: skip
    file = UploadField(
        label=_("File"), required=False, kinds=[f".{ending}" for ending in ALLOWED_ENDINGS],
        max_bytes=settings.EVIDENCE_MAX_BYTES,
    )  # fmt: skip


class NextStageForm(GroundsForm):
    expected_version = forms.IntegerField(widget=forms.HiddenInput)


class AcceptForm(PortalForm):
    """Accepting an answer: nothing to fill in."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)


class AppealFileForm(PortalForm):
    """One more file for the grounds."""

    file = UploadField(
        label=_("File"), kinds=[f".{ending}" for ending in ALLOWED_ENDINGS], max_bytes=settings.EVIDENCE_MAX_BYTES
    )


class AnswerAppealForm(PortalForm):
    """The answer at one stage."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    answer = forms.ChoiceField(
        label=_("Answer"),
        choices=AppealRound.Answer.choices,
        widget=HintedRadios(
            hints={
                "upheld": _("The claim goes back to the panel, where it stood in the queue."),
                "partly_upheld": _("The claim goes back to the panel; the centre may still go to the next stage."),
                "not_upheld": _("The decision stands. The centre may go to the next stage, if there is one."),
            }
        ),
    )
    reasons = forms.CharField(
        label=_("Reasons"),
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("The centre reads them."),
    )


class StageForm(PortalForm):
    """One stage of the AO's procedure."""

    name = forms.CharField(label=_("Name of the stage"), max_length=80)
    position = forms.IntegerField(label=_("Place in the order"), min_value=1, max_value=20)
    lodge_days = forms.IntegerField(
        label=_("Working days to lodge"), min_value=1, max_value=120,
        help_text=_("Counted from the day on which the centre was told the decision, or the answer of the stage before."),
    )  # fmt: skip
    answer_days = forms.IntegerField(label=_("Working days to answer"), min_value=1, max_value=120)
