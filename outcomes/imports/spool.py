"""Holds the valid rows and the refusals on disk, so that memory stays flat.

The database is SQLite's unnamed one: it lies in the temporary folder without a name
in it, and nothing of it is left when the process ends, however it ends.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import fields
from operator import attrgetter
from types import TracebackType

from outcomes.imports.refusals import Reason, Refusal
from outcomes.imports.rows import Row

_TABLES = """
PRAGMA cache_size = -16000;
PRAGMA temp_store = FILE;
CREATE TABLE rows (person TEXT, point INTEGER, number INTEGER, content TEXT);
CREATE TABLE refusals (number INTEGER, reason TEXT, detail TEXT);
"""
_WRITTEN_AT_ONCE = 5000
# dataclasses.astuple copies every value, which costs more than the rest.
_values = attrgetter(*(field.name for field in fields(Row)))


class Spool(AbstractContextManager["Spool"]):
    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(_TABLES)
        self._rows: list[tuple[str, int, int, str]] = []
        self._refusals: list[tuple[int, str, str]] = []

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()

    def add(self, row: Row) -> None:
        self._rows.append((row.person, row.point, row.number, json.dumps(_values(row))))
        if len(self._rows) >= _WRITTEN_AT_ONCE:
            self._flush()

    def refuse(self, refusal: Refusal) -> None:
        self._refusals.append((refusal.row, refusal.reason.name, refusal.detail))
        if len(self._refusals) >= _WRITTEN_AT_ONCE:
            self._flush()

    def rows(self) -> Iterator[Row]:
        """Person by person, each in the order of time, then of the file."""
        self._flush()
        found = self._database.execute(
            "SELECT content FROM rows ORDER BY person, point, number"
        )
        for (content,) in found:
            yield Row(*json.loads(content))

    def counts(self) -> dict[Reason, int]:
        self._flush()
        found = self._database.execute(
            "SELECT reason, count(*) FROM refusals GROUP BY reason ORDER BY 2 DESC, 1"
        )
        return {Reason[name]: count for name, count in found}

    def refusals(self, limit: int = -1) -> Iterator[Refusal]:
        """In the order of the file; all of them unless limited."""
        self._flush()
        found = self._database.execute(
            "SELECT number, reason, detail FROM refusals"
            " ORDER BY number, reason, detail LIMIT ?",
            [limit],
        )
        for number, name, detail in found:
            yield Refusal(number, Reason[name], detail)

    def _flush(self) -> None:
        self._database.execute("BEGIN")
        self._database.executemany("INSERT INTO rows VALUES (?, ?, ?, ?)", self._rows)
        self._database.executemany(
            "INSERT INTO refusals VALUES (?, ?, ?)", self._refusals
        )
        self._database.execute("COMMIT")
        self._rows.clear()
        self._refusals.clear()
