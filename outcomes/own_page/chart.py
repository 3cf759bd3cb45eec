"""The course of one answer for a phone: numbers, days, treatments and the goal. Pure.

Drawn as wide as the smallest phone has room for, so that a unit is nearly a pixel.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from outcomes.dashboards.charts import geometry
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.geometry import Scale, Tick
from outcomes.dashboards.statistics import Number
from outcomes.survey import texts

LEFT, RIGHT, TOP, BOTTOM = 26.0, 264.0, 34.0, 158.0
RADIUS = 5.0
# Of marks that stand closer only the first and the last are numbered.
ROOM = 22.0
# Treatments that stand closer share one label.
NEAR = 16.0
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
    # Empty where the one before says it too.
    text: str
    text_x: float


@dataclass(frozen=True, slots=True)
class Goal:
    y: float
    text: str
    # Its words stand where the line of the answers is further away.
    is_at_start: bool


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
        line=geometry.path(places) if len(places) > 1 else "",
        marks=_marks(points, places),
        flags=_flags([days((on - first).days) for on in treated_on]),
        goal=_goal(goal, values, places, language),
        values=tuple(
            Tick(values(each), chart_text.number(each))
            for each in geometry.three_ticks(*bounds)
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
        path = geometry.mark("circle", x, y, RADIUS)
        above = y - 11
        text_y = above if above > TOP + 4 else y + 22
        made.append(Mark(x, y, path, text, round(text_y, 1)))
    return tuple(made)


def _flags(places: Sequence[float]) -> tuple[Flag, ...]:
    """Such as "1-3" between three that stand close: "12" would be the twelfth."""
    groups: list[list[float]] = []
    for x in places:
        if groups and x - groups[-1][-1] < NEAR:
            groups[-1].append(x)
        else:
            groups.append([x])
    made: list[Flag] = []
    for group in groups:
        first, last = len(made) + 1, len(made) + len(group)
        text = str(first) if first == last else f"{first}\N{EN DASH}{last}"
        middle = round((group[0] + group[-1]) / 2, 1)
        made += [Flag(x, "" if at else text, middle) for at, x in enumerate(group)]
    return tuple(made)


def _goal(
    goal: Number | None,
    values: Scale,
    places: Sequence[tuple[float, float]],
    language: str,
) -> Goal | None:
    if goal is None:
        return None
    words = texts.say("own_goal_line", language, value=chart_text.number(goal))
    y = values(float(goal))
    return Goal(y, words, abs(places[0][1] - y) > abs(places[-1][1] - y))


def _day(on: date, other: date, language: str) -> str:
    """Such as "Mar 3", or "Mar 2026" where the other end is in another year."""
    month = texts.say(f"month_{on.month}", language)[:3]
    if on.year != other.year:
        return f"{month} {on.year}"
    return f"{on.day} {month}" if language == "es" else f"{month} {on.day}"
