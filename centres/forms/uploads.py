"""The form that takes a file of registrations."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from awarding.ui.forms import PortalForm, UploadField


class UploadForm(PortalForm):
    """One workbook or CSV file."""

    file = UploadField(label=_("Workbook or CSV file"), kinds=(".xlsx", ".csv"), max_bytes=settings.UPLOAD_MAX_BYTES)


class ChooseCentreForm(PortalForm):
    """Which of one's centres, for people who reach several."""

    centre = forms.ModelChoiceField(label=_("Centre"), queryset=None, empty_label=_("Choose a centre"))

    def __init__(self, *args: object, centres: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["centre"].queryset = centres  # type: ignore[attr-defined]
