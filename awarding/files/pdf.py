"""Pages of HTML as tagged PDFs (PDF/UA), from nothing but what stands in them.

WeasyPrint takes as long to load as half of the portal, so `awarding.files.drawing`, which needs it, is loaded with the first
document that a process draws and not with the process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from weasyprint.text.fonts import FontConfiguration


class MissingCharactersError(ValueError):
    """No font on this server has some of the characters; `characters` are they, each with its code point."""

    def __init__(self, characters: list[str]) -> None:
        self.characters = [f"{c} (U+{ord(c):04X})" for c in characters]
        super().__init__(", ".join(self.characters))


def make_fonts() -> FontConfiguration:
    """The fonts of this server, for several documents drawn one after the other."""
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()


def write_pdf(html: str, fonts: FontConfiguration | None = None, *, needs_every_glyph: bool = False) -> bytes:
    """The document as a tagged PDF.

    With `needs_every_glyph` a character that no font here has raises MissingCharactersError; otherwise it is drawn as
    a box, which a letter can live with and a certificate cannot.
    """
    from awarding.files.drawing import draw

    pdf, lost = draw(html, fonts or make_fonts())
    if lost and needs_every_glyph:
        raise MissingCharactersError(lost)
    return pdf
