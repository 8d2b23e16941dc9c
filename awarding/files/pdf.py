"""Pages of HTML as tagged PDFs (PDF/UA), from nothing but what stands in them."""

from __future__ import annotations

import logging
import threading

from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

PDF_VARIANT = "pdf/ua-1"


class MissingCharactersError(ValueError):
    """No font on this server has some of the characters; `characters` are they, each with its code point."""

    def __init__(self, characters: list[str]) -> None:
        self.characters = [f"{c} (U+{ord(c):04X})" for c in characters]
        super().__init__(", ".join(self.characters))


class OwnAssetsFetcher(URLFetcher):
    """Answers only what stands in the document itself (data:). No file, no network: templates have nothing there."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("data",), allow_redirects=False, fail_on_errors=True)


class _MissingCharacters(logging.Filter):
    """Notes the characters for which WeasyPrint found no glyph, per thread, and keeps its chatter out of the log."""

    def __init__(self) -> None:
        super().__init__()
        self.found = threading.local()

    def filter(self, entry: logging.LogRecord) -> bool:
        if ".notdef glyph" in str(entry.msg) and entry.args:
            characters = getattr(self.found, "characters", None)
            if characters is not None:
                characters.append(str(entry.args[0]))  # type: ignore[index]
        return entry.levelno >= logging.ERROR


_missing = _MissingCharacters()
_logger = logging.getLogger("weasyprint")
_logger.addFilter(_missing)
_logger.setLevel(logging.WARNING)


def write_pdf(html: str, fonts: FontConfiguration | None = None, *, needs_every_glyph: bool = False) -> bytes:
    """The document as a tagged PDF.

    With `needs_every_glyph` a character that no font here has raises MissingCharactersError; otherwise it is drawn as
    a box, which a letter can live with and a certificate cannot.
    """
    _missing.found.characters = []
    try:
        pdf: bytes = HTML(string=html, url_fetcher=OwnAssetsFetcher()).write_pdf(
            pdf_variant=PDF_VARIANT, pdf_tags=True, font_config=fonts or FontConfiguration()
        )
        lost = list(dict.fromkeys(_missing.found.characters))
    finally:
        _missing.found.characters = None
    if lost and needs_every_glyph:
        raise MissingCharactersError(lost)
    return pdf
