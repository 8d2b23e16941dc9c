"""Addresses that are asked for over and over: the menu's, and one for each row of a list.

`reverse` looks through the routes each time. Here each address is looked up once in a process, and those that differ in
one number or name once for all rows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse

# Stands for what varies: a number that is also a text, for either kind of parameter.
_MARK = 918273645
_SAFE = "!*'();:@&=+$,/~"


def address(name: str, **fixed: Any) -> str:
    """As `reverse(name, kwargs=fixed)`, remembered."""
    return _address(_routes(), name, tuple(fixed.items()))


def addresses(name: str, varying: str, **fixed: Any) -> Callable[[object], str]:
    """A function from the value of the parameter `varying` to the address; the others are fixed.

    >>> page_of = addresses("mitigations:claim", "claim_id", ao="aim")
    >>> page_of(17)
    '/ao/aim/claims/17/'
    """
    before, _mark, after = address(name, **fixed, **{varying: _MARK}).partition(str(_MARK))

    def filled(value: object) -> str:
        return f"{before}{value if type(value) is int else quote(str(value), safe=_SAFE)}{after}"

    return filled


def _routes() -> tuple[str, str]:
    """Which table of routes is in force, and below which address: tests and proxies change them."""
    return get_urlconf() or settings.ROOT_URLCONF, get_script_prefix()


@lru_cache(maxsize=4096)
def _address(_where: tuple[str, str], name: str, fixed: tuple[tuple[str, Any], ...]) -> str:
    return reverse(name, kwargs=dict(fixed))
