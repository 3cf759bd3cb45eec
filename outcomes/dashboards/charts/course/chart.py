"""The course of one patient: small multiples of measures on one time axis."""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from outcomes.dashboards.charts import geometry, tables
from outcomes.dashboards.charts.course import (
    brackets,
    event_labels,
    levels,
    panels,
)
from outcomes.dashboards.charts.course import rows as chart_rows
from outcomes.dashboards.charts.course.brackets import Bracket
from outcomes.dashboards.charts.course.event_labels import (
    COMPACT,
    WIDE,
    EventLabel,
    Layout,
)
from outcomes.dashboards.charts.course.panels import Panel
from outcomes.dashboards.charts.course.rows import (
    CourseEvent,
    CourseRow,
    CourseSeries,
    SeriesRows,
)
from outcomes.dashboards.charts.geometry import Scale, Tick
from outcomes.dashboards.charts.tables import Table, TableRow

SHORTEST_SPAN = 42
# Two measures of one patient are told apart by their panel, so marks can say whether
# an answer came inside its window; the order keeps neighbouring panels apart in hue.
PANEL_STYLES = tuple(geometry.STYLES[place] for place in (0, 3, 2, 1))


@dataclass(frozen=True, slots=True)
class PlacedEvent:
    """A label at its height in the chart, and the bracket of a series."""

    label: EventLabel
    y: float
    line_top: float
    line_bottom: float
    bracket: str


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a series, across all panels."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class CourseView:
    """One variant, ready to be drawn."""

    layout: Layout
    height: float
    panels: tuple[Panel, ...]
    times: tuple[Tick, ...]
    events: tuple[PlacedEvent, ...]
    event_lines: tuple[float, ...]
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class CourseChart:
    """Both variants and the rows which they plot."""

    template_name: ClassVar[str] = "outcomes/charts/course.html"
    table_template_name: ClassVar[str] = "outcomes/charts/table.html"

    chart_id: str
    title: str
    description: str
    series: tuple[CourseSeries, ...]
    rows: tuple[CourseRow, ...]
    events: tuple[CourseEvent, ...]
    views: tuple[CourseView, ...]

    @property
    def has_late(self) -> bool:
        return any(not row.in_window for row in self.rows)

    @property
    def has_partial(self) -> bool:
        return any(row.is_partial for row in self.rows)

    @property
    def table(self) -> Table:
        return tables.table(self.title, chart_rows.columns(), tuple(self._table_rows()))

    def _table_rows(self) -> Iterator[TableRow]:
        """Answers first, then what they are judged by, then the treatments."""
        yield from (chart_rows.answer_row(row) for row in self.rows)
        for one in self.series:
            for level in levels.levels_of(one):
                yield chart_rows.level_row(one, level.kind, level.value, level.data)
            yield from chart_rows.expected_rows(one)
        yield from (chart_rows.event_row(event) for event in self.events)


def course_chart(
    series: Sequence[CourseSeries],
    events: Sequence[CourseEvent] = (),
    *,
    chart_id: str,
    title: str,
) -> CourseChart:
    """Chart of one patient; chart_id must be unique in its page."""
    per_series = [(one, chart_rows.rows_of(one)) for one in series]
    ordered = tuple(sorted(events, key=lambda event: event.day))
    return CourseChart(
        chart_id=chart_id,
        title=title,
        description=chart_rows.description(per_series, ordered),
        series=tuple(series),
        rows=tuple(row for _, some in per_series for row in some),
        events=ordered,
        views=tuple(
            _view(layout, per_series, ordered) for layout in _layouts(per_series)
        ),
    )


def _layouts(per_series: Sequence[SeriesRows]) -> tuple[Layout, ...]:
    if any(levels.levels_of(one) for one, _ in per_series):
        return WIDE, COMPACT
    # Nothing is written beside the panels, so they may have that room.
    return dataclasses.replace(WIDE, right=WIDE.width - 8), COMPACT


def _view(
    layout: Layout, per_series: Sequence[SeriesRows], events: Sequence[CourseEvent]
) -> CourseView:
    time = _time_scale(layout, per_series, events)
    labels = event_labels.labels_of(layout, time, events)
    spans = brackets.brackets_of(time, labels)
    rows = max((label.row for label in labels), default=-1) + 1
    band = rows * event_labels.row_height(layout) + brackets.height(spans)
    drawn: list[Panel] = []
    y = 0.0
    for place, (series, answers) in enumerate(per_series):
        style = PANEL_STYLES[place % len(PANEL_STYLES)]
        room = band if not place else 0
        panel = panels.panel(layout, time, style, series, answers, (y, room))
        drawn.append(panel)
        y = panel.bottom + layout.text_size + 34
    top = drawn[0].top if drawn else round(band + layout.text_size, 1)
    return CourseView(
        layout=layout,
        height=round(max(y - 22, top + 1), 1),
        panels=tuple(drawn),
        times=geometry.time_ticks(time, layout.tick_gap),
        events=tuple(
            _placed(layout, label, span, top, band, brackets.height(spans))
            for label, span in zip(labels, spans, strict=True)
        ),
        event_lines=tuple(sorted({one.x for one in labels if not one.event.is_series})),
        spans=tuple(
            Span(one.start, max(round(one.end - one.start, 1), 1))
            for one in spans
            if one
        ),
    )


def _time_scale(
    layout: Layout, per_series: Sequence[SeriesRows], events: Sequence[CourseEvent]
) -> Scale:
    days = [row.day for _, rows in per_series for row in rows]
    days += [
        point[0]
        for one, _ in per_series
        if one.expected is not None
        for point in one.expected.points
    ]
    low, high = min([0, *days]), max([0, *days, *(one.last_day for one in events)])
    high = max(high, low + SHORTEST_SPAN)
    # What was done long before would squeeze the course: it stands at the edge.
    near = [one.day for one in events if low - one.day <= (high - low) / 4]
    low = min([low, *near])
    lasts = [rows[-1].text for _, rows in per_series if rows]
    widest = max((panels.last_width(layout, text) for text in lasts), default=0)
    room = widest + layout.radius + 12
    return Scale(low, high, layout.left + 14, layout.right - room)


def _placed(
    layout: Layout,
    label: EventLabel,
    span: Bracket | None,
    first_top: float,
    band: float,
    lanes: float,
) -> PlacedEvent:
    """The label in the band above the first panel; lanes are the foot of that band."""
    top = first_top - band + label.row * event_labels.row_height(layout)
    foot = first_top
    if span:
        foot = round(first_top - lanes + (span.lane + 0.5) * brackets.LANE - 1, 1)
    return PlacedEvent(
        label=label,
        y=round(top + layout.text_size - 4, 1),
        line_top=round(top - 2, 1) if label.text else foot,
        line_bottom=foot,
        bracket=span.path(foot) if span else "",
    )
