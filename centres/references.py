"""A centre's number as something that can be asked about: what concerns no one eRAC or qualification (HLP-01)."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from awarding.accounts.roles import Permission
from awarding.accounts.standing import Standing
from awarding.enquiries.references import Reference, ReferenceKind, reference_kind
from centres.models import Centre
from centres.queries.visibility import visible_centres

CENTRE = "centre"


def reads_questions(standing: Standing, centre_id: int) -> bool:
    """Who reads what was asked about a centre as a whole: who looks after its people, and the AO's who know all centres."""
    return standing.can(Permission.PEOPLE_MANAGE_CENTRE, centre_id) or standing.can(Permission.CENTRES_LIST)


def _reference(standing: Standing, centre: Centre | None) -> Reference | None:
    if centre is None:
        return None
    url = reverse("centres:home", kwargs={"ao": standing.ao.slug, "centre_id": centre.pk})
    return Reference(CENTRE, centre.pk, centre.number, centre.name, url, None, centre.pk)


def _find(standing: Standing, text: str) -> Reference | None:
    return _reference(standing, visible_centres(standing).filter(number__iexact=text).first())


def _get(standing: Standing, centre_id: int) -> Reference | None:
    if not reads_questions(standing, centre_id):
        return None
    return _reference(standing, visible_centres(standing).filter(pk=centre_id).first())


def ask_url(standing: Standing, centre_id: int, number: str, subject: str = "") -> str:
    """Where a question about the centre begins; empty for those who ask nothing."""
    if not standing.can(Permission.ENQUIRIES_ASK, centre_id):
        return ""
    query = {"about": number} | ({"subject": subject} if subject else {})
    return reverse("enquiries:ask", kwargs={"ao": standing.ao.slug}) + f"?{urlencode(query)}"


reference_kind(ReferenceKind(CENTRE, _("centre number"), "4101", _find, _get))
