"""Rounds of the clock: the same work for many, where one that fails keeps none of the others waiting."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.queries import tenants

Item = TypeVar("Item")
log = logging.getLogger(__name__)


def one_by_one(work: Callable[[Item], object], items: Iterable[Item]) -> None:
    """Does `work` for each item, which opens its own scope or transaction.

    What fails is logged with the item and keeps nothing; the round goes on, and the next one makes up for it.
    """
    for item in items:
        try:
            work(item)
        except Exception:
            log.exception("%s failed for %s; the next round tries again", work.__qualname__, item)


def in_every_ao(work: Callable[[AwardingOrganisation], object]) -> None:
    """Does `work` for each AO that uses the portal, by name; one that fails keeps none of the others waiting."""
    one_by_one(work, tenants())
