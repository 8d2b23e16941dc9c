"""Looking at a worksheet's XML as it streams past, without building anything from it.

Three things are wanted before a parser may see the sheet: how far out its cells reach, how many there are, and
which hold formulas or error values. Practically every writer begins each cell with ``<c r="``; that form is
searched at the speed of `bytes` methods. Anything else takes a slower path that reads tag by tag, so the result
never depends on the form.
"""

import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from awarding.spreadsheets.addresses import address, column_letters, column_number
from awarding.spreadsheets.archive import damaged_file
from awarding.spreadsheets.limits import Limits, UnsafeFileError

# No cell's XML is longer: 32,767 characters, each escaped, with formatting around runs of them.
_LONGEST_CELL = 1024 * 1024
_KEPT_ADDRESSES = 10_000
_OTHER_OPENINGS = (b"<c>", b"<c/", b"<c\n", b"<c\r", b"<c\t")
_FORMULA = re.compile(rb'<c r="([A-Za-z]+[0-9]+)"[^>]*>\s*<f[\s>/]')
_ERROR = re.compile(rb'<c r="([A-Za-z]+[0-9]+)"[^>]*? t="e"')
_TAG = re.compile(rb"<(?:[\w.\-]+:)?(row|c|f)((?:\s[^>]*)?)>")
_REFERENCE = re.compile(rb"\sr\s*=\s*[\"']([^\"']*)[\"']")
_ERROR_TYPE = re.compile(rb"\st\s*=\s*[\"']e[\"']")
_CELL_REFERENCE = re.compile(rb"([A-Za-z]{0,7})([0-9]{0,9})")


@dataclass(slots=True)
class SheetScan:
    """Feed it a worksheet's bytes in any chunks; it raises `UnsafeFileError` once a bound is passed.

    After `finish()`: `cells` is how many cells the sheet has, `formulas` and `errors` are the addresses of cells
    holding a formula or an error value (the first 10,000 of each).
    """

    limits: Limits
    cells: int = 0
    formulas: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    _carried: bytes = b""
    # None until the first bytes were seen; once a sheet was found to be unusual it is read tag by tag to its end.
    _unusual: bool | None = None
    _row: int = 0
    _column: int = 0
    _far: re.Pattern[bytes] = field(init=False)

    def __post_init__(self) -> None:
        letters = len(column_letters(self.limits.columns))
        digits = len(str(self.limits.rows))
        self._far = re.compile(rb'<c r="(?:([A-Za-z]{%d,})([0-9]+)|([A-Za-z]+)([0-9]{%d,}))"[^>]*>' % (letters, digits))

    def feed(self, chunk: bytes) -> None:
        """Look at the next bytes of the sheet."""
        data = self._carried + chunk
        if self._unusual is None:
            self._unusual = re.search(rb"<[\w.\-]+:worksheet[\s>]", data[:4096]) is not None
        cut = data.rfind(b"<" if self._unusual else b"<c")
        if cut <= 0:
            cut = max(len(data) - 64, 0)
        if len(data) - cut > _LONGEST_CELL:
            raise damaged_file()
        self._look(data[:cut])
        self._carried = data[cut:]

    def finish(self) -> None:
        """Look at what is left after the last chunk."""
        self._look(self._carried)
        self._carried = b""

    def _look(self, data: bytes) -> None:
        usual = data.count(b'<c r="')
        if self._unusual or (data.count(b"<c") != usual and _has_other_cells(data, usual)):
            self._unusual = True
            self._look_tag_by_tag(data)
            return
        self.cells += usual
        self._check_cells()
        if (last := data.rfind(b"<row")) >= 0 and (reference := _REFERENCE.search(data, last)):
            self._row = _whole_number(reference.group(1)) if reference.group(1).isdigit() else self._row
        for match in self._far.finditer(data):
            # A cell that is only formatted closes at once; a formatted but empty column is common and harmless.
            if not match.group().endswith(b"/>"):
                self._check_bounds(match.group(1) or match.group(3), match.group(2) or match.group(4))
        if b"<f" in data:
            found = _FORMULA.findall(data)
            if len(found) != data.count(b"<f>") + data.count(b"<f ") + data.count(b"<f/"):
                self._look_for_formulas(data)
            else:
                self._keep(self.formulas, found)
        if b't="e"' in data:
            self._keep(self.errors, _ERROR.findall(data))

    def _look_for_formulas(self, data: bytes) -> None:
        here = b""
        for match in _TAG.finditer(data):
            if match.group(1) == b"c":
                reference = _REFERENCE.search(match.group(2))
                here = reference.group(1) if reference else b""
            elif match.group(1) == b"f" and here:
                self._keep(self.formulas, [here])

    def _look_tag_by_tag(self, data: bytes) -> None:
        for match in _TAG.finditer(data):
            tag, attributes = match.group(1), match.group(2)
            if tag == b"f":
                self._keep(self.formulas, [address(max(self._row, 1), max(self._column, 1)).encode()])
                continue
            reference = _REFERENCE.search(attributes)
            if tag == b"row":
                self._row = _whole_number(reference.group(1)) if reference else self._row + 1
                self._column = 0
                continue
            self.cells += 1
            self._check_cells()
            self._place(reference.group(1) if reference else None)
            if not attributes.endswith(b"/"):
                self._check_bounds(column_letters(self._column).encode(), str(max(self._row, 1)).encode())
            if _ERROR_TYPE.search(attributes):
                self._keep(self.errors, [address(max(self._row, 1), self._column).encode()])

    def _place(self, reference: bytes | None) -> None:
        if reference is None:
            self._column += 1
            return
        match = _CELL_REFERENCE.fullmatch(reference.strip())
        if match is None or not match.group(1) or not match.group(2):
            raise damaged_file()
        self._column = column_number(match.group(1).decode().upper())
        self._row = int(match.group(2))

    def _check_bounds(self, letters: bytes, row: bytes) -> None:
        if len(letters) > 3 or len(row) > 9:
            raise damaged_file()
        if column_number(letters.decode().upper()) > self.limits.columns or int(row) > self.limits.rows:
            raise UnsafeFileError(
                "reaches_too_far",
                _("Cell %(cell)s is filled, beyond the %(rows)s rows and %(columns)s columns that can be read.")
                % {
                    "cell": f"{letters.decode().upper()}{int(row)}",
                    "rows": self.limits.rows,
                    "columns": self.limits.columns,
                },
                _("Delete the stray cell, or split the file into smaller ones."),
            )

    def _check_cells(self) -> None:
        if self.cells > self.limits.cells:
            raise UnsafeFileError(
                "too_many_cells",
                _("The sheet has more than %(limit)s cells.") % {"limit": self.limits.cells},
                _("Delete formatted but empty rows and columns, or split the file into smaller ones."),
            )

    @staticmethod
    def _keep(kept: list[str], found: list[bytes]) -> None:
        if found and len(kept) < _KEPT_ADDRESSES:
            kept.extend(cell.decode("ascii", "replace").upper() for cell in found[: _KEPT_ADDRESSES - len(kept)])


def _has_other_cells(data: bytes, usual: int) -> bool:
    """Say whether cells begin in another way than ``<c r="`` (as opposed to ``<cols>`` and the like)."""
    return usual != data.count(b"<c ") or any(opening in data for opening in _OTHER_OPENINGS)


def _whole_number(text: bytes) -> int:
    text = text.strip()
    if not text.isdigit() or len(text) > 9:
        raise damaged_file()
    return int(text)
