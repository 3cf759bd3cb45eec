"""Millions of rows like one that the product made, written by the database itself.

Each is the pattern's row but for the columns that are given as SQL, in which `n` counts
from 0. What is a day or a moment is told from one that is given.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import connection, models, transaction

from benchmarks import scratch  # noqa: F401  before any model
from clinic import bulk
from clinic.models import Record, uuid7

COUNTING = (
    "WITH RECURSIVE numbers(n) AS "
    "(SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {number})"
)


class Keys:
    """Primary keys in the order of their numbers, as those of the product are."""

    def __init__(self) -> None:
        self.beginning = f"{uuid7().hex[:16]}8"

    def of(self, number: str) -> str:
        if connection.vendor == "postgresql":
            digits = f"lpad(to_hex(({number})::bigint), 15, '0')"
            return f"('{self.beginning}' || {digits})::uuid"
        return f"'{self.beginning}' || printf('%015x', {number})"


# SQLite: pages of its indexes in memory, not written again and again.
_QUICKLY = {
    "sqlite": ("PRAGMA foreign_keys = OFF", "PRAGMA cache_size = -1500000"),
    "postgresql": ("SET session_replication_role = replica",),
}
_AS_BEFORE = {
    "sqlite": ("PRAGMA foreign_keys = ON", "PRAGMA cache_size = -20000"),
    "postgresql": ("SET session_replication_role = origin",),
}


@contextlib.contextmanager
def quickly() -> Iterator[None]:
    """One transaction, in which nothing is looked up that a row belongs to.

    Whoever makes the rows makes also what they belong to. PostgreSQL asks for a
    superuser.
    """
    _say(_QUICKLY[connection.vendor])
    try:
        with transaction.atomic():
            yield
    finally:
        _say(_AS_BEFORE[connection.vendor])


def _say(statements: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        for each in statements:
            cursor.execute(each)


def uuid(key: UUID) -> str:
    """A key that is known, as SQL."""
    if connection.vendor == "postgresql":
        return f"'{key}'::uuid"
    return f"'{key.hex}'"


def day(start: date, days: str) -> str:
    if connection.vendor == "postgresql":
        return f"(DATE '{start}' + ({days}))"
    return f"date('{start}', ({days}) || ' days')"


def moment(start: datetime, minutes: str) -> str:
    if connection.vendor == "postgresql":
        added = f"({minutes}) * INTERVAL '1 minute'"
        return f"(TIMESTAMPTZ '{start.isoformat()}' + {added})"
    return f"datetime('{bulk.stored(start)}', ({minutes}) || ' minutes')"


def copy(
    pattern: Record, number: int, columns: Mapping[str, str], rows: str = "numbers"
) -> None:
    """Insert so many copies, or one for each of `rows`, which a subquery can name.

    The caller builds `quickly`.
    """
    fields = pattern._meta.concrete_fields
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column or "") for field in fields)
    own = {name: value.replace("%", "%%") for name, value in columns.items()}
    places = ", ".join(own.get(field.attname) or _place(field) for field in fields)
    held = [
        field.get_db_prep_save(getattr(pattern, field.attname), connection)
        for field in fields
        if field.attname not in own
    ]
    counting, rows = COUNTING.format(number=number), rows.replace("%", "%%")
    into = f"INSERT INTO {quote(pattern._meta.db_table)} ({names})"
    # Names and numbers of our own only; every value is a parameter.
    statement = f"{into} {counting} SELECT {places} FROM {rows}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, held)


def _place(field: "models.Field[object, object]") -> str:
    """PostgreSQL is told of what type a value is."""
    is_postgres = connection.vendor == "postgresql"
    return f"%s::{field.db_type(connection)}" if is_postgres else "%s"
