"""Adds and changes many rows at once, several times faster than Django's own ways.

bulk_create prepares every value of every row on its own, which is where an import of
a million lines would spend its time. Here a column is prepared as a whole.
"""

import functools
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.backends.utils import CursorWrapper

from clinic import prepared

Column = Sequence[Any]
_ROWS_AT_ONCE = 2000


def insert(records: Sequence[Any], model: type[models.Model] | None = None) -> None:
    """Add unsaved rows of one model; the caller holds the transaction.

    The records are models, or of a named `model` named tuples of its columns: of those
    that they leave out, each gets the model's default. A key that the database counts
    up is not read back.
    """
    for some in _pieces(records):
        _insert(some, model or type(some[0]))


def insert_counted(records: Sequence[Any], model: type[models.Model]) -> list[int]:
    """The same; returns the keys that the database counted up, one for each."""
    keys: list[int] = []
    for some in _pieces(records):
        keys += _insert(some, model, is_counted=True)
    return keys


def insert_or_add(
    records: Sequence[Any], model: type[models.Model], keys: Sequence[str]
) -> None:
    """Add rows; where one with these keys stands, add the numbers of the rest to it.

    The keys are those of a unique constraint, and no two records share them.
    """
    for some in _pieces(records):
        _insert(some, model, also=_adding(model, keys))


def _adding(model: type[models.Model], keys: Sequence[str]) -> str:
    quote, meta = connection.ops.quote_name, model._meta
    table = quote(meta.db_table)
    fields = [f for f in meta.concrete_fields if not isinstance(f, models.AutoField)]
    added = [quote(f.column or "") for f in fields if f.name not in keys]
    sums = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in added)
    unique = ", ".join(quote(f.column or "") for f in fields if f.name in keys)
    return f" ON CONFLICT ({unique}) DO UPDATE SET {sums}"


def _pieces(records: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(records), _ROWS_AT_ONCE):
        yield records[start : start + _ROWS_AT_ONCE]


def update(
    records: Sequence[Any],
    names: Sequence[str],
    model: type[models.Model] | None = None,
) -> None:
    """Write these fields of stored rows of one model; the caller holds the rows.

    The records are models, or of a named `model` whatever has its columns by name.
    """
    for some in _pieces(records):
        _update(some, names, model or type(some[0]))


def analyze(*grown: type[models.Model]) -> None:
    """Bring the planner's statistics up to date after many new rows."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # A sample is enough, and holds the write lock for no more than a moment.
            cursor.execute("PRAGMA analysis_limit = 1000")
        for model in grown:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


def _insert(
    records: Sequence[Any],
    model: type[models.Model],
    *,
    is_counted: bool = False,
    also: str = "",
) -> Sequence[int]:
    meta = model._meta
    fields = [f for f in meta.concrete_fields if not isinstance(f, models.AutoField)]
    columns = _with_defaults(records, fields)
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column or "") for field in fields)
    into = f"INSERT INTO {quote(meta.db_table)} ({names})"
    with prepared.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Names of our own tables and types only; every value is a parameter.
            added = f"{into} SELECT * FROM UNNEST({_arrays(fields)}){also}"  # noqa: S608
            if not is_counted:
                cursor.execute(added, _literals(columns))
                return ()
            keyed = f"{added} RETURNING {quote(meta.pk.column or '')}"
            cursor.execute(keyed, _literals(columns))
            return sorted(key for (key,) in cursor.fetchall())
        places = ", ".join(["%s"] * len(fields))
        _run_for_each(cursor, f"{into} VALUES ({places}){also}", columns)
        return _last_keys(cursor, len(records)) if is_counted else ()


def _last_keys(cursor: CursorWrapper, number: int) -> Sequence[int]:
    """SQLite has one writer at a time, so that it counts without a gap."""
    last = cursor.lastrowid
    if number > 1:
        cursor.execute("SELECT last_insert_rowid()")
        (last,) = cursor.fetchone()
    return range(last - number + 1, last + 1)


def _run_for_each(cursor: CursorWrapper, sql: str, columns: Sequence[Column]) -> None:
    rows = list(zip(*columns, strict=True))
    if len(rows) == 1:
        cursor.execute(sql, rows[0])
    else:
        cursor.executemany(sql, rows)


def _columns(records: Sequence[Any], fields: Sequence[Any]) -> list[list[Any]]:
    read = attrgetter(*(field.attname for field in fields))
    by_field = zip(*map(read, records), strict=True)
    return [_stored(f, column) for f, column in zip(fields, by_field, strict=True)]


def _with_defaults(records: Sequence[Any], fields: Sequence[Any]) -> list[list[Any]]:
    """The same; a column that named tuples leave out has the model's default."""
    given = getattr(records[0], "_fields", None)
    if given is None:
        return _columns(records, fields)
    unknown = set(given) - {field.attname for field in fields}
    if unknown:
        raise AttributeError(f"No such column: {', '.join(sorted(unknown))}")
    found = iter(_columns(records, [f for f in fields if f.attname in given]))
    return [
        next(found) if field.attname in given else _default(field, len(records))
        for field in fields
    ]


def _default(field: Any, number: int) -> list[Any]:
    return _stored(field, [field.get_default()] * number)


def _arrays(fields: Sequence[Any]) -> str:
    return ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)


def _literals(columns: Sequence[Sequence[str | None]]) -> list[str]:
    """PostgreSQL's way to write an array; the driver's own lists take ten times as
    long.
    """
    return [
        "{" + ",".join(["NULL" if one is None else one for one in column]) + "}"
        for column in columns
    ]


def _quoted(value: str) -> str:
    """An element of such an array: a text may hold what parts or ends it."""
    escaped = value.replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"'


def _update(
    records: Sequence[Any], names: Sequence[str], model: type[models.Model]
) -> None:
    meta = model._meta
    by_name = {field.name: field for field in meta.concrete_fields}
    fields = [by_name[name] for name in (*names, meta.pk.name)]
    columns = _columns(records, fields)
    quote = connection.ops.quote_name
    table, own = quote(meta.db_table), quote(meta.pk.column or "")
    written = [quote(field.column or "") for field in fields[:-1]]
    with prepared.cursor() as cursor:
        if connection.vendor == "postgresql":
            given = ", ".join([*written, own])
            sets = ", ".join(f"{name} = given.{name}" for name in written)
            # Names of our own tables and types only; every value is a parameter.
            cursor.execute(
                f"UPDATE {table} SET {sets} "  # noqa: S608
                f"FROM UNNEST({_arrays(fields)}) AS given ({given})"
                f" WHERE {table}.{own} = given.{own}",
                _literals(columns),
            )
        else:
            sets = ", ".join(f"{name} = %s" for name in written)
            sql = f"UPDATE {table} SET {sets} WHERE {own} = %s"  # noqa: S608
            _run_for_each(cursor, sql, columns)


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
    """To what the statement is given; None where the driver does that right."""
    kind = field
    while isinstance(kind, models.ForeignKey):
        kind = kind.target_field
    write = _for_postgresql if connection.vendor == "postgresql" else _for_sqlite
    return write(kind)


def _for_postgresql(field: models.Field) -> Callable[[Any], str]:
    """To an element of an array."""
    if isinstance(field, models.CharField | models.TextField):
        return lambda value: _quoted(str(value))
    if isinstance(field, models.JSONField):
        encode = _encoder(field)
        return lambda value: _quoted(encode(value))
    if isinstance(field, models.UUIDField):
        return str
    return _seldom(_plain)


def _plain(value: object) -> str:
    """Numbers, days and moments: nothing in them parts an array but a space."""
    return f'"{value}"'


def _encoder(field: models.JSONField) -> Callable[[Any], str]:
    return (field.encoder or json.JSONEncoder)().encode


def _for_sqlite(field: models.Field) -> Callable[[Any], Any] | None:
    if isinstance(field, models.CharField | models.TextField):
        return str  # a choice is a text and more
    if isinstance(field, models.JSONField):
        return _encoder(field)
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
