"""Tests of accounts name their own sources of work: what the apps put there is tested with the apps."""

from __future__ import annotations

import pytest

from awarding.worklist import overview, registry


@pytest.fixture(autouse=True)
def work_sources(monkeypatch) -> list:
    """The sources of My work, empty; append to it."""
    sources: list = []
    monkeypatch.setattr(registry, "_sources", sources)
    monkeypatch.setattr(overview, "_sources", [])
    return sources
