"""What Q-TAGs have to say on a qualification's page: the AO's terms for it, and the way to change them."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification
from awarding.catalogue.panels import Panel, Text, qualification_panel
from qtag.models import QualificationTerms
from qtag.queries.submissions import qtag_adoptions


@qualification_panel
def terms_panel(qualification: Qualification, standing: Standing) -> Panel | None:
    """For whoever sets the terms, and where the AO runs a framework with Q-TAGs (QTG-04, QTG-05, QTG-20)."""
    if qualification.ao_id != standing.ao.pk or not standing.can(Permission.QTAGS_TERMS):
        return None
    adoptions = qtag_adoptions()
    if not adoptions:
        return None
    stored = QualificationTerms.objects.filter(
        qualification=qualification, framework_code=adoptions[0].framework.code
    ).first()
    url = reverse("qtag:terms", kwargs={"ao": standing.ao.slug, "qan": qualification.qan})
    link = _("Set the terms for Q-TAGs")
    rows = _rows(stored) if stored is not None else []
    return Panel(_("Teacher assessed grades (Q-TAGs)"), rows, _("Nothing special holds: no terms are set."), link, url)


def _rows(terms: QualificationTerms) -> list[tuple[Text, Text]]:
    units = [
        _("%(unit)s, where chosen") % {"unit": row.unit} if row.is_conditional else str(row.unit)
        for row in terms.licence_units.select_related("unit")
    ]
    rows: list[tuple[Text, Text]] = []
    if terms.out_of_scope_reason:
        rows.append((_("Out of scope"), terms.out_of_scope_reason))
    if terms.is_all_licence:
        rows.append((_("Licence to practise"), _("Every unit is linked to it: no Q-TAG is possible")))
    if units:
        rows.append((_("Units that must be passed first"), "; ".join(units)))
    if terms.agreement_with:
        rows.append((_("Agreement needed first with"), terms.agreement_with))
    return rows
