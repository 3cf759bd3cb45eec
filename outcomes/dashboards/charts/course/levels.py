"""Levels across a panel: what would be meaningful, acceptable, and the goal."""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from outcomes.dashboards.charts import geometry, tables
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.course.event_labels import Layout
from outcomes.dashboards.charts.course.rows import CourseSeries
from outcomes.dashboards.charts.geometry import Scale
from outcomes.dashboards.statistics import Number

MEANINGFUL, ACCEPTABLE, GOAL = "meaningful", "acceptable", "goal"
DASH_WORDS = {MEANINGFUL: "dotted", ACCEPTABLE: "dash-dotted", GOAL: "dashed"}
DASHES = {MEANINGFUL: "2 4", ACCEPTABLE: "10 3 2 3", GOAL: "7 4"}
# From the plot to the words beside it.
GAP = 8.0
LINE = 1.2


@dataclass(frozen=True, slots=True)
class Level:
    """A value that is marked on the scale of a measure, by the word for it."""

    kind: str
    value: Number
    bound: str
    data: SafeString

    @property
    def note(self) -> str:
        """As it is said over a panel, where nothing stands beside it."""
        return f"{DASH_WORDS[self.kind]}: {self.kind}, {self.bound}"


@dataclass(frozen=True, slots=True)
class PlottedLevel:
    """Its words stand beside the panel, the first line about `label_y`."""

    level: Level
    y: float
    dash: str
    lines: tuple[str, ...]
    label_y: float


def levels_of(series: CourseSeries) -> tuple[Level, ...]:
    """Those that lie on the scale: no change can reach a level past its ends."""
    return tuple(_levels(series))


def _levels(series: CourseSeries) -> Iterator[Level]:
    given = {
        MEANINGFUL: series.threshold,
        ACCEPTABLE: series.acceptable,
        GOAL: series.goal,
    }
    for kind, value in given.items():
        # A goal may lie off the scale, which then reaches to it.
        if value is not None and (kind == GOAL or series.low <= value <= series.high):
            data = tables.attributes(f"{series.key} {kind}", level=value)
            yield Level(kind, value, series.bound(value), data)


def plotted(
    layout: Layout, levels: Sequence[Level], value: Scale
) -> tuple[PlottedLevel, ...]:
    """The lines, and their words where there is room, apart from each other."""
    drawn = [
        PlottedLevel(
            level=level,
            y=value(float(level.value)),
            dash=DASHES[level.kind],
            lines=_lines(layout, level),
            label_y=0,
        )
        for level in levels
    ]
    step = layout.text_size * LINE
    heights = [len(one.lines) * step + 6 for one in drawn]
    places = geometry.spread(
        [one.y for one in drawn],
        heights,
        # Not among the labels of the events above.
        value.end - 4,
        max(value.start + layout.text_size, value.end + sum(heights)),
    )
    return tuple(
        dataclasses.replace(
            one,
            label_y=round(
                place - (len(one.lines) - 1) * step / 2 + layout.text_size * 0.35, 1
            ),
        )
        for one, place in zip(drawn, places, strict=True)
    )


def _lines(layout: Layout, level: Level) -> tuple[str, ...]:
    room = layout.width - layout.right - GAP
    texts = (level.kind, level.bound)
    return tuple(chart_text.shorten(one, room, layout.text_size) for one in texts)
