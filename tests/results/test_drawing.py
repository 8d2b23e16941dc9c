"""Drawing: a stylesheet that many documents share is read once, and what comes out is WeasyPrint's to the last byte."""

from __future__ import annotations

import pytest
from weasyprint import HTML

from awarding.files import drawing
from awarding.files.drawing import PDF_VARIANT, draw
from awarding.files.pdf import make_fonts

PAGE = """<!doctype html><html lang="en"><head><title>A page</title>{head}</head>
<body><h1 style="color: #123456">Heading</h1><p class="note">Text of {name}</p><ol><li>One</li></ol></body></html>"""
SHEET = """@page {{ size: A5; margin: {margin}mm; @bottom-left {{ content: "Page " counter(page); }} }}
html {{ font-family: "DejaVu Sans", sans-serif; }} h1 {{ color: red; font-size: 30pt }} .note {{ margin: 3mm !important }}"""
SHARED = [
    f"<style>{SHEET.format(margin=9)}</style>",
    f"<style>{SHEET.format(margin=30)}</style><style>p {{ color: #555 }}</style>",
    "",
]
OWN = [
    '<style media="screen">p { color: #555 }</style>', '<style type="text/css">p { color: #555 }</style>',
    "<style>@counter-style thumbs { system: cyclic; symbols: '+'; suffix: ' ' } ol { list-style: thumbs }</style>",
    "<style>@layer base { p { color: #555 } }</style>",
]  # fmt: skip


def alone(html: str) -> bytes:
    return bytes(HTML(string=html).write_pdf(pdf_variant=PDF_VARIANT, pdf_tags=True, font_config=make_fonts()))


@pytest.mark.parametrize("head", [*SHARED, *OWN])
def test_the_page_is_the_one_that_weasyprint_draws_alone(head):
    for name in ("Ada", "Grace", "Ada"):
        html = PAGE.format(head=head, name=name)
        assert draw(html, make_fonts())[0] == alone(html)


def test_a_sheet_is_read_once_for_all_documents_that_have_it():
    drawing._parsed.cache_clear()
    for name in ("Ada", "Grace"):
        draw(PAGE.format(head=SHARED[0], name=name), make_fonts())
    assert (drawing._parsed.cache_info().misses, drawing._parsed.cache_info().hits) == (1, 1)
    for head in OWN:
        draw(PAGE.format(head=head, name="Ada"), make_fonts())
    assert drawing._parsed.cache_info().misses == 1
