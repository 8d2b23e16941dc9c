"""Forms of the conditions of an approval in principle."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from awarding.files.content import ALLOWED_ENDINGS
from awarding.ui.forms import PortalForm, UploadField


class MeetForm(PortalForm):
    """What was done about a condition, and what shows it (CLM-07)."""

    note = forms.CharField(
        label=_("What was done, or where the evidence lies"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"] = UploadField(
            label=_("File that shows it"),
            required=False,
            kinds=tuple(f".{ending}" for ending in ALLOWED_ENDINGS),
            max_bytes=settings.EVIDENCE_MAX_BYTES,
        )
