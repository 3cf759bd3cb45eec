"""What a mark and its cell in the table share: raw numbers as data attributes.

A datum is known by its `mark`, which is unique within a chart: the drawing carries
the same attributes at the mark as the table at the cell or row that tells it.
"""

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString, mark_safe

# Of a cell which must not be told.
HIDDEN = "*"
HIDDEN_WORDS = "hidden, so that fewer than 10 people cannot be told apart"

Raw = Decimal | float | str | None


def attributes(mark: str, **facts: Raw) -> SafeString:
    """Such as data-mark="prp 90" data-value="-2.1"; None is left out."""
    pairs = [f'data-mark="{html.escape(mark)}"']
    for name, raw in facts.items():
        if raw is not None:
            pairs.append(f'data-{name}="{html.escape(str(raw))}"')
    return mark_safe(" ".join(pairs))  # noqa: S308


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
    def body(self) -> SafeString:
        """All rows; hundreds of them would keep a template busy."""
        kinds = [' class="number"' if one.is_number else "" for one in self.columns]
        return mark_safe("\n".join(_row(row, kinds) for row in self.rows))  # noqa: S308


def _row(row: TableRow, kinds: Sequence[str]) -> str:
    series = f' data-series="{html.escape(row.series)}"' if row.series else ""
    data = f" {row.data}" if row.data else ""
    cells = (
        f"<td{kind}{f' {cell.data}' if cell.data else ''}>{html.escape(cell.text)}</td>"
        for cell, kind in zip(row.cells, kinds[1:], strict=True)
    )
    heading = f'<th scope="row">{html.escape(row.heading)}</th>'
    return f"<tr{series}{data}>{heading}{''.join(cells)}</tr>"


def table(caption: str, columns: Iterable[Column], rows: Iterable[TableRow]) -> Table:
    return Table(caption, tuple(columns), tuple(rows))
