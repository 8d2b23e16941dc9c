"""What anybody may ask: what happens to this qualification?"""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from awarding.accounts.audience import public
from awarding.catalogue.queries.search import (
    bearers_of_titles,
    every_qualification,
    read_qan,
    repeated_title,
    search_qualifications,
)
from awarding.identifiers import Qan
from awarding.tenancy.scope import open_scope
from mitigations.queries.outcomes import answers_for

PAGE_SIZE = 50
_SHORTEST = 3


@public
@require_safe
def qualification_search(request: HttpRequest) -> HttpResponse:
    """By number straight to the answer; by title every number that carries it (MIT-02)."""
    text = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:200]
    number = read_qan(text) if text else None
    if number is not None:
        if every_qualification().filter(qan=number.number).exists():
            return redirect("public:qualification", number.number)
        return _unknown(request, number, text)
    context: dict[str, Any] = {"heading": _("What happens to this qualification?"), "q": text}
    if text and len(text) < _SHORTEST:
        context["too_short"] = True
        context["has_errors"] = True
    elif text:
        page = Paginator(search_qualifications(every_qualification(), text=text), PAGE_SIZE).get_page(
            request.GET.get("page")
        )
        bearers = bearers_of_titles(page.object_list)
        rows = [(row, bearers.get(row.title_key, 1)) for row in page.object_list]
        context |= {"page_obj": page, "rows": rows, "repeats": any(count > 1 for _row, count in rows)}
    return render(request, "mitigations/public_search.html", context)


@public
@require_safe
def qualification(request: HttpRequest, typed: str) -> HttpResponse:
    """The answer for one number, however it is written. An unknown number is explained, never an error."""
    number = read_qan(typed)
    if number is None:
        return _unknown(request, None, typed)
    if number.number != typed:
        return redirect("public:qualification", number.number)
    row = every_qualification().filter(qan=number.number).first()
    if row is None:
        return _unknown(request, number, typed)
    answers = []
    if row.ao.slug:
        with open_scope(row.ao):
            answers = answers_for(row)
    repeated = repeated_title(row, bearers_of_titles([row]).get(row.title_key, 1))
    context = {
        "heading": row.title,
        "qualification": row,
        "answers": answers,
        "repeated": [repeated] if repeated else [],
        "facts": [
            (_("Number (QAN)"), row.display_qan),
            (_("Awarding organisation"), row.ao.name),
            (_("Level"), row.level),
            (_("Type"), row.type or _("not given")),
            (_("Sector subject area"), row.sector or _("not given")),
        ],
    }
    return render(request, "mitigations/public_qualification.html", context)


def _unknown(request: HttpRequest, number: Qan | None, typed: str) -> HttpResponse:
    context = {
        "heading": _("That number is not known here"),
        "number": number,
        "typed": typed[:60],
        "check_failed": bool(number and number.check_failed),
    }
    return render(request, "mitigations/public_unknown.html", context, status=404)
