"""Making the next piece of a long work while the piece before is put away."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def made_ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The items in their order, each made in a thread of its own while the one before is used; two at most are held.

    For work that waits for the database between its pieces. Making an item must not touch the database: that thread has
    no scope and no transaction. What making one raises is raised here, in its turn.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="made-ahead") as maker:
        coming = maker.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = maker.submit(next, items, None)
            yield item
