"""What a grade may rest on (QTG-07, QTG-08, QTG-09, QTG-22) and what must be recorded beside it (QTG-21)."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from awarding.findings.finding import Finding, Severity
from awarding.frameworks.document import FrameworkDocument
from qtag.rules.facts import EvidenceFact, LearnerFacts


def evidence_findings(document: FrameworkDocument, learner: LearnerFacts) -> list[Finding]:
    """Whether the evidence can carry a grade at all: some of it must be evidence, and some may stand alone."""
    if not learner.evidence:
        return []  # QTG-06 says so
    kinds = {piece.type: document.evidence_types.get(piece.type) for piece in learner.evidence}
    real = {code: kind for code, kind in kinds.items() if kind is not None and kind.is_evidence}
    if not real:
        return [
            Finding("QTG-07", Severity.BLOCKS, _("Evidence"), _("Target and predicted grades are not evidence."),
                    _("Record work that the learner produced."), "not_evidence")
        ]  # fmt: skip
    found = []
    if not any(kind.may_stand_alone for kind in real.values()):
        only_issued = all(kind.kind == "banked_2020" for kind in real.values())
        rule = "QTG-22" if only_issued else "QTG-07"
        labels = ", ".join(sorted(kind.label for kind in real.values()))
        found.append(
            Finding(rule, Severity.BLOCKS, _("Evidence"), _("It never stands alone: %(kinds)s.") % {"kinds": labels},
                    _("Add a piece of the learner's own work beside it."), "stands_alone")
        )  # fmt: skip
    if any(not piece.is_authentic for piece in learner.evidence):
        found.append(
            Finding("QTG-07", Severity.WARNS, _("Evidence"), _("A piece is not confirmed as the learner's own work."),
                    _("Confirm it on the page of the piece and its files, or set the piece aside."), "not_authentic")
        )  # fmt: skip
    if any(not piece.is_reachable for piece in learner.evidence):
        found.append(
            Finding("QTG-19", Severity.WARNS, _("Evidence"), _("A piece cannot be reached: nobody could look at it later."),
                    _("Say so on the page of the piece once it can, or rest the grade on other pieces."), "not_reachable")
        )  # fmt: skip
    return found


def best_shown(document: FrameworkDocument, evidence: Sequence[EvidenceFact]) -> int | None:
    """The rank of the best grade that any evidence shows; what is none, such as a predicted grade, shows nothing (QTG-07)."""
    counting = evidence_codes(document)
    return max((piece.rank for piece in evidence if piece.rank is not None and piece.type in counting), default=None)


def evidence_codes(document: FrameworkDocument) -> frozenset[str]:
    """The codes of what the framework takes for evidence (QTG-07)."""
    return frozenset(code for code, kind in document.evidence_types.items() if kind.is_evidence)


def grade_findings(document: FrameworkDocument, learner: LearnerFacts) -> list[Finding]:
    """A grade of the scale must be there (QTG-09), and above the best evidenced one it needs a rationale (QTG-08)."""
    if learner.is_off_scale:
        return [
            Finding("QTG-09", Severity.BLOCKS, _("Grade"),
                    _("The grade given is not on the qualification's scale any more."),
                    _("Choose a grade anew, also where the scale of now has one of the same name."), "off_scale")
        ]  # fmt: skip
    if learner.rank is None:
        return [
            Finding("QTG-09", Severity.BLOCKS, _("Grade"), _("No grade is given."),
                    _("Choose one of the qualification's scale."), "no_grade")
        ]  # fmt: skip
    shown = best_shown(document, learner.evidence)
    if learner.evidence and shown is None and not learner.has_rationale:
        return [
            Finding("QTG-08", Severity.BLOCKS, _("Grade"), _("No piece of the evidence shows a grade by itself."),
                    _("Record the grade that a piece shows, or write down how all of it leads to this one."), "none_shown")
        ]  # fmt: skip
    if shown is not None and learner.rank > shown and not learner.has_rationale:
        return [
            Finding("QTG-08", Severity.BLOCKS, _("Grade"), _("The grade is above the best that any evidence shows."),
                    _("Give the grade that the work shows, or write down why this one stands."), "above_evidence")
        ]  # fmt: skip
    return []


def told_findings(learner: LearnerFacts) -> list[Finding]:
    """The learner knows which evidence is used, all of it, and not the grade (QTG-21)."""
    if not learner.was_told:
        return [
            Finding("QTG-21", Severity.BLOCKS, _("Learner"),
                    _("It is not recorded that the learner was told which evidence is used."),
                    _("Tell them (never the grade) and record the day."), "not_told")
        ]  # fmt: skip
    if learner.untold:
        what = ngettext_lazy(
            "%(count)d piece of evidence was added after the learner was told which evidence is used.",
            "%(count)d pieces of evidence were added after the learner was told which evidence is used.",
            "count",
        ) % {"count": learner.untold}
        return [
            Finding("QTG-21", Severity.BLOCKS, _("Learner"), what,
                    _("Tell them of it (never the grade) and record the day again, or set it aside."), "told_of_less")
        ]  # fmt: skip
    return []


def proposal_findings(document: FrameworkDocument, learner: LearnerFacts) -> list[Finding]:
    """Everything about the judgement itself that is asked before it is proposed."""
    return [*evidence_findings(document, learner), *grade_findings(document, learner), *told_findings(learner)]
