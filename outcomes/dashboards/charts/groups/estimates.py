"""Estimates of one figure by several methods: a mark and an interval a row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.utils.safestring import SafeString

from outcomes.dashboards import statistics
from outcomes.dashboards.charts import geometry, tables
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.geometry import STYLES, Style
from outcomes.dashboards.charts.groups import row_axis
from outcomes.dashboards.charts.groups.names import Name
from outcomes.dashboards.charts.groups.row_axis import LAYOUTS, Axis, Layout
from outcomes.dashboards.charts.tables import Cell, Column, Table, TableRow
from outcomes.dashboards.statistics import Interval, Number

TOP = 6.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure in points of a measure, with its 95 % interval where it has one.

    Without a value the method could not be used: `note` says why, such as "asks for 50
    people with an answer". A reference is a published value: a line runs through it.
    """

    key: str
    label: str
    value: float | None
    ci: Interval | None = None
    n: int | None = None
    note: str = ""
    is_reference: bool = False

    @property
    def data(self) -> SafeString:
        low, high = self.ci or (None, None)
        return tables.attributes(
            self.key, value=self.value, low=low, high=high, n=self.n
        )

    @property
    def words(self) -> str:
        """Such as "2.1 (1.6 to 2.5)"."""
        if self.value is None:
            return chart_text.UNDEFINED
        value = chart_text.number(self.value)
        if self.ci is None:
            return value
        low, high = (chart_text.number(end) for end in self.ci)
        return f"{value} ({low} to {high})"

    @property
    def spoken(self) -> str:
        said = f"{self.label}: {self.words}"
        if self.n is not None:
            said += f", n = {self.n}"
        return f"{said}, {self.note}" if self.note else said


@dataclass(frozen=True, slots=True)
class PlottedEstimate:
    estimate: Estimate
    name: Name
    style: Style
    is_few: bool
    x: float
    y: float
    mark: str
    interval: str


@dataclass(frozen=True, slots=True)
class EstimatesView:
    layout: Layout
    height: float
    axis: Axis
    reference: float | None
    rows: tuple[PlottedEstimate, ...]


@dataclass(frozen=True, slots=True)
class EstimatesChart:
    """Both variants and the rows which they plot."""

    template_name: ClassVar[str] = "outcomes/charts/estimates.html"
    table_template_name: ClassVar[str] = "outcomes/charts/table.html"

    chart_id: str
    title: str
    description: str
    notes: tuple[str, ...]
    rows: tuple[Estimate, ...]
    views: tuple[EstimatesView, ...]

    @property
    def table(self) -> Table:
        return tables.table(
            self.title,
            [
                Column("Method", is_number=False),
                Column("Estimate"),
                Column("95 % interval"),
                Column("n"),
                Column("Note", is_number=False),
            ],
            [_table_row(row) for row in self.rows],
        )


def estimates_chart(
    rows: Sequence[Estimate],
    *,
    chart_id: str,
    title: str,
    low: Number | None = 0,
    high: Number | None = None,
    notes: Sequence[str] = (),
) -> EstimatesChart:
    """Rows in the order given; the axis starts at low, nought unless told otherwise."""
    seen = [row.value for row in rows if row.value is not None]
    seen += [end for row in rows if row.ci for end in row.ci]
    ends = (None if one is None else float(one) for one in (low, high))
    values = row_axis.ticks_of(seen, *ends)
    return EstimatesChart(
        chart_id=chart_id,
        title=title,
        description=" ".join(f"{row.spoken}." for row in rows),
        notes=("lines are 95 % intervals", *notes),
        rows=tuple(rows),
        views=tuple(_view(layout, rows, values) for layout in LAYOUTS) if rows else (),
    )


def _table_row(row: Estimate) -> TableRow:
    interval = chart_text.UNDEFINED
    if row.ci:
        interval = " to ".join(chart_text.number(end) for end in row.ci)
    value = chart_text.UNDEFINED
    if row.value is not None:
        value = chart_text.number(row.value)
    n = chart_text.UNDEFINED if row.n is None else str(row.n)
    cells = (Cell(value), Cell(interval), Cell(n), Cell(row.note))
    return TableRow(row.label, cells, row.data)


def _view(
    layout: Layout, rows: Sequence[Estimate], values: Sequence[float]
) -> EstimatesView:
    y = TOP
    frames: list[tuple[Estimate, Name, float]] = []
    for row in rows:
        name, middle = row_axis.named(layout, row.label, _notes(layout, row), y)
        frames.append((row, name, middle))
        y = row_axis.foot(layout, name, middle)
    axis = row_axis.axis(layout, values, TOP, y, unit="")
    reference = next((r.value for r in rows if r.is_reference), None)
    return EstimatesView(
        layout=layout,
        height=axis.ticks_y + 8,
        axis=axis,
        reference=None if reference is None else axis.scale(reference),
        rows=tuple(_plotted(layout, axis, *frame) for frame in frames),
    )


def _notes(layout: Layout, row: Estimate) -> list[str]:
    facts = [] if row.n is None else [f"n = {row.n}"]
    if not layout.has_side_labels and row.value is not None:
        facts = [", ".join([row.words, *facts])]
    return [*facts, row.note]


def _plotted(
    layout: Layout, axis: Axis, row: Estimate, name: Name, y: float
) -> PlottedEstimate:
    style = STYLES[3 if row.is_reference else 0]
    x = axis.scale(axis.scale.low if row.value is None else row.value)
    ends = [(axis.scale(end), y) for end in row.ci or ()]
    return PlottedEstimate(
        estimate=row,
        name=name,
        style=style,
        is_few=statistics.is_too_few(row.n or 0),
        x=x,
        y=y,
        mark=""
        if row.value is None
        else geometry.mark(style.shape, x, y, layout.radius),
        interval=geometry.path(ends) if ends else "",
    )
