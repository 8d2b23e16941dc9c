"""Running the capped child and turning whatever becomes of it into rows or an `UnsafeFileError`."""

import json
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import python_calamine
from django.utils.translation import gettext as _

from awarding.spreadsheets import child
from awarding.spreadsheets.archive import damaged_file
from awarding.spreadsheets.limits import Limits, UnsafeFileError
from awarding.spreadsheets.preflight import Preflight, Source

Cell = str | float | int | bool | list[str]
RawRow = list[Any]
Parser = subprocess.Popen[bytes]

_LINE = 64 * 1024 * 1024
_SITE = str(Path(python_calamine.__file__).resolve().parent.parent)


@dataclass(frozen=True, slots=True)
class SheetHead:
    """The beginning of a sheet: rows are ``[row number, cell, …]``, the first cell being in `column` (from 1)."""

    name: str
    hidden: bool
    column: int
    head: list[RawRow]


def read_rows(
    source: Source,
    looked: Preflight,
    choose: Callable[[list[SheetHead]], int | None],
    *,
    limits: Limits,
    parser: Parser,
    head: int = 40,
) -> tuple[list[SheetHead], list[RawRow]]:
    """Parse a file that passed `preflight` in a capped child process; return the sheets' heads and the rows of one.

    `parser` is that process, from `start_parser`; it parses one file.
    `choose` is shown the first `head` rows of every sheet and returns the index of the one to read whole, or None.
    Rows are ``[row number, cell, …]``; rows in which every cell is empty are left out. Raises `UnsafeFileError`:
    ``needs_too_much``, ``damaged``, ``encrypted``, ``too_many_rows``, ``csv_quotes``, ``csv_encoding``.
    """
    with _path_of(source) as path:
        lines = _Lines(parser, limits)
        lines.send(
            path=str(path),
            kind=looked.kind,
            head=head,
            memory=limits.child_memory,
            cpu=limits.child_cpu_seconds,
            rows=limits.rows,
        )
        heads = [SheetHead(**sheet) for sheet in lines.receive()["sheets"]]
        chosen = choose(heads)
        if chosen is None:
            return heads, []
        lines.send(sheet=chosen)
        return heads, _all_rows(lines)


def _all_rows(lines: "_Lines") -> list[RawRow]:
    rows: list[RawRow] = []
    # One pair for all cells of a date: whoever reads the cells finds equal dates by identity.
    pairs: dict[str, list[str]] = {}
    while True:
        received = lines.receive()
        if isinstance(received, list):
            rows += received
        elif "columns" in received:
            columns = received["columns"]
            for place in received["dates"]:
                columns[place] = [pairs.get(day) or pairs.setdefault(day, ["d", day]) for day in columns[place]]
            rows += map(list, zip(*columns, strict=True))
        elif received.get("end") == len(rows):
            return rows
        else:
            raise damaged_file()


@contextmanager
def _path_of(source: Source) -> Iterator[Path]:
    if not isinstance(source, bytes):
        yield Path(source).resolve()
        return
    with tempfile.NamedTemporaryFile(prefix="upload-") as file:
        file.write(source)
        file.flush()
        yield Path(file.name)


@contextmanager
def start_parser(limits: Limits) -> Iterator[Parser]:
    """Start the child process, which opens nothing before it is told what; on leaving, it is gone.

    Started before `preflight`, it has loaded its libraries by the time that the file has passed.
    """
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-X", "utf8", child.__file__, _SITE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={},
        bufsize=1024 * 1024,  # a line of rows is some 60 kB
    )
    timer = threading.Timer(limits.child_wall_seconds, process.kill)
    timer.daemon = True
    timer.start()
    try:
        yield process
    finally:
        timer.cancel()
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue


class _Lines:
    """The conversation with the child; every way it can end early becomes an `UnsafeFileError`."""

    def __init__(self, process: Parser, limits: Limits) -> None:
        self.process = process
        self.stdin, self.stdout = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
        self.limits = limits
        self.received = 0

    def send(self, **message: object) -> None:
        try:
            self.stdin.write(json.dumps(message).encode() + b"\n")
            self.stdin.flush()
        except BrokenPipeError:
            raise self._ended() from None

    def receive(self) -> Any:
        line = self.stdout.readline(_LINE)
        self.received += len(line)
        if self.received > self.limits.inflated:
            raise _needs_too_much()
        if not line.endswith(b"\n"):
            raise self._ended()
        message = json.loads(line.decode())
        if isinstance(message, dict) and "error" in message:
            raise _refused(message["error"], message.get("row"), self.limits)
        return message

    def _ended(self) -> UnsafeFileError:
        try:
            code = self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return _needs_too_much()
        if code in (-signal.SIGABRT, -signal.SIGKILL, -signal.SIGXCPU):
            return _needs_too_much()
        return damaged_file()


def _needs_too_much() -> UnsafeFileError:
    return UnsafeFileError(
        "needs_too_much",
        _("Reading this file takes more memory or time than one upload may use."),
        _("Copy only the filled cells into a fresh template, or split the file into smaller ones."),
    )


def _refused(code: str, row: int | None, limits: Limits) -> UnsafeFileError:
    if code == "memory":
        return _needs_too_much()
    if code == "encrypted":
        return UnsafeFileError(
            code,
            _("The file is protected by a password, so it cannot be read."),
            _("Remove the password and save the workbook again. Protected cells inside it may stay."),
        )
    if code == "too_many_rows":
        return UnsafeFileError(
            code,
            _("The file has more than %(limit)s rows.") % {"limit": limits.rows},
            _("Split it into smaller files."),
        )
    if code == "csv_quotes":
        return UnsafeFileError(
            code,
            _("Row %(row)s of the CSV file has a quotation mark that opens or closes in the wrong place.")
            % {"row": row},
            _("Put quotation marks around the whole cell, double every one inside it; or upload an .xlsx workbook."),
        )
    if code in ("csv_encoding", "not_a_table"):
        return UnsafeFileError(
            code,
            _("The file is not readable as text."),
            _("Save it as “CSV UTF-8” or as an Excel workbook (.xlsx) and upload that copy."),
        )
    return damaged_file()
