"""A list as CSV: its columns, and its rows numbered as a spreadsheet numbers them."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from patients.record.imports.refusals import ImportFileError, shown

MOST_COLUMNS = 200
DELIMITERS = (",", ";", "\t")
# A byte order mark is no part of the first column's name.
ENCODING = "utf-8-sig"
# A header of more than this is no header; it is looked at before csv sees it.
_LONGEST_HEADER = 200_000
_A_VALUE = re.compile(r"\d+|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\S+@\S+\.\S+")


class Table:
    """A list that is open for one reading."""

    def __init__(self, text: TextIO) -> None:
        first = text.readline(_LONGEST_HEADER + 1)
        self.delimiter = delimiter_of(first)
        text.seek(0)
        self._lines = csv.reader(text, delimiter=self.delimiter, strict=True)
        self._row = 0
        self.header = column_names(self._next() or [])

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The rows that are not blank, without empty cells beyond the header."""
        width = len(self.header)
        while (cells := self._next()) is not None:
            if any(cell.strip() for cell in cells):
                while len(cells) > width and not cells[-1].strip():
                    cells.pop()
                yield self._row, cells

    def _next(self) -> list[str] | None:
        self._row += 1
        try:
            return next(self._lines, None)
        except csv.Error as error:
            raise ImportFileError(
                f"Row {self._row} is not valid CSV ({error}). Look for a quotation "
                "mark that is not closed or stands inside a cell."
            ) from None


@contextmanager
def opened(path: Path) -> Iterator[Table]:
    with path.open(encoding=ENCODING, newline="") as text:
        yield Table(text)


def delimiter_of(line: str) -> str:
    """What divides the first line into the most cells."""
    if len(line) > _LONGEST_HEADER:
        raise too_many_columns("far too many")
    return max(DELIMITERS, key=lambda mark: len(cells_of(line, mark)))


def cells_of(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def column_names(cells: list[str]) -> list[str]:
    """The columns' names, each once; one without a name is called by its place."""
    named = [" ".join(cell.split()) for cell in cells]
    while named and not named[-1]:
        named.pop()
    if not named:
        raise ImportFileError(
            "Row 1 is empty. It must hold the names of the columns, such as “MRN”, "
            "“Last name”, “Date of birth”."
        )
    if len(named) > MOST_COLUMNS:
        raise too_many_columns(f"{len(named):,}")
    value = next((name for name in named if _A_VALUE.fullmatch(name)), None)
    if value is not None:
        raise ImportFileError(
            f"Row 1 must hold the names of the columns; {shown(value)} looks like a "
            "value. Add a first row with the names."
        )
    return told_apart(named)


def told_apart(names: list[str]) -> list[str]:
    seen: Counter[str] = Counter()
    different = []
    for place, name in enumerate(names, 1):
        known = name or f"Column {place}"
        seen[known] += 1
        different.append(known if seen[known] == 1 else f"{known} ({seen[known]})")
    return different


def too_many_columns(number: str) -> ImportFileError:
    return ImportFileError(
        f"The first row has {number} columns; a list may have {MOST_COLUMNS}. Keep the "
        "columns that are about the patient."
    )
