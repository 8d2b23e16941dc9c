"""The certificate as a PDF: tagged (PDF/UA), with its number and a QR code that leads to the public check page."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import segno
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from awarding.files.pdf import MissingCharactersError, write_pdf
from awarding.ui.colour import brand_palette
from results.models import Certificate
from results.queries.certificates import grade_in_words

if TYPE_CHECKING:
    from weasyprint.text.fonts import FontConfiguration

# Widths in characters of the name's box, and the size in points that fits so much in two lines; the last one wraps on.
NAME_SIZES = ((22, 30), (34, 24), (52, 19), (80, 15), (130, 12))
TITLE_SIZES = ((44, 20), (80, 16.5), (140, 13), (260, 11))
SMALLEST_SIZE = 8.5


class CertificateFaultError(ValueError):
    """This certificate cannot be made; the text says why and how to mend it."""


@dataclass(frozen=True)
class Look:
    """How one awarding organisation's certificates look; the same for all of a claim."""

    ao: Any
    palette: Any


def look_of(ao: Any) -> Look:
    return Look(ao, brand_palette(ao.brand_colour))


def check_url(certificate: Certificate, ao_slug: str) -> str:
    """The public address that the QR code holds."""
    path = reverse(
        "public:check_certificate", kwargs={"ao": ao_slug, "number": certificate.number, "code": certificate.check_code}
    )
    return f"{settings.PUBLIC_URL}{path}"


def certificate_context(certificate: Certificate, look: Look) -> dict[str, Any]:
    """What the template shows. Needs `certificate` with its result, registration, learner, qualification and centre."""
    registration = certificate.result.registration
    learner, qualification = registration.learner, registration.qualification
    name = display_text(learner.full_name)
    url = check_url(certificate, look.ao.slug)
    return {
        "ao": look.ao,
        "palette": look.palette,
        "demo": settings.DEMO,
        "title": _("Certificate %(number)s") % {"number": certificate.number},
        "certificate": certificate,
        "name": name,
        "name_size": fitting_size(name, NAME_SIZES),
        "qualification": qualification,
        "title_size": fitting_size(qualification.title, TITLE_SIZES),
        "grade": grade_in_words(certificate.result),
        "centre": registration.centre,
        "awarded_on": timezone.localdate(certificate.result.release_at),
        "check_url": url,
        "qr": segno.make(url, error="m", micro=False).svg_data_uri(border=0, scale=4),
    }


def display_text(text: str) -> str:
    """A name as it is printed: composed characters, single spaces, no control or direction characters."""
    composed = unicodedata.normalize("NFC", text)
    kept = "".join(c for c in composed if unicodedata.category(c) not in {"Cc", "Cs", "Cn"} and c not in _DIRECTIONS)
    return " ".join(kept.split())


_DIRECTIONS = {chr(code) for code in (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))}


def fitting_size(text: str, sizes: Iterable[tuple[int, float]]) -> float:
    """The size in points at which the text fits its box; characters of full width count twice."""
    width = sum(2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in text)
    for limit, size in sizes:
        if width <= limit:
            return size
    return SMALLEST_SIZE


def certificate_html(context: dict[str, Any]) -> str:
    """The page as HTML, in the language of the AO's certificates."""
    with translation.override(settings.LANGUAGE_CODE):
        return render_to_string("documents/certificate.html", context)


def certificate_pdf(html: str, fonts: FontConfiguration | None = None) -> bytes:
    """The PDF of one certificate. Raises CertificateFaultError when a character has no glyph in any font here."""
    try:
        return write_pdf(html, fonts, needs_every_glyph=True)
    except MissingCharactersError as error:
        raise CertificateFaultError(
            _(
                "No font on the server has these characters: %(characters)s. Install one (docs/how-to/fonts.md says which), "
                "then make the missing certificates again."
            )
            % {"characters": ", ".join(error.characters[:8])}
        ) from error
