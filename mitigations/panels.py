"""What mitigations has to say on a qualification's page."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification
from awarding.catalogue.panels import Panel, Text, qualification_panel
from mitigations.queries.outcomes import answers_for


@qualification_panel
def outcome_panel(qualification: Qualification, standing: Standing) -> Panel:
    """The outcome under each framework that the AO runs."""
    rows: list[tuple[Text, Text]] = []
    for answer in answers_for(qualification):
        rows.append((answer.framework, f"{answer.label}. {answer.reason or answer.means}"))
    if standing.can(Permission.OUTCOMES_SET):
        link = _("Set the outcome, and see its versions")
        url = reverse("mitigations:outcome", kwargs={"ao": standing.ao.slug, "qan": qualification.qan})
    else:
        link = _("The page that everybody sees")
        url = reverse("public:qualification", args=[qualification.qan])
    text = _("No framework that gives outcomes has been adopted: the ordinary conditions apply.")
    return Panel(_("What happens to this qualification"), rows, text, link, url)
