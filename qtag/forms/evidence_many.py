"""Recording one piece of work for many learners at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from qtag.forms.learner import PieceForm

TICKED, EVERYBODY = "ticked", "everybody"


class EvidenceManyForm(PieceForm):
    """What is the same for all of them; the grade that each one's work shows stands beside the name."""

    whom = forms.ChoiceField(
        label=_("Whose work it is"),
        choices=[(TICKED, _("The learners ticked below")), (EVERYBODY, _("Everybody on this page"))],
        initial=TICKED, widget=forms.RadioSelect,
    )  # fmt: skip

    def __init__(
        self, *args: Any, ticked: Collection[int] = (), with_grade: Collection[int] = (),
        unknown_grades: Collection[str] = (), **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.fields["is_authentic"].label = _("It is each learner's own work")
        self.ticked, self.with_grade, self.unknown_grades = ticked, with_grade, unknown_grades

    def clean_whom(self) -> str:
        whom: str = self.cleaned_data["whom"]
        if self.unknown_grades:
            # The scale was changed while the page was open: nothing that somebody chose is dropped silently (QTG-09).
            words = _("These are no grades of this qualification’s scale: %(grades)s. Choose again beside each name.")
            raise forms.ValidationError(words % {"grades": ", ".join(self.unknown_grades)})
        if whom == TICKED and not self.ticked:
            raise forms.ValidationError(_("Tick at least one learner below, or choose everybody on this page."))
        if whom == TICKED and set(self.with_grade) - set(self.ticked):
            raise forms.ValidationError(
                _("A grade is chosen beside a learner who is not ticked. Tick the learner, or take the grade away.")
            )
        return whom
