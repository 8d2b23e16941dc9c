"""Forms of the centre's own verifiers, and of the AO where a claim is stuck."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from awarding.files.content import ALLOWED_ENDINGS
from awarding.ui.forms import DateField, HintedRadios, PortalForm, UploadField
from mitigations.models import InternalSignOff, VerifierRecord
from mitigations.rules.holding import DEFAULT_DAYS, MOST_DAYS
from mitigations.workflow import CLAIM

WORDS = forms.Textarea(attrs={"rows": 4})


class RecordForm(PortalForm):
    """The direct-claims verifier's record of a decision (QA5)."""

    decision = forms.ChoiceField(
        label=_("Your decision"), choices=VerifierRecord.Decision.choices,
        widget=HintedRadios(hints={
            "supported": _("The evidence bears out what is claimed, and the mitigation if there is one."),
            "moderation": _("The claim can be submitted; the panel reads that you ask for it."),
            "to_mend": _("The claim cannot be submitted until you have signed again."),
        }),
    )  # fmt: skip
    standards = forms.CharField(
        label=_("Standards you looked at"), max_length=4000, widget=WORDS,
        help_text=_("Which units and criteria, and the work of which learners."),
    )  # fmt: skip
    reasons = forms.CharField(label=_("Reasons"), max_length=4000, widget=WORDS, help_text=_("The panel reads them."))
    file = UploadField(
        label=_("Your own form of the record"), required=False, max_bytes=settings.EVIDENCE_MAX_BYTES,
        kinds=tuple(f".{ending}" for ending in ALLOWED_ENDINGS), help_text=_("If you keep one. A PDF, Word file or picture."),
    )  # fmt: skip


class JudgeForm(PortalForm):
    """A verifier of the centre passes the claim on or sends it back, in words that are kept."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    answer = forms.ChoiceField(label=_("Your decision"), widget=HintedRadios())
    words = forms.CharField(label=_("What you looked at, and your reasons"), max_length=4000, widget=WORDS)

    def __init__(self, *args: Any, passes: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        answers: Any = self.fields["answer"]
        answers.choices = [("pass", passes), ("back", _("Send it back to be mended"))]


class MoveOnForm(PortalForm):
    """Who confirmed that internal verification was done, how and when (CLM-13)."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    confirmed_by = forms.CharField(
        label=_("Who confirmed that internal verification was completed"), max_length=200, help_text=_("Name and position.")
    )  # fmt: skip
    means = forms.ChoiceField(
        label=_("How they confirmed it"),
        choices=[choice for choice in InternalSignOff.Means.choices if choice[0] != InternalSignOff.Means.SIGNED],
        widget=HintedRadios(),
    )
    confirmed_on = DateField(label=_("When they confirmed it"))
    note = forms.CharField(
        label=_("Why the internal verifier cannot sign"), max_length=2000, widget=WORDS,
        help_text=_("The centre reads it; it stays in the claim’s history."),
    )  # fmt: skip


class HoldLimitsForm(PortalForm):
    """After how many days a claim counts as stuck, state by state; empty is never."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in DEFAULT_DAYS:
            state = CLAIM.state(name)
            self.fields[name] = forms.IntegerField(
                label=_("%(state)s (days)") % {"state": state.label}, required=False, min_value=1, max_value=MOST_DAYS
            )
