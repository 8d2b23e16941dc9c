"""The public pages that explain the rules; every finding's "Why?" leads here."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from awarding.accounts.audience import public
from awarding.findings.catalogue import Catalogue, Rule, Source, catalogue, source_codes

_MOST_WORDS = 8


@public
@require_safe
def rule_list(request: HttpRequest) -> HttpResponse:
    """Every rule by area; ``?q=`` keeps those that hold all of its words."""
    known = catalogue()
    words = request.GET.get("q", "").casefold().split()[:_MOST_WORDS]
    rules = [rule for rule in known.rules.values() if _holds(rule, words)]
    groups = [(area, [rule for rule in rules if rule.area == area.code]) for area in known.areas.values()]
    context = {
        "heading": _("The rules this portal works by"),
        "groups": [(area, rows) for area, rows in groups if rows],
        "query": request.GET.get("q", ""),
        "count": len(rules),
    }
    return render(request, "findings/rules.html", context)


@public
@require_safe
def rule_page(request: HttpRequest, rule_id: str) -> HttpResponse:
    """One rule in words. An id typed in small letters is led to its proper address."""
    known = catalogue()
    rule = known.rules.get(rule_id.upper())
    if rule is None:
        raise Http404(_("There is no rule of that number."))
    if rule.id != rule_id:
        return redirect("findings:rule", rule_id=rule.id, permanent=True)
    neighbours = [row for row in known.rules.values() if row.area == rule.area]
    context = {
        "rule": rule,
        "area": known.areas[rule.area],
        "sources": _sources(known, rule),
        "neighbours": neighbours,
    }
    return render(request, "findings/rule.html", context)


def _holds(rule: Rule, words: list[str]) -> bool:
    text = f"{rule.id} {_(rule.title)} {_(rule.says)}".casefold()
    return all(word in text for word in words)


def _sources(known: Catalogue, rule: Rule) -> list[tuple[Source, str]]:
    """The sources of a rule with the sections named, such as (S4, "8, 15")."""
    parts = [part.strip() for part in rule.source.split(";")]
    sections = [part.partition("[")[2].rstrip("]") for part in parts]
    return [(known.sources[code], section) for code, section in zip(source_codes(rule.source), sections, strict=True)]
