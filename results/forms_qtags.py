"""Forms of results from Q-TAGs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from awarding.ui.forms import DateField, PortalForm
from results.forms import QanSearchField

LONDON = ZoneInfo("Europe/London")


class QtagFilterForm(PortalForm):
    """Which submissions to list or to make results of."""

    centre = forms.TypedChoiceField(label=_("Centre"), required=False, coerce=int, empty_value=None)
    qan = QanSearchField()

    def __init__(self, *args: Any, centres: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["centre"].choices = [("", _("All centres")), *centres]  # type: ignore[attr-defined]


class AcceptForm(PortalForm):
    """Whether what came after the close is taken, too, and why (QTG-10)."""

    takes_late = forms.BooleanField(label=_("Take those that were submitted late, too"), required=False)
    late_reason = forms.CharField(
        label=_("Why late ones are taken"), required=False, max_length=1000,
        help_text=_("Needed if you take late ones."), widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reason: Any = self.fields["late_reason"]
        reason.is_sometimes_needed = True

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("takes_late") and not data.get("late_reason", "").strip():
            self.add_error("late_reason", _("Say why late Q-TAGs are taken: it stays with the results."))
        return data


class AcceptAgainForm(AcceptForm):
    """Accepting what changed; `digest` is that of what the page showed (QTG-13). Late ones are asked about if there are any."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, has_late: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_late:
            del self.fields["takes_late"], self.fields["late_reason"]


class ReleaseForm(PortalForm):
    """The instant of a release. `cleaned_data["release_at"]` is aware, London's; None with `at_once`."""

    day = DateField(label=_("Day"), required=False)
    time = forms.TimeField(
        label=_("Hour"), required=False, help_text=_("London time, such as 08:00."),
        error_messages={"invalid": _("Write the time with hours and minutes, such as 08:00.")},
    )  # fmt: skip
    at_once = forms.BooleanField(label=_("Release now instead; it cannot be taken back"), required=False)
    reason = forms.CharField(
        label=_("Why later than the framework says"), required=False, max_length=1000,
        help_text=_("Only if it is later."), widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        day, time = data.pop("day", None), data.pop("time", None)
        data["release_at"] = None
        if data.pop("at_once", False):
            return data
        for name, value in (("day", day), ("time", time)):
            if value is None and name not in self.errors:
                self.add_error(name, _("Give the day and the hour, or release now."))
        if day is not None and time is not None:
            data["release_at"] = datetime.combine(day, time, tzinfo=LONDON)
        return data
