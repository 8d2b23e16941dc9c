"""Page components and date filters. A builtin of every template: no `{% load %}` is needed.

What stands in table rows (`tag`, the filters) is plain Python rather than a template, since it runs fifty times a page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.core.paginator import Page
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from awarding.findings.finding import Finding, Severity
from awarding.ui import errors as form_errors
from awarding.ui import grid as grid_component
from awarding.ui import tables
from awarding.ui.charts import BarChart
from awarding.ui.interval_chart import IntervalChart
from awarding.ui.share_chart import ShareChart

register = template.Library()

LONDON = ZoneInfo("Europe/London")
TAG_COLOURS = frozenset({"grey", "green", "teal", "blue", "purple", "magenta", "red", "orange", "yellow"})
SEVERITY_COLOURS = {Severity.BLOCKS: "red", Severity.WARNS: "yellow", Severity.INFORMS: "blue"}


# --- filters ----------------------------------------------------------------------------------


@register.filter(expects_localtime=False)
def london_date(value: date | datetime | None) -> str:
    """ "3 June 2020": the date in London. Nothing for None."""
    if not value:
        return ""
    day = _in_london(value) if isinstance(value, datetime) else value
    return f"{day.day} {MONTHS[day.month]} {day.year}"


@register.filter(expects_localtime=False)
def is_past(value: date | datetime | None) -> bool:
    """Whether the day is over in London: what is due on a day is late from midnight after it. Nothing is never late."""
    if not value:
        return False
    day = _in_london(value).date() if isinstance(value, datetime) else value
    return day < timezone.localdate()


@register.filter(expects_localtime=False)
def due_words(value: date | datetime | None) -> str:
    """ "Due by 3 June 2020", or "Was due by 3 June 2020" once that day is over. Nothing for None."""
    if not value:
        return ""
    words = _("Was due by %(day)s") if is_past(value) else _("Due by %(day)s")
    return words % {"day": london_date(value)}


@register.filter(expects_localtime=False)
def london_datetime(value: datetime | None) -> str:
    """ "3 June 2020, 14:05": the moment in London. Nothing for None."""
    if not value:
        return ""
    local = _in_london(value)
    return f"{local.day} {MONTHS[local.month]} {local.year}, {local:%H:%M}"


@register.filter(expects_localtime=False)
def since(value: date | datetime | None) -> str:
    """How long ago, in the one unit that matters: "just now", "5 minutes", "3 hours", "4 days"."""
    if not value:
        return ""
    if not isinstance(value, datetime):
        days = max((timezone.localdate(timezone=LONDON) - value).days, 0)
        return ngettext("%(count)s day", "%(count)s days", days) % {"count": days} if days else _("today")
    seconds = max(int((timezone.now() - value).total_seconds()), 0)
    if seconds < 60:
        return _("just now")
    if seconds < 3600:
        minutes = seconds // 60
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    if seconds < 86400:
        hours = seconds // 3600
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    days = seconds // 86400
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}


@register.filter
def qan(value: object) -> str:
    """A qualification number as people write it, 601/7159/5; whatever is not eight characters is left alone."""
    text = str(value or "").replace("/", "")
    return f"{text[:3]}/{text[3:7]}/{text[7]}" if len(text) == 8 else str(value or "")


@register.filter
def message_banners(messages: Iterable[Any]) -> list[tuple[str, list[Any]]]:
    """Messages by the banner they stand in: what went wrong first, then what is important, then what is done."""
    by_kind: dict[str, list[Any]] = {"error": [], "info": [], "success": []}
    for message in messages:
        by_kind[message.level_tag if message.level_tag in by_kind else "info"].append(message)
    return [(kind, said) for kind, said in by_kind.items() if said]


def _in_london(value: datetime) -> datetime:
    return value.astimezone(LONDON) if timezone.is_aware(value) else value


# --- small pieces -----------------------------------------------------------------------------


@register.simple_tag
def tag(text: Any, colour: str = "grey") -> SafeString:
    """A status. The words carry the meaning, the colour only repeats it."""
    name = colour if colour in TAG_COLOURS else "grey"
    return mark_safe(f'<strong class="govuk-tag govuk-tag--{name}">{conditional_escape(text)}</strong>')  # noqa: S308


@register.simple_tag
def late(value: date | datetime | None) -> SafeString:
    """The mark of what was due on a day that is over, and nothing before that."""
    return tag(_("Late"), "red") if is_past(value) else SafeString("")


@register.simple_tag
def due(value: date | datetime | None) -> SafeString:
    """By when something that is still open is due, marked where that is over. Nothing for None."""
    return (
        format_html("{} {}", due_words(value), late(value)) if is_past(value) else conditional_escape(due_words(value))
    )


@register.simple_tag
def table(table: tables.Table) -> SafeString:
    """A list's table: `awarding.ui.tables.Table`."""
    return tables.render_table(table)


@register.simple_tag
def menu_links(links: Iterable[Any], path: str) -> SafeString:
    """The entries of the menu: {"label", "url", "current"} each."""
    entries = []
    for link in links:
        current = f' aria-current="{"page" if link.url == path else "true"}"' if link.current else ""
        entries.append(
            f'<li><a href="{conditional_escape(link.url)}"{current}>{conditional_escape(link.label)}</a></li>'
        )
    return mark_safe("\n".join(entries))  # noqa: S308 - every part is escaped above


@register.simple_tag
def submit(text: object, variant: str = "", name: str = "", value: str = "") -> SafeString:
    """The button of a form. `variant`: "", "secondary" or "warning". A second click within a second does nothing."""
    return format_html(
        '<button type="submit" class="govuk-button{}"{}{} data-module="govuk-button"'
        ' data-prevent-double-click="true">{}</button>',
        f" govuk-button--{variant}" if variant in {"secondary", "warning"} else "",
        format_html(' name="{}"', name) if name else "",
        format_html(' value="{}"', value) if name else "",
        text,
    )


@register.simple_tag
def button_link(text: object, url: str, variant: str = "") -> SafeString:
    """A link that starts something, drawn as a button."""
    return format_html(
        '<a href="{}" role="button" draggable="false" class="govuk-button{}" data-module="govuk-button">{}</a>',
        url,
        f" govuk-button--{variant}" if variant in {"secondary", "warning"} else "",
        text,
    )


@register.simple_tag
def back_link(url: str, text: object = "") -> SafeString:
    # In a landmark of its own: it stands outside the main part of the page.
    link = '<nav aria-label="{}"><a href="{}" class="govuk-back-link">{}</a></nav>'
    return format_html(link, _("Back"), url, text or _("Back"))


@register.simple_tag
def warning(text: object) -> SafeString:
    """Something that cannot be undone or that costs somebody something."""
    return format_html(
        '<div class="govuk-warning-text"><span class="govuk-warning-text__icon" aria-hidden="true">!</span>'
        '<strong class="govuk-warning-text__text"><span class="govuk-visually-hidden">{}</span> {}</strong></div>',
        _("Warning:"),
        text,
    )


@register.simple_block_tag
def inset(content: SafeString) -> SafeString:
    """{% inset %}words set apart{% endinset %}"""
    return format_html('<div class="govuk-inset-text">{}</div>', content)


@register.simple_block_tag
def scroll_region(content: SafeString, label: str) -> SafeString:
    """Round a wide table: it scrolls by itself on a small screen, also by keyboard. `label` names the region."""
    return format_html('<div class="portal-scroll" role="region" tabindex="0" aria-label="{}">{}</div>', label, content)


@register.simple_tag
def progress(done: int, total: int, label: str) -> SafeString:
    """A progress bar that says its numbers. `label` names what is counted, for example "learners processed"."""
    words = _("%(done)s of %(total)s %(label)s") % {"done": f"{done:,}", "total": f"{total:,}", "label": label}
    return format_html(
        '<div class="portal-progress"><progress value="{}" max="{}" aria-label="{}"></progress>'
        '<span class="portal-progress__text">{}</span></div>',
        done,
        max(total, 1),
        label,
        words,
    )


@register.simple_tag(takes_context=True)
def site_name(context: template.Context) -> str:
    """Whose pages these are: the awarding organisation's name, else the portal's, also when there is no context."""
    owner = context.get("ao")
    return getattr(owner, "name", "") or context.get("service_name") or _("Awarding portal")


@register.simple_tag(takes_context=True)
def document_title(context: template.Context) -> str:
    """ " (page 2 of 5) – Name": what every title ends in."""
    return f"{_page_in_title(context.get('page_obj'))} – {site_name(context)}"


def _page_in_title(page_obj: Page | None) -> str:
    paginator = getattr(page_obj, "paginator", None)
    if page_obj is None or paginator is None or paginator.num_pages < 2:
        return ""
    return " " + _("(page %(number)s of %(pages)s)") % {"number": page_obj.number, "pages": paginator.num_pages}


# --- components with a template ---------------------------------------------------------------


@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms: Any) -> dict[str, Any]:
    """Every error of the given forms and formsets, each linked to its field. Nothing when there are none."""
    return {"errors": form_errors.linked_errors(forms)}


@register.inclusion_tag("components/breadcrumbs.html")
def breadcrumbs(crumbs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """(label, url) pairs, from the top down to the page's parent."""
    return {"crumbs": crumbs}


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: template.Context, page_obj: Page | None, label: str = "") -> dict[str, Any]:
    """Previous, next and the page numbers, keeping the rest of the query string. Nothing for a single page."""
    if not page_obj or page_obj.paginator.num_pages < 2:
        return {"page_obj": None}
    request = context.get("request")
    query = request.GET.copy() if request is not None else None
    if query is not None:
        query.pop("page", None)
    kept = query.urlencode() if query else ""
    return {
        "page_obj": page_obj,
        "label": label or _("Pages"),
        "prefix": f"?{kept}&page=" if kept else "?page=",
        "numbers": page_obj.paginator.get_elided_page_range(page_obj.number, on_each_side=1, on_ends=1),
        "gap": page_obj.paginator.ELLIPSIS,
    }


@register.inclusion_tag("components/summary_list.html")
def summary_list(rows: Iterable[Any]) -> dict[str, Any]:
    """Rows {"key", "value", "actions": [{"text", "url", "about"}]} or plain (key, value) pairs."""
    full = [row if isinstance(row, Mapping) else {"key": row[0], "value": row[1]} for row in rows]
    return {"rows": full, "with_actions": any(row.get("actions") for row in full)}


@register.inclusion_tag("components/task_list.html")
def task_list(tasks: Iterable[Mapping[str, Any]], id: str = "tasks") -> dict[str, Any]:
    """Tasks {"title", "url" (none when not startable), "hint", "status", "colour" (none when done)}."""
    return {"tasks": tasks, "id": id}


@register.inclusion_tag("components/finding_list.html")
def finding_list(findings: Iterable[Finding]) -> dict[str, Any]:
    """What the checks found, the worst first, each with its mend and a link that explains the rule."""
    ordered = sorted(findings, key=lambda finding: finding.severity, reverse=True)
    return {"findings": [(finding, SEVERITY_COLOURS[finding.severity]) for finding in ordered]}


@register.inclusion_tag("components/empty_state.html")
def empty_state(title: str, text: str = "", action: str = "", url: str = "") -> dict[str, Any]:
    """A list with nothing in it: what would stand here and how to begin. (`empty` belongs to `{% for %}`.)"""
    return {"title": title, "text": text, "action": action, "url": url}


@register.inclusion_tag("components/filter_list.html")
def filter_list(form: Any, filtered: bool, show_all: str, url: str, label: str = "") -> dict[str, Any]:
    """A list's filter, folded away until it is in use or has a fault. `show_all` names the way back to the whole at `url`."""
    return {
        "form": form,
        "filtered": filtered,
        "show_all": show_all,
        "url": url,
        "label": label or _("Filter the list"),
    }


@register.inclusion_tag("components/filter_links.html")
def filter_links(filters: Iterable[tuple[Any, str, bool]]) -> dict[str, Any]:
    """A list's few filters as links: (label, address, whether it is the one in use)."""
    return {"filters": filters}


@register.inclusion_tag("components/turn.html")
def turn(turn: Mapping[str, Any]) -> dict[str, Any]:
    """Where the thing is and whose turn: {"state", "colour", "holder", "since", "next", "due"}."""
    return {"turn": turn}


@register.inclusion_tag("components/history.html")
def history(events: Iterable[Any]) -> dict[str, Any]:
    """What happened, newest first: {"what", "who", "when", "reason"} (mappings or objects)."""
    return {"events": events}


@register.inclusion_tag("components/bar_chart.html")
def bar_chart(chart: BarChart) -> dict[str, Any]:
    """Bars and, beneath them, the same numbers as a table."""
    return {"chart": chart}


@register.inclusion_tag("components/interval_chart.html")
def interval_chart(chart: IntervalChart) -> dict[str, Any]:
    """Values on one scale, some with an interval, and the same figures as a table."""
    return {"chart": chart}


@register.inclusion_tag("components/share_chart.html")
def share_chart(chart: ShareChart) -> dict[str, Any]:
    """Two profiles side by side, and the same figures as a table."""
    return {"chart": chart}


@register.inclusion_tag("components/grid.html", takes_context=True)
def grid(context: template.Context, grid: grid_component.Grid) -> dict[str, Any]:
    """Learners down, units across: `awarding.ui.grid.Grid`. Its own form; with JavaScript each cell saves itself."""
    return {
        "grid": grid,
        "head": grid_component.render_head(grid),
        "body": grid_component.render_body(grid),
        "messages": grid_component.client_messages(),
        "csrf_token": context.get("csrf_token"),
        "request": context.get("request"),
        "user": context.get("user"),
    }
