"""The file itself: opened once, read line by line, faults named by line."""

import codecs
import csv
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO

from clinic.reference_data import ReferenceDataError
from outcomes.imports.mapping import CsvFormat, Mapping

_DELIMITERS = {";": '";"', "\t": '"tab"', ",": '","', "|": '"|"'}


def fingerprint(path: Path) -> str:
    """SHA-256 of the file; ReferenceDataError where it cannot be read."""
    try:
        if path.is_file() and not path.stat().st_size:
            raise ReferenceDataError(f"{path.name}: the file is empty.")
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ReferenceDataError(
            f"{path}: cannot be read ({error.strerror})."
        ) from None


class Source:
    """The lines after the header, numbered as a spreadsheet numbers them."""

    def __init__(
        self, path: Path, raw: BinaryIO, text: TextIOWrapper, mapping: Mapping
    ) -> None:
        self.path = path
        self._raw = raw
        self._lines = csv.reader(text, delimiter=mapping.csv.delimiter, strict=True)
        self._row = 0
        self.header = self._header(mapping)

    @property
    def bytes_read(self) -> int:
        return self._raw.tell()

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        """Lines that are not blank; at least one, or ReferenceDataError."""
        is_empty = True
        while (line := self._next()) is not None:
            if any(line):
                is_empty = False
                yield self._row, line
        if is_empty:
            raise ReferenceDataError(
                f"{self.path.name}: the file has a header and no rows."
            )

    def _next(self) -> list[str] | None:
        self._row += 1
        try:
            return next(self._lines, None)
        except csv.Error as error:
            raise ReferenceDataError(
                f"{self.path.name}, row {self._row}: not valid CSV ({error}); look for "
                "a quotation mark that is not closed or stands inside a cell."
            ) from None

    def _header(self, mapping: Mapping) -> list[str]:
        header = [cell.strip() for cell in self._next() or []]
        if not any(header):
            raise ReferenceDataError(f"{self.path.name}: the first row is empty.")
        for key, column in mapping.columns():
            if header.count(column) != 1:
                raise ReferenceDataError(
                    self._wrong_column(header, key, column, mapping.csv)
                )
        return header

    def _wrong_column(
        self, header: Sequence[str], key: str, column: str, form: CsvFormat
    ) -> str:
        start = f"{self.path.name}, row 1: "
        if column in header:
            return f"{start}column {column!r} stands twice; rename one of them."
        if len(header) == 1:
            for mark, name in _DELIMITERS.items():
                if mark != form.delimiter and mark in header[0]:
                    return f"{start}set delimiter = {name} under [csv] of the mapping."
        known = ", ".join(repr(name) for name in header)
        return (
            f"{start}there is no column {column!r}, which the mapping names under "
            f"{key}; the file has {known}."
        )


@contextmanager
def opened(path: Path, mapping: Mapping) -> Iterator[Source]:
    """The file for one reading; ReferenceDataError names what is wrong with it."""
    encoding = mapping.csv.encoding
    # A byte order mark is no part of the first column's name.
    if codecs.lookup(encoding).name == "utf-8":
        encoding = "utf-8-sig"
    try:
        with (
            path.open("rb") as raw,
            TextIOWrapper(raw, encoding=encoding, newline="") as text,
        ):
            yield Source(path, raw, text, mapping)
    except UnicodeError:
        raise ReferenceDataError(_wrong_encoding(path, mapping.csv.encoding)) from None


def _wrong_encoding(path: Path, encoding: str) -> str:
    with path.open("rb") as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return f'{path.name}: set encoding = "utf-16" under [csv] of the mapping.'
        file.seek(0)
        line = next((n for n, raw in enumerate(file, 1) if not _is(encoding, raw)), 1)
    advice = 'if it was saved as Latin-1, set encoding = "latin-1"'
    return f"{path.name}, line {line}: not {encoding}; {advice} under [csv]."


def _is(encoding: str, raw: bytes) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeError:
        return False
    return True
