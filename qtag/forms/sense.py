"""Forms of the sense check: the reason for a difference, the AO's view of it, what the list is filtered by."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from awarding.ui.forms import PortalForm
from qtag.models import DifferenceReason, SenseRow, SenseSettings
from qtag.queries.sense_rows import SHORT_VERDICTS


class ReasonForm(PortalForm):
    """Why this year differs (SNS-09). `digest` is that of the numbers that the page showed."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=32)
    kinds = forms.MultipleChoiceField(
        label=_("What kind of reason is it?"), help_text=_("Tick all that apply."),
        choices=DifferenceReason.Kind.choices, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one kind of reason.")},
    )  # fmt: skip
    text = forms.CharField(
        label=_("Why does this year differ?"),
        help_text=_(
            "In your own words, with what you looked at. Name no learner. The awarding organisation reads it, and so does "
            "whoever samples later."
        ),
        max_length=4000, widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": _("Say in your own words why this year differs.")},
    )  # fmt: skip


class ReasonViewForm(PortalForm):
    """What the AO makes of a reason."""

    view = forms.ChoiceField(
        label=_("What do you make of it?"), choices=DifferenceReason.View.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("Note"), help_text=_("The centre reads it. When more is asked, say what."), max_length=4000, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        note: Any = self.fields["note"]
        note.is_sometimes_needed = True

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("view") == DifferenceReason.View.ASKED and not said.get("note", "").strip():
            self.add_error("note", _("Say what you ask of the centre."))
        return said


class SenseFilterForm(PortalForm):
    """What the AO's list is narrowed to."""

    q = forms.CharField(label=_("Centre or qualification"), max_length=100, required=False)
    verdict = forms.ChoiceField(
        label=_("What it shows"), choices=[("", _("Everything")), *SHORT_VERDICTS.items()], required=False
    )
    level = forms.ChoiceField(
        label=_("Level"), choices=[("", _("All levels")), *SenseRow.Level.choices], required=False
    )
    told = forms.ChoiceField(
        label=_("Reason"), required=False,
        choices=[
            ("", _("With and without")), ("waiting", _("Differs, nobody has explained it")),
            ("explained", _("Explained")), ("unread", _("Explained, not read yet")),
        ],
    )  # fmt: skip


class SenseSettingsForm(PortalForm):
    """The AO's thresholds, in the units that people think in."""

    promised = forms.DecimalField(
        label=_("At most this share of flags may be false, in percent"), min_value=0, max_value=50, decimal_places=1,
        help_text=_("5 is published. Fewer false flags mean that more real differences stay unseen."),
    )  # fmt: skip
    smallest_difference = forms.DecimalField(
        label=_("Differences up to this are no concern, in steps of a grade"), min_value=0, max_value=3, decimal_places=2,
        help_text=_("0: whatever is certain enough is flagged, however small."),
    )  # fmt: skip
    difference_sought = forms.DecimalField(
        label=_("Difference that a flag is meant to find, in steps of a grade"), min_value=0, max_value=3,
        decimal_places=2, help_text=_("Groups that could hardly show it need stronger evidence. 0.5 is published."),
    )  # fmt: skip
    fewest_learners = forms.IntegerField(
        label=_("Fewest learners on either side"), min_value=5, max_value=100,
        help_text=_("Smaller groups are never compared. It cannot be less than 5."),
    )  # fmt: skip
    too_few = forms.DecimalField(
        label=_("Size up to which a comparison says nothing"), min_value=1, max_value=100, decimal_places=1,
        help_text=_("The harmonic mean of both sides. 5 is published."),
    )  # fmt: skip
    full_confidence = forms.DecimalField(
        label=_("Size from which it counts in full"), min_value=2, max_value=1000, decimal_places=1,
        help_text=_("Between the two it counts in part. 15 is published."),
    )  # fmt: skip
    fewest_shown = forms.IntegerField(
        label=_("Fewest learners shown of a group"), min_value=3, max_value=50,
        help_text=_("In tables of groups of learners, smaller numbers are hidden."),
    )  # fmt: skip
    characteristics_months = forms.IntegerField(
        label=_("Months that learners’ groups are kept after the result"), min_value=1, max_value=24,
        help_text=_(
            "Which group a learner belongs to is special category data: keep it no longer than results may be questioned. It is "
            "erased by itself, the night after you save; a case that is open on the learner’s result keeps it until its end."
        ),
    )  # fmt: skip
    signing_waits = forms.BooleanField(
        label=_("A head of centre signs only when every submitted group has been compared"), required=False
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("promised") is not None and said["promised"] < 0.1:
            self.add_error(
                "promised",
                _("At least 0.1 percent: no method flags anything without ever being wrong. For five percent write 5."),
            )
        if said.get("difference_sought") is not None and said["difference_sought"] < 0.05:
            self.add_error("difference_sought", _("At least 0.05 of a grade."))
        if said.get("too_few") and said.get("full_confidence") and said["too_few"] >= said["full_confidence"]:
            self.add_error("full_confidence", _("It must lie above the size that says nothing."))
        return said

    @staticmethod
    def initial_of(stored: SenseSettings) -> dict[str, Any]:
        return {
            "promised": round(stored.promised_false_discovery * 100, 1), "smallest_difference": stored.smallest_difference,
            "difference_sought": stored.difference_sought, "fewest_learners": stored.fewest_learners,
            "too_few": stored.too_few, "full_confidence": stored.full_confidence, "fewest_shown": stored.fewest_shown,
            "characteristics_months": stored.characteristics_months, "signing_waits": stored.signing_waits,
        }  # fmt: skip

    @property
    def settings(self) -> dict[str, Any]:
        """As `save_sense_settings` takes them."""
        said = self.cleaned_data
        numbers = ("smallest_difference", "difference_sought", "too_few", "full_confidence")
        found: dict[str, Any] = {name: float(said[name]) for name in numbers}
        found["promised_false_discovery"] = float(said["promised"]) / 100
        others = ("fewest_learners", "fewest_shown", "characteristics_months", "signing_waits")
        return found | {name: said[name] for name in others}
