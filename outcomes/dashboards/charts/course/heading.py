"""What stands over a panel: the measure, its range and what else must be said."""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.course.event_labels import Layout
from outcomes.dashboards.charts.course.levels import Level
from outcomes.dashboards.charts.course.rows import CourseRow, CourseSeries


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a panel's heading; the tail follows on it in lighter type."""

    y: float
    title: str
    tail: str


def lines_of(
    layout: Layout,
    series: CourseSeries,
    rows: Sequence[CourseRow],
    levels: Sequence[Level],
    y: float,
) -> tuple[Line, ...]:
    """The title, and after it or below it the notes."""
    size, room = layout.title_size, layout.width - layout.heading_x
    titles = chart_text.wrap(series.title, room, size, 3, bold=True) or ("",)
    notes = _notes(layout, series, rows, levels)
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


def _notes(
    layout: Layout,
    series: CourseSeries,
    rows: Sequence[CourseRow],
    levels: Sequence[Level],
) -> list[str]:
    scale = series.value_range
    if not rows:
        scale = f"{scale} · no answers yet"
    elif series.asks_baseline and rows[0].day > 0:
        scale = f"{scale} · no baseline"
    told = [scale]
    if not layout.has_side_labels:
        told += [level.note for level in levels]
    if series.expected is not None and series.expected.points:
        told.append(f"shaded: {series.expected.words}")
    room = layout.width - layout.heading_x
    return [part for one in told for part in _fitted(one, room, layout.text_size)]


def _fitted(note: str, room: float, size: float) -> tuple[str, ...]:
    return chart_text.wrap(note, room, size, 2) or ("",)
