"""Tables of a list: `{% table table %}`. Rows are built as strings, since they are most of what a page shows.

A cell is a text, which is escaped, or markup that is safe already: `link`, `lines`, a status made by `tag`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Column:
    """`kind`: "" or "numeric" (to the right) or "nowrap" (a number or code that must not be broken)."""

    title: Text
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """`label` names the region that scrolls on a small screen. The first cell of each row is its heading.

    The caption is shown unless it is hidden, when only screen readers hear it.
    """

    label: Text
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    caption: Text = ""
    is_caption_hidden: bool = False


def link(url: str, text: Any) -> SafeString:
    return mark_safe(f'<a class="govuk-link" href="{escape(url)}">{conditional_escape(text)}</a>')  # noqa: S308


def quiet(text: Any) -> SafeString:
    """Something beside the main thing, in grey."""
    return mark_safe(f'<span class="portal-quiet">{conditional_escape(text)}</span>')  # noqa: S308


def lines(parts: Iterable[Any]) -> SafeString:
    """One below the other."""
    return mark_safe("<br>".join([conditional_escape(part) for part in parts]))  # noqa: S308


def words(*parts: Any) -> SafeString:
    """One after the other, with a space."""
    return mark_safe(" ".join([conditional_escape(part) for part in parts]))  # noqa: S308


def render_table(table: Table) -> SafeString:
    hidden = "govuk-visually-hidden" if table.is_caption_hidden else "govuk-table__caption govuk-table__caption--s"
    head = "".join(
        f'<th scope="col" class="govuk-table__header{" govuk-table__header--numeric" if column.kind == "numeric" else ""}">'
        f"{escape(column.title)}</th>"
        for column in table.columns
    )
    return mark_safe(  # noqa: S308 - every part is escaped
        f'<div class="portal-scroll" role="region" tabindex="0" aria-label="{escape(table.label)}">'
        f'<table class="govuk-table portal-table"><caption class="{hidden}">{escape(table.caption or table.label)}</caption>'
        f'<thead class="govuk-table__head"><tr class="govuk-table__row">{head}</tr></thead>'
        f'<tbody class="govuk-table__body">\n{_rows(table)}</tbody></table></div>'
    )


def _rows(table: Table) -> str:
    first = " portal-nowrap" if table.columns[0].kind == "nowrap" else ""
    opened = [f'<tr class="govuk-table__row"><th scope="row" class="govuk-table__header{first}">']
    for number, column in enumerate(table.columns[1:]):
        kind = {"numeric": " govuk-table__cell--numeric", "nowrap": " portal-nowrap"}.get(column.kind, "")
        opened.append(f'</{"td" if number else "th"}><td class="govuk-table__cell{kind}">')
    end = "</td></tr>\n" if len(opened) > 1 else "</th></tr>\n"
    parts: list[str] = []
    for row in table.rows:
        for before, cell in zip(opened, row, strict=True):
            parts.append(before)
            parts.append(conditional_escape(cell))
        parts.append(end)
    return "".join(parts)
