"""Statements that are confirmed one by one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from awarding.frameworks.parts import Statement
from awarding.ui.forms import PortalForm


class StatementsForm(PortalForm):
    """One box for each statement of the framework, before whatever else is asked."""

    def __init__(self, *args: Any, statements: Iterable[Statement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = [row.code for row in statements]
        for row in statements:
            self.fields[row.code] = forms.BooleanField(label=row.text)
        self.order_fields(self.codes)

    @property
    def confirmed(self) -> list[str]:
        return [code for code in self.codes if self.cleaned_data.get(code)]
