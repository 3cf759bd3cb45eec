"""Adds and changes many rows at once, several times faster than Django's own ways.

bulk_create prepares every value of every row on its own, which is where an import of
a million lines would spend its time. Here a column is prepared as a whole.
"""

import functools
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import connection, models

Column = Sequence[Any]
_ROWS_AT_ONCE = 2000


def insert(records: Sequence[models.Model]) -> None:
    """Add unsaved rows of one model; the caller holds the transaction.

    A key that the database counts up is not read back.
    """
    for start in range(0, len(records), _ROWS_AT_ONCE):
        _insert(records[start : start + _ROWS_AT_ONCE])


def update(
    records: Sequence[Any],
    names: Sequence[str],
    model: type[models.Model] | None = None,
) -> None:
    """Write these fields of stored rows of one model; the caller holds the rows.

    The records are models, or of a named `model` whatever has its columns by name.
    """
    for start in range(0, len(records), _ROWS_AT_ONCE):
        some = records[start : start + _ROWS_AT_ONCE]
        _update(some, names, model or type(some[0]))


def analyze(*grown: type[models.Model]) -> None:
    """Bring the planner's statistics up to date after many new rows."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # A sample is enough, and holds the write lock for no more than a moment.
            cursor.execute("PRAGMA analysis_limit = 1000")
        for model in grown:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


def _insert(records: Sequence[models.Model]) -> None:
    meta = records[0]._meta
    fields = [f for f in meta.concrete_fields if not isinstance(f, models.AutoField)]
    read = attrgetter(*(field.attname for field in fields))
    by_field = zip(*map(read, records), strict=True)
    columns = [_stored(f, column) for f, column in zip(fields, by_field, strict=True)]
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column or "") for field in fields)
    into = f"INSERT INTO {quote(meta.db_table)} ({names})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            kinds = [field.db_type(connection) for field in fields]
            arrays = ", ".join(f"%s::{kind}[]" for kind in kinds)
            # Names of our own tables and types only; every value is a parameter.
            cursor.execute(f"{into} SELECT * FROM UNNEST({arrays})", columns)  # noqa: S608
        else:
            places = ", ".join(["%s"] * len(fields))
            rows = list(zip(*columns, strict=True))
            cursor.executemany(f"{into} VALUES ({places})", rows)


def _update(
    records: Sequence[Any], names: Sequence[str], model: type[models.Model]
) -> None:
    meta = model._meta
    by_name = {field.name: field for field in meta.concrete_fields}
    fields = [by_name[name] for name in (*names, meta.pk.name)]
    read = attrgetter(*(field.attname for field in fields))
    by_field = zip(*map(read, records), strict=True)
    columns = [_stored(f, column) for f, column in zip(fields, by_field, strict=True)]
    quote = connection.ops.quote_name
    table, own = quote(meta.db_table), quote(meta.pk.column or "")
    written = [quote(field.column or "") for field in fields[:-1]]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            arrays = ", ".join(f"%s::{f.db_type(connection)}[]" for f in fields)
            given = ", ".join([*written, own])
            sets = ", ".join(f"{name} = given.{name}" for name in written)
            # Names of our own tables and types only; every value is a parameter.
            cursor.execute(
                f"UPDATE {table} SET {sets} FROM UNNEST({arrays}) AS given ({given})"  # noqa: S608
                f" WHERE {table}.{own} = given.{own}",
                columns,
            )
        else:
            sets = ", ".join(f"{name} = %s" for name in written)
            cursor.executemany(
                f"UPDATE {table} SET {sets} WHERE {own} = %s",  # noqa: S608
                list(zip(*columns, strict=True)),
            )


def stored(value: object) -> Any:
    """One value of a statement that is written out, as this database keeps it."""
    if connection.vendor == "postgresql":
        return value
    if isinstance(value, UUID):
        return _hex(value)
    return _utc(value) if isinstance(value, datetime) else value


def _stored(field: models.Field, column: Column) -> list[Any]:
    convert = _converter(field)
    if convert is None:
        return list(column)
    return [None if value is None else convert(value) for value in column]


def _converter(field: models.Field) -> Callable[[Any], Any] | None:
    """What the database's own driver would not do right; None where it does."""
    kind = field
    while isinstance(kind, models.ForeignKey):
        kind = kind.target_field
    if isinstance(kind, models.CharField | models.TextField):
        return str  # a choice is a text and more, and PostgreSQL wants one type
    if isinstance(kind, models.JSONField):
        return functools.partial(kind.get_db_prep_save, connection=connection)
    if connection.vendor == "postgresql":
        return None
    return _for_sqlite(kind)


def _for_sqlite(field: models.Field) -> Callable[[Any], Any] | None:
    if isinstance(field, models.UUIDField):
        return _hex
    if isinstance(field, models.DateTimeField):
        return _seldom(_utc)
    if isinstance(field, models.DateField):
        return _seldom(str)
    if isinstance(field, models.DecimalField):
        return _seldom(
            functools.partial(
                connection.ops.adapt_decimalfield_value,
                max_digits=field.max_digits,
                decimal_places=field.decimal_places,
            )
        )
    return None


def _hex(value: UUID) -> str:
    return value.hex


def _utc(value: datetime) -> str:
    return str(value.astimezone(UTC).replace(tzinfo=None))


def _seldom(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Days and values repeat a lot, so that few have to be converted."""
    return functools.lru_cache(maxsize=256)(convert)
