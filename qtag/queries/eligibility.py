"""Who may have a Q-TAG, for many learners at once: the rows as they are, the very checks of the rules, each kind once.

Of a hundred thousand learners most are alike in what the checks ask. So the facts are read as plain columns, and the
checks are asked once for each combination of facts that occurs, not once for each learner.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet

from awarding.frameworks.queries import adopted_document
from qtag.models import Agreement, BankedUnit, EvidenceRecord, Judgement, QualificationTerms, Submission
from qtag.queries.facts import NO_UNITS, chosen_units, passed_units, standing_units
from qtag.rules.eligibility import Answer, answer_of, learner_findings, submission_findings
from qtag.rules.facts import EvidenceFact, LearnerFacts, SubmissionFacts, TermsFacts, UnitFact, named

# What a row says of a learner: certificating, top-up, apprenticeship, absent.
Flags = tuple[bool | None, bool, bool, bool]
# All that the checks tell learners of one submission apart by: flags, day, evidence, units passed, units chosen.
_Alike = tuple[Flags, dt.date | None, bool, frozenset[int], frozenset[int]]
# The checks of eligibility ask whether there is evidence, and leave to those of the grade what it is.
SOME_EVIDENCE = (EvidenceFact(""),)


def eligibility_answers(
    submissions: Sequence[Submission], among: QuerySet[Judgement] | None = None
) -> dict[int, Answer]:
    """By judgement id, whether the learner may have a Q-TAG (QTG-01 to -06, -20). Nine queries at most, however many there are.

    The submissions come with `qualification` and `adoption`; `among` narrows the learners to those that somebody sees.
    """
    about = facts_of(submissions)
    units = _licence_units(about)
    alike: dict[SubmissionFacts, _Judge] = {}
    judges = {pk: alike.setdefault(facts, _Judge(facts, units)) for pk, facts in about.items()}
    learners = (Judgement.objects.all() if among is None else among).filter(submission__in=list(about)).order_by()
    # A set of its own: asked beside each row it would be looked up for each.
    evidence = EvidenceRecord.objects.filter(judgement__submission__in=list(about), set_aside_at=None)
    has_evidence = set(evidence.values_list("judgement_id", flat=True).order_by())
    # What is banked stands as evidence, too (QTG-14).
    banked = BankedUnit.objects.filter(registration__judgements__submission__in=list(about), set_aside_at=None)
    has_banked = set(banked.values_list("registration_id", flat=True).order_by())
    rows = learners.values_list(
        "pk", "submission_id", "registration_id", "is_certificating", "is_top_up", "is_apprenticeship", "was_absent",
        "ready_on", "registration__ends_on",
    )  # fmt: skip
    return {
        row[0]: judges[row[1]].answer(
            row[2], row[3:7], row[7] or row[8], row[0] in has_evidence or row[2] in has_banked
        )
        for row in rows.iterator(chunk_size=20_000)
    }


def eligibility_counts(submission: Submission, among: QuerySet[Judgement]) -> Counter[Answer]:
    """How many of the learners that somebody sees have each answer."""
    return Counter(eligibility_answers([submission], among).values())


def facts_of(submissions: Sequence[Submission]) -> dict[int, SubmissionFacts]:
    """By submission id, what holds for all of its learners. Three queries."""
    terms: dict[tuple[int, str], TermsFacts] = {}
    rows = QualificationTerms.objects.filter(qualification__in={row.qualification_id for row in submissions})
    for row in rows.prefetch_related("licence_units__unit"):
        units = tuple(UnitFact(u.unit_id, u.unit.title, u.is_conditional) for u in row.licence_units.all())
        terms[(row.qualification_id, row.framework_code)] = TermsFacts(
            row.out_of_scope_reason, row.is_all_licence, units, row.agreement_with
        )
    agreed: dict[int, set[str]] = defaultdict(set)
    for pk, who in Agreement.objects.filter(submission__in=submissions).values_list("submission_id", "agreed_with"):
        agreed[pk].add(named(who))
    documents = {
        pk: adopted_document(row) for pk, row in {row.adoption_id: row.adoption for row in submissions}.items()
    }
    found = {}
    for row in submissions:
        document = documents[row.adoption_id]
        found[row.pk] = SubmissionFacts(
            document=document,
            category=row.qualification.category,
            terms=terms.get((row.qualification_id, document.id), TermsFacts()),
            agreed_with=frozenset(agreed.get(row.pk, ())),
            last_resort_statements=frozenset(row.last_resort_statements),
            has_last_resort_reason=bool(row.last_resort_reason),
        )
    return found


@dataclass(frozen=True, slots=True)
class _Units:
    """By registration id, the units that were passed and those that were chosen; empty where no submission asks for any."""

    passed: dict[int, frozenset[int]] = field(default_factory=dict)
    chosen: dict[int, frozenset[int]] = field(default_factory=dict)


def _licence_units(about: dict[int, SubmissionFacts]) -> _Units:
    """No query when no submission has units that must be passed, one when each is always needed, two otherwise (QTG-05)."""
    licensed = {pk: facts.terms.licence_units for pk, facts in about.items() if facts.terms.licence_units}
    if not licensed:
        return _Units()
    where = {"registration__judgements__submission__in": list(licensed)}
    stand = standing_units(**where)
    asks_for_choice = any(unit.is_conditional for units in licensed.values() for unit in units)
    return _Units(passed_units(stand), chosen_units(stand, **where) if asks_for_choice else {})


class _Judge:
    """The answers of submissions that are alike, each combination of facts judged once."""

    def __init__(self, about: SubmissionFacts, units: _Units) -> None:
        self.about, self.whole = about, submission_findings(about)
        self.units = units if about.terms.licence_units else _Units()
        self.window = about.document.window("eligibility")
        self.known: dict[_Alike, Answer] = {}
        # Days are alike that lie on the same side of the window (QTG-03): the first that was met stands for the others.
        self.days: dict[dt.date | None, dt.date | None] = {}
        self.first: dict[bool, dt.date] = {}

    def answer(self, registration_id: int, flags: Flags, ready_on: dt.date | None, has_evidence: bool) -> Answer:
        passed = self.units.passed.get(registration_id, NO_UNITS)
        chosen = self.units.chosen.get(registration_id, NO_UNITS)
        day = self.days[ready_on] if ready_on in self.days else self._alike(ready_on)
        key = (flags, day, has_evidence, passed, chosen)
        answer = self.known.get(key)
        if answer is None:
            answer = self.known[key] = self._judge(*key)
        return answer

    def _alike(self, ready_on: dt.date | None) -> dt.date | None:
        day = None if ready_on is None else self.first.setdefault(self.window.is_open(ready_on), ready_on)
        self.days[ready_on] = day
        return day

    def _judge(
        self,
        flags: Flags,
        ready_on: dt.date | None,
        has_evidence: bool,
        passed: frozenset[int],
        chosen: frozenset[int],
    ) -> Answer:
        certificating, top_up, apprenticeship, absent = flags
        learner = LearnerFacts(
            is_certificating=certificating, is_top_up=top_up, is_apprenticeship=apprenticeship, was_absent=absent,
            ready_on=ready_on, passed_units=passed, chosen_units=chosen,
            evidence=SOME_EVIDENCE if has_evidence else (),
        )  # fmt: skip
        return answer_of([*self.whole, *learner_findings(self.about, learner)])
