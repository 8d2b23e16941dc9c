"""Which outcomes a framework permits for a qualification."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from awarding.findings.finding import Finding, Severity
from awarding.frameworks.document import FrameworkDocument
from awarding.frameworks.parts import Outcome

# The kind of an outcome row that says: not under this framework (MIT-03).
OUT_OF_SCOPE = "out_of_scope"
REFUSED, LAST_RESORT = "refused", "last_resort"


@dataclass(frozen=True)
class Permitted:
    """An outcome that may be set, and whether only as a last resort."""

    outcome: Outcome
    is_last_resort: bool


def permitted_outcomes(document: FrameworkDocument, category: str) -> list[Permitted]:
    """The framework's outcomes for a qualification of the category, in its order.

    A framework that knows the category decides by it. One with other categories than the catalogue's permits what it
    does not refuse everywhere. Without a category only what is permitted in every one is certain.
    """
    found = []
    for outcome in document.outcomes.values():
        standings = _standings(document, outcome.code, category)
        refused = [standing == REFUSED for standing in standings]
        knows_categories = _knows_catalogue(document)
        if any(refused) if knows_categories else all(refused) and refused:
            continue
        found.append(Permitted(outcome, LAST_RESORT in standings))
    return found


def _knows_catalogue(document: FrameworkDocument) -> bool:
    """Whether the framework's categories are those that qualifications carry (A, B1, B2), not others of its own."""
    return bool({"A", "B1", "B2"} & document.categories.keys())


def _standings(document: FrameworkDocument, code: str, category: str) -> list[str]:
    if category in document.categories:
        return [document.standing(code, category)]
    # Of a category that others are part of, only the parts count.
    wider = {row.part_of for row in document.categories.values()}
    return [document.standing(code, row) for row in document.categories if row not in wider]


def outcome_findings(document: FrameworkDocument, category: str, where: str, kind: str, reason: str) -> list[Finding]:
    """Why this outcome cannot be set: MIT-01 for one that the framework does not offer, MIT-03 for a missing reason."""
    if kind == OUT_OF_SCOPE:
        return [] if reason.strip() else [_no_reason(where)]
    permitted = {row.outcome.code: row for row in permitted_outcomes(document, category)}
    if kind in permitted:
        needs_reason = permitted[kind].is_last_resort and not reason.strip()
        return [_last_resort(where)] if needs_reason else []
    if kind not in document.outcomes:
        what = _("“%(kind)s” is no outcome of %(framework)s.") % {"kind": kind, "framework": document.short_title}
    elif category:
        what = _("%(framework)s does not permit “%(outcome)s” in category %(category)s.") % {
            "framework": document.short_title,
            "outcome": _(document.outcome(kind).label),
            "category": category,
        }
    else:
        what = _("%(framework)s permits “%(outcome)s” in some categories only, and this qualification has none.") % {
            "framework": document.short_title,
            "outcome": _(document.outcome(kind).label),
        }
    labels = ", ".join(_(row.outcome.label) for row in permitted.values()) or _("none")
    fix = _("Choose one of: %(labels)s.") % {"labels": labels}
    if not category and _knows_catalogue(document):
        fix = _("Set the qualification's category first. Without one: %(labels)s.") % {"labels": labels}
    return [Finding("MIT-01", Severity.BLOCKS, where, what, fix, code="outcome_not_permitted")]


def _no_reason(where: str) -> Finding:
    return Finding(
        "MIT-03",
        Severity.BLOCKS,
        where,
        _("Out of scope needs its reason: centres and learners read it."),
        _("Say why, for example that the qualification is not publicly funded."),
        code="reason_missing",
    )


def _last_resort(where: str) -> Finding:
    return Finding(
        "MIT-01",
        Severity.BLOCKS,
        where,
        _("In this category the outcome is a last resort and needs its reason."),
        _("Say why nothing else would do."),
        code="last_resort_reason_missing",
    )
