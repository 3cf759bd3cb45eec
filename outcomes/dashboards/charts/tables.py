"""What a mark and its cell in the table share: raw numbers as data attributes.

A datum is known by its `mark`, which is unique within a chart: the drawing carries
the same attributes at the mark as the table at the cell or row that tells it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

# Of a cell which must not be told.
HIDDEN = "*"
HIDDEN_WORDS = "hidden, so that fewer than 10 people cannot be told apart"

Raw = Decimal | float | str | None


def attributes(mark: str, **facts: Raw) -> SafeString:
    """Such as data-mark="prp 90" data-value="-2.1"; None is left out."""
    given = [("mark", mark), *facts.items()]
    pairs = ((name, str(raw)) for name, raw in given if raw is not None)
    return format_html_join(" ", 'data-{}="{}"', pairs)


def count(n: int | None) -> str:
    return HIDDEN if n is None else str(n)


@dataclass(frozen=True, slots=True)
class Column:
    label: str
    is_number: bool = True


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    data: SafeString | None = None


@dataclass(frozen=True, slots=True)
class TableRow:
    """A heading and the cells after it; data where the row as a whole is one mark."""

    heading: str
    cells: tuple[Cell, ...]
    data: SafeString | None = None
    # The key of the line or panel that its mark stands in.
    series: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The first column is that of the rows' headings."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[TableRow, ...]

    @property
    def lines(self) -> Iterable[tuple[TableRow, list[tuple[Cell, Column]]]]:
        """Each row with its cells beside their columns."""
        for row in self.rows:
            yield row, list(zip(row.cells, self.columns[1:], strict=True))


def table(caption: str, columns: Iterable[Column], rows: Iterable[TableRow]) -> Table:
    return Table(caption, tuple(columns), tuple(rows))
