"""Those who answered beside those who did not: two marks a category, one scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.utils.safestring import SafeString

from outcomes.dashboards import statistics
from outcomes.dashboards.charts import geometry, parts, tables
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.geometry import Position, Tick
from outcomes.dashboards.charts.groups import row_axis
from outcomes.dashboards.charts.groups.names import Name
from outcomes.dashboards.charts.groups.row_axis import LAYOUTS, Axis, Layout
from outcomes.dashboards.charts.parts import Part
from outcomes.dashboards.charts.tables import Cell, Column, Table, TableRow
from outcomes.dashboards.statistics import Number

ANSWERED, MISSING = "answered", "missing"
# Room of the key, of a section's heading, and between both columns of n.
KEY, SECTION, COLUMN = 34.0, 30.0, 106.0
# Marks that would lie on each other stand one above the other instead.
CLOSE, APART = 13.0, 6.5


@dataclass(frozen=True, slots=True)
class DumbbellRow:
    """A mean or share of those who answered and of those who did not.

    A value of None is undefined (nobody) or, with its n None too, hidden. Rows of one
    section follow each other; its name stands over the first.
    """

    key: str
    label: str
    answered: float | None
    answered_n: int | None
    missing: float | None
    missing_n: int | None
    section: str = ""

    def data(self, side: str) -> SafeString:
        value, n = self.side(side)
        known = None if value is None else n
        return tables.attributes(f"{self.key} {side}", value=value, n=known)

    def side(self, side: str) -> tuple[float | None, int | None]:
        if side == ANSWERED:
            return self.answered, self.answered_n
        return self.missing, self.missing_n


@dataclass(frozen=True, slots=True)
class End:
    """One of both marks; its value stands on the side away from the other."""

    side: str
    data: SafeString
    spoken: str
    is_few: bool
    x: float
    y: float
    mark: str
    label: str
    label_x: float
    anchor: str


@dataclass(frozen=True, slots=True)
class PlottedRow:
    row: DumbbellRow
    name: Name
    y: float
    section: Tick | None
    line: str
    ends: tuple[End, ...]
    columns: tuple[Tick, ...]
    words: str


@dataclass(frozen=True, slots=True)
class KeyItem:
    side: str
    mark: str
    text_x: float
    y: float
    label: str


@dataclass(frozen=True, slots=True)
class DumbbellView:
    layout: Layout
    height: float
    axis: Axis
    rows: tuple[PlottedRow, ...]
    key: tuple[KeyItem, ...]
    # Ends of both columns of n, where there is room for them.
    columns: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class DumbbellChart:
    """Both variants and the rows which they plot."""

    template_name: ClassVar[str] = "outcomes/charts/dumbbell.html"
    table_template_name: ClassVar[str] = "outcomes/charts/table.html"

    chart_id: str
    title: str
    description: str
    notes: tuple[str, ...]
    rows: tuple[DumbbellRow, ...]
    unit: str
    views: tuple[DumbbellView, ...]

    @property
    def table(self) -> Table:
        return tables.table(
            self.title,
            [
                Column("Who", is_number=False),
                Column("Answered"),
                Column("n"),
                Column("Did not answer"),
                Column("n"),
            ],
            [_table_row(row, self.unit) for row in self.rows],
        )


def dumbbell_chart(
    rows: Sequence[DumbbellRow],
    *,
    chart_id: str,
    title: str,
    unit: str = "",
    low: Number | None = None,
    high: Number | None = None,
    notes: Sequence[str] = (),
) -> DumbbellChart:
    """Rows in the order given; chart_id must be unique in its page.

    With unit "%" values are shares from 0 to 1, else points of a measure. The axis
    holds low and high where they are given, else it reaches as far as the values.
    """
    seen = [v for row in rows for v in (row.answered, row.missing) if v is not None]
    values = row_axis.ticks_of(
        seen, None if low is None else float(low), None if high is None else float(high)
    )
    told = list(notes)
    if low is None and values[0] > 0:
        told.append(f"axis starts at {row_axis.value_text(values[0], unit)}")
    return DumbbellChart(
        chart_id=chart_id,
        title=title,
        description=" ".join(_sentence(row, unit) for row in rows),
        notes=tuple(told),
        rows=tuple(rows),
        unit=unit,
        views=tuple(_view(layout, rows, values, unit) for layout in LAYOUTS)
        if rows
        else (),
    )


def _side_words(row: DumbbellRow, side: str, unit: str) -> str:
    value, n = row.side(side)
    name = "answered" if side == ANSWERED else "did not answer"
    if value is None:
        return f"{name}: {'hidden' if n is None else 'nobody'}"
    few = ", fewer than 10 people" if statistics.is_too_few(n or 0) else ""
    return f"{name}: {row_axis.value_text(value, unit)} (n = {tables.count(n)}){few}"


def _sentence(row: DumbbellRow, unit: str) -> str:
    both = "; ".join(_side_words(row, side, unit) for side in (ANSWERED, MISSING))
    return f"{row.label}: {both}."


def _table_row(row: DumbbellRow, unit: str) -> TableRow:
    heading = f"{row.section}: {row.label}" if row.section else row.label
    cells: list[Cell] = []
    for side in (ANSWERED, MISSING):
        value, n = row.side(side)
        hidden = value is None and n is None
        text = tables.HIDDEN if hidden else row_axis.exact_text(value, unit)
        cells += [Cell(text, row.data(side)), Cell(tables.count(n))]
    return TableRow(heading, tuple(cells))


def _view(
    layout: Layout, rows: Sequence[DumbbellRow], values: Sequence[float], unit: str
) -> DumbbellView:
    y, section = KEY, ""
    plan: list[tuple[DumbbellRow, Tick | None, float]] = []
    frames: list[tuple[Name, float]] = []
    for row in rows:
        heading = None
        if row.section and row.section != section:
            heading = Tick(round(y + SECTION - 8, 1), row.section)
            y += SECTION
        section = row.section
        name, middle = row_axis.named(layout, row.label, _notes(layout, row), y)
        plan.append((row, heading, middle))
        frames.append((name, middle))
        y = row_axis.foot(layout, name, middle)
    axis = row_axis.axis(layout, values, KEY, y, unit=unit)
    return DumbbellView(
        layout=layout,
        height=axis.ticks_y + 8,
        axis=axis,
        rows=tuple(
            _plotted(layout, axis, row, name, middle, heading, unit)
            for (row, heading, middle), (name, _) in zip(plan, frames, strict=True)
        ),
        key=_key(layout),
        columns=_columns(layout, "n answered", "n did not"),
    )


def _notes(layout: Layout, row: DumbbellRow) -> list[str]:
    if layout.has_side_labels:
        return []
    answered, missing = (tables.count(n) for n in (row.answered_n, row.missing_n))
    return [f"n = {answered} answered, {missing} did not"]


def _columns(layout: Layout, answered: str, missing: str) -> tuple[Tick, ...]:
    """Both columns of n at the right, where there is room for them."""
    if not layout.has_side_labels:
        return ()
    return (
        Tick(layout.words_x - COLUMN, answered),
        Tick(layout.words_x, missing),
    )


def _key(layout: Layout) -> tuple[KeyItem, ...]:
    x = layout.left if layout.has_side_labels else 8.0
    second = round(x + chart_text.width("answered", layout.note_size) + 38, 1)
    return (
        _key_item(layout, ANSWERED, "answered", x),
        _key_item(layout, MISSING, "did not answer", second),
    )


def _key_item(layout: Layout, side: str, label: str, x: float) -> KeyItem:
    y = 12.0
    return KeyItem(side, mark(side, x, y, layout.radius), x + 13, y, label)


def _plotted(
    layout: Layout,
    axis: Axis,
    row: DumbbellRow,
    name: Name,
    y: float,
    section: Tick | None,
    unit: str,
) -> PlottedRow:
    known = [
        (side, axis.scale(value))
        for side in (ANSWERED, MISSING)
        for value in [row.side(side)[0]]
        if value is not None
    ]
    places = [x for _, x in known]
    is_close = len(places) == 2 and abs(places[0] - places[1]) < CLOSE
    apart = {ANSWERED: -APART, MISSING: APART} if is_close else {}
    hidden = row.answered_n is None and row.missing_n is None and not known
    return PlottedRow(
        row=row,
        name=name,
        y=y,
        section=section,
        line=geometry.path((x, y) for x in places)
        if len(places) == 2 and not is_close
        else "",
        ends=tuple(
            _end(layout, row, side, (x, at), unit, is_left=_is_left(side, x, places))
            for side, x in known
            for at in [round(y + apart.get(side, 0), 1)]
        ),
        columns=_columns(
            layout, tables.count(row.answered_n), tables.count(row.missing_n)
        ),
        words="hidden" if hidden else "",
    )


def _is_left(side: str, x: float, places: Sequence[float]) -> bool:
    """Where both are at one place, those who answered stand on the left."""
    if len(places) == 2 and places[0] == places[1]:
        return side == ANSWERED
    return len(places) == 2 and x == min(places)


def _end(
    layout: Layout,
    row: DumbbellRow,
    side: str,
    at: Position,
    unit: str,
    *,
    is_left: bool,
) -> End:
    value, n = row.side(side)
    x, y = at
    away = layout.radius + 6
    return End(
        side=side,
        data=row.data(side),
        spoken=f"{row.label}, {_side_words(row, side, unit)}",
        is_few=statistics.is_too_few(n or 0),
        x=x,
        y=y,
        mark=mark(side, x, y, layout.radius),
        label=row_axis.value_text(value, unit),
        label_x=round(x - away if is_left else x + away, 1),
        anchor="end" if is_left else "start",
    )


def mark(side: str, x: float, y: float, radius: float) -> str:
    """A cross is no answer, as in every chart."""
    if side == MISSING:
        return parts.mark(Part.UNANSWERED, x, y, radius + 1.5)
    return geometry.mark("circle", x, y, radius)
