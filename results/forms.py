"""Forms of results."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from awarding.identifiers import bare_qan
from awarding.tenancy.queries import tenants
from awarding.ui.forms import DateField, PortalForm


class QanSearchField(forms.CharField):
    """A qualification number to look for, as it is stored."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Qualification number"), required=False, max_length=12, **kwargs)

    def clean(self, value: Any) -> str:
        return bare_qan(super().clean(value))


class CheckForm(PortalForm):
    """What is printed at the foot of a certificate."""

    ao = forms.ChoiceField(label=_("Awarding organisation"))
    number = forms.CharField(
        label=_("Certificate number"), max_length=30, help_text=_("For example AIM-C-2026-0000123")
    )
    code = forms.CharField(label=_("Check code"), max_length=20, help_text=_("Ten letters and digits"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Choose one")), *((ao.slug, ao.name) for ao in tenants())]
        self.fields["ao"].choices = choices  # type: ignore[attr-defined]

    def clean_number(self) -> str:
        return "".join(self.cleaned_data["number"].split()).upper()

    def clean_code(self) -> str:
        return "".join(self.cleaned_data["code"].split()).upper()


class RevokeForm(PortalForm):
    """Why a certificate is taken out of force, and whether another is made."""

    reason = forms.CharField(
        label=_("Why it is revoked"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept with the certificate. The public page says only that it is revoked."),
    )
    reissue = forms.BooleanField(label=_("Make a new certificate with a new number"), required=False)


class ResultFilterForm(PortalForm):
    """Which results to list or to export."""

    centre = forms.TypedChoiceField(label=_("Centre"), required=False, coerce=int, empty_value=None)
    qan = QanSearchField()
    awarded_from = DateField(label=_("Awarded from"), required=False)
    awarded_to = DateField(label=_("Awarded up to"), required=False)

    def __init__(self, *args: Any, centres: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(centres) < 2:
            del self.fields["centre"]
        else:
            self.fields["centre"].choices = [("", _("All centres")), *centres]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("awarded_from") and data.get("awarded_to") and data["awarded_from"] > data["awarded_to"]:
            self.add_error("awarded_to", _("The last day must not be before the first."))
        return data
