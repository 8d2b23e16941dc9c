"""Notices are tested without what the apps put on My work."""

from tests.accounts.conftest import work_sources

__all__ = ["work_sources"]
