"""Submitting a claim."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from awarding.ui.forms import PortalForm


class SubmitForm(PortalForm):
    """The version that was checked, the answer to what the checks asked, and the centre's word that it is true."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    answer = forms.CharField(
        label=_("Your answer to what the checks ask"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    is_true = forms.BooleanField(label=_("The eRAC and its checklist show achievement and evidence as they are"))

    def __init__(self, *args: Any, has_questions: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_questions:
            del self.fields["answer"]


class ConfirmForm(PortalForm):
    """A move made on the version of the claim that the page showed."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
