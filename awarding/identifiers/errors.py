"""The one family of errors raised when a value is not the identifier it should be."""


class IdentifierError(ValueError):
    """A value that cannot be read as the identifier asked for.

    `code` is stable and machine-readable (for example ``uln_length``), `message` says what is wrong with
    the value, `fix` says how to put it right. Both texts are already translated.
    """

    def __init__(self, code: str, message: str, fix: str) -> None:
        super().__init__(f"{message} {fix}")
        self.code = code
        self.message = message
        self.fix = fix


class QanError(IdentifierError):
    """Not the shape of a qualification number (three digits, four digits, a digit or X)."""


class UnitReferenceError(IdentifierError):
    """Not the shape of a unit reference (a letter, three digits, four digits)."""


class UlnError(IdentifierError):
    """Not a unique learner number."""


class UciError(IdentifierError):
    """Not the shape of a unique candidate identifier."""


class UrnError(IdentifierError):
    """Not an establishment's unique reference number."""


class UkprnError(IdentifierError):
    """Not a UK provider reference number."""


class NcnError(IdentifierError):
    """Not a national centre number."""
