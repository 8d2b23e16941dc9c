"""Forms and fields of every page: accessible markup, clear messages, no browser validation.

`PortalRenderer` is the project's FORM_RENDERER, so the forms of other packages (sign-in) look the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import PurePath
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms.renderers import TemplatesSetting
from django.forms.widgets import Input
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.dates import MONTHS, MONTHS_3
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awarding.ui import controls
from awarding.ui.errors import first_control_id
from awarding.ui.field_messages import name_fields_in_messages


class PortalBoundField(forms.BoundField):
    """A field on a page: adds the classes and the links between a control, its hint and its error."""

    def build_widget_attrs(self, attrs: Mapping[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        widget = widget or self.field.widget
        built = super().build_widget_attrs(dict(attrs), widget)
        # The server's messages are clearer than the browser's, and are the same for everybody.
        built.pop("required", None)
        if own := _class_of(widget):
            classes = [own, widget.attrs.get("class", ""), _HOOKS.get(self.kind, "")]
            if isinstance(widget, forms.NumberInput):
                # A box as wide as what it takes says how much that is.
                classes.append("govuk-input--width-5")
            if self.errors and own != "govuk-checkboxes__input":
                classes.append(f"{own}--error")
            built["class"] = " ".join(filter(None, classes))
        if self.counted_length:
            described = built.get("aria-describedby") or ""
            built["aria-describedby"] = f"{described} {self.auto_id}-info".strip()
        return built

    @property
    def first_control_id(self) -> str:
        return first_control_id(self)

    @property
    def counted_length(self) -> int | None:
        """The most characters of a text area that says how many are left, or None."""
        return getattr(self.field, "max_length", None) if isinstance(self.field.widget, forms.Textarea) else None

    @property
    def kind(self) -> str:
        """Which shape of markup the field takes: "checkbox", "group", "password", "counted" or "plain"."""
        widget = self.field.widget
        if isinstance(widget, forms.CheckboxInput):
            return "checkbox"
        if isinstance(widget, forms.PasswordInput):
            return "password"
        if self.counted_length:
            return "counted"
        return "group" if self.use_fieldset else "plain"

    @property
    def is_optional(self) -> bool:
        """True where the label should say so. A lone checkbox is always a choice and says nothing.

        Nor does a field that another answer makes necessary (`is_sometimes_needed`): its hint says when.
        """
        if getattr(self.field, "is_sometimes_needed", False):
            return False
        return not self.field.required and not isinstance(self.field.widget, forms.CheckboxInput)


#: What GOV.UK Frontend's scripts look for.
_HOOKS = {
    "counted": "govuk-js-character-count",
    "password": "govuk-password-input__input govuk-js-password-input-input",
}


def _class_of(widget: forms.Widget) -> str:
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple | DateBoxes):
        return ""
    if isinstance(widget, forms.CheckboxInput):
        return "govuk-checkboxes__input"
    if isinstance(widget, forms.FileInput):
        return "govuk-file-upload"
    if isinstance(widget, forms.Textarea):
        return "govuk-textarea"
    if isinstance(widget, forms.Select):
        return "govuk-select"
    return "govuk-input" if isinstance(widget, Input) and not widget.is_hidden else ""


class PortalRenderer(TemplatesSetting):
    """Renders forms with `templates/django/forms/`."""

    form_template_name = "django/forms/portal_form.html"
    formset_template_name = "django/forms/portal_formset.html"
    field_template_name = "django/forms/portal_field.html"
    bound_field_class = PortalBoundField

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        drawn = controls.draw(template_name, context)
        return super().render(template_name, context, request) if drawn is None else drawn


class PortalForm(forms.Form):
    """Base of every form. In a page: `<form method="post" novalidate>{% csrf_token %}{{ form }}{% submit %}</form>`."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        name_fields_in_messages(self)

    def full_clean(self) -> None:
        name_fields_in_messages(self)  # once more: a form may have been given fields since
        super().full_clean()


class PortalModelForm(forms.ModelForm):
    """PortalForm for a model. Saving stays with a service: read `cleaned_data`, do not call `save`."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        name_fields_in_messages(self)

    def full_clean(self) -> None:
        name_fields_in_messages(self)  # once more: a form may have been given fields since
        super().full_clean()


class HintedRadios(forms.RadioSelect):
    """Radios where some choices carry a line of explanation: `hints={value: "what choosing it means"}`."""

    def __init__(self, *args: Any, hints: Mapping[Any, Any] | None = None, inline: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hints = {str(value): hint for value, hint in (hints or {}).items()}
        self.inline = inline

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["hint"] = self.hints.get(str(value), "")
        return option

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["inline"] = self.inline
        return context


class DateBoxes(forms.Widget):
    """Three boxes, `name-day`, `name-month`, `name-year`. A single ISO value under `name` is read too."""

    template_name = "django/forms/widgets/date_boxes.html"
    use_fieldset = True
    parts = ("day", "month", "year")

    def __init__(self, attrs: dict[str, Any] | None = None, *, birthday: bool = False) -> None:
        super().__init__(attrs)
        self.birthday = birthday

    def id_for_label(self, id_: str) -> str:
        return f"{id_}-day" if id_ else id_

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        if name in data:
            return data[name]
        return tuple(str(data.get(f"{name}-{part}") or "").strip() for part in self.parts)

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data and not any(f"{name}-{part}" in data for part in self.parts)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        boxes = _date_parts(value)
        id_ = context["widget"]["attrs"].get("id", f"id_{name}")
        labels = (_("Day"), _("Month"), _("Year"))
        completions = ("bday-day", "bday-month", "bday-year") if self.birthday else ("", "", "")
        context["widget"]["boxes"] = [
            {"name": f"{name}-{part}", "id": f"{id_}-{part}", "label": label, "value": box, "autocomplete": completion}
            for part, label, box, completion in zip(self.parts, labels, boxes, completions, strict=True)
        ]
        context["widget"]["invalid"] = context["widget"]["attrs"].get("aria-invalid") == "true"
        return context


class DateField(forms.Field):
    """A date typed in three boxes. `cleaned_data` holds a `date` or None.

    `subject` begins the messages ("Date of birth must include a year"); by default it is the label.
    """

    widget = DateBoxes

    def __init__(
        self,
        *,
        subject: Any = None,
        not_before: date | None = None,
        not_after: date | None = None,
        birthday: bool = False,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("widget", DateBoxes(birthday=birthday))
        super().__init__(**kwargs)
        self.subject = subject
        self.not_before = not_before
        self.not_after = not_after

    @property
    def _named(self) -> str:
        return str(self.subject or self.label or _("The date"))

    def to_python(self, value: Any) -> date | None:
        if value is None or isinstance(value, date):
            return value
        if isinstance(value, str):
            return self._from_text(value)
        day, month, year = value
        missing = [label for label, text in ((_("a day"), day), (_("a month"), month), (_("a year"), year)) if not text]
        if len(missing) == 3:
            return None
        if missing:
            raise forms.ValidationError(
                _("%(subject)s must include %(missing)s")
                % {"subject": self._named, "missing": _(" and ").join(missing)},
                code="incomplete",
            )
        if not (year.isdecimal() and len(year) == 4):
            raise forms.ValidationError(
                _("%(subject)s: write the year with four digits, for example 2021") % {"subject": self._named},
                code="year",
            )
        try:
            return date(int(year), _month_number(month), int(day))
        except ValueError:
            raise forms.ValidationError(
                _("%(subject)s must be a real date, for example 27 3 2021 (day, month, year)")
                % {"subject": self._named},
                code="invalid",
            ) from None

    def _from_text(self, value: str) -> date | None:
        if not value.strip():
            return None
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            raise forms.ValidationError(
                _("%(subject)s must be a real date, for example 2021-03-27") % {"subject": self._named}, code="invalid"
            ) from None

    def validate(self, value: date | None) -> None:
        if value is None and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        if value is None:
            return
        words = {"subject": self._named}
        if self.not_before and value < self.not_before:
            words["limit"] = _written(self.not_before)
            raise forms.ValidationError(_("%(subject)s must be %(limit)s or later") % words, code="too_early")
        if self.not_after and value > self.not_after:
            words["limit"] = _written(self.not_after)
            raise forms.ValidationError(_("%(subject)s must be %(limit)s or earlier") % words, code="too_late")

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(initial) != self.to_python(data)
        except forms.ValidationError:
            return True


class UploadField(forms.FileField):
    """A file, with the kinds and the greatest size said beforehand and checked by name and size.

    What is inside a file is checked elsewhere, before it is opened. `kinds` are suffixes: (".xlsx", ".csv").
    """

    def __init__(self, *, kinds: Sequence[str], max_bytes: int = 10 * 1024 * 1024, **kwargs: Any) -> None:
        self.kinds = tuple(kind.lower() for kind in kinds)
        self.max_bytes = max_bytes
        kwargs.setdefault("help_text", self._limits())
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"accept": ",".join(self.kinds)}

    def to_python(self, data: Any) -> UploadedFile | None:
        if data is not None and getattr(data, "size", None) == 0:
            raise forms.ValidationError(
                _("“%(name)s” is empty. Open it to see whether it was saved, then choose it again.")
                % {"name": data.name},
                code="empty",
            )
        file = cast(UploadedFile | None, super().to_python(data))
        if file is None:
            return None
        if PurePath(file.name or "").suffix.lower() not in self.kinds:
            raise forms.ValidationError(
                _("“%(name)s” cannot be read here. Choose a file that ends in %(kinds)s.")
                % {"name": file.name, "kinds": self._kinds_in_words()},
                code="kind",
            )
        size = file.size or 0
        if size > self.max_bytes:
            raise forms.ValidationError(
                _("“%(name)s” is %(size)s. The most that can be sent is %(most)s: split it or make it smaller.")
                % {"name": file.name, "size": filesizeformat(size), "most": filesizeformat(self.max_bytes)},
                code="size",
            )
        return file

    def _kinds_in_words(self) -> str:
        """ ".xlsx or .csv"; a longer list with commas before the last."""
        *first, last = self.kinds
        return _(" or ").join(filter(None, [", ".join(first), last]))

    def _limits(self) -> Any:
        return gettext_lazy("A file that ends in %(kinds)s, at most %(most)s.") % {
            "kinds": self._kinds_in_words(),
            "most": f"{self.max_bytes // (1024 * 1024)} MB" if self.max_bytes >= 1024 * 1024 else f"{self.max_bytes} B",
        }


def _date_parts(value: Any) -> tuple[str, str, str]:
    if isinstance(value, date):
        return str(value.day), str(value.month), str(value.year)
    if isinstance(value, tuple | list) and len(value) == 3:
        return str(value[0]), str(value[1]), str(value[2])
    if isinstance(value, str) and value:
        try:
            return _date_parts(date.fromisoformat(value))
        except ValueError:
            return value, "", ""
    return "", "", ""


def _month_number(text: str) -> int:
    """1 to 12 from "3", "03", "March" or "mar"; ValueError otherwise."""
    if text.isdecimal():
        return int(text)
    wanted = text.strip(". ").casefold()
    for number in range(1, 13):
        if wanted in {str(MONTHS[number]).casefold(), str(MONTHS_3[number]).casefold()}:
            return number
    raise ValueError(text)


def _written(day: date) -> str:
    return f"{day.day} {MONTHS[day.month]} {day.year}"
