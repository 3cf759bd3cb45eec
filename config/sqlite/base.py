"""Django's SQLite, with a shorter wait for its turn to write, and quicker to read keys.

SQLite lets one transaction write at a time. It looks again after ever longer naps of up
to 100 ms, while ours are over in less than one: two workers that send would sleep more
than they send.

It keeps keys and days as text. Those of a patient, a plan or a clinic come back with
each of its rows, and to read one anew takes longer than the database needs for the row.
"""

import contextlib
import functools
import sqlite3
import time
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.db import OperationalError
from django.db.backends.sqlite3 import base, operations
from django.utils.dateparse import parse_date

NAP_SECONDS = 0.0005

_uuid = functools.lru_cache(maxsize=2**14)(UUID)


@functools.lru_cache(maxsize=2**12)
def _day(text: bytes) -> date | None:
    return parse_date(text.decode())


sqlite3.register_converter("date", _day)


class DatabaseOperations(operations.DatabaseOperations):
    def convert_uuidfield_value(
        self, value: str | None, expression: Any, connection: Any
    ) -> UUID | None:
        return None if value is None else _uuid(value)


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations

    # The first statement of each transaction, which waits for the right to write.
    def _start_transaction_under_autocommit(self) -> None:
        ends = time.monotonic() + self._longest_wait
        with self._no_naps_of_its_own():
            while not self._has_begun(ends):
                time.sleep(NAP_SECONDS)

    @property
    def _longest_wait(self) -> float:
        return float(self.settings_dict["OPTIONS"].get("timeout", 5.0))

    @contextlib.contextmanager
    def _no_naps_of_its_own(self) -> Iterator[None]:
        connection: Any = self.connection
        connection.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            milliseconds = round(self._longest_wait * 1000)
            connection.execute(f"PRAGMA busy_timeout = {milliseconds}")

    def _has_begun(self, ends: float) -> bool:
        django: Any = super()
        try:
            django._start_transaction_under_autocommit()
        except OperationalError as error:
            if not _is_busy(error) or time.monotonic() > ends:
                raise
            return False
        return True


def _is_busy(error: OperationalError) -> bool:
    cause = error.__cause__
    code = getattr(cause, "sqlite_errorcode", None)
    return isinstance(cause, sqlite3.OperationalError) and code == sqlite3.SQLITE_BUSY
