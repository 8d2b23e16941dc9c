"""Forms of what holds over all groups of a qualification, and of the family of its sizes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awarding.catalogue.models import LevelCredits, Qualification, QualificationFamily
from awarding.catalogue.queries.combination import sets_by_reference
from awarding.catalogue.queries.qualification import find_own_qualifications
from awarding.catalogue.services.reading import read_levels, read_references
from awarding.ui.forms import PortalForm

_STAMP = "%Y-%m-%dT%H:%M:%S.%f%z"


class RulesForm(PortalForm):
    """Level minima, barred units and the limit on transfer."""

    levels = forms.CharField(
        label=gettext_lazy("Credits needed at a level or above"),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        required=False,
        max_length=400,
        help_text=gettext_lazy(
            "One level on a line: the level, a colon, the credits. For example 3: 45. Entry level is 0."
        ),
    )
    barred = forms.CharField(
        label=gettext_lazy("Units that are barred against each other"),
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        required=False,
        max_length=8000,
        help_text=gettext_lazy(
            "One set on a line: the unit references with commas between them. Of each set one unit counts. "
            "For example K/501/5773, L/601/7282."
        ),
    )
    transfer_limit = forms.IntegerField(
        label=gettext_lazy("Most that may come by transfer, in percent of the credits needed"),
        min_value=0,
        max_value=100,
        required=False,
        help_text=gettext_lazy(
            "Credit transfer and recognition of prior learning together. Leave it empty when there is no limit."
        ),
    )
    expected = forms.DateTimeField(widget=forms.HiddenInput, required=False, input_formats=[_STAMP])

    def clean_levels(self) -> list[tuple[int, int]]:
        try:
            return read_levels(self.cleaned_data["levels"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def clean_barred(self) -> list[list[str]]:
        return [read_references(line) for line in self.cleaned_data["barred"].splitlines() if line.strip()]

    @classmethod
    def showing(cls, qualification: Qualification) -> RulesForm:
        minima = LevelCredits.objects.filter(qualification=qualification).order_by("level")
        return cls(
            initial={
                "levels": "\n".join(f"{row.level}: {row.credits}" for row in minima),
                "barred": "\n".join(", ".join(references) for references in sets_by_reference(qualification)),
                "transfer_limit": qualification.transfer_limit,
                "expected": qualification.updated_at.strftime(_STAMP),
            }
        )


class FamilyForm(PortalForm):
    """The sizes of one qualification."""

    name = forms.CharField(label=gettext_lazy("Name of the family"), max_length=200)
    sizes = forms.CharField(
        label=gettext_lazy("Qualifications, the smallest first"),
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        max_length=1000,
        help_text=gettext_lazy("One qualification number on a line: award, then certificate, then diploma."),
    )
    expected = forms.DateTimeField(widget=forms.HiddenInput, required=False, input_formats=[_STAMP])

    def clean_sizes(self) -> list[Qualification]:
        lines = [line.strip() for line in self.cleaned_data["sizes"].splitlines() if line.strip()]
        known = find_own_qualifications(lines)
        for line in lines:
            if line not in known:
                message = _(
                    "“%(line)s” is no number of a qualification of yours. Look it up in the list and correct it."
                )
                raise forms.ValidationError(message % {"line": line[:60]})
        return [known[line] for line in lines]

    @classmethod
    def showing(cls, family: QualificationFamily, sizes: list[Qualification]) -> FamilyForm:
        initial: dict[str, Any] = {"name": family.name, "sizes": "\n".join(row.display_qan for row in sizes)}
        return cls(initial=initial | {"expected": family.updated_at.strftime(_STAMP)})
