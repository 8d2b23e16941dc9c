"""From the database's tuples to what a queryset answers, found out once for a kept statement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    NamedValuesListIterable,
    ValuesListIterable,
    get_related_populators,
)
from django.db.models.utils import create_namedtuple_class


def row_reader(queryset: Any, compiler: Any, converters: Any) -> Callable[[list[Any]], list[Any]] | None:
    """How rows of tuples become those of this queryset, or None where more is to be done."""
    kind = queryset._iterable_class
    made: Callable[[list[Any]], list[Any]] | None = None
    if kind is ModelIterable:
        made = _model_reader(compiler)
    elif kind is ValuesListIterable:
        made = list
    elif kind is FlatValuesListIterable:
        made = lambda rows: [row[0] for row in rows]  # noqa: E731
    elif kind is NamedValuesListIterable and queryset._fields:
        make = create_namedtuple_class(*queryset._fields)._make
        made = lambda rows: [make(row) for row in rows]  # noqa: E731
    if made is None or not converters:
        return made
    plain = made
    return lambda rows: plain([tuple(row) for row in compiler.apply_converters(rows, converters)])


def _model_reader(compiler: Any) -> Callable[[list[Any]], list[Any]]:
    """As Django's ModelIterable, with what it finds out for each queryset found out once."""
    info = compiler.klass_info
    first, last = info["select_fields"][0], info["select_fields"][-1] + 1
    names = [chosen[0].target.attname for chosen in compiler.select[first:last]]
    populators: Any = get_related_populators
    hanging = populators(info, compiler.select, DEFAULT_DB_ALIAS)
    annotated = list((compiler.annotation_col_map or {}).items())
    from_db = info["model"].from_db

    def read(rows: list[Any]) -> list[Any]:
        found = []
        for row in rows:
            one = from_db(DEFAULT_DB_ALIAS, names, row[first:last])
            for populator in hanging:
                populator.populate(row, one)
            for name, place in annotated:
                setattr(one, name, row[place])
            found.append(one)
        return found

    return read
