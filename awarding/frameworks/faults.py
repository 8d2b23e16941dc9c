"""How a fault in framework data is told."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: the file, the path inside it (``dates.impact.on``), what is wrong, how to mend it."""

    file: str
    path: str
    what: str
    fix: str

    def __str__(self) -> str:
        return f"{self.file}: {self.path or 'the file'}: {self.what} {self.fix}"

    def to_json(self) -> dict[str, str]:
        return asdict(self)


class FrameworkError(ValueError):
    """Framework data that cannot be used. ``faults`` lists everything found, not only the first."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(str(fault) for fault in faults))
