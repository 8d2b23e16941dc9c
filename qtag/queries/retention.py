"""Until when the evidence of a Q-TAG is kept (QTG-19).

Later apps know when a result was issued and which cases are open on it; this one may not ask them. Each registers one
function that answers for the registrations it knows something about.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from awarding.frameworks.queries import adopted_document
from qtag.models import Judgement
from qtag.rules.retention import Retention, RetentionFacts, retention

RetentionSource = Callable[[Sequence[int]], dict[int, RetentionFacts]]
_sources: list[RetentionSource] = []


def retention_source(source: RetentionSource) -> RetentionSource:
    """Registers a source: for registration ids it answers {id: RetentionFacts} in a fixed number of queries."""
    if source not in _sources:
        _sources.append(source)
    return source


def retention_facts(registration_ids: Sequence[int]) -> dict[int, RetentionFacts]:
    """What all sources together know: the latest issue, every case."""
    found = {pk: RetentionFacts() for pk in registration_ids}
    for source in _sources:
        for pk, facts in source(registration_ids).items():
            known = found[pk]
            days = [day for day in (known.issued_on, facts.issued_on) if day is not None]
            found[pk] = RetentionFacts(max(days, default=None), (*known.cases, *facts.cases))
    return found


def evidence_retention(judgement: Judgement) -> Retention:
    """Until when this learner's evidence is kept. Needs `submission` with its adoption."""
    facts = retention_facts([judgement.registration_id])[judgement.registration_id]
    document = adopted_document(judgement.submission.adoption)
    return retention(facts, document.retention.get("months_after_issue"))
