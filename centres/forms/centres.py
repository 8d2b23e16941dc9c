"""Forms about centres: approval, changes, declared interests, cohort staff, corrections of learners."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from awarding.accounts.models import User
from awarding.identifiers import IdentifierError, parse_ncn, parse_ukprn, parse_urn
from awarding.spreadsheets.names import clean_text, has_control_characters
from awarding.ui.forms import DateField, HintedRadios, PortalForm
from centres.models import Centre, Establishment
from centres.queries.lists import find_establishments
from centres.rules.rows import OLDEST

_PARSERS = {5: parse_ncn, 6: parse_urn, 8: parse_ukprn}
_FIELDS = {5: "ncn", 6: "urn", 8: "ukprn"}


def clean_line(value: str, *, needs_letter: bool = False) -> str:
    """A single line as it is stored (NFC, trimmed); ValidationError for control characters or, if asked, no letter."""
    text = clean_text(value)
    if has_control_characters(text):
        raise forms.ValidationError(_("Type this again instead of pasting: it holds characters that cannot be seen."))
    if needs_letter and not any(character.isalpha() for character in text):
        raise forms.ValidationError(_("Enter the name: there is no letter in it."))
    return text


class CentreFactsForm(PortalForm):
    """What an AO says about a centre."""

    risk = forms.TypedChoiceField(
        label=_("Risk rating"), choices=Centre.Risk.choices, coerce=int, initial=Centre.Risk.LOW, widget=HintedRadios(inline=True)
    )  # fmt: skip


class ApproveCentreForm(CentreFactsForm):
    """Approves an establishment, known by its national number or new. `cleaned_data["establishment"]` may be unsaved."""

    field_order = ("national_number", "name", "number", "approved_on", "risk")
    national_number = forms.CharField(
        label=_("URN, UKPRN or NCN"), max_length=20, required=False,
        help_text=_("Six, eight or five digits. Leave it empty for a provider that has none."),
    )  # fmt: skip
    name = forms.CharField(
        label=_("Name"), max_length=255, required=False,
        help_text=_("Needed when the number is not known here yet. Otherwise the establishment's own name is taken."),
    )  # fmt: skip
    number = forms.CharField(
        label=_("Your number for the centre"), max_length=20, help_text=_("It stands on claims and certificates.")
    )
    approved_on = DateField(label=_("Approved on"), required=False)

    def clean_number(self) -> str:
        return clean_line(self.cleaned_data["number"])

    def clean_name(self) -> str:
        return clean_line(self.cleaned_data["name"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        digits = "".join((data.get("national_number") or "").split())
        name = data.get("name") or ""
        if not digits:
            if not name:
                self.add_error("name", _("Enter the name of the provider, or its URN, UKPRN or NCN."))
            data["establishment"] = Establishment(name=name)
            return data
        if len(digits) not in _PARSERS or not digits.isdecimal():
            self.add_error(
                "national_number", _("“%(value)s” is neither a URN (six digits), a UKPRN (eight) nor an NCN (five).")
                % {"value": digits[:20]}
            )  # fmt: skip
            return data
        try:
            number = _PARSERS[len(digits)](digits)
        except IdentifierError as error:
            self.add_error("national_number", f"{error.message} {error.fix}")
            return data
        found = find_establishments(number)
        if len(found) > 1:
            self.add_error(
                "national_number", _("Several establishments share this number. Enter the URN of the one that is meant.")
            )  # fmt: skip
        elif not found and not name:
            self.add_error(
                "name",
                _("No establishment with the number %(number)s is known here: enter its name too.")
                % {"number": number},
            )
        data["establishment"] = found[0] if found else Establishment(name=name, **{_FIELDS[len(digits)]: number})
        return data


class ChangeCentreForm(CentreFactsForm):
    """Changes what an AO says about a centre."""

    field_order = ("name", "risk", "closed_on")
    name = forms.CharField(label=_("Name"), max_length=255)
    closed_on = DateField(
        label=_("Approval ended on"), required=False, help_text=_("Leave it empty while the centre is approved.")
    )

    def clean_name(self) -> str:
        return clean_line(self.cleaned_data["name"], needs_letter=True)


class DeclareInterestForm(PortalForm):
    """An interest in a centre."""

    centre: Any = forms.ModelChoiceField(label=_("Centre"), queryset=None, empty_label=_("Choose a centre"))
    nature = forms.CharField(
        label=_("What the interest is"), widget=forms.Textarea(attrs={"rows": 3}), max_length=1000,
        help_text=_("For example: I taught there until 2019; my sister is a learner there."),
    )  # fmt: skip

    def __init__(self, *args: Any, centres: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["centre"].queryset = centres  # type: ignore[attr-defined]


class CohortStaffForm(PortalForm):
    """Who teaches and verifies a cohort."""

    people = forms.ModelMultipleChoiceField(
        label=_("Teachers and internal verifiers of this cohort"), queryset=User.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple, help_text=_("They see this cohort's learners and claims, and no others."),
    )  # fmt: skip

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].queryset = people  # type: ignore[attr-defined]


class CorrectLearnerForm(PortalForm):
    """Corrects what is stored about a learner."""

    given_names = forms.CharField(label=_("Given names"), max_length=100)
    family_name = forms.CharField(label=_("Family name"), max_length=100)
    date_of_birth = DateField(label=_("Date of birth"))
    reference = forms.CharField(label=_("Centre's reference"), max_length=30, required=False)
    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("For example: name changed by deed poll; mistyped at registration.")
    )  # fmt: skip

    def clean_given_names(self) -> str:
        return clean_line(self.cleaned_data["given_names"], needs_letter=True)

    def clean_family_name(self) -> str:
        return clean_line(self.cleaned_data["family_name"], needs_letter=True)

    def clean_reference(self) -> str:
        return clean_line(self.cleaned_data["reference"])

    def clean_date_of_birth(self) -> Any:
        born, today = self.cleaned_data["date_of_birth"], timezone.localdate()
        if born > today or born.year < today.year - OLDEST:
            raise forms.ValidationError(_("Enter a date of birth that a learner can have."))
        return born
