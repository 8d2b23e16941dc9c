"""Forms of the catalogue: search, a qualification's facts, groups, units, grade scales, the workbook of units."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awarding.catalogue.models import GradeScale, Qualification, QualificationUnit, UnitGroup
from awarding.catalogue.queries.qualification import scales_with_grades
from awarding.catalogue.services.qualification import GradeDraft
from awarding.catalogue.services.units import GroupDraft, UnitDraft
from awarding.ui.forms import HintedRadios, PortalForm, UploadField

_LARGEST = 32_000


class SearchForm(PortalForm):
    """Text, level and sector. Choices that are not there are simply not applied."""

    q = forms.CharField(label=gettext_lazy("Number or words of the title"), required=False, max_length=200)
    level = forms.ChoiceField(label=gettext_lazy("Level"), required=False)
    sector = forms.ChoiceField(label=gettext_lazy("Sector subject area"), required=False)
    whose = forms.ChoiceField(label=gettext_lazy("Whose"), required=False)

    def __init__(self, *args: Any, levels: list[str], sectors: list[str], own_name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choices("level", [("", _("Any level")), *((level, level) for level in levels)])
        self._choices("sector", [("", _("Any sector")), *((sector, sector) for sector in sectors)])
        self._choices("whose", [("", own_name), ("all", _("Every awarding organisation"))])

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - narrows the type
        field.choices = choices


class ScaleField(forms.ModelChoiceField):
    """A grade scale of the AO, shown with its grades."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({', '.join(grade.code for grade in obj.grades.all())})"


class QualificationForm(PortalForm):
    """What is the AO's to say of a qualification."""

    category = forms.ChoiceField(
        label=gettext_lazy("Category"),
        required=False,
        choices=[("", gettext_lazy("Not set")), *Qualification.Category.choices],
        help_text=gettext_lazy("Some frameworks permit an outcome in one category and not in another."),
    )
    unit_scale = ScaleField(
        label=gettext_lazy("Grades of a unit"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("Not set"),
    )
    scale = ScaleField(
        label=gettext_lazy("Grades of the whole qualification"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("Not set"),
    )
    min_credits = forms.IntegerField(
        label=gettext_lazy("Credits needed"),
        min_value=0,
        max_value=_LARGEST,
        help_text=gettext_lazy("In all groups together. 0 when credits do not count."),
    )
    expected = forms.DateTimeField(widget=forms.HiddenInput, required=False, input_formats=["%Y-%m-%dT%H:%M:%S.%f%z"])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("unit_scale", "scale"):
            self.fields[name].queryset = scales_with_grades()  # type: ignore[attr-defined]

    @classmethod
    def showing(cls, qualification: Qualification) -> QualificationForm:
        names = ("category", "unit_scale", "scale", "min_credits")
        initial = {name: getattr(qualification, name) for name in names}
        return cls(initial=initial | {"expected": qualification.updated_at.strftime("%Y-%m-%dT%H:%M:%S.%f%z")})


def _count(label: Any, help_text: Any) -> forms.IntegerField:
    """A number of units or credits; empty is 0."""
    return forms.IntegerField(
        label=label, min_value=0, max_value=_LARGEST, required=False, initial=0, help_text=help_text
    )


class GroupForm(PortalForm):
    """A group of the rules of combination."""

    name = forms.CharField(label=gettext_lazy("Name of the group"), max_length=120)
    is_mandatory = forms.BooleanField(label=gettext_lazy("Every unit of the group is needed"), required=False)
    min_units = _count(gettext_lazy("Units needed"), gettext_lazy("0 when units do not count."))
    max_units = _count(
        gettext_lazy("Most units that count"),
        gettext_lazy("What is achieved beyond counts for nothing. 0 when there is no maximum."),
    )
    min_credits = _count(gettext_lazy("Credits needed"), gettext_lazy("0 when credits do not count."))
    max_credits = _count(gettext_lazy("Most credits that count"), gettext_lazy("0 when there is no maximum."))
    inside: forms.ModelChoiceField = forms.ModelChoiceField(
        label=gettext_lazy("Inside the group"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("None: it stands by itself"),
        help_text=gettext_lazy("What counts here counts in that group, too."),
    )

    def __init__(self, *args: Any, qualification: Qualification, group: UnitGroup | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["inside"]
        others = qualification.groups.order_by("position", "id")
        field.queryset = others.exclude(pk=group.pk) if group else others  # type: ignore[attr-defined]
        field.label_from_instance = lambda row: row.name  # type: ignore[attr-defined]

    @classmethod
    def showing(cls, group: UnitGroup) -> GroupForm:
        names = ("name", "is_mandatory", "min_units", "min_credits", "max_units", "max_credits")
        initial = {name: getattr(group, name) for name in names} | {"inside": group.inside_id}
        return cls(initial=initial, qualification=group.qualification, group=group)

    def draft(self) -> GroupDraft:
        facts = self.cleaned_data
        counts = {name: facts[name] or 0 for name in ("min_units", "min_credits", "max_units", "max_credits")}
        inside = facts["inside"].name if facts["inside"] else ""
        return GroupDraft(facts["name"], facts["is_mandatory"], inside=inside, **counts)


class UnitForm(PortalForm):
    """A unit and the group in which it stands."""

    reference = forms.CharField(
        label=gettext_lazy("Unit reference"),
        max_length=20,
        help_text=gettext_lazy("For example K/501/5773. Your own number if the unit has no national one."),
    )
    title = forms.CharField(label=gettext_lazy("Title"), max_length=300)
    level = forms.CharField(label=gettext_lazy("Level"), max_length=60, required=False)
    credits = forms.IntegerField(label=gettext_lazy("Credits"), min_value=0, max_value=_LARGEST, initial=0)
    guided_hours = forms.IntegerField(
        label=gettext_lazy("Guided learning hours"), min_value=0, max_value=_LARGEST, initial=0
    )
    group: forms.ModelChoiceField = forms.ModelChoiceField(label=gettext_lazy("Group"), queryset=None, empty_label=None)
    also: forms.ModelMultipleChoiceField = forms.ModelMultipleChoiceField(
        label=gettext_lazy("May count instead in"),
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("The unit counts in one group only: where it helps the learner most."),
    )

    def __init__(self, *args: Any, qualification: Qualification, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("group", "also"):
            field = self.fields[name]
            field.queryset = qualification.groups.order_by("position", "id")  # type: ignore[attr-defined]
            field.label_from_instance = lambda group: group.name  # type: ignore[attr-defined]

    @classmethod
    def showing(cls, place: QualificationUnit) -> UnitForm:
        names = ("reference", "title", "level", "credits", "guided_hours")
        initial = {name: getattr(place.unit, name) for name in names} | {"group": place.group_id}
        initial["also"] = list(place.others.values_list("group_id", flat=True))
        return cls(initial=initial, qualification=place.qualification)

    def draft(self) -> UnitDraft:
        names = ("reference", "title", "level", "credits", "guided_hours")
        return UnitDraft(**{name: self.cleaned_data[name] for name in names})


class ScaleForm(PortalForm):
    """A grade scale: one grade a line, the lowest first."""

    name = forms.CharField(label=gettext_lazy("Name of the scale"), max_length=80)
    grades = forms.CharField(
        label=gettext_lazy("Grades, the lowest first"),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One grade on a line: the grade; in words; points. Words and points may be left out. "
            "A minus before the grade means that it is not a pass. For example: -U; Unclassified, then P; Pass; 6."
        ),
    )

    def clean_grades(self) -> list[GradeDraft]:
        lines = [line for line in self.cleaned_data["grades"].splitlines() if line.strip()]
        if len(lines) > 60:
            raise forms.ValidationError(
                _("A scale has at most 60 grades; these are %(count)s.") % {"count": len(lines)}
            )
        return [_read_grade(number, line) for number, line in enumerate(lines, 1)]

    @classmethod
    def showing(cls, scale: GradeScale) -> ScaleForm:
        lines = []
        for grade in scale.grades.all():
            parts = [f"{'' if grade.is_achieved else '-'}{grade.code}", grade.label]
            lines.append("; ".join([*parts, str(grade.points)] if grade.points is not None else parts))
        return cls(initial={"name": scale.name, "grades": "\n".join(lines)})


def _read_grade(number: int, line: str) -> GradeDraft:
    parts = [part.strip() for part in line.split(";")]
    words = {"number": number, "line": line.strip()[:60]}
    code, achieved = parts[0].removeprefix("-").strip(), not parts[0].startswith("-")
    if not code or len(code) > 8 or len(parts) > 3:
        message = _("Line %(number)s, “%(line)s”: write the grade in 1 to 8 characters; then words; then points.")
        raise forms.ValidationError(message % words)
    label = parts[1] if len(parts) > 1 else ""
    if len(label) > 40:
        raise forms.ValidationError(_("Line %(number)s: the words have more than 40 characters.") % words)
    points = parts[2] if len(parts) > 2 else ""
    if points and not (points.isascii() and points.isdigit() and len(points) < 7):
        raise forms.ValidationError(_("Line %(number)s, “%(line)s”: points are a whole number.") % words)
    return GradeDraft(code, label or code, achieved, int(points) if points else None)


class UnitsUploadForm(PortalForm):
    """A workbook of units, looked at before anything is stored."""

    file = UploadField(
        label=gettext_lazy("Workbook of units"), kinds=(".xlsx", ".csv"), max_bytes=settings.UPLOAD_MAX_BYTES
    )


class RemoveForm(PortalForm):
    """Asks once more."""

    sure = forms.ChoiceField(
        label=gettext_lazy("Remove it?"),
        choices=(("yes", gettext_lazy("Yes, remove it")), ("no", gettext_lazy("No, keep it"))),
        widget=HintedRadios(inline=True),
    )
