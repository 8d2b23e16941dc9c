"""The form by which an AO chooses what a framework leaves to it: made from the framework itself."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from awarding.frameworks.bounds import fault_of_value
from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.parts import Setting
from awarding.ui.forms import DateField, PortalForm
from awarding.ui.templatetags.ui import london_date

PREFIX = "setting-"


def field_name(path: str) -> str:
    """A setting's name in the form: its path without dots, which the labels and scripts of pages take."""
    return PREFIX + path.replace(".", "-")


class ShareField(forms.Field):
    """A part of a whole: 50, 50 % and 0.5 all mean a half. Gives the share, 0 to 1, and shows it in per cent."""

    def prepare_value(self, value: Any) -> Any:
        return _percent(value) if isinstance(value, int | float) else value

    def to_python(self, value: Any) -> float | None:
        text = str(value or "").strip()
        if not text:
            return None
        is_percent = text.endswith(("%", "per cent", "percent"))
        try:
            number = float(text.removesuffix("%").removesuffix("per cent").removesuffix("percent").strip())
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise forms.ValidationError(_("Write a share in per cent, such as 50 %."))
        if number == 1 and not is_percent:
            raise forms.ValidationError(_("Is this 1 % or the whole? Write 1 % or 100 %."))
        return number / 100 if is_percent or number > 1 else number


def is_share(setting: Setting) -> bool:
    """Whether a setting is a part of a whole: a number that can be no more than 1."""
    return setting.type == "number" and setting.max == 1


class AdoptionForm(PortalForm):
    """One field for each setting of `ao_decides`. Left empty, the framework's own value stands."""

    # The adoption that the page showed, 0 for none: whoever adopts second hears of it.
    expected = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    def __init__(
        self, *args: Any, document: FrameworkDocument, overrides: dict[str, Any] | None = None, **kwargs: Any
    ) -> None:
        self.document = document
        self.names = {field_name(path): path for path in document.ao_decides}
        initial = {field_name(path): value for path, value in (overrides or {}).items()}
        kwargs["initial"] = initial | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        for name, path in self.names.items():
            setting = document.ao_decides[path]
            self.fields[name] = _field(setting, document.setting(path))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, path in self.names.items():
            value = cleaned.get(name)
            if value in (None, ""):
                continue
            setting = self.document.ao_decides[path]
            complaint = fault_of_value(_as_mapping(setting), _plain(value, setting))
            if complaint and is_share(setting):
                bounds = {"least": _percent(setting.min or 0), "most": _percent(setting.max)}
                complaint = _("it lies between %(least)s and %(most)s.") % bounds
            if complaint:
                self.add_error(name, f"{_(setting.label)}: {complaint}")
        return cleaned

    def overrides(self) -> dict[str, Any]:
        """{path: plain value} of what was chosen; what is the same as published is left out."""
        chosen = {}
        for name, path in self.names.items():
            value = self.cleaned_data.get(name)
            if value in (None, ""):
                continue
            plain = _plain(value, self.document.ao_decides[path])
            if plain != self.document.setting(path):
                chosen[path] = plain
        return chosen


def _field(setting: Setting, published: Any) -> forms.Field:
    shown = _percent(published) if is_share(setting) and published is not None else _in_words(published)
    words = {"why": _(setting.why), "published": shown}
    common: dict[str, Any] = {
        "label": _(setting.label),
        "required": False,
        "help_text": _("%(why)s As published: %(published)s.") % words,
    }
    match setting.type:
        case "date":
            return DateField(**common)
        case "integer":
            return forms.IntegerField(**common)
        case "number" if is_share(setting):
            return ShareField(**common)
        case "number":
            return forms.FloatField(**common)
        case "choice":
            choices = [("", _("As published")), *((code, code.replace("_", " ")) for code in setting.choices)]
            return forms.ChoiceField(choices=choices, **common)
        case "time":
            return forms.RegexField(
                r"^\d\d:\d\d$", error_messages={"invalid": _("Write the London time as 08:00.")}, **common
            )
        case _:
            return forms.CharField(max_length=500, **common)


def _percent(share: Any) -> str:
    """ "50 %" for 0.5; as many places as it needs."""
    return f"{round(float(share) * 100, 4):g} %"


def _in_words(value: Any) -> str:
    if value is None:
        return _("not set")
    if isinstance(value, str) and len(value) == 10 and value[4] == "-":
        return london_date(date.fromisoformat(value))
    return str(value).replace("_", " ")


def _plain(value: Any, setting: Setting) -> Any:
    """The value as the document keeps it: days as ISO text, whole numbers whole."""
    if isinstance(value, date):
        return value.isoformat()
    if setting.type == "number" and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _as_mapping(setting: Setting) -> dict[str, Any]:
    return {"type": setting.type, "min": setting.min, "max": setting.max, "choices": setting.choices}
