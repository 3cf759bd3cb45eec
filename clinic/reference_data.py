"""Reads shipped content (CSV and TOML) and names the file and place of a fault."""

import csv
import hashlib
import json
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

SOURCE_COLUMNS = ("key", "citation", "url", "how_read")


class ReferenceDataError(ValueError):
    """Content is wrong; the message names the file, the row or key, and the remedy."""


@dataclass(frozen=True, slots=True)
class Source:
    key: str
    citation: str
    url: str
    how_read: str


class Entry:
    """One CSV row or TOML table whose every value is checked as it is taken."""

    def __init__(self, where: str, values: Mapping[str, object]) -> None:
        self.where = where
        self._values = values
        self._taken: set[str] = set()

    def error(self, key: str, problem: str) -> ReferenceDataError:
        return ReferenceDataError(f"{self.where}, {key}: {problem}")

    def has(self, key: str) -> bool:
        return self._values.get(key) not in (None, "")

    def __iter__(self) -> Iterator[str]:
        """The keys in their order, for a table whose keys are data."""
        return iter(self._values)

    def value(self, key: str) -> object:
        """As it stands, for content that is checked elsewhere."""
        self._taken.add(key)
        return self._values.get(key)

    def text(self, key: str) -> str:
        value = self._take(key)
        if not isinstance(value, str):
            raise self.error(key, f"must be a text, not {value!r}.")
        if value != value.strip():
            raise self.error(key, "remove the spaces around the text.")
        return value

    def unique_text(self, key: str, used: Collection[str]) -> str:
        value = self.text(key)
        if value in used:
            raise self.error(key, f"{value} stands twice; each may stand once.")
        return value

    def optional_text(self, key: str) -> str:
        return self.text(key) if self.has(key) else self._nothing(key, "")

    def choice(self, key: str, allowed: Collection[str]) -> str:
        value = self.text(key)
        if value not in allowed:
            raise self.error(key, f"{value!r} is not one of {', '.join(allowed)}.")
        return value

    def flag(self, key: str) -> bool:
        """True or false in TOML, yes or no in CSV."""
        value = self._take(key)
        if isinstance(value, bool):
            return value
        if value not in ("yes", "no"):
            raise self.error(key, f"must be yes or no (true or false), not {value!r}.")
        return value == "yes"

    def integer(self, key: str) -> int:
        value = self._take(key)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.error(key, f"must be a whole number, not {value!r}.")
        return value

    def optional_number(self, key: str) -> Decimal | None:
        return self.number(key) if self.has(key) else self._nothing(key, None)

    def number(self, key: str) -> Decimal:
        value = self._take(key)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise self.error(key, f"must be a number, not {value!r}.")
        return Decimal(value)

    def day(self, key: str) -> date:
        """A TOML date, written without quotation marks."""
        value = self._take(key)
        if isinstance(value, datetime) or not isinstance(value, date):
            raise self.error(key, f"must be a date such as 2024-05-31, not {value!r}.")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; a missing list is empty."""
        value = self._values.get(key, [])
        self._taken.add(key)
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self.error(key, f"must be a list of texts, not {value!r}.")
        return tuple(value)

    def table(self, key: str) -> "Entry":
        value = self._take(key)
        if not isinstance(value, dict):
            raise self.error(key, f"must be a table, not {value!r}.")
        return Entry(f"{self.where}, {key}", value)

    def optional_table(self, key: str) -> "Entry":
        """An empty table where there is none."""
        if self.has(key):
            return self.table(key)
        return self._nothing(key, Entry(f"{self.where}, {key}", {}))

    def tables(self, key: str) -> "list[Entry]":
        """The tables of a list, each named by its place, counted from 1."""
        value = self._values.get(key, [])
        self._taken.add(key)
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            raise self.error(key, f"must be a list of tables, not {value!r}.")
        return [Entry(f"{self.where}, {key} {n}", v) for n, v in enumerate(value, 1)]

    def finish(self) -> None:
        """Raise for a key nobody took: it is misspelt or belongs elsewhere."""
        for key in self._values:
            if key not in self._taken:
                known = ", ".join(sorted(self._taken))
                raise self.error(key, f"unknown key; known here: {known}.")

    def _take(self, key: str) -> object:
        if not self.has(key):
            raise self.error(key, "is missing or empty.")
        self._taken.add(key)
        return self._values[key]

    def _nothing(self, key: str, value: T) -> T:
        self._taken.add(key)
        return value


def read_toml(path: Path) -> Entry:
    try:
        return Entry(
            path.name,
            tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal),
        )
    except OSError as error:
        raise ReferenceDataError(
            f"{path}: cannot be read ({error.strerror})."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ReferenceDataError(f"{path.name}: not valid TOML: {error}.") from None


def read_csv(path: Path, columns: Collection[str]) -> list[Entry]:
    """The rows of a CSV file that must have exactly these columns, in this order."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if list(reader.fieldnames or ()) != list(columns):
                expected = ",".join(columns)
                raise ReferenceDataError(
                    f"{path.name}: the first row must be {expected}."
                )
            return [_row(path, reader.line_num, values) for values in reader]
    except OSError as error:
        raise ReferenceDataError(
            f"{path}: cannot be read ({error.strerror})."
        ) from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise ReferenceDataError(f"{path.name}: not valid CSV: {error}.") from None


def read_sources(path: Path) -> dict[str, Source]:
    sources: dict[str, Source] = {}
    for row in read_csv(path, SOURCE_COLUMNS):
        key = row.unique_text("key", sources)
        sources[key] = Source(
            key, row.text("citation"), row.optional_text("url"), row.text("how_read")
        )
    return sources


def canonical_json(content: object) -> str:
    """The one spelling of a content: sorted keys, no spaces, unescaped Unicode."""
    return json.dumps(
        content, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )


def fingerprint(content: object) -> str:
    """SHA-256, in hex, of the canonical JSON of the content."""
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


def _row(path: Path, line: int, values: Mapping[str, object]) -> Entry:
    entry = Entry(f"{path.name}, line {line}", values)
    if None in values or None in values.values():
        raise ReferenceDataError(f"{entry.where}: too many or too few columns.")
    return entry
