"""Forms of earlier results: a workbook, what a series is, what happened to a centre or a qualification."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from awarding.catalogue.models import Qualification
from awarding.identifiers import bare_qan
from awarding.spreadsheets.columns import CellError
from awarding.ui.forms import DateField, PortalForm, UploadField
from centres.models import Centre
from qtag.models import CentreChange, QualificationChange, SeriesChoice
from qtag.workbooks import read_series


class HistoryUploadForm(PortalForm):
    """One workbook or CSV file of earlier results."""

    file = UploadField(label=_("Workbook or CSV file"), kinds=(".xlsx", ".csv"), max_bytes=settings.UPLOAD_MAX_BYTES)
    groups = forms.BooleanField(label=_("It holds results of groups of learners"), required=False)


class SeriesForm(PortalForm):
    """What one series is to the check (SNS-03)."""

    series = forms.CharField(label=_("Series"), help_text=_("A year and a season, such as Summer 2019."), max_length=20)
    role = forms.ChoiceField(label=_("What it is"), choices=SeriesChoice.Role.choices, widget=forms.RadioSelect)
    weeks = forms.IntegerField(
        label=_("Weeks in its period"), min_value=1, max_value=520, initial=52,
        help_text=_("Used where how many achieve is compared, so that equal times are."),
    )  # fmt: skip

    def clean_series(self) -> str:
        try:
            return read_series(self.cleaned_data["series"])
        except CellError as error:
            raise forms.ValidationError(_("Write the year and the season, such as Summer 2019.")) from error


def _centre(number: str) -> Centre | None:
    found: Centre | None = Centre.objects.filter(number__iexact=number.strip()).first()
    return found


def _qualification(typed: str) -> Qualification | None:
    found: Qualification | None = Qualification.objects.filter(qan=bare_qan(typed)).first()
    return found


class CentreChangeForm(PortalForm):
    """A merger, a split, a change of status (SNS-04). Centres and qualifications by their numbers."""

    kind = forms.ChoiceField(label=_("What happened"), choices=CentreChange.Kind.choices, widget=forms.RadioSelect)
    from_centre = forms.CharField(label=_("Number of the centre it happened to"), max_length=20)
    to_centre = forms.CharField(
        label=_("Number of the other centre"), max_length=20, required=False,
        help_text=_("Whose its earlier results are now. Leave it empty for a change of status."),
    )  # fmt: skip
    effective_on = DateField(label=_("From which day"))
    share = forms.IntegerField(label=_("Share of its learners, in percent"), min_value=1, max_value=100, initial=100)
    qualifications = forms.CharField(
        label=_("Only these qualifications"), required=False, max_length=1000,
        help_text=_("Their numbers with commas between them; empty means all."),
    )  # fmt: skip
    reason = forms.CharField(label=_("Why"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))

    def clean_from_centre(self) -> Centre:
        return self._found("from_centre")

    def clean_to_centre(self) -> Centre | None:
        return self._found("to_centre") if self.cleaned_data["to_centre"].strip() else None

    def _found(self, name: str) -> Centre:
        found = _centre(self.cleaned_data[name])
        if found is None:
            raise forms.ValidationError(_("No centre of yours has this number. A centre that closed keeps its number."))
        return found

    def clean_qualifications(self) -> list[Qualification]:
        typed = [part.strip() for part in self.cleaned_data["qualifications"].split(",") if part.strip()]
        found = {part: _qualification(part) for part in typed}
        missing = [part for part, one in found.items() if one is None]
        if missing:
            raise forms.ValidationError(_("Not in your catalogue: %(what)s") % {"what": ", ".join(missing)})
        return [one for one in found.values() if one is not None]


class QualificationChangeForm(PortalForm):
    """A qualification that ended (SNS-05), or goes on under another number (SNS-04)."""

    kind = forms.ChoiceField(
        label=_("What happened"), choices=QualificationChange.Kind.choices, widget=forms.RadioSelect
    )
    from_qualification = forms.CharField(label=_("Its number"), max_length=12)
    to_qualification = forms.CharField(
        label=_("The number under which it goes on"), max_length=12, required=False,
        help_text=_("Leave it empty where it is no longer offered."),
    )  # fmt: skip
    effective_on = DateField(label=_("From which day"))
    reason = forms.CharField(label=_("Why"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))

    def clean_from_qualification(self) -> Qualification:
        return self._found("from_qualification")

    def clean_to_qualification(self) -> Qualification | None:
        return self._found("to_qualification") if self.cleaned_data["to_qualification"].strip() else None

    def _found(self, name: str) -> Qualification:
        found = _qualification(self.cleaned_data[name])
        if found is None:
            raise forms.ValidationError(_("This number is not in your catalogue."))
        return found


class WithdrawForm(PortalForm):
    """Why what was recorded does not hold."""

    reason = forms.CharField(label=_("Why it does not hold"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))

    @property
    def said(self) -> dict[str, Any]:
        return self.cleaned_data
