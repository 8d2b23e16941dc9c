"""The draw for a second opinion: chance that can be explained and drawn again."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw: the case's number from 0 to 99.99, and whether it lies below the share (per cent)."""

    seed: str
    share: int
    value: float

    @property
    def is_drawn(self) -> bool:
        return self.value < self.share

    def as_dict(self) -> dict[str, object]:
        return {"seed": self.seed, "share": self.share, "value": self.value, "is_drawn": self.is_drawn}


def draw_case(*, seed: str, number: str, round_: int, share: int) -> Draw:
    """Draws for the `round_`-th look at the claim with this eRAC number; the same input always gives the same answer.

    The value is the SHA-256 of "seed/number/round", its first twelve hexadecimal digits modulo 10,000, in hundredths. A
    case drawn at one share is drawn at every larger one.
    """
    digest = sha256(f"{seed}/{number}/{round_}".encode()).hexdigest()
    return Draw(seed, share, int(digest[:12], 16) % 10_000 / 100)
