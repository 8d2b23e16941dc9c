"""Forms of learners' groups: a file to load, what to take away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from awarding.identifiers import IdentifierError, parse_uln
from awarding.ui.forms import PortalForm, UploadField


class CharacteristicsUploadForm(PortalForm):
    """One workbook or CSV file of learners' groups."""

    file = UploadField(label=_("Workbook or CSV file"), kinds=(".xlsx", ".csv"), max_bytes=settings.UPLOAD_MAX_BYTES)


class RemoveCharacteristicsForm(PortalForm):
    """What to take away: everything, one characteristic, one learner's."""

    what = forms.ChoiceField(
        label=_("What shall go?"), widget=forms.RadioSelect, error_messages={"required": _("Say what shall go.")}
    )
    uln = forms.CharField(
        label=_("Only of the learner with this ULN"), max_length=20, required=False,
        help_text=_("Leave it empty to remove it for all learners of the centre."),
    )  # fmt: skip
    sure = forms.BooleanField(
        label=_("I know that nothing is kept of it"), error_messages={"required": _("Tick that you know this.")}
    )

    EVERYTHING = "*"

    def __init__(self, *args: Any, names: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(self.EVERYTHING, _("Every characteristic")), *((name, name) for name in names)]
        self.fields["what"].choices = choices  # type: ignore[attr-defined]

    def clean_uln(self) -> str:
        typed: str = self.cleaned_data["uln"].strip()
        if not typed:
            return ""
        try:
            return str(parse_uln(typed))
        except IdentifierError as error:
            raise forms.ValidationError(str(error)) from error

    @property
    def characteristic(self) -> str:
        """The name of one, "" for every one."""
        what: str = self.cleaned_data["what"]
        return "" if what == self.EVERYTHING else what
