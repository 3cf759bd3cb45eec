"""Medians and quartiles of intervals on one axis of days."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from outcomes.dashboards.charts import geometry
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.geometry import STYLES, Scale, Style, Tick

FEW = 10


@dataclass(frozen=True, slots=True)
class SpanRow:
    """Days; without a median nobody has both dates, of one there are no quartiles."""

    label: str
    n: int
    median: float | None
    quartiles: tuple[float, float] | None

    @property
    def is_few(self) -> bool:
        return self.n < FEW

    @property
    def words(self) -> str:
        if self.median is None:
            return "no dates yet"
        median = f"median {chart_text.number(self.median)} days"
        if self.quartiles is None:
            return f"{median}, n = {self.n}"
        low, high = (chart_text.number(day) for day in self.quartiles)
        return f"{median}, quartiles {low} to {high}, n = {self.n}"

    @property
    def short_words(self) -> str:
        """The same where there is little room, in whole days."""
        if self.median is None:
            return "no dates yet"
        middle = f"median {self.median:.0f} d"
        if self.quartiles is None:
            return f"{middle}, n = {self.n}"
        low, high = self.quartiles
        return f"{middle} ({low:.0f} to {high:.0f}), n = {self.n}"

    @property
    def longest(self) -> float:
        return self.quartiles[1] if self.quartiles else self.median or 0


@dataclass(frozen=True, slots=True)
class PlottedSpan:
    row: SpanRow
    style: Style
    label_y: float
    y: float
    box: tuple[float, float, float] | None
    height: float
    mark: str


@dataclass(frozen=True, slots=True)
class Layout:
    variant: str
    width: int
    left: float
    right: float
    row: float
    text_size: float
    gap: float
    has_words: bool


WIDE = Layout("wide", 900, 12, 870, 62, 14, 62, True)
COMPACT = Layout("compact", 360, 12, 344, 78, 14, 46, False)
LAYOUTS = (WIDE, COMPACT)
TOP = 8
HALF_BOX = 8.0


@dataclass(frozen=True, slots=True)
class SpansView:
    layout: Layout
    height: float
    top: float
    bottom: float
    ticks: tuple[Tick, ...]
    ticks_y: float
    spans: tuple[PlottedSpan, ...]


@dataclass(frozen=True, slots=True)
class SpansChart:
    template_name: ClassVar[str] = "outcomes/charts/spans.html"

    chart_id: str
    title: str
    description: str
    notes: tuple[str, ...]
    views: tuple[SpansView, ...]


def spans_chart(rows: Sequence[SpanRow], *, chart_id: str, title: str) -> SpansChart:
    plotted = [row for row in rows if row.median is not None]
    notes = ["dot: median", "box: the middle half"]
    if any(row.is_few for row in plotted):
        notes.append(f"hollow: fewer than {FEW} complaints")
    return SpansChart(
        chart_id=chart_id,
        title=title,
        description=". ".join(f"{row.label}: {row.words}" for row in rows),
        notes=tuple(notes),
        views=tuple(_view(layout, plotted) for layout in LAYOUTS) if plotted else (),
    )


def _view(layout: Layout, rows: Sequence[SpanRow]) -> SpansView:
    longest = max(row.longest for row in rows)
    scale = Scale(0, max(longest * 1.05, 7), start=layout.left, end=layout.right)
    bottom = TOP + layout.row * len(rows)
    ticks_y = bottom + layout.text_size + 6
    ticks = geometry.time_ticks(scale, layout.gap)
    return SpansView(
        layout=layout,
        height=ticks_y + 10,
        top=TOP,
        bottom=bottom,
        ticks=tuple(Tick(t.at, "0") if t.at == layout.left else t for t in ticks),
        ticks_y=ticks_y,
        spans=tuple(
            _plotted(layout, place, row, scale) for place, row in enumerate(rows)
        ),
    )


def _plotted(layout: Layout, place: int, row: SpanRow, scale: Scale) -> PlottedSpan:
    start = TOP + layout.row * place
    label_y = round(start + layout.text_size + 2, 1)
    y = round(start + layout.row - 18, 1)
    x = scale(row.median or 0)
    style = STYLES[place % len(STYLES)]
    return PlottedSpan(
        row=row,
        style=style,
        label_y=label_y,
        y=y,
        box=_box(row, y, scale),
        height=2 * HALF_BOX,
        mark=geometry.mark(style.shape, x, y, 5.5),
    )


def _box(row: SpanRow, y: float, scale: Scale) -> tuple[float, float, float] | None:
    """Left, top and width; quartiles on the same day still show as a line."""
    if row.quartiles is None:
        return None
    low, high = (scale(day) for day in row.quartiles)
    return low, round(y - HALF_BOX, 1), max(round(high - low, 1), 2.0)
