"""What has been asked and answered about a qualification, on its page."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification
from awarding.catalogue.panels import Panel, Text, qualification_panel
from awarding.enquiries.queries.answers import published_answers
from awarding.enquiries.queries.enquiries import enquiries_about
from awarding.enquiries.workflow import ENQUIRY

MOST_ANSWERS = 5


@qualification_panel
def questions_panel(qualification: Qualification, standing: Standing) -> Panel:
    """Published answers on it, and what was asked about it by those whose questions this person sees (HLP-01, HLP-02)."""
    rows: list[tuple[Text, Text]] = [
        (answer.question, answer.answer) for answer in published_answers(qan=qualification.qan)[:MOST_ANSWERS]
    ]
    for entry in enquiries_about(standing, "qualification", qualification.pk):
        state = ENQUIRY.state(entry.enquiry.state).label
        words = _("%(state)s: %(answer)s") % {"state": state, "answer": entry.answer} if entry.answer else state
        rows.append((f"{entry.enquiry.number}: {entry.enquiry.subject}", words))
    text = _("Nobody has asked about it yet.")
    if standing.can(Permission.ENQUIRIES_ASK):
        url = reverse("enquiries:ask", kwargs={"ao": standing.ao.slug}) + f"?{urlencode({'about': qualification.qan})}"
        return Panel(_("Questions and answers"), rows, text, _("Ask about this qualification"), url)
    url = reverse("enquiries:list", kwargs={"ao": standing.ao.slug}) + f"?show=all&qan={qualification.qan}"
    return Panel(_("Questions and answers"), rows, text, _("See what was asked about it"), url)
