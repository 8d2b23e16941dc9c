"""What mitigations has to say on a qualification's page."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification
from awarding.catalogue.panels import Panel, Text, qualification_panel
from mitigations.models import ChecklistTemplate
from mitigations.queries.disputes import disputes_of
from mitigations.queries.outcomes import answers_for
from mitigations.workflow import OUTCOME_DISPUTE


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


@qualification_panel
def checklist_panel(qualification: Qualification, standing: Standing) -> Panel | None:
    """The checklist templates in force, one for each framework that has one."""
    if not standing.can(Permission.CHECKLISTS_SET):
        return None
    rows: list[tuple[Text, Text]] = []
    for template in ChecklistTemplate.objects.filter(qualification=qualification, superseded_at=None):
        words = {"number": template.number, "day": date_format(timezone.localtime(template.made_at), "j F Y")}
        rows.append((template.framework_code, _("Version %(number)s, %(day)s") % words))
    url = reverse("mitigations:checklist_template", kwargs={"ao": standing.ao.slug, "qan": qualification.qan})
    text = _("None: centres fill in the checklist with the framework’s kinds of evidence and no further help.")
    return Panel(_("Checklist template"), rows, text, _("Say which evidence is expected"), url)


@qualification_panel
def disputes_panel(qualification: Qualification, standing: Standing) -> Panel | None:
    """Who disputes the outcome and what came of it, with the way to do so (MIT-05)."""
    can_dispute = standing.can(Permission.OUTCOMES_DISPUTE)
    if not (can_dispute or standing.can(Permission.OUTCOMES_SET) or standing.can(Permission.AO_OVERVIEW)):
        return None
    rows: list[tuple[Text, Text]] = []
    for dispute in disputes_of(standing, qualification):
        state = OUTCOME_DISPUTE.state(dispute.state).label
        words = _("%(state)s: %(decision)s") % {"state": state, "decision": dispute.decision}
        rows.append((f"{dispute.number}, {dispute.centre.name}", words if dispute.decision else state))
    text = _("Nobody disputes its outcome.")
    if can_dispute:
        url = reverse("mitigations:dispute_outcome", kwargs={"ao": standing.ao.slug, "qan": qualification.qan})
        return Panel(_("Disputes"), rows, text, _("Dispute the outcome"), url)
    url = reverse("mitigations:disputes", kwargs={"ao": standing.ao.slug})
    return Panel(_("Disputes"), rows, text, _("See the disputed outcomes"), url)
