"""WeasyPrint, let near nothing but the document in hand. Loaded by `awarding.files.pdf` when there is something to draw."""

from __future__ import annotations

import logging
import threading

from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

PDF_VARIANT = "pdf/ua-1"


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


def draw(html: str, fonts: FontConfiguration) -> tuple[bytes, list[str]]:
    """The document as a tagged PDF, and the characters for which no font had a glyph."""
    _missing.found.characters = []
    try:
        pdf: bytes = HTML(string=html, url_fetcher=OwnAssetsFetcher()).write_pdf(
            pdf_variant=PDF_VARIANT, pdf_tags=True, font_config=fonts
        )
        return pdf, list(dict.fromkeys(_missing.found.characters))
    finally:
        _missing.found.characters = None
