"""The course of one patient: small multiples of measures on one time axis."""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext

from outcomes.dashboards.charts import geometry
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.course import event_labels
from outcomes.dashboards.charts.course import rows as chart_rows
from outcomes.dashboards.charts.course.event_labels import (
    COMPACT,
    WIDE,
    Layout,
    PlacedEvent,
)
from outcomes.dashboards.charts.course.rows import (
    CourseEvent,
    CourseRow,
    CourseSeries,
    SeriesRows,
)
from outcomes.dashboards.charts.geometry import Scale, Style, Tick
from outcomes.dashboards.statistics import Direction, Number

SHORTEST_SPAN = 42
# Two measures of one patient are told apart by their panel, so marks can say whether
# an answer came inside its window; the order keeps neighbouring panels apart in hue.
PANEL_STYLES = tuple(geometry.STYLES[place] for place in (0, 3, 2, 1))


@dataclass(frozen=True, slots=True)
class PlottedAnswer:
    row: CourseRow
    x: float
    y: float
    mark: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a panel's heading; the tail follows on it in lighter type."""

    y: float
    title: str
    tail: str


@dataclass(frozen=True, slots=True)
class Threshold:
    """A level across a panel; its words stand at `label_y`, beside it or near it."""

    y: float
    label: str
    bound: str
    label_y: float


@dataclass(frozen=True, slots=True)
class Panel:
    key: str
    title: str
    style: Style
    heading: tuple[Line, ...]
    top: float
    bottom: float
    values: tuple[Tick, ...]
    line: str
    points: tuple[PlottedAnswer, ...]
    threshold: Threshold | None
    goal: Threshold | None
    last: tuple[float, float, str] | None


@dataclass(frozen=True, slots=True)
class CourseView:
    """One variant, ready to be drawn."""

    layout: Layout
    height: float
    panels: tuple[Panel, ...]
    times: tuple[Tick, ...]
    events: tuple[PlacedEvent, ...]
    event_lines: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class CourseChart:
    """Both variants and the rows which they plot."""

    template_name: ClassVar[str] = "outcomes/charts/course.html"
    table_template_name: ClassVar[str] = "outcomes/charts/course_table.html"

    chart_id: str
    title: str
    description: str
    rows: tuple[CourseRow, ...]
    events: tuple[CourseEvent, ...]
    has_late: bool
    views: tuple[CourseView, ...]


def course_chart(
    series: Sequence[CourseSeries],
    events: Sequence[CourseEvent] = (),
    *,
    chart_id: str,
    title: str,
) -> CourseChart:
    """Chart of one patient; chart_id must be unique in its page."""
    per_series = [(one, chart_rows.rows_of(one)) for one in series]
    rows = tuple(row for _, some in per_series for row in some)
    ordered = tuple(sorted(events, key=lambda event: event.day))
    return CourseChart(
        chart_id=chart_id,
        title=title,
        description=chart_rows.description(per_series, ordered),
        rows=rows,
        events=ordered,
        has_late=any(not row.in_window for row in rows),
        views=tuple(
            _view(layout, per_series, ordered) for layout in _layouts(per_series)
        ),
    )


def _layouts(per_series: Sequence[SeriesRows]) -> tuple[Layout, ...]:
    if any(_has_line(one) or one.goal is not None for one, _ in per_series):
        return WIDE, COMPACT
    # Nothing is written beside the panels, so they may have that room.
    return dataclasses.replace(WIDE, right=WIDE.width - 8), COMPACT


def _view(
    layout: Layout, per_series: Sequence[SeriesRows], events: Sequence[CourseEvent]
) -> CourseView:
    days = [row.day for _, rows in per_series for row in rows]
    lasts = [rows[-1].text for _, rows in per_series if rows]
    time = _time_scale(layout, days, [event.day for event in events], lasts)
    labels = event_labels.labels_of(layout, time, events)
    band = (
        max((label.row for label in labels), default=-1) + 1
    ) * event_labels.row_height(layout)
    panels: list[Panel] = []
    y = 0.0
    for place, (series, rows) in enumerate(per_series):
        style = PANEL_STYLES[place % len(PANEL_STYLES)]
        panel = _panel(layout, time, style, series, rows, y, band if not place else 0)
        panels.append(panel)
        y = panel.bottom + layout.text_size + 34
    first_top = panels[0].top if panels else 0
    return CourseView(
        layout=layout,
        height=round(max(y - 22, 1), 1),
        panels=tuple(panels),
        times=geometry.time_ticks(time, layout.tick_gap),
        events=tuple(
            event_labels.placed(layout, label, first_top, band) for label in labels
        ),
        event_lines=tuple(sorted({label.x for label in labels})),
    )


def _time_scale(
    layout: Layout,
    days: Sequence[int],
    event_days: Sequence[int],
    lasts: Sequence[str],
) -> Scale:
    low, high = min([0, *days]), max([0, *days, *event_days])
    high = max(high, low + SHORTEST_SPAN)
    # What was done long before would squeeze the course: it stands at the edge.
    near = [day for day in event_days if low - day <= (high - low) / 4]
    low = min([low, *near])
    widest = max((_last_width(layout, text) for text in lasts), default=0)
    room = widest + layout.radius + 12
    return Scale(low, high, layout.left + 14, layout.right - room)


def _last_width(layout: Layout, text: str) -> float:
    return chart_text.width(text, layout.last_size, bold=True)


def _panel(
    layout: Layout,
    time: Scale,
    style: Style,
    series: CourseSeries,
    rows: Sequence[CourseRow],
    y: float,
    band: float,
) -> Panel:
    heading = _heading(layout, series, rows, y)
    top = round(heading[-1].y + 16 + band, 1)
    bottom = top + layout.plot_height
    value = Scale(*_bounds(series), start=bottom, end=top)
    threshold, goal = _levels(layout, series, value)
    points = _plotted(layout, time, value, rows)
    return Panel(
        key=series.key,
        title=series.title,
        style=style,
        heading=heading,
        top=top,
        bottom=bottom,
        values=tuple(
            Tick(value(tick), chart_text.number(tick))
            for tick in geometry.three_ticks(value.low, value.high)
        ),
        line=geometry.path((point.x, point.y) for point in points)
        if len(points) > 1
        else "",
        points=points,
        threshold=threshold,
        goal=goal,
        last=_last(layout, points, top, bottom),
    )


def _last(
    layout: Layout, points: Sequence[PlottedAnswer], top: float, bottom: float
) -> tuple[float, float, str] | None:
    """Beside the last mark, but clear of the labels above and below the panel."""
    if not points:
        return None
    baseline = min(points[-1].y + layout.last_size * 0.36, bottom - 3)
    y = round(max(baseline, top + layout.last_size * 0.6), 1)
    x = round(points[-1].x + layout.radius + 6, 1)
    return x, y, points[-1].row.text


def _bounds(series: CourseSeries) -> tuple[float, float]:
    values = [float(point.value) for point in series.points]
    if series.goal is not None:
        values.append(float(series.goal))
    return min([float(series.low), *values]), max([float(series.high), *values])


def _plotted(
    layout: Layout, time: Scale, value: Scale, rows: Sequence[CourseRow]
) -> tuple[PlottedAnswer, ...]:
    places = [time(row.day) for row in rows]
    gaps = [b - a for a, b in zip(places, places[1:], strict=False) if b > a]
    is_crowded = min(gaps, default=99) < 2 * layout.radius + 1
    radius = layout.radius * (0.75 if is_crowded else 1)
    return tuple(
        PlottedAnswer(
            row=row,
            x=x,
            y=value(float(row.value)),
            mark=geometry.mark(
                "circle" if row.in_window else "square",
                x,
                value(float(row.value)),
                radius,
            ),
        )
        for row, x in zip(rows, places, strict=True)
    )


def _has_line(series: CourseSeries) -> bool:
    """Whether a meaningful change from this baseline is possible on this measure."""
    return series.threshold is not None and (
        series.low <= series.threshold <= series.high
    )


def _levels(
    layout: Layout, series: CourseSeries, value: Scale
) -> tuple[Threshold | None, Threshold | None]:
    """What would be meaningful and what is aimed at; their words keep apart."""
    meaningful = series.threshold if _has_line(series) else None
    threshold = _level(series, value, meaningful, gettext("meaningful"))
    goal = _level(series, value, series.goal, gettext("goal"))
    if threshold is None or goal is None:
        return threshold, goal
    two_lines = 2.4 * layout.text_size
    low, high = value.end - two_lines / 2, value.start + two_lines / 2
    places = geometry.spread((threshold.y, goal.y), (two_lines, two_lines), low, high)
    return (
        dataclasses.replace(threshold, label_y=places[0]),
        dataclasses.replace(goal, label_y=places[1]),
    )


def _level(
    series: CourseSeries, value: Scale, level: Number | None, label: str
) -> Threshold | None:
    if level is None:
        return None
    y = value(float(level))
    return Threshold(y, label, _bound(level, series.better_is), label_y=y)


def _bound(threshold: Number, better_is: Direction) -> str:
    words = gettext("%s or less") if better_is == "lower" else gettext("%s or more")
    return words % chart_text.number(threshold)


def _heading(
    layout: Layout, series: CourseSeries, rows: Sequence[CourseRow], y: float
) -> tuple[Line, ...]:
    """The title, and after it or below it the range and what else must be said."""
    size, room = layout.title_size, layout.width - layout.heading_x
    titles = chart_text.wrap(series.title, room, size, 3, bold=True) or ("",)
    notes = _heading_notes(layout, series, rows)
    taken = chart_text.width(titles[-1], size, bold=True) + 10
    is_beside = taken + chart_text.width(notes[0], layout.text_size) <= room
    lines = [Line(0, title, "") for title in titles]
    if is_beside:
        lines[-1] = Line(0, titles[-1], notes[0])
    lines += [Line(0, "", note) for note in notes[1 if is_beside else 0 :]]
    return tuple(_stacked(layout, lines, y))


def _stacked(layout: Layout, lines: Sequence[Line], y: float) -> Iterator[Line]:
    for line in lines:
        y += layout.title_size * 1.25 if line.title else layout.text_size * 1.35
        yield dataclasses.replace(line, y=round(y, 1))


def _heading_notes(
    layout: Layout, series: CourseSeries, rows: Sequence[CourseRow]
) -> list[str]:
    scale = series.value_range
    if not rows:
        scale = f"{scale} · {gettext('no answers yet')}"
    elif series.asks_baseline and rows[0].day > 0:
        scale = f"{scale} · {gettext('no baseline')}"
    if layout.has_side_labels:
        return [scale]
    return [scale, *_level_notes(series)]


def _level_notes(series: CourseSeries) -> Iterator[str]:
    if series.threshold is not None and _has_line(series):
        bound = _bound(series.threshold, series.better_is)
        yield gettext("dotted: meaningful, %s") % bound
    if series.goal is not None:
        bound = _bound(series.goal, series.better_is)
        yield gettext("dashed: goal, %s") % bound
