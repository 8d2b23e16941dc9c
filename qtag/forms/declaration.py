"""Signing the declaration: each statement by itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from awarding.frameworks.parts import Statement
from awarding.ui.forms import PortalForm


class SignForm(PortalForm):
    """One box for each statement (HOC-02), and the digest of the page that was read (HOC-04)."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, statements: Iterable[Statement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = [row.code for row in statements]
        for row in statements:
            self.fields[row.code] = forms.BooleanField(label=row.text)

    @property
    def confirmed(self) -> list[str]:
        return [code for code in self.codes if self.cleaned_data.get(code)]
