"""Forms of one learner's Q-TAG: facts, evidence, rationale, what they were told, circumstances, banked units."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.files.content import ALLOWED_ENDINGS
from awarding.frameworks.parts import EvidenceType
from awarding.ui.forms import DateField, HintedRadios, PortalForm, UploadField
from qtag.models import BankedUnit, Circumstance, EvidenceRecord

GOING = [("finishes", _("Finishes")), ("tops_up", _("Tops up an earlier award")), ("goes_on", _("Goes on next year"))]
GOING_HINTS = {"goes_on": _("No Q-TAG: use reduced assessment and the Z flag.")}
# Nothing is chosen for anybody: the first kind of the list would be recorded by whoever passes over it.
CHOOSE = ("", _("Choose"))
# What is older is a slip of the keyboard.
EARLIEST = dt.date(2000, 1, 1)


def past_day(day: dt.date | None) -> dt.date | None:
    """The day itself, or ValidationError for one to come and for one before anybody's course."""
    if day is not None and day > timezone.localdate():
        raise forms.ValidationError(_("This day lies in the future."))
    if day is not None and day < EARLIEST:
        raise forms.ValidationError(_("Look at the year: this day lies before 2000."))
    return day


class FactsForm(PortalForm):
    """What decides whether the learner may have a Q-TAG (QTG-02 to QTG-06)."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    going = forms.ChoiceField(
        label=_("Does the learner finish this summer?"), choices=GOING, widget=HintedRadios(hints=GOING_HINTS)
    )
    ready_on = DateField(label=_("Due or ready for assessment on"), required=False)
    is_apprenticeship = forms.BooleanField(label=_("Taken inside an apprenticeship"), required=False)
    was_absent = forms.BooleanField(label=_("Absent for the whole taught course"), required=False)

    @property
    def facts(self) -> dict[str, Any]:
        """As `save_facts` takes them."""
        said = self.cleaned_data
        return {
            "is_certificating": said["going"] != "goes_on",
            "is_top_up": said["going"] == "tops_up",
            "ready_on": said["ready_on"],
            "is_apprenticeship": said["is_apprenticeship"],
            "was_absent": said["was_absent"],
        }


class GoingForm(PortalForm):
    """Whether many learners finish this summer (QTG-02)."""

    going = forms.ChoiceField(
        label=_("What holds of the ticked learners?"), choices=GOING, widget=HintedRadios(hints=GOING_HINTS)
    )

    def __init__(self, *args: Any, is_any_ticked: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_any_ticked = is_any_ticked

    def clean(self) -> dict[str, Any] | None:
        if not self.is_any_ticked:
            raise forms.ValidationError(_("Tick at least one learner below."))
        return super().clean()

    @property
    def said(self) -> dict[str, bool]:
        """As `save_going_many` takes it."""
        going = self.cleaned_data["going"]
        return {"is_certificating": going != "goes_on", "is_top_up": going == "tops_up"}


class PieceForm(PortalForm):
    """What is said of a piece of evidence, whoever's it is (QTG-06 to QTG-08)."""

    type = forms.ChoiceField(label=_("Kind of evidence"))
    covers = forms.CharField(label=_("What it covers"), help_text=_("Units, topics or skills."), max_length=300)
    control = forms.ChoiceField(
        label=_("Level of control"), choices=EvidenceRecord.Control.choices, widget=forms.RadioSelect
    )
    dated_on = DateField(label=_("Date of the work"))
    kept_at = forms.CharField(label=_("Where it is kept"), max_length=300, required=False)
    is_authentic = forms.BooleanField(label=_("It is the learner's own work"), required=False)
    is_reachable = forms.BooleanField(label=_("It can be reached"), required=False, initial=True)

    def __init__(self, *args: Any, types: Iterable[EvidenceType], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["type"].choices = [CHOOSE, *((row.code, row.label) for row in types if row.is_evidence)]  # type: ignore[attr-defined]

    def clean_dated_on(self) -> dt.date | None:
        return past_day(self.cleaned_data["dated_on"])


class EvidenceForm(PieceForm):
    """One piece of one learner's evidence, with the grade that it shows and a file of it."""

    shows_grade = forms.ChoiceField(label=_("The grade it shows"), required=False)
    file = UploadField(
        label=_("File"), required=False, kinds=[f".{ending}" for ending in ALLOWED_ENDINGS],
        max_bytes=settings.EVIDENCE_MAX_BYTES,
    )  # fmt: skip
    field_order = ("type", "covers", "control", "dated_on", "shows_grade", "kept_at")

    def __init__(self, *args: Any, grades: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shows_grade"].choices = [("", _("None by itself")), *grades]  # type: ignore[attr-defined]


class RationaleForm(PortalForm):
    """Why the grade stands above what the evidence shows (QTG-08)."""

    rationale = forms.CharField(
        label=_("Rationale"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )


class ToldForm(PortalForm):
    """The day on which the learner was told which evidence is used (QTG-21)."""

    told_on = DateField(label=_("Told on"))

    def clean_told_on(self) -> dt.date | None:
        return past_day(self.cleaned_data["told_on"])


class CircumstanceForm(PortalForm):
    """What was taken into account (QTG-18)."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Circumstance.Kind.choices, widget=forms.RadioSelect)
    what = forms.CharField(
        label=_("What it was, and which evidence it touched"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    taken_into_account = forms.CharField(
        label=_("How it was taken into account"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class BankForm(PortalForm):
    """A unit grade that stands (QTG-14)."""

    unit = forms.ChoiceField(label=_("Unit"))
    grade = forms.ChoiceField(label=_("Grade"))
    kind = forms.ChoiceField(label=_("Kind of result"), choices=BankedUnit.Kind.choices, widget=forms.RadioSelect)
    achieved_on = DateField(label=_("Achieved on"))

    def __init__(
        self, *args: Any, units: Iterable[tuple[str, str]], grades: Iterable[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = [CHOOSE, *units]  # type: ignore[attr-defined]
        self.fields["grade"].choices = [CHOOSE, *grades]  # type: ignore[attr-defined]

    def clean_achieved_on(self) -> dt.date | None:
        return past_day(self.cleaned_data["achieved_on"])


class AsideForm(PortalForm):
    """Why a piece of evidence or a banked result no longer counts (QTG-19, QTG-22)."""

    reason = forms.CharField(label=_("Why"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
