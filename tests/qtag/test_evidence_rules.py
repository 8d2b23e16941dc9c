"""Which rule stops evidence that cannot carry a grade (QTG-07, QTG-22)."""

from __future__ import annotations

import pytest

from awarding.frameworks.queries import adopted_document
from awarding.tenancy.scope import open_scope
from qtag.rules.facts import EvidenceFact, LearnerFacts
from qtag.rules.judgement import evidence_findings


@pytest.mark.parametrize(
    ("types", "rules"),
    [
        (("grade_2020",), {"QTG-22"}),
        (("grade_2020", "tracker"), {"QTG-07"}),
        (("grade_2020", "predicted_grade"), {"QTG-22"}),
        (("observation",), {"QTG-07"}),
        (("grade_2020", "classwork"), set()),
    ],
)
def test_why_evidence_cannot_carry_a_grade_is_told_by_its_own_rule(scene, types, rules):
    """QTG-22 where a grade of 2020 is all there is, QTG-07 else."""
    with open_scope(scene.ao):
        document = adopted_document(scene.submission.adoption)
    learner = LearnerFacts(evidence=tuple(EvidenceFact(kind) for kind in types))
    assert {finding.rule for finding in evidence_findings(document, learner)} == rules
