"""A cursor for statements that are written out and run often.

PostgreSQL plans such a one once a connection instead of each time, which of a statement
with many parts took four times as long as to run it. SQLite's driver keeps them anyway.
"""

from typing import Any

from django.db import connection
from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper

_BoundByServer: Any = base.ServerBindingCursor


def cursor() -> CursorWrapper:
    """As `connection.cursor()`: counted, logged, and with Django's errors."""
    if connection.vendor != "postgresql":
        return connection.cursor()
    connection.ensure_connection()
    django: Any = connection
    prepared: CursorWrapper = django._prepare_cursor(_BoundByServer(django.connection))
    return prepared
