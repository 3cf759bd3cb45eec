"""One measure of a patient: its answers, its levels and what is expected."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from outcomes.dashboards.charts import geometry, svg
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.course import heading, levels
from outcomes.dashboards.charts.course import rows as chart_rows
from outcomes.dashboards.charts.course.event_labels import Layout
from outcomes.dashboards.charts.course.heading import Line
from outcomes.dashboards.charts.course.levels import PlottedLevel
from outcomes.dashboards.charts.course.rows import CourseRow, CourseSeries
from outcomes.dashboards.charts.geometry import Scale, Style, Tick


@dataclass(frozen=True, slots=True)
class PlottedAnswer:
    """`half` fills the left of a mark: the answer is a partial one."""

    row: CourseRow
    x: float
    y: float
    mark: str
    half: str


@dataclass(frozen=True, slots=True)
class Upright:
    """The expected course on one day, as an upright through the band."""

    data: SafeString
    spoken: str
    line: str


@dataclass(frozen=True, slots=True)
class Panel:
    key: str
    title: str
    style: Style
    heading: tuple[Line, ...]
    top: float
    bottom: float
    values: tuple[Tick, ...]
    band: str
    quartiles: tuple[Upright, ...]
    line: str
    points: tuple[PlottedAnswer, ...]
    levels: tuple[PlottedLevel, ...]
    last: tuple[float, float, str] | None
    # The baseline of the days under it.
    times_y: float

    def level(self, kind: str) -> PlottedLevel | None:
        return next((one for one in self.levels if one.level.kind == kind), None)


def panel(
    layout: Layout,
    time: Scale,
    style: Style,
    series: CourseSeries,
    rows: Sequence[CourseRow],
    room: tuple[float, float],
) -> Panel:
    """room is where the panel starts, and how much the events above it take."""
    found = levels.levels_of(series)
    lines = heading.lines_of(layout, series, rows, found, room[0])
    top = round(lines[-1].y + 16 + room[1], 1)
    bottom = top + layout.plot_height
    value = Scale(*_bounds(series), start=bottom, end=top)
    points = _plotted(layout, time, value, rows)
    band, quartiles = _expected(series, time, value)
    return Panel(
        key=series.key,
        title=series.title,
        style=style,
        heading=lines,
        top=top,
        bottom=bottom,
        values=tuple(
            Tick(value(tick), chart_text.number(tick))
            for tick in geometry.three_ticks(value.low, value.high)
        ),
        band=band,
        quartiles=quartiles,
        line=geometry.path((point.x, point.y) for point in points)
        if len(points) > 1
        else "",
        points=points,
        levels=levels.plotted(layout, found, value),
        last=_last(layout, points, top, bottom),
        times_y=round(bottom + layout.text_size + 7, 1),
    )


def last_width(layout: Layout, text: str) -> float:
    return chart_text.width(text, layout.last_size, bold=True)


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
    if series.expected is not None:
        values += [float(end) for point in series.expected.points for end in point[1:]]
    return min([float(series.low), *values]), max([float(series.high), *values])


def _expected(
    series: CourseSeries, time: Scale, value: Scale
) -> tuple[str, tuple[Upright, ...]]:
    if series.expected is None:
        return "", ()
    points = sorted(series.expected.points)
    highs = [(time(day), value(float(high))) for day, _, high in points]
    lows = [(time(day), value(float(low))) for day, low, _ in points]
    quartiles = tuple(
        Upright(
            data=chart_rows.expected_data(series, point),
            spoken=f"{chart_text.day_words(point[0])}: "
            f"{chart_rows.expected_text(point)}, {series.expected.words}",
            line=geometry.path([low, high]),
        )
        for point, low, high in zip(points, lows, highs, strict=True)
    )
    band = geometry.path([*highs, *reversed(lows)]) + "z" if len(points) > 1 else ""
    return band, quartiles


def _plotted(
    layout: Layout, time: Scale, value: Scale, rows: Sequence[CourseRow]
) -> tuple[PlottedAnswer, ...]:
    places = [time(row.day) for row in rows]
    gaps = [b - a for a, b in zip(places, places[1:], strict=False) if b > a]
    is_crowded = min(gaps, default=99) < 2 * layout.radius + 1
    radius = layout.radius * (0.75 if is_crowded else 1)
    return tuple(
        _answer(row, x, value(float(row.value)), radius)
        for row, x in zip(rows, places, strict=True)
    )


def _answer(row: CourseRow, x: float, y: float, radius: float) -> PlottedAnswer:
    """A dot; a square outside its window; half filled where it is partial."""
    shape = "circle" if row.in_window else "square"
    return PlottedAnswer(
        row=row,
        x=x,
        y=y,
        mark=geometry.mark(shape, x, y, radius),
        half=geometry.half_mark(shape, x, y, radius) if row.is_partial else "",
    )


def uprights(panel: Panel) -> SafeString:
    """What is expected on each day, through the band."""
    look = f'class="chart-line" stroke="{panel.style.color}" stroke-width="1"'
    return svg.join(
        f"<g {one.data}><title>{html.escape(one.spoken)}</title>"
        f'<path d="{one.line}" {look} stroke-opacity="0.25"/></g>\n'
        for one in panel.quartiles
    )


def answers(panel: Panel) -> SafeString:
    """Hollow where an answer is outside its window or partial."""
    return svg.join(_drawn(one, panel.style.color) for one in panel.points)


def _drawn(one: PlottedAnswer, color: str) -> str:
    is_hollow = bool(one.half) or not one.row.in_window
    shape = svg.mark(one.mark, color, is_hollow=is_hollow, width=2)
    half = f'<path d="{one.half}" class="chart-fill" fill="{color}"/>'
    return svg.point(
        one.row.data,
        one.row.spoken,
        svg.round_hit(one.x, one.y) + shape + (half if one.half else ""),
        " is-hollow" if is_hollow else "",
    )
