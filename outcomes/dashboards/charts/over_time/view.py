"""One variant of a chart over time, ready to be drawn."""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from outcomes.dashboards.charts import geometry
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.geometry import Scale, Tick
from outcomes.dashboards.charts.over_time import series as lines
from outcomes.dashboards.charts.over_time.rows import PopulationRow, PopulationSeries
from outcomes.dashboards.charts.over_time.series import EndLabel, Layout, PlottedSeries
from outcomes.dashboards.statistics import Direction


@dataclass(frozen=True, slots=True)
class ValueAxis:
    """Ticks from low to high; of changes, with a line at nought and a name for it."""

    values: tuple[float, ...]
    is_change: bool
    better_is: Direction


@dataclass(frozen=True, slots=True)
class Zero:
    """The line of no change, its words in the axis and the sides of it inside."""

    y: float
    words: tuple[Tick, ...]
    sides: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class PopulationView:
    layout: Layout
    height: float
    top: float
    bottom: float
    values: tuple[Tick, ...]
    zero: Zero | None
    times: tuple[Tick, ...]
    times_y: float
    note: str
    note_y: float
    series: tuple[PlottedSeries, ...]
    ends: tuple[EndLabel, ...]


# Room for "no change" in the axis: in one line and, where there is less, in two.
CHANGE_LEFT = {True: 90.0, False: 56.0}


def layouts_for(axis: ValueAxis, layouts: Iterable[Layout]) -> Iterable[Layout]:
    for layout in layouts:
        if axis.is_change:
            left = CHANGE_LEFT[layout.has_end_labels]
            yield dataclasses.replace(layout, left=left)
        else:
            yield layout


def view_of(
    layout: Layout,
    axis: ValueAxis,
    series: Sequence[PopulationSeries],
    per_series: Sequence[Sequence[PopulationRow]],
) -> PopulationView:
    top, bottom = 14.0, 14.0 + layout.plot_height
    value = Scale(axis.values[0], axis.values[-1], start=bottom, end=top)
    places = _places(layout, axis, per_series)
    times_y = bottom + layout.text_size + 12
    origin = (places[0], value(0)) if axis.is_change else None
    plotted = tuple(
        lines.plotted(layout, place, one, rows, value, places, times_y, origin)
        for place, (one, rows) in enumerate(zip(series, per_series, strict=True))
    )
    last_row = max([times_y, *(one.counts.y for one in plotted)])
    times = [Tick(x, chart_text.day_tick(day)) for day, x in places.items()]
    return PopulationView(
        layout=layout,
        height=round(last_row + 36, 1),
        top=top,
        bottom=bottom,
        values=_ticks(axis, value),
        zero=_zero(layout, axis, value) if axis.is_change else None,
        times=lines.thinned(layout, times),
        times_y=times_y,
        note=_axis_note(len(places)),
        note_y=round(last_row + 26, 1),
        series=plotted,
        ends=lines.ends(layout, series, plotted, top, bottom)
        if layout.has_end_labels
        else (),
    )


def _ticks(axis: ValueAxis, value: Scale) -> tuple[Tick, ...]:
    if not axis.is_change:
        return tuple(Tick(value(one), chart_text.number(one)) for one in axis.values)
    return tuple(Tick(value(one), chart_text.signed(one)) for one in axis.values if one)


def _zero(layout: Layout, axis: ValueAxis, value: Scale) -> Zero:
    y = value(0)
    words = "no change"
    above, below = "worse", "better"
    if axis.better_is == "higher":
        above, below = below, above
    room = layout.left - 8
    told = chart_text.wrap(words, room, layout.text_size, 2)
    step = layout.text_size * 1.15
    first = y + layout.text_size * 0.35 - step * (len(told) - 1) / 2
    return Zero(
        y=y,
        words=tuple(
            Tick(round(first + step * place, 1), one) for place, one in enumerate(told)
        ),
        sides=(
            Tick(value.end + layout.text_size, f"\N{UPWARDS ARROW} {above}"),
            Tick(value.start - 7, f"\N{DOWNWARDS ARROW} {below}"),
        ),
    )


def _axis_note(days: int) -> str:
    if days > 2:
        return "time since start, later gaps drawn shorter"
    return "time since start, not to scale"


def _places(
    layout: Layout, axis: ValueAxis, per_series: Sequence[Sequence[PopulationRow]]
) -> dict[int, float]:
    """Where each day stands; changes start on day 0, where all of them are nought."""
    seen = {row.day for rows in per_series for row in rows}
    days = sorted(seen | {0} if axis.is_change else seen)
    if not days:
        return {}
    start = layout.left + 20
    found = geometry.uneven_positions(days, start, layout.right, layout.least_gap)
    return dict(zip(days, found, strict=True))
