"""Forms of enquiries."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from awarding.accounts.models import User
from awarding.enquiries.models import Topic
from awarding.enquiries.queries.enquiries import possible_owners
from awarding.enquiries.queries.routing import offered_topics
from awarding.enquiries.references import describe_kinds
from awarding.enquiries.workflow import ENQUIRY
from awarding.ui.forms import DateField, HintedRadios, PortalForm


class TopicField(forms.ModelChoiceField):
    """One of the topics offered; nothing where the AO offers none."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Topic"))
        super().__init__(queryset=Topic.objects.none(), **kwargs)


def offer_topics(form: forms.BaseForm, *, required: bool = False) -> None:
    """Fills the form's topics in; without any the field goes."""
    topics = list(offered_topics())
    if not topics:
        del form.fields["topic"]
        return
    field: Any = form.fields["topic"]
    field.queryset = offered_topics()
    field.required = required
    # The rows are here already: choices made of them cost no second query.
    field.choices = [("", _("Choose a topic") if required else _("Any topic")), *((row.pk, row.name) for row in topics)]


class AboutForm(PortalForm):
    """What a question is about: the first step of asking, by GET."""

    about = forms.CharField(label=_("What is it about?"), max_length=60)
    topic = TopicField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["about"].help_text = _("Write %(kinds)s.") % {"kinds": describe_kinds()}
        offer_topics(self)


class AskForm(PortalForm):
    """The question itself. `centres` are (id, name) of those for which the person may ask; one needs no choice."""

    topic = TopicField(required=True)
    centre = forms.TypedChoiceField(label=_("For which centre"), coerce=int)
    subject = forms.CharField(label=_("In a few words"), max_length=150)
    question = forms.CharField(
        label=_("Your question"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text=_("Leave names of learners out: the number says what is meant."),
    )

    def __init__(self, *args: Any, centres: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_topics(self, required=True)
        if len(centres) < 2:
            del self.fields["centre"]
        else:
            field: Any = self.fields["centre"]
            field.choices = [("", _("Choose a centre")), *centres]


class WriteForm(PortalForm):
    """The centre writes on."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    text = forms.CharField(label=_("Write on"), max_length=4000, widget=forms.Textarea(attrs={"rows": 5}))


class AnswerForm(PortalForm):
    """The AO answers, asks back or makes a note."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label=_("What you write"),
        choices=[("answer", _("The answer")), ("ask_back", _("A question back")), ("note", _("An internal note"))],
        widget=HintedRadios(
            hints={
                "answer": _("Whoever asked is told. The answer stays with what the question was about."),
                "ask_back": _("The enquiry waits for the centre until it replies."),
                "note": _("Only the awarding organisation reads it, never the centre."),
            }
        ),
    )
    text = forms.CharField(label=_("Text"), max_length=4000, widget=forms.Textarea(attrs={"rows": 7}))

    def __init__(self, *args: Any, kinds: set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["kind"]
        field.choices = [(code, label) for code, label in field.choices if code in kinds]
        if len(kinds) == 1:
            field.initial = next(iter(kinds))


class AssignForm(PortalForm):
    """Who answers, and by when."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    owner = forms.ModelChoiceField(
        label=_("Who answers"), queryset=User.objects.none(), empty_label=_("Choose a person")
    )
    due_on = DateField(label=_("Answer by"), required=False)
    reason = forms.CharField(label=_("Why"), max_length=500, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["owner"]
        field.queryset = possible_owners()


class CloseForm(PortalForm):
    """Ending an enquiry; the AO gives a reason."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Why it is closed"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, needs_reason: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needs_reason:
            del self.fields["reason"]


class FilterForm(PortalForm):
    """The filter above the list, by GET."""

    show = forms.ChoiceField(label=_("Show"), required=False)
    topic = TopicField(required=False)
    owner = forms.ChoiceField(
        label=_("Owner"), required=False, choices=[("", _("Anybody")), ("mine", _("You")), ("nobody", _("Nobody yet"))]
    )
    qan = forms.CharField(label=_("Qualification number"), required=False, max_length=12)
    q = forms.CharField(label=_("Number or words of the subject"), required=False, max_length=60)

    def __init__(self, *args: Any, is_ao: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["show"]
        field.choices = [
            ("", _("Open ones")), ("overdue", _("Overdue")), ("all", _("All")),
            *((state.name, state.label) for state in ENQUIRY.states),
        ]  # fmt: skip
        offer_topics(self)
        if not is_ao:
            del self.fields["owner"]
