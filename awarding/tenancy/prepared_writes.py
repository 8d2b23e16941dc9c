"""Writes that are made with every keystroke: the statement made once and kept, and several sent in one exchange.

    @prepared_update("grade", "graded_at")
    def _graded(*, judgement_id: int) -> QuerySet[Judgement]:
        return Judgement.objects.filter(pk=judgement_id)

    write(_graded.to(grade_id, now, judgement_id=7), inserting(GradeChange, judgement_id=7, ...))

What is stored is what the ORM would store: each value goes through its field, the open scope fills in the organisation
and is a condition of every update, and row-level security, keys and triggers judge each statement. The statements run one
after the other, in the transaction that is open: all of them hold or none.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import DateField, Field, Model, QuerySet, TimeField
from django.db.models.fields import NOT_PROVIDED
from django.db.models.signals import post_save, pre_save
from django.db.models.sql import UpdateQuery

from awarding.tenancy.prepared import NotPreparableError, Prepared

Write = tuple[str, tuple[Any, ...]]


class PreparedUpdate:
    """An update of some fields of the rows that a function answers. See the module's docstring."""

    def __init__(self, names: tuple[str, ...], build: Callable[..., QuerySet[Any, Any]]) -> None:
        self.names, self.rows = names, Prepared(build)
        self.__doc__ = build.__doc__
        self._fields: list[Any] = []

    def to(self, *new: Any, **values: Any) -> Write:
        """The statement that sets the fields, in their order, to `new` (a reference to a number)."""
        text, others = self.rows.changing(self._update_of, values)
        connection = connections[DEFAULT_DB_ALIAS]
        stored = [field.get_db_prep_save(value, connection) for field, value in zip(self._fields, new, strict=True)]
        return text, (*stored, *others)

    def _update_of(self, rows: Any) -> UpdateQuery:
        self._fields = [rows.model._meta.get_field(name) for name in self.names]
        query = rows.query.chain(UpdateQuery)
        query.clear_ordering(force=True)
        query.add_update_fields([(field, None, _Open()) for field in self._fields])
        return query


class _Open:
    """Stands for a value in the SET of an update: an open place, whatever the value will be."""

    contains_aggregate = contains_over_clause = False

    def resolve_expression(self, *args: Any, **kwargs: Any) -> _Open:
        return self

    def as_sql(self, *args: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", ()


def prepared_update(*names: str) -> Callable[[Callable[..., QuerySet[Any, Any]]], PreparedUpdate]:
    """Decorator of a module's function that answers the rows to update and looks at nothing but its arguments."""
    return lambda build: PreparedUpdate(names, build)


def inserting(model: type[Model], **values: Any) -> Write:
    """The statement that stores a new row with these values by column's attribute (`actor_id`); the others are the defaults.

    No instance is made: that would cost as much as the rest. Raises NotPreparableError for a model that is more than
    plain columns, TypeError for a value that is no column's.
    """
    text, fields = _insert_of(model)
    connection = connections[DEFAULT_DB_ALIAS]
    given = [values.pop(field.attname) if field.attname in values else field.get_default() for field in fields]
    if values:
        raise TypeError(f"{model.__name__} has no column {', '.join(sorted(values))}.")
    stored = zip(fields, given, strict=True)
    return text, tuple(field.get_db_prep_save(value, connection) for field, value in stored)


def write(*writes: Write) -> None:
    """Runs the statements in their order, in one exchange with the database."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("; ".join(text for text, _values in writes), [value for _text, some in writes for value in some])


@cache
def _insert_of(model: type[Model]) -> tuple[str, tuple[Any, ...]]:
    meta = model._meta
    fields: list[Any] = [field for field in meta.local_concrete_fields if not field.primary_key]
    made_below = [field for field in fields if field.generated or field.db_default is not NOT_PROVIDED]
    made_when_saved = [field for field in fields if _is_made_when_saved(field)]
    if meta.parents or made_below or made_when_saved or any(hasattr(field, "get_placeholder") for field in fields):
        raise NotPreparableError(f"{model.__name__} is more than plain columns of one table: save it.")
    if pre_save.has_listeners(model) or post_save.has_listeners(model):
        raise NotPreparableError(f"Somebody waits for {model.__name__} to be saved: save it.")
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    columns, places = ", ".join(quote(field.column) for field in fields), ", ".join("%s" for _field in fields)
    return f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES ({places})", tuple(fields)  # noqa: S608 - names alone


def _is_made_when_saved(field: Any) -> bool:
    """Whether the field makes its value only when a row is saved: a clock's time, a file put away."""
    if isinstance(field, DateField | TimeField):
        return field.auto_now or field.auto_now_add
    return type(field).pre_save is not Field.pre_save
