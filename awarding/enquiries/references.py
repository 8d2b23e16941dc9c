"""What a question can be about. Each app registers the numbers that it knows; this package knows QANs itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification
from awarding.catalogue.queries.search import every_qualification, read_qan
from awarding.findings.finding import Finding, Severity

Text = str | Promise
QUALIFICATION = "qualification"


class UnknownReferenceError(LookupError):
    """No such number here, as far as this person may see; `finding` says which, and how such numbers look (HLP-01)."""

    def __init__(self, what: str, fix: str) -> None:
        self.finding = Finding("HLP-01", Severity.BLOCKS, _("What it is about"), what, fix, "unknown_reference")
        super().__init__(f"{what} {fix}")


@dataclass(frozen=True)
class Reference:
    """One thing that can be asked about, as the asker may see it. `centre_id` is None when it is no one centre's."""

    kind: str
    id: int
    number: str
    name: str
    url: str
    qualification: Qualification | None = None
    centre_id: int | None = None


@dataclass(frozen=True)
class ReferenceKind:
    """A kind of number: `label` and `example` for people; `find` reads what somebody typed, `get` an id that was kept.

    Both answer None for what is not there or not this person's to see; `find` may raise UnknownReferenceError where it
    can say more.
    """

    code: str
    label: Text
    example: str
    find: Callable[[Standing, str], Reference | None]
    get: Callable[[Standing, int], Reference | None]


_kinds: dict[str, ReferenceKind] = {}


def reference_kind(kind: ReferenceKind) -> ReferenceKind:
    """Registers a kind. Its functions run inside the AO's scope with a fixed number of queries."""
    _kinds[kind.code] = kind
    return kind


def find_reference(standing: Standing, text: str) -> Reference:
    """What the number names. Raises UnknownReferenceError."""
    typed = " ".join(text.replace("\x00", "").split())[:60]
    for kind in _kinds.values():
        found = kind.find(standing, typed)
        if found is not None:
            return found
    examples = _(" or ").join(f"{kind.label} ({kind.example})" for kind in _kinds.values())
    raise UnknownReferenceError(
        _("“%(typed)s” is not a number that you can see here.") % {"typed": typed},
        _("Write one of these as it stands on its page: %(examples)s.") % {"examples": examples},
    )


def get_reference(standing: Standing, kind: str, about_id: int) -> Reference | None:
    """What was asked about, if this person may see it and its app is still there."""
    return _kinds[kind].get(standing, about_id) if kind in _kinds else None


def describe_kinds() -> str:
    """For a hint: what numbers look like."""
    return _(", or ").join(
        _("the %(kind)s, such as %(example)s") % {"kind": kind.label, "example": kind.example}
        for kind in _kinds.values()
    )


def _qualification(standing: Standing, row: Qualification) -> Reference:
    url = reverse("catalogue:qualification", kwargs={"ao": standing.ao.slug, "qan": row.qan})
    return Reference(QUALIFICATION, row.pk, row.display_qan, row.title, url, row)


def _find_qualification(standing: Standing, text: str) -> Reference | None:
    number = read_qan(text)
    if number is None:
        return None
    row = every_qualification().filter(qan=number.number).first()
    if row is not None and row.ao_id == standing.ao.pk:
        return _qualification(standing, row)
    if row is not None:
        raise UnknownReferenceError(
            _("%(qan)s is awarded by %(other)s, not by %(own)s.")
            % {"qan": row.display_qan, "other": row.ao.name, "own": standing.ao.name},
            _("Ask %(other)s, or correct the number.") % {"other": row.ao.name},
        )
    raise UnknownReferenceError(
        _("No qualification has the number %(qan)s.") % {"qan": text},
        _("Compare it with the certificate, the specification or the list of qualifications."),
    )


def _get_qualification(standing: Standing, about_id: int) -> Reference | None:
    row = Qualification.objects.filter(pk=about_id).first()
    return _qualification(standing, row) if row is not None else None


reference_kind(
    ReferenceKind(
        QUALIFICATION, gettext_lazy("qualification number"), "603/3985/8", _find_qualification, _get_qualification
    )
)
