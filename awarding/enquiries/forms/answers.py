"""Forms of published answers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awarding.catalogue.models import Qualification
from awarding.catalogue.queries.search import own_qualifications, read_qan
from awarding.enquiries.forms.enquiries import TopicField, offer_topics
from awarding.ui.forms import PortalForm


class QanField(forms.CharField):
    """A qualification of the open AO by its number. `cleaned_data` holds the Qualification or None."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Qualification number"))
        super().__init__(max_length=12, **kwargs)

    def clean(self, value: Any) -> Qualification | None:
        typed = super().clean(value)
        if not typed:
            return None
        number = read_qan(typed)
        found = own_qualifications().filter(qan=number.number).first() if number is not None else None
        if found is None:
            raise forms.ValidationError(
                _("“%(typed)s” is not one of our qualifications. Write its number as 603/3985/8.") % {"typed": typed},
                code="unknown",
            )
        return found


class AnswerSearchForm(PortalForm):
    """Looking through the answers, by GET."""

    q = forms.CharField(label=gettext_lazy("Words, or a qualification number"), required=False, max_length=100)
    topic = TopicField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_topics(self)


class PublishForm(PortalForm):
    """A question and its answer for everybody."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    question = forms.CharField(
        label=gettext_lazy("Question"),
        max_length=200,
        help_text=gettext_lazy("In general words: nothing that tells who asked, and no learner."),
    )
    answer = forms.CharField(label=gettext_lazy("Answer"), max_length=6000, widget=forms.Textarea(attrs={"rows": 8}))
    topic = TopicField(required=False)
    qualification = QanField(required=False, help_text=gettext_lazy("Empty when the answer is a general one."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_topics(self)
