"""Forms of one learner's Q-TAG: facts, evidence, rationale, what they were told, circumstances, banked units."""

from __future__ import annotations

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


class FactsForm(PortalForm):
    """What decides whether the learner may have a Q-TAG (QTG-02 to QTG-06)."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    going = forms.ChoiceField(
        label=_("Does the learner finish this summer?"),
        choices=[
            ("finishes", _("Finishes")),
            ("tops_up", _("Tops up an earlier award")),
            ("goes_on", _("Goes on next year")),
        ],
        widget=HintedRadios(hints={"goes_on": _("No Q-TAG: use reduced assessment and the Z flag.")}),
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


class EvidenceForm(PortalForm):
    """One piece of evidence (QTG-06 to QTG-08)."""

    type = forms.ChoiceField(label=_("Kind of evidence"))
    covers = forms.CharField(label=_("What it covers"), help_text=_("Units, topics or skills."), max_length=300)
    control = forms.ChoiceField(
        label=_("Level of control"), choices=EvidenceRecord.Control.choices, widget=forms.RadioSelect
    )
    dated_on = DateField(label=_("Date of the work"))
    shows_grade = forms.ChoiceField(label=_("The grade it shows"), required=False)
    kept_at = forms.CharField(label=_("Where it is kept"), max_length=300, required=False)
    is_authentic = forms.BooleanField(label=_("It is the learner's own work"), required=False)
    is_reachable = forms.BooleanField(label=_("It can be reached"), required=False, initial=True)
    file = UploadField(
        label=_("File"), required=False, kinds=[f".{ending}" for ending in ALLOWED_ENDINGS],
        max_bytes=settings.EVIDENCE_MAX_BYTES,
    )  # fmt: skip

    def __init__(
        self, *args: Any, types: Iterable[EvidenceType], grades: Iterable[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["type"].choices = [(row.code, row.label) for row in types if row.is_evidence]  # type: ignore[attr-defined]
        self.fields["shows_grade"].choices = [("", _("None by itself")), *grades]  # type: ignore[attr-defined]

    def clean_dated_on(self) -> Any:
        day = self.cleaned_data["dated_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(_("The date of the work lies in the future."))
        return day


class RationaleForm(PortalForm):
    """Why the grade stands above what the evidence shows (QTG-08)."""

    rationale = forms.CharField(
        label=_("Rationale"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )


class ToldForm(PortalForm):
    """The day on which the learner was told which evidence is used (QTG-21)."""

    told_on = DateField(label=_("Told on"))

    def clean_told_on(self) -> Any:
        day = self.cleaned_data["told_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(_("The day lies in the future."))
        return day


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
        self.fields["unit"].choices = list(units)  # type: ignore[attr-defined]
        self.fields["grade"].choices = list(grades)  # type: ignore[attr-defined]


class AsideForm(PortalForm):
    """Why a piece of evidence or a banked result no longer counts (QTG-19, QTG-22)."""

    reason = forms.CharField(label=_("Why"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
