"""How much of an untrusted file is looked at before it is refused, and the error that refuses it."""

from dataclasses import dataclass
from typing import Final

MEBIBYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one upload may cost. Bytes unless said otherwise.

    The defaults hold the largest real job (a national centre's 100,000 registrations by 20 columns: about
    8 MB of file, 120 MB inflated, 1.5 seconds) with room to spare, and keep two uploads at once within the
    memory of a small server.
    """

    upload: int = 20 * MEBIBYTE
    inflated: int = 300 * MEBIBYTE
    # Deflate cannot pass 1032:1 and real sheets stay under 60:1, so 250 separates bombs from large blank tables.
    ratio: int = 250
    ratio_applies_above: int = 5 * MEBIBYTE
    parts: int = 1000
    sheets: int = 100
    # Rows and columns are bounds of the cells that hold a value, counted from A1.
    rows: int = 120_000
    columns: int = 256
    cells: int = 5_000_000
    # The child that parses.
    child_memory: int = 1024 * MEBIBYTE
    child_cpu_seconds: int = 60
    child_wall_seconds: float = 90.0
    # Faults kept in full; later ones are counted and their rows remembered.
    faults: int = 20_000


class UnsafeFileError(ValueError):
    """A file that is not opened. `code` is stable; `message` says what, `fix` says how to mend it."""

    def __init__(self, code: str, message: str, fix: str) -> None:
        super().__init__(f"{message} {fix}")
        self.code = code
        self.message = message
        self.fix = fix
