from __future__ import annotations

import dataclasses
import json

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from awarding.findings.catalogue import UnknownRuleError, all_rules
from awarding.findings.finding import (
    Finding,
    FindingError,
    Severity,
    blocking,
    findings_from_json,
    findings_to_json,
    worst,
)


def finding(severity: Severity = Severity.BLOCKS, **changes: object) -> Finding:
    given_values: dict[str, object] = {
        "rule": all_rules()[0].id,
        "severity": severity,
        "where": "row 3",
        "what": "is wrong",
        "fix": "mend it",
        **changes,
    }
    return Finding(**given_values)  # type: ignore[arg-type]


def test_severities_are_ordered() -> None:
    assert Severity.BLOCKS > Severity.WARNS > Severity.INFORMS
    assert sorted(Severity, reverse=True)[0] is Severity.BLOCKS
    assert len({Severity.BLOCKS, Severity("blocks")}) == 1


def test_severity_compares_only_with_severities() -> None:
    with pytest.raises(TypeError):
        assert Severity.BLOCKS > "warns"


def test_worst_and_blocking() -> None:
    informs, warns, blocks = (finding(severity) for severity in Severity)
    assert worst([]) is None
    assert worst([informs, warns]) is Severity.WARNS
    assert blocking([informs, blocks, warns]) == [blocks]
    assert blocking([informs, warns]) == []


def test_unknown_rule_is_refused() -> None:
    with pytest.raises(UnknownRuleError, match="ABC-01"):
        finding(rule="ABC-01")


@pytest.mark.parametrize("changes", [{"what": ""}, {"fix": ""}, {"severity": "blocks"}])
def test_finding_that_helps_nobody_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(FindingError):
        finding(**changes)  # type: ignore[arg-type]


def test_information_needs_no_remedy() -> None:
    assert finding(Severity.INFORMS, fix="").fix == ""


def test_finding_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        finding().what = "nothing"  # type: ignore[misc]


@given(
    st.sampled_from(all_rules()),
    st.sampled_from(Severity),
    st.text(),
    st.text(min_size=1),
    st.text(min_size=1),
    st.text(),
    st.none() | st.tuples(st.text(), st.integers()),
)
def test_json_round_trip(rule, severity, where, what, fix, code, subject) -> None:  # noqa: ANN001
    before = [Finding(rule.id, severity, where, what, fix, code, subject)]
    assert findings_from_json(json.loads(json.dumps(findings_to_json(before)))) == before


def test_lazy_words_are_translated_where_they_are_read() -> None:
    row = finding(what=gettext_lazy("Yes"))
    with translation.override("cy"):
        welsh = row.to_json()["what"]
    with translation.override("en"):
        assert row.to_json()["what"] == "Yes"
    assert welsh == "Ie"
