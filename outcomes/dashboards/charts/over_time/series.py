"""The lines of a chart over time: marks, bands, counts under them, names at ends."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from outcomes.dashboards.charts import geometry
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.geometry import STYLES, Position, Scale, Style, Tick
from outcomes.dashboards.charts.over_time.rows import PopulationRow, PopulationSeries


@dataclass(frozen=True, slots=True)
class PlottedMean:
    row: PopulationRow
    x: float
    y: float
    mark: str


@dataclass(frozen=True, slots=True)
class Whisker:
    """Where the interval goes on past the plot, its end is told to be cut."""

    x: float
    top: float
    bottom: float
    is_cut_above: bool = False
    is_cut_below: bool = False


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


def plotted(
    layout: Layout,
    place: int,
    series: PopulationSeries,
    rows: Sequence[PopulationRow],
    value: Scale,
    places: dict[int, float],
    times_y: float,
    origin: Position | None = None,
) -> PlottedSeries:
    """origin is where a line of changes starts, unless a point stands there."""
    style = STYLES[place]
    points = tuple(
        _mean(layout, style, row, row.mean, places[row.day], value)
        for row in rows
        if row.mean is not None
    )
    start = [origin] if origin and points and points[0].x > origin[0] else []
    bands, whiskers = _intervals(points, value, start)
    drawn = [*start, *((point.x, point.y) for point in points)]
    return PlottedSeries(
        key=series.key,
        style=style,
        line=geometry.path(drawn) if len(drawn) > 1 else "",
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
    points: Sequence[PlottedMean], value: Scale, start: Sequence[Position]
) -> tuple[tuple[str, ...], tuple[Whisker, ...]]:
    """A band over each run of points with intervals; a whisker where one is alone.

    Of few people too it is a whisker: their wide bands would bury everybody else's.
    """
    bands, whiskers = [], []
    for (has_interval, is_few), group in itertools.groupby(
        points, key=lambda point: (point.row.ci is not None, point.row.is_few)
    ):
        run = [_whisker(point, value) for point in group] if has_interval else []
        if run and not is_few and start and run[0].x == points[0].x:
            run = [*(Whisker(x, y, y) for x, y in start), *run]
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
        is_cut_above=high > value.high,
        is_cut_below=low < value.low,
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
        cells=thinned(layout, cells),
    )


def ends(
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


def thinned(layout: Layout, ticks: Sequence[Tick]) -> tuple[Tick, ...]:
    """Those labels which do not touch, the last one always among them."""
    kept: list[Tick] = []
    for tick in reversed(ticks):
        room = chart_text.width(tick.label, layout.text_size) / 2
        if not kept or kept[-1].at - tick.at >= room + 4 + (
            chart_text.width(kept[-1].label, layout.text_size) / 2
        ):
            kept.append(tick)
    return tuple(reversed(kept))
