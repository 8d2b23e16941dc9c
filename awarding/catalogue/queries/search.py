"""Finding qualifications by number, title, sector and level."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_scopes import scopes_disabled

from awarding.catalogue.models import Qualification
from awarding.catalogue.register.names import title_key
from awarding.findings.finding import Finding, Severity
from awarding.identifiers import IdentifierError, Qan, parse_qan

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
    found = among
    text = " ".join(text.replace("\x00", "").split())
    if number := read_qan(text):
        found = found.filter(qan=number.number)
    elif _PART_OF_QAN.fullmatch(text):
        found = found.filter(Q(qan__startswith=re.sub(r"[/\-]", "", text).upper()) | Q(title_key__contains=text))
    else:
        for word in title_key(text).split()[:_MOST_WORDS]:
            found = found.filter(title_key__contains=word)
    if level:
        found = found.filter(level=level)
    if sector:
        found = found.filter(sector=sector)
    return found.order_by("title", "qan")


def levels_and_sectors(among: QuerySet[Qualification]) -> tuple[list[str], list[str]]:
    """The levels and sectors that occur, in order. One query."""
    pairs = list(among.order_by().values_list("level", "sector").distinct())
    return sorted({level for level, _sector in pairs}), sorted({sector for _level, sector in pairs if sector})


def bearers_of_titles(qualifications: Iterable[Qualification]) -> dict[str, int]:
    """{title key: how many qualifications of any AO carry it}, for the titles given. One query."""
    keys = {row.title_key for row in qualifications}
    counted = every_qualification().filter(title_key__in=keys).order_by().values_list("title_key")
    return dict(counted.annotate(bearers=Count("id")))


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
