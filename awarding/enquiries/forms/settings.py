"""Forms of who answers what."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from awarding.accounts.models import User
from awarding.catalogue.queries.search import levels_and_sectors
from awarding.enquiries.forms.enquiries import TopicField, offer_topics
from awarding.enquiries.queries.enquiries import ANSWERING_ROLES, possible_owners
from awarding.ui.forms import PortalForm

ROLES = [(role.value, role.label) for role in ANSWERING_ROLES]


class SettingsForm(PortalForm):
    """Days, and who has the rest."""

    answer_days = forms.IntegerField(label=_("Working days to answer"), min_value=1, max_value=60)
    fallback_role = forms.ChoiceField(label=_("Who answers what no rule fits"), choices=ROLES)


class TopicForm(PortalForm):
    name = forms.CharField(label=_("New topic"), max_length=80)


class RuleForm(PortalForm):
    """One rule: which questions, and whose they are."""

    topic = TopicField(required=False)
    sector = forms.ChoiceField(label=_("Sector subject area of the qualification"), required=False)
    role = forms.ChoiceField(label=_("Goes to the role"), required=False, choices=[("", _("None")), *ROLES])
    person = forms.ModelChoiceField(
        label=_("Or to one person"), queryset=User.objects.none(), required=False, empty_label=_("None")
    )
    first = forms.BooleanField(label=_("Try it before the other rules"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_topics(self)
        _levels, sectors = levels_and_sectors(everywhere=False)
        sector: Any = self.fields["sector"]
        sector.choices = [("", _("Any sector")), *((name, name) for name in sectors)]
        person: Any = self.fields["person"]
        person.queryset = possible_owners()
