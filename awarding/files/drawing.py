"""WeasyPrint, let near nothing but the document in hand. Loaded by `awarding.files.pdf` when there is something to draw."""

from __future__ import annotations

import logging
import threading
from functools import lru_cache

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

PDF_VARIANT = "pdf/ua-1"
# Rules that a stylesheet leaves with the document or its fonts: such a sheet belongs to one document alone.
_OF_ONE_DOCUMENT = ("@font-face", "@counter-style", "@color-profile", "@import", "@layer")


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


@lru_cache(maxsize=64)
def _parsed(style: str) -> CSS:
    return CSS(string=style, url_fetcher=OwnAssetsFetcher())


def _own_styles(page: HTML) -> list[CSS]:
    """The stylesheets that stand in the page, taken out of it: documents of one kind have the same, which is read once.

    Empty where they cannot be shared; then they stay where they are.
    """
    elements = list(page.etree_element.iter("style"))
    styles = ["".join(element.itertext()) for element in elements]
    links = any(page.etree_element.iter("link"))
    if links or any(element.attrib or len(element) for element in elements):
        return []
    if any(rule in style for style in styles for rule in _OF_ONE_DOCUMENT):
        return []
    for element in elements:
        element.text = ""
    return [_parsed(style) for style in styles]


def draw(html: str, fonts: FontConfiguration) -> tuple[bytes, list[str]]:
    """The document as a tagged PDF, and the characters for which no font had a glyph."""
    _missing.found.characters = []
    try:
        page = HTML(string=html, url_fetcher=OwnAssetsFetcher())
        pdf: bytes = page.write_pdf(
            pdf_variant=PDF_VARIANT, pdf_tags=True, font_config=fonts, stylesheets=_own_styles(page)
        )
        return pdf, list(dict.fromkeys(_missing.found.characters))
    finally:
        _missing.found.characters = None
