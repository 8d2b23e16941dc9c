"""One signed declaration: what it covers still, and what differs from it by now, learner by learner (HOC-04)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from awarding.accounts.audience import member
from awarding.accounts.requests import ao_url, standing_in
from awarding.accounts.standing import Standing
from awarding.ui.templatetags.ui import london_datetime
from qtag.models import Declaration, DeclarationPart
from qtag.queries.declaration import openable_declarations
from qtag.queries.declared_changes import changes_since, declared_learners, judgements_by_submission
from qtag.workflow import DECLARATION_PART


def declaration_or_404(standing: Standing, declaration_id: int) -> Declaration:
    """One that the person may open; for everybody else there is none."""
    rows = openable_declarations(standing).select_related("centre", "signed_by", "document")
    found: Declaration = get_object_or_404(rows, pk=declaration_id)
    return found


@member
@require_GET
def declaration(request: HttpRequest, declaration_id: int) -> HttpResponse:
    """It shows grades: only the centre's head, quality contact and whoever signed it open it before results (QTG-17)."""
    found = declaration_or_404(standing_in(request), declaration_id)
    parts = list(
        DeclarationPart.objects.filter(declaration=found)
        .select_related("submission__qualification", "declaration")
        .order_by("submission__qualification__title", "id")
    )
    judgements = judgements_by_submission([part.submission for part in parts])
    changes = changes_since(declared_learners(parts), judgements)
    capacity = _("Deputy accepted by the awarding organisation") if found.signed_as == "deputy" else _("Head of centre")
    context = {
        "heading": _("Declaration signed on %(when)s") % {"when": london_datetime(found.signed_at)}, "declaration": found,
        "parts": [(part, DECLARATION_PART.state(part.state), changes.get(part.submission_id, [])) for part in parts],
        "has_changes": any(changes.values()),
        "facts": [
            (_("Centre"), found.centre), (_("Signed by"), found.signed_by), (_("As"), capacity),
            (_("In time"), _("No: it was late") if found.is_late else _("Yes")),
            (_("SHA-256 of what was signed"), _in_groups(found.digest)),
        ],
        "breadcrumbs": [(_("Declarations"), ao_url(request, "qtag:declarations"))],
    }  # fmt: skip
    return render(request, "qtag/declaration.html", context)


def _in_groups(digest: str) -> str:
    """Eight by eight: people compare it, and it fits a narrow window."""
    return " ".join(digest[at : at + 8] for at in range(0, len(digest), 8))
