"""Reads that many pages make: the ORM's statement, made once in each process and afterwards only executed.

To make a statement costs the ORM about five times as much processor time as to run it. A prepared read keeps the
statement with its values left open::

    @prepared
    def _roles(*, person_id: int) -> QuerySet[...]:
        return Membership.objects.filter(person_id=person_id, ended_at=None).values_list("role", "centre_id")

    _roles(person_id=7)  # a list of rows, as list() of the queryset would be

The function is called with marks in the place of the values, in a scope whose organisation is a mark too; what comes
out is kept, and each run puts the values, and the number of the organisation whose scope is then open, where the marks
stand. So the scoped manager's condition is in every statement as it always is, and row-level security judges every run.

So that one person's values can never stand in another's statement, the function sees nothing but its arguments: it may not
be a closure, a date in the statement that was not given as a value is refused, and so is a mark that ended up in
the text. What decides the *form* of the statement (which conditions there are) is given by position and is part of the key.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Generic, TypeVar, cast, overload

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet
from django_scopes import get_scope, scope

from awarding.tenancy.prepared_rows import row_reader

Row = TypeVar("Row")
Part = tuple[int, str, str] | None  # which value, and what stands round it in a pattern; None: the constant stays

# Statements kept for one function; more forms than this and the form is not what the function was written for.
MOST_FORMS = 256
# Marks must pass as values of integer columns, and stand for nothing that is ever stored.
_FIRST_NUMBER = 1_918_273_000
_MOST_VALUES = 500
_OPEN, _CLOSE = "\ue000", "\ue001"
_ASKED_OF_QUERY = ("selected", "extra_select", "values_select", "annotation_select", "is_sliced")
_FIRST_DAY = date(1, 1, 2)
_FIRST_INSTANT = datetime(1, 1, 2, tzinfo=UTC)


class NotPreparableError(TypeError):
    """The function or a value cannot be prepared; the message says which and why. A fault of the code."""


class Compound:
    """Base of a value of several parts, such as a person's standing: numbers that are left open, in a form that is not.

    A subclass answers `form` (part of the key: everything of it that is not among the numbers), `open_values`, and
    `with_values`: the same with other numbers in that order.
    """

    form: Hashable
    open_values: Sequence[int]

    def with_values(self, values: Sequence[int]) -> Any:
        raise NotImplementedError


@dataclass(frozen=True)
class _Statement:
    """One kept statement. `text` is None where it is known that there are no rows."""

    text: str | None
    constants: tuple[Any, ...] = ()
    parts: tuple[Part, ...] = ()
    compiler: Any = None
    converters: Any = None
    # What an iterable of querysets asks of its queryset and of that one's query.
    iterable: Any = None
    # Nearly all rows need none of that: from the database's tuples to what the queryset answers.
    made_of: Callable[[list[Any]], list[Any]] | None = None
    source: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_sliced(self) -> bool:
        return bool(self.query["is_sliced"])


class Prepared(Generic[Row]):
    """See the module's docstring. Values are numbers, texts, dates, tuples of them and compounds, given by name."""

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        if getattr(build, "__closure__", None):
            raise NotPreparableError(f"{build.__qualname__} is a closure: what it holds would be kept for everybody.")
        self.build = build
        self.__doc__ = build.__doc__
        self._kept: dict[Hashable, _Statement] = {}

    def __call__(self, *form: Hashable, **values: Any) -> list[Row]:
        """The rows."""
        return self.rows(form, values)

    def first(self, *form: Hashable, **values: Any) -> Row | None:
        """The first row, or None."""
        return next(iter(self.rows(form, values, " LIMIT %s", (1,))), None)

    def listing(self, *form: Hashable, **values: Any) -> Listing[Row]:
        """For a paginator: counts the rows, and reads the slice that is asked for."""
        return Listing(self, form, values)

    def plain(self, *form: Hashable, **values: Any) -> QuerySet[Any, Row]:
        """The queryset itself: the same rows, made the usual way."""
        return self.build(*form, **values)

    def after(self, before: tuple[str, Sequence[Any]], **values: Any) -> list[Row]:
        """The rows, read in one exchange with a statement (its text, its values) that runs before and answers nothing."""
        return self.rows((), values, before=before)

    def rows(
        self,
        form: tuple[Hashable, ...],
        values: dict[str, Any],
        more: str = "",
        extra: tuple[int, ...] = (),
        before: tuple[str, Sequence[Any]] | None = None,
    ) -> list[Row]:
        given: list[Any] = [_open_ao_id()]
        statement = self._statement("rows", form, values, given)
        if statement.text is None:
            return []
        if more and statement.is_sliced:
            raise NotPreparableError(f"{self.build.__qualname__} takes a slice of its own.")
        connection = connections[DEFAULT_DB_ALIAS]
        text, params = statement.text + more, (*_filled(statement, given, connection), *extra)
        if before is not None:
            text, params = f"{before[0]}; {text}", (*before[1], *params)
        if statement.made_of is not None:
            with connection.cursor() as cursor:
                cursor.execute(text, params)
                return statement.made_of(cursor.fetchall())
        compiler = copy.copy(statement.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *args, **kwargs: (text, params)
        compiler.get_converters = lambda expressions: statement.converters
        query = SimpleNamespace(**statement.query, get_compiler=lambda *args, **kwargs: compiler)
        return list(statement.iterable(SimpleNamespace(**statement.source, query=query)))

    def count(self, *form: Hashable, **values: Any) -> int:
        """How many rows there are."""
        given: list[Any] = [_open_ao_id()]
        statement = self._statement("count", form, values, given)
        if statement.text is None:
            return 0
        connection = connections[DEFAULT_DB_ALIAS]
        with connection.cursor() as cursor:
            cursor.execute(statement.text, _filled(statement, given, connection))
            return int(cursor.fetchone()[0])

    def changing(
        self, turned: Callable[[QuerySet[Any, Row]], Any], values: dict[str, Any]
    ) -> tuple[str, tuple[Any, ...]]:
        """A statement that changes the rows: what `turned` makes of the queryset. Its text, and the values in it."""
        given: list[Any] = [_open_ao_id()]
        statement = self._statement(turned, (), values, given)
        if statement.text is None:
            raise NotPreparableError(f"{self.build.__qualname__}: no row can be meant.")
        return statement.text, _filled(statement, given, connections[DEFAULT_DB_ALIAS])

    def _statement(
        self, kind: Hashable, form: tuple[Hashable, ...], values: dict[str, Any], given: list[Any]
    ) -> _Statement:
        """The statement of this form; `given` gets the values in the order of their marks."""
        names = tuple(values)
        forms = tuple(_form_of(value, given) for value in values.values())
        key = (kind, given[0] is not None, get_scope().get("_enabled", True), form, names, forms)
        statement = self._kept.get(key)
        if statement is None:
            statement = self._make(kind, form, values)
            if len(self._kept) >= MOST_FORMS:
                self._kept.clear()
            self._kept[key] = statement
        return statement

    def _make(self, kind: Hashable, form: tuple[Hashable, ...], values: dict[str, Any]) -> _Statement:
        marks = _Marks()
        here = get_scope()
        if here.get("ao") is not None:
            here = {**here, "ao": type(here["ao"])(pk=marks.next_number())}
        else:
            marks.next_number()
        marked = {name: marks.instead_of(value) for name, value in values.items()}
        with scope(**here):
            queryset: Any = self.build(*form, **marked)
        if queryset._prefetch_related_lookups or queryset._result_cache is not None or queryset.query.distinct_fields:
            raise NotPreparableError(f"{self.build.__qualname__}: a plain queryset is wanted.")
        if kind == "count":
            if queryset.query.distinct or queryset.query.is_sliced:
                raise NotPreparableError(f"{self.build.__qualname__}: cannot be counted.")
            queryset = queryset.order_by().values_list("pk")
        query = kind(queryset) if callable(kind) else queryset.query
        compiler = query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            text, params = compiler.as_sql()
        except EmptyResultSet:
            self._expect_nothing(form, values)
            return _Statement(None)
        if any(mark in text for mark in marks.texts()):
            raise NotPreparableError(f"{self.build.__qualname__}: a value became part of the statement's text.")
        if kind == "count":
            text = f"SELECT count(*) FROM ({text}) counted"  # noqa: S608 - the ORM made it, values are parameters
        parts = tuple(marks.find(param, self.build.__qualname__) for param in params)
        if callable(kind):
            return _Statement(text, tuple(params), parts)
        converters = compiler.get_converters([chosen[0] for chosen in compiler.select[: compiler.col_count]])
        return _Statement(
            text,
            tuple(params),
            parts,
            compiler,
            converters,
            queryset._iterable_class,
            None if compiler.has_extra_select else row_reader(queryset, compiler, converters),
            {
                "db": DEFAULT_DB_ALIAS,
                "model": queryset.model,
                "_fields": queryset._fields,
                "_known_related_objects": {},
            },
            {name: getattr(queryset.query, name) for name in _ASKED_OF_QUERY},
        )

    def _expect_nothing(self, form: tuple[Hashable, ...], values: dict[str, Any]) -> None:
        """The form itself must be impossible ("at none of these centres"), not the marks in their columns."""
        try:
            self.build(*form, **values).query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
        except EmptyResultSet:
            return
        raise NotPreparableError(f"{self.build.__qualname__}: a value's column is too small for the marks.")


@dataclass(frozen=True)
class Listing(Generic[Row]):
    """What a paginator needs of a list."""

    source: Prepared[Row]
    form: tuple[Hashable, ...]
    values: dict[str, Any]
    ordered: bool = True

    def count(self) -> int:
        return self.source.count(*self.form, **self.values)

    def __len__(self) -> int:
        return self.count()

    def __iter__(self) -> Iterator[Row]:
        return iter(self.source.rows(self.form, self.values))

    @overload
    def __getitem__(self, which: int) -> Row: ...
    @overload
    def __getitem__(self, which: slice) -> list[Row]: ...
    def __getitem__(self, which: int | slice) -> Row | list[Row]:
        if isinstance(which, int):
            return self[which : which + 1][0]
        start, stop = which.start or 0, which.stop
        if stop is None or which.step not in (None, 1) or start < 0 or stop < start:
            raise NotPreparableError("Only slices with both ends can be read.")
        return self.source.rows(self.form, self.values, " LIMIT %s OFFSET %s", (stop - start, start))


def prepared(build: Callable[..., QuerySet[Any, Row]]) -> Prepared[Row]:
    """Decorator of a module's function that answers a queryset and looks at nothing but its arguments."""
    return Prepared(build)


class _Marks:
    """What stands for the values while the statement is made. The first is the organisation's number."""

    def __init__(self) -> None:
        self.used = 0

    def next_number(self) -> int:
        self.used += 1
        if self.used > _MOST_VALUES:
            raise NotPreparableError("Too many values for one statement.")
        return _FIRST_NUMBER + self.used - 1

    def instead_of(self, value: Any) -> Any:
        if isinstance(value, Compound):
            return value.with_values([self.next_number() for _each in value.open_values])
        if isinstance(value, tuple | frozenset):
            return tuple(self.instead_of(each) for each in value)
        number = self.next_number()
        place = number - _FIRST_NUMBER
        if isinstance(value, str):
            return f"{_OPEN}{place}{_CLOSE}"
        if isinstance(value, datetime):
            return _FIRST_INSTANT + timedelta(days=place)
        return _FIRST_DAY + timedelta(days=place) if isinstance(value, date) else number

    def texts(self) -> Iterable[str]:
        yield _OPEN
        yield from (str(_FIRST_NUMBER + place) for place in range(self.used))

    def find(self, param: Any, name: str) -> Part:
        """Which value the parameter stands for, or None where it is a constant of the statement."""
        place: int | None = None
        if isinstance(param, str):
            before, _mark, rest = param.partition(_OPEN)
            number, _mark, after = rest.partition(_CLOSE)
            return (int(number), before, after) if number else None
        if isinstance(param, bool | float | Decimal) or param is None:
            return None
        if isinstance(param, int):
            place = param - _FIRST_NUMBER
            return (place, "", "") if 0 <= place < self.used else None
        if isinstance(param, datetime):
            place = (param - _FIRST_INSTANT).days if param.tzinfo else None
        elif isinstance(param, date):
            place = (param - _FIRST_DAY).days
        if place is None or not 0 <= place < self.used:
            raise NotPreparableError(f"{name}: {param!r} would be kept in the statement. Give it as a value.")
        return (place, "", "")


def _form_of(value: Any, given: list[Any]) -> Hashable:
    """The value's share of the key: what kind it is, never what it is. Puts what is left open at the end of `given`."""
    kind = type(value)
    if kind is int or kind is str or kind is date or kind is datetime:
        given.append(value)
        return str(kind.__name__)
    if isinstance(value, Compound):
        given.extend(value.open_values)
        return value.form
    if kind is tuple or kind is frozenset:
        return (kind.__name__, *(_form_of(each, given) for each in value))
    if isinstance(value, str):  # a choice of an enumeration
        given.append(str(value))
        return "str"
    raise NotPreparableError(f"{value!r} cannot be left open. What decides the statement's form is given by position.")


def _filled(statement: _Statement, given: list[Any], connection: Any) -> tuple[Any, ...]:
    params = []
    for constant, part in zip(statement.constants, statement.parts, strict=True):
        if part is None:
            params.append(constant)
        elif part[1] or part[2]:  # a pattern of LIKE
            params.append(f"{part[1]}{connection.ops.prep_for_like_query(given[part[0]])}{part[2]}")
        else:
            params.append(given[part[0]])
    return tuple(params)


def _open_ao_id() -> int | None:
    here = get_scope()
    ao = here.get("ao") if here.get("_enabled", True) else None
    return None if ao is None else cast(int, ao.pk)
