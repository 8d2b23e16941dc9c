"""Finding qualifications by number, title, sector and level."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_scopes import scopes_disabled

from awarding.catalogue.models import Qualification
from awarding.catalogue.register.names import title_key
from awarding.findings.finding import Finding, Severity
from awarding.identifiers import IdentifierError, Qan, parse_qan
from awarding.tenancy.prepared import Listing, prepared

_MOST_WORDS = 8
_PART_OF_QAN = re.compile(r"\d{3}[/\-]?\d{0,4}[/\-]?[\dXx]?")


def own_qualifications() -> QuerySet[Qualification]:
    """The open AO's qualifications."""
    return Qualification.objects.all()


def every_qualification() -> QuerySet[Qualification]:
    """Those of every AO: numbers, titles and levels are published. Rows of other AOs can be read and not written."""
    with scopes_disabled():
        return Qualification.objects.select_related("ao")


def read_qan(text: str) -> Qan | None:
    """The number that the text is, or None."""
    try:
        return parse_qan(text)
    except IdentifierError:
        return None


def search_qualifications(
    among: QuerySet[Qualification], *, text: str = "", level: str = "", sector: str = ""
) -> QuerySet[Qualification]:
    """Those that fit, by title and number (MIT-02: by number when the text is one).

    The text is a number, with or without slashes, or its beginning; or words that the title holds, whatever their
    order, case and accents. LIKE on `title_key` uses the trigram index: the policy that publishes the table leaves no
    barrier that a pattern could not cross.
    """
    found = _fitting(among, *_read(text))
    if level:
        found = found.filter(level=level)
    if sector:
        found = found.filter(sector=sector)
    return found.order_by("title", "qan")


def _read(text: str) -> tuple[str, tuple[str, ...]]:
    """What was typed: ("number", it), ("part", of a number, as typed) or ("words", each of them)."""
    text = " ".join(text.replace("\x00", "").split())
    if number := read_qan(text):
        return "number", (number.number,)
    if _PART_OF_QAN.fullmatch(text):
        return "part", (re.sub(r"[/\-]", "", text).upper(), text)
    return "words", tuple(title_key(text).split()[:_MOST_WORDS])


def _fitting(among: QuerySet[Qualification], kind: str, words: tuple[str, ...]) -> QuerySet[Qualification]:
    if kind == "number":
        return among.filter(qan=words[0])
    if kind == "part":
        return among.filter(Q(qan__startswith=words[0]) | Q(title_key__contains=words[1]))
    for word in words:
        among = among.filter(title_key__contains=word)
    return among


def qualification_lines(everywhere: bool, *, text: str = "", level: str = "", sector: str = "") -> Listing[Any]:
    """As `search_qualifications`, what a line of the list shows and no more, for a paginator."""
    kind, words = _read(text)
    asked = {name: value for name, value in (("level", level), ("sector", sector)) if value}
    return _lines.listing(everywhere, kind, words=words, **asked)


@prepared
def _lines(everywhere: bool, kind: str, *, words: tuple[str, ...], **asked: str) -> QuerySet[Qualification, Any]:
    among = every_qualification() if everywhere else own_qualifications()
    found = _fitting(among, kind, words).filter(**asked).order_by("title", "qan")
    shown = ("qan", "qan_check_failed", "title", "title_key", "level", "sector", "ao_id", "ao__name")
    return found.values_list(*shown, named=True)


def levels_and_sectors(everywhere: bool) -> tuple[list[str], list[str]]:
    """The levels and sectors that occur, in order. One query."""
    pairs = _levels_and_sectors(everywhere)
    return sorted({level for level, _sector in pairs}), sorted({sector for _level, sector in pairs if sector})


@prepared
def _levels_and_sectors(everywhere: bool) -> QuerySet[Qualification, tuple[str, str]]:
    among = every_qualification() if everywhere else own_qualifications()
    return among.order_by().values_list("level", "sector").distinct()


def bearers_of_titles(qualifications: Iterable[Any]) -> dict[str, int]:
    """{title key: how many qualifications of any AO carry it}, for the rows (with `title_key`) given. One query."""
    return dict(_bearers(keys=tuple({row.title_key for row in qualifications})))


@prepared
def _bearers(*, keys: tuple[str, ...]) -> QuerySet[Qualification, Any]:
    counted = every_qualification().filter(title_key__in=keys).order_by().values_list("title_key")
    return counted.annotate(bearers=Count("id"))


def repeated_title(qualification: Qualification, bearers: int) -> Finding | None:
    """Says that others carry the same title, so that the number must be looked at (MIT-02)."""
    if bearers < 2:
        return None
    what = ngettext(
        "%(count)s qualification carries this title.", "%(count)s qualifications carry this title.", bearers
    )
    return Finding(
        rule="MIT-02",
        severity=Severity.INFORMS,
        where=qualification.display_qan,
        what=what % {"count": bearers},
        fix=_("Check the number: %(qan)s.") % {"qan": qualification.display_qan},
        code="title_repeats",
        subject=("qualification", qualification.pk),
    )
