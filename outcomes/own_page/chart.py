"""The course of one answer for a phone: numbers, days, treatments and the goal. Pure.

Drawn as wide as the smallest phone has room for, so that a unit is nearly a pixel.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from outcomes.dashboards import chart_geometry, chart_text
from outcomes.dashboards.chart_geometry import Scale, Tick
from outcomes.dashboards.statistics import Number
from outcomes.survey import texts

LEFT, RIGHT, TOP, BOTTOM = 26.0, 264.0, 34.0, 158.0
RADIUS = 5.0
# Of marks that stand closer only the first and the last are numbered.
ROOM = 22.0
SHORTEST_DAYS = 28


@dataclass(frozen=True, slots=True)
class Point:
    on: date
    value: Number


@dataclass(frozen=True, slots=True)
class Mark:
    x: float
    y: float
    path: str
    # Empty where there is no room for the number.
    text: str
    text_y: float


@dataclass(frozen=True, slots=True)
class Flag:
    """A treatment: a line across the chart, numbered as in the list below it."""

    x: float
    number: int


@dataclass(frozen=True, slots=True)
class Goal:
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    line: str
    marks: tuple[Mark, ...]
    flags: tuple[Flag, ...]
    goal: Goal | None
    values: tuple[Tick, ...]
    first_day: str
    last_day: str


def chart(
    points: Sequence[Point],
    *,
    low: Number,
    high: Number,
    treated_on: Sequence[date] = (),
    goal: Number | None = None,
    language: str,
) -> Chart:
    """At least one point, in time order; treatments in the order of their list."""
    first = min([points[0].on, *treated_on])
    last = max([points[-1].on, *treated_on])
    span = max((last - first).days, SHORTEST_DAYS)
    days = Scale(0, span, LEFT + 12, RIGHT - 12)
    bounds = _bounds(points, low, high, goal)
    values = Scale(*bounds, BOTTOM, TOP)
    places = [
        (days((each.on - first).days), values(float(each.value))) for each in points
    ]
    return Chart(
        line=chart_geometry.path(places) if len(places) > 1 else "",
        marks=_marks(points, places),
        flags=tuple(
            Flag(days((on - first).days), number)
            for number, on in enumerate(treated_on, 1)
        ),
        goal=_goal(goal, values, language),
        values=tuple(
            Tick(values(each), chart_text.number(each))
            for each in chart_geometry.three_ticks(*bounds)
        ),
        first_day=_day(first, last, language),
        last_day=_day(last, first, language) if last > first else "",
    )


def _bounds(
    points: Sequence[Point], low: Number, high: Number, goal: Number | None
) -> tuple[float, float]:
    """The scale, and what an old answer or a goal may have beyond it."""
    values = [float(each.value) for each in points]
    values += [] if goal is None else [float(goal)]
    return min([float(low), *values]), max([float(high), *values])


def _marks(
    points: Sequence[Point], places: Sequence[tuple[float, float]]
) -> tuple[Mark, ...]:
    made = []
    numbered_until = -ROOM
    for place, (point, (x, y)) in enumerate(zip(points, places, strict=True)):
        is_end = place == len(points) - 1
        has_room = x - numbered_until >= ROOM
        is_free = is_end or places[-1][0] - x >= ROOM
        text = chart_text.number(point.value) if has_room and is_free else ""
        if is_end and not text:
            text = chart_text.number(point.value)
        if text:
            numbered_until = x
        path = chart_geometry.mark("circle", x, y, RADIUS)
        above = y - 11
        text_y = above if above > TOP + 4 else y + 22
        made.append(Mark(x, y, path, text, round(text_y, 1)))
    return tuple(made)


def _goal(goal: Number | None, values: Scale, language: str) -> Goal | None:
    if goal is None:
        return None
    words = texts.say("own_goal_line", language, value=chart_text.number(goal))
    return Goal(values(float(goal)), words)


def _day(on: date, other: date, language: str) -> str:
    """Such as "Mar 3", or "Mar 2026" where the other end is in another year."""
    month = texts.say(f"month_{on.month}", language)[:3]
    if on.year != other.year:
        return f"{month} {on.year}"
    return f"{on.day} {month}" if language == "es" else f"{month} {on.day}"
