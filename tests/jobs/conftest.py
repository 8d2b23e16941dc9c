"""A worker for tests of jobs, and the kinds of job that only tests know."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.accounts.conftest import work_sources
from tests.factories.worker import RealWorker
from tests.jobs import handlers

__all__ = ["handlers", "work_sources"]


@pytest.fixture
def worker() -> Iterator[RealWorker]:
    """A worker that has not started yet; stopped at the end of the test."""
    made = RealWorker(imports=("tests.jobs.handlers",))
    yield made
    made.stop()
