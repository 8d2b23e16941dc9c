"""Many rows of whole numbers out of the database at once, for arithmetic over millions of them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

#: Signature, flags and the length of an empty extension, at the head of every binary COPY.
_HEAD = 19


def read_columns(query: str, params: Sequence[Any], columns: int) -> list[npt.NDArray[np.int64]]:
    """The columns of a SELECT, each an array. Every column must be bigint and never null. The open scope's policies hold.

    Ten times as quick as fetching rows: nothing becomes a Python object on the way.
    """
    stream = io.BytesIO()
    with connection.cursor() as cursor:
        text = cursor.mogrify(query, list(params)).decode() if params else query
        cursor.copy_expert(f"COPY ({text}) TO STDOUT (FORMAT binary)", stream)
    shape: list[tuple[str, str]] = [("fields", ">i2")]
    for number in range(columns):
        shape += [(f"length{number}", ">i4"), (f"value{number}", ">i8")]
    layout = np.dtype(shape)
    buffer = stream.getbuffer()
    count = (len(buffer) - _HEAD - 2) // layout.itemsize
    rows = np.frombuffer(buffer, dtype=layout, count=count, offset=_HEAD)
    if len(buffer) != _HEAD + count * layout.itemsize + 2 or (rows["fields"] != columns).any():
        raise ValueError("Only bigint columns without nulls can be read so.")
    return [rows[f"value{number}"].astype(np.int64) for number in range(columns)]
