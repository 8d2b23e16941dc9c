"""Q-TAG documents as PDF: the signed declaration, and one learner's evidence record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from awarding.files.pdf import write_pdf
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import current_ao
from awarding.ui.colour import brand_palette

if TYPE_CHECKING:
    from qtag.models import Declaration
    from qtag.queries.declaration import DeclarationView
    from qtag.queries.learner import LearnerView


def declaration_pdf(declaration: Declaration, view: DeclarationView) -> bytes:
    """The declaration as it is signed: counts, statements, signature, and the digest that binds the exact grades (HOC-04)."""
    context = {
        "declaration": declaration,
        "view": view,
        "title": _("Head of centre declaration"),
        "reference": view.centre.number,
    }
    return _draw("documents/declaration.html", context)


def evidence_pdf(view: LearnerView) -> bytes:
    """One learner's evidence record. Circumstances are in it only for whoever may see them (QTG-18)."""
    learner = view.judgement.registration.learner
    files = [(piece, view.files[piece.pk]) for piece in view.evidence if piece.pk in view.files]
    context = {
        "view": view, "learner": learner, "title": _("Evidence record"), "reference": learner.uln, "files": files,
    }  # fmt: skip
    return _draw("documents/evidence_record.html", context)


def _draw(template: str, context: dict[str, Any]) -> bytes:
    ao = AwardingOrganisation.objects.get(pk=current_ao().pk)
    shown = {"ao": ao, "palette": brand_palette(ao.brand_colour), "demo": settings.DEMO}
    with translation.override(settings.LANGUAGE_CODE):
        return write_pdf(render_to_string(template, shown | context))
