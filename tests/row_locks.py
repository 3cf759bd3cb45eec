"""Rows that somebody else holds, on PostgreSQL; SQLite has one writer anyway."""

import contextlib
from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import Model


def with_row_locks(test: Callable[..., None]) -> Callable[..., None]:
    """For a test of two sessions: its rows are there for both."""
    is_ignored = connection.vendor != "postgresql"
    skipped = pytest.mark.skipif(is_ignored, reason="SQLite ignores row locks")
    return skipped(pytest.mark.django_db(transaction=True)(test))


@contextlib.contextmanager
def waits_for(row: Model) -> Iterator[None]:
    """What is done inside must ask for a row that another session holds."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            table = connection.ops.quote_name(row._meta.db_table)
            cursor.execute(f"SELECT 1 FROM {table} WHERE id = %s FOR UPDATE", [row.pk])
        with (
            pytest.raises(OperationalError, match="lock timeout"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("SET LOCAL lock_timeout = '50ms'")
            yield
    finally:
        other.close()
