"""What else happens when the AO reopens a Q-TAG: later apps say so here, since this one may not import them."""

from __future__ import annotations

from collections.abc import Callable

from awarding.accounts.standing import Standing
from qtag.models import Judgement

# Called in the reopening's own transaction with who reopens, the judgement (open again, locked), and the reason.
Follower = Callable[[Standing, Judgement, str], None]
_followers: list[Follower] = []


def follows_reopening(follower: Follower) -> Follower:
    """Decorator: the function runs whenever a submitted Q-TAG is reopened, and undoes it when it fails."""
    if follower not in _followers:
        _followers.append(follower)
    return follower


def reopening_followers() -> tuple[Follower, ...]:
    return tuple(_followers)
