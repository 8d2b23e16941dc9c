"""Asking the progress page for something, and writing to just those who fit."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from awarding.accounts.roles import Role
from awarding.ui.forms import PortalForm
from qtag.queries.messages import ADDRESSED


class ProgressFilterForm(PortalForm):
    """What the AO looks at. Read from the address, so that a page can be sent to a colleague."""

    only = forms.ChoiceField(
        label=_("Show"), required=False,
        choices=[
            ("", _("All that have begun")), ("not_begun", _("Not begun")), ("unsent", _("Nothing submitted yet")),
            ("open", _("Learners still to be submitted")), ("late", _("Submitted late")),
            ("unsigned", _("Submitted but not signed for")),
        ],
    )  # fmt: skip
    sector = forms.ChoiceField(label=_("Sector"), required=False)
    q = forms.CharField(
        label=_("Centre or qualification"),
        required=False,
        max_length=120,
        help_text=_("Words of its name, or its number."),
    )

    def __init__(self, *args: Any, sectors: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["sector"]
        field.choices = [("", _("All sectors")), *((sector, sector) for sector in sectors)]


class MessageForm(PortalForm):
    """The message, whom it goes to, and the mark by which a second click is known."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=32, min_length=32)
    shown = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)
    roles = forms.MultipleChoiceField(
        label=_("Who at each centre"), choices=[(role.value, role.label) for role in ADDRESSED],
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    body = forms.CharField(
        label=_("Message"), max_length=4000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("It is read in the portal. Name no learner and no grade. The e-mail only says that there is a message."),
    )  # fmt: skip

    @staticmethod
    def beginning(only: str) -> dict[str, Any]:
        """What a new message starts with."""
        role = Role.HEAD_OF_CENTRE if only == "unsigned" else Role.QUALITY_CONTACT
        return {"token": uuid.uuid4().hex, "roles": [role.value]}
