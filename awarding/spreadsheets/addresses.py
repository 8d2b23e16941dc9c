"""Cell addresses: C17 and (row 17, column 3)."""

import functools
import re

_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})", re.ASCII)


@functools.lru_cache(maxsize=1024)
def column_letters(column: int) -> str:
    """Return the letters of a column counted from 1: 1 is A, 27 is AA."""
    if column < 1:
        raise ValueError(f"columns are counted from 1, not {column}")
    letters = ""
    while column:
        column, remainder = divmod(column - 1, 26)
        letters = chr(65 + remainder) + letters
    return letters


def column_number(letters: str) -> int:
    """Return the number of a column counted from 1: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def address(row: int, column: int) -> str:
    """Return the address of a cell, both counted from 1: row 17, column 3 is C17."""
    return f"{column_letters(column)}{row}"


def split_address(text: str) -> tuple[int, int]:
    """Return (row, column), both counted from 1, of an address such as C17. Raises ValueError for any other text."""
    match = _ADDRESS.fullmatch(text)
    if match is None:
        raise ValueError(f"not a cell address: {text[:20]!r}")
    return int(match.group(2)), column_number(match.group(1))
