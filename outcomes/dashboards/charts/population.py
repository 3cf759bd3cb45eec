"""Means of a measure over time, a line for each treatment."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext

from outcomes.dashboards.charts import geometry, population_rows
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.geometry import STYLES, Scale, Style, Tick
from outcomes.dashboards.charts.population_rows import (
    PopulationRow,
    PopulationSeries,
)
from outcomes.dashboards.statistics import Direction, Number

FLAT_SHARE = 0.45


@dataclass(frozen=True, slots=True)
class PlottedMean:
    row: PopulationRow
    x: float
    y: float
    mark: str


@dataclass(frozen=True, slots=True)
class Whisker:
    x: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class EndLabel:
    """The name at a line's end; a leader joins them where it had to move."""

    style: Style
    x: float
    lines: tuple[Tick, ...]
    leader: str


@dataclass(frozen=True, slots=True)
class Counts:
    """The row of n under the axis, which in the compact variant is the key as well."""

    y: float
    label: str
    label_x: float
    label_y: float
    key_line: str
    key_mark: str
    cells: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class PlottedSeries:
    key: str
    style: Style
    line: str
    bands: tuple[str, ...]
    whiskers: tuple[Whisker, ...]
    points: tuple[PlottedMean, ...]
    counts: Counts


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes of one variant, in chart units."""

    variant: str
    width: int
    left: float
    right: float
    plot_height: float
    text_size: float
    label_size: float
    radius: float
    least_gap: float
    has_end_labels: bool


FULL = Layout("full", 1160, 40, 880, 330, 14, 15, 5.5, 44, True)
WIDE = Layout("wide", 840, 40, 600, 300, 14, 15.5, 5.5, 40, True)
COMPACT = Layout("compact", 360, 28, 334, 230, 13, 14, 5, 34, False)
LAYOUTS = (FULL, WIDE, COMPACT)


@dataclass(frozen=True, slots=True)
class PopulationView:
    """One variant, ready to be drawn."""

    layout: Layout
    height: float
    top: float
    bottom: float
    values: tuple[Tick, ...]
    times: tuple[Tick, ...]
    times_y: float
    note: str
    note_y: float
    series: tuple[PlottedSeries, ...]
    ends: tuple[EndLabel, ...]


@dataclass(frozen=True, slots=True)
class PopulationChart:
    """Both variants and the rows which they plot."""

    template_name: ClassVar[str] = "outcomes/charts/population.html"
    table_template_name: ClassVar[str] = "outcomes/charts/population_table.html"

    chart_id: str
    title: str
    description: str
    notes: tuple[str, ...]
    rows: tuple[PopulationRow, ...]
    views: tuple[PopulationView, ...]


def population_chart(
    series: Sequence[PopulationSeries],
    *,
    chart_id: str,
    measure: str,
    low: Number,
    high: Number,
    better_is: Direction,
) -> PopulationChart:
    """Chart of up to eight treatments; chart_id must be unique in its page."""
    if len(series) > len(STYLES):
        raise ValueError(
            f"a chart holds {len(STYLES)} treatments, got {len(series)}: "
            "narrow the filter or join the smallest ones"
        )
    per_series = [population_rows.rows_of(one) for one in series]
    rows = tuple(row for some in per_series for row in some)
    values = _value_ticks(rows, float(low), float(high))
    views = tuple(_view(layout, series, per_series, values) for layout in LAYOUTS)
    return PopulationChart(
        chart_id=chart_id,
        title=gettext("%(measure)s: mean, %(low)s–%(high)s")
        % {
            "measure": measure,
            "low": chart_text.number(low),
            "high": chart_text.number(high),
        },
        description=" ".join(
            population_rows.sentence(some) for some in per_series if some
        ),
        notes=population_rows.notes(rows, values, float(low), better_is),
        rows=rows,
        views=views if rows else (),
    )


def _value_ticks(
    rows: Sequence[PopulationRow], low: float, high: float
) -> tuple[float, ...]:
    """Ticks from the measure's lower end, unless that would squeeze the data flat."""
    seen = [row.mean for row in rows if row.mean is not None]
    if not seen:
        return geometry.even_ticks(low, high)
    # An interval may reach past what the measure can be; the axis does not follow.
    bounds = [bound for row in rows if row.ci is not None for bound in row.ci]
    seen += [min(max(bound, low), high) for bound in bounds]
    top, bottom = max(seen), min(seen)
    is_flat = top - bottom < FLAT_SHARE * (top - low)
    start = bottom if is_flat else min(low, bottom)
    least = (high - low) / 5
    if top - start < least:
        start = max(min(top, high) - least, min(low, bottom))
    return geometry.even_ticks(start, max(top, start + least))


def _view(
    layout: Layout,
    series: Sequence[PopulationSeries],
    per_series: Sequence[Sequence[PopulationRow]],
    values: Sequence[float],
) -> PopulationView:
    top, bottom = 14.0, 14.0 + layout.plot_height
    value = Scale(values[0], values[-1], start=bottom, end=top)
    places = _places(layout, per_series)
    times_y = bottom + layout.text_size + 12
    plotted = tuple(
        _plotted(layout, place, one, rows, value, places, times_y)
        for place, (one, rows) in enumerate(zip(series, per_series, strict=True))
    )
    last_row = max([times_y, *(one.counts.y for one in plotted)])
    times = [Tick(x, chart_text.day_tick(day)) for day, x in places.items()]
    return PopulationView(
        layout=layout,
        height=round(last_row + 36, 1),
        top=top,
        bottom=bottom,
        values=tuple(Tick(value(one), chart_text.number(one)) for one in values),
        times=_thinned(layout, times),
        times_y=times_y,
        note=_axis_note(len(places)),
        note_y=round(last_row + 26, 1),
        series=plotted,
        ends=_ends(layout, series, plotted, top, bottom)
        if layout.has_end_labels
        else (),
    )


def _axis_note(days: int) -> str:
    if days > 2:
        return gettext("time since start, later gaps drawn shorter")
    return gettext("time since start, not to scale")


def _places(
    layout: Layout, per_series: Sequence[Sequence[PopulationRow]]
) -> dict[int, float]:
    days = sorted({row.day for rows in per_series for row in rows})
    if not days:
        return {}
    start = layout.left + 20
    found = geometry.uneven_positions(days, start, layout.right, layout.least_gap)
    return dict(zip(days, found, strict=True))


def _thinned(layout: Layout, ticks: Sequence[Tick]) -> tuple[Tick, ...]:
    """Those labels which do not touch, the last one always among them."""
    kept: list[Tick] = []
    for tick in reversed(ticks):
        room = chart_text.width(tick.label, layout.text_size) / 2
        if not kept or kept[-1].at - tick.at >= room + 4 + (
            chart_text.width(kept[-1].label, layout.text_size) / 2
        ):
            kept.append(tick)
    return tuple(reversed(kept))


def _plotted(
    layout: Layout,
    place: int,
    series: PopulationSeries,
    rows: Sequence[PopulationRow],
    value: Scale,
    places: dict[int, float],
    times_y: float,
) -> PlottedSeries:
    style = STYLES[place]
    points = tuple(
        _mean(layout, style, row, row.mean, places[row.day], value)
        for row in rows
        if row.mean is not None
    )
    bands, whiskers = _intervals(points, value)
    return PlottedSeries(
        key=series.key,
        style=style,
        line=geometry.path((point.x, point.y) for point in points)
        if len(points) > 1
        else "",
        bands=bands,
        whiskers=whiskers,
        points=points,
        counts=_counts(layout, style, place, series, rows, places, times_y),
    )


def _mean(
    layout: Layout,
    style: Style,
    row: PopulationRow,
    mean: float,
    x: float,
    value: Scale,
) -> PlottedMean:
    y = value(mean)
    mark = geometry.mark(style.shape, x, y, layout.radius)
    return PlottedMean(row=row, x=x, y=y, mark=mark)


def _intervals(
    points: Sequence[PlottedMean], value: Scale
) -> tuple[tuple[str, ...], tuple[Whisker, ...]]:
    """A band over each run of points with intervals; a whisker where one is alone.

    Of few people too it is a whisker: their wide bands would bury everybody else's.
    """
    bands, whiskers = [], []
    for (has_interval, is_few), group in itertools.groupby(
        points, key=lambda point: (point.row.ci is not None, point.row.is_few)
    ):
        run = [_whisker(point, value) for point in group] if has_interval else []
        if is_few or len(run) == 1:
            whiskers += run
        elif run:
            edge = [(one.x, one.top) for one in run]
            edge += [(one.x, one.bottom) for one in reversed(run)]
            bands.append(geometry.path(edge) + "z")
    return tuple(bands), tuple(whiskers)


def _whisker(point: PlottedMean, value: Scale) -> Whisker:
    low, high = point.row.ci or (value.low, value.low)
    return Whisker(
        x=point.x,
        top=value(min(high, value.high)),
        bottom=value(max(low, value.low)),
    )


def _counts(
    layout: Layout,
    style: Style,
    place: int,
    series: PopulationSeries,
    rows: Sequence[PopulationRow],
    places: dict[int, float],
    times_y: float,
) -> Counts:
    is_wide = layout.has_end_labels
    y = round(times_y + (24 + 21 * place if is_wide else 46 + 42 * place), 1)
    label_y = y if is_wide else y - 19
    key_x = layout.right + 26 if is_wide else 4
    room = layout.width - key_x - 40
    middle = label_y - layout.text_size * 0.35
    cells = [Tick(places[row.day], row.n_text) for row in rows]
    return Counts(
        y=y,
        label=chart_text.shorten(series.label, room, layout.text_size),
        label_x=key_x + 40,
        label_y=label_y,
        key_line=geometry.path([(key_x, middle), (key_x + 32, middle)]),
        key_mark=geometry.mark(style.shape, key_x + 16, middle, 4.5),
        cells=_thinned(layout, cells),
    )


def _ends(
    layout: Layout,
    series: Sequence[PopulationSeries],
    plotted: Sequence[PlottedSeries],
    top: float,
    bottom: float,
) -> tuple[EndLabel, ...]:
    drawn = [
        (one, found.style, found.points[-1])
        for one, found in zip(series, plotted, strict=True)
        if found.points
    ]
    x = layout.right + 26
    line_height = layout.label_size * 1.2
    texts = [
        chart_text.wrap(one.label, layout.width - x, layout.label_size, 2, bold=True)
        for one, _, _ in drawn
    ]
    centres = geometry.spread(
        [last.y for _, _, last in drawn],
        [len(lines) * line_height + 4 for lines in texts],
        top - 10,
        bottom + 10,
    )
    return tuple(
        _end(layout, style, last, lines, centre, x)
        for (_, style, last), lines, centre in zip(drawn, texts, centres, strict=True)
    )


def _end(
    layout: Layout,
    style: Style,
    last: PlottedMean,
    lines: Sequence[str],
    centre: float,
    x: float,
) -> EndLabel:
    line_height = layout.label_size * 1.2
    first = centre - (len(lines) - 1) * line_height / 2 + layout.label_size * 0.35
    is_moved = abs(centre - last.y) > 5 or last.x < layout.right
    start = (round(last.x + layout.radius + 4, 1), last.y)
    return EndLabel(
        style=style,
        x=x,
        lines=tuple(
            Tick(round(first + place * line_height, 1), line)
            for place, line in enumerate(lines)
        ),
        leader=geometry.path([start, (x - 5, centre)]) if is_moved else "",
    )
