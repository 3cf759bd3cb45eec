"""Scales, ticks, marks and the pushing apart of labels, in chart units."""

import functools
import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from outcomes.dashboards.charts import text as chart_text

Position = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Style:
    """How a series looks: a colour token with its hex, a mark and a dash.

    No two series share both mark and dash, so a chart reads without colour.
    """

    token: int
    color: str
    shape: str
    dash: str


COLORS = ("#0b6b74", "#b4551d", "#4a4e9e", "#8a5a00", "#8c2f6b")
SOLID, DASHED, DOTTED, DASH_DOT = "", "8 5", "2 4", "11 4 2 4"
LONG_DASHED = "16 4"

STYLES = tuple(
    Style(place % len(COLORS) + 1, COLORS[place % len(COLORS)], shape, dash)
    for place, (shape, dash) in enumerate(
        (
            ("circle", SOLID),
            ("square", DASHED),
            ("triangle", DOTTED),
            ("diamond", DASH_DOT),
            ("down", LONG_DASHED),
            ("circle", DASHED),
            ("square", DOTTED),
            ("triangle", DASH_DOT),
        )
    )
)


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on an axis."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear map from values to chart units."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = (float(value) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)


def three_ticks(low: float, high: float) -> tuple[float, ...]:
    """Both ends of a measure and its middle, on a whole number where that is near."""
    middle = (low + high) / 2
    if high - low >= 5:
        middle = math.floor(middle)
    return low, middle, high


def even_ticks(low: float, high: float) -> tuple[float, ...]:
    """Round values, three to seven of them, which reach from low to high or past."""
    rough = (high - low) / 5
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(
        magnitude * factor for factor in (1, 2, 5, 10) if magnitude * factor >= rough
    )
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(step * place, 10) for place in range(first, last + 1))


# In the order in which they claim their place: a tick which would come too close to
# one that stands is left out.
TIME_TICKS = (
    *(0, 365, 1825, 3650, 7300, 730, 1095, 1460, 182, 90, 42, 14, 28, 7),
    *(-365, -1825, -182, -90, -730),
)


def time_ticks(scale: Scale, gap: float) -> tuple[Tick, ...]:
    """Ticks within the scale's days, at least the gap apart."""
    placed: list[tuple[float, int]] = []
    for day in TIME_TICKS:
        at = scale(day)
        if scale.low <= day <= scale.high and all(
            abs(at - other) >= gap for other, _ in placed
        ):
            placed.append((at, day))
    return tuple(Tick(at, chart_text.day_tick(day)) for at, day in sorted(placed))


def uneven_positions(
    days: Sequence[int], start: float, end: float, gap: float
) -> tuple[float, ...]:
    """Places for sorted days: a least gap each, the rest by the square root of time."""
    if len(days) == 1:
        return (start,)
    room = end - start
    gap = min(gap, room / (len(days) - 1))
    roots = [math.copysign(math.sqrt(abs(day)), day) for day in days]
    spare = (room - gap * (len(days) - 1)) / (roots[-1] - roots[0])
    return tuple(
        round(start + gap * place + spare * (root - roots[0]), 1)
        for place, root in enumerate(roots)
    )


def spread(
    wanted: Sequence[float], heights: Sequence[float], low: float, high: float
) -> tuple[float, ...]:
    """Centres as near as can be to those wanted, without overlap, in wanted's order."""
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    offsets: list[float] = []
    used = 0.0
    for place in order:
        offsets.append(used + heights[place] / 2)
        used += heights[place]
    # With the heights taken out, "no overlap" is "never falling": pool neighbours
    # which would fall and give them their mean.
    pools: list[list[float]] = []
    for place, offset in zip(order, offsets, strict=True):
        pools.append([wanted[place] - offset])
        while len(pools) > 1 and _mean(pools[-2]) > _mean(pools[-1]):
            last = pools.pop()
            pools[-1] += last
    bases = [_mean(pool) for pool in pools for _ in pool]
    centres = [0.0] * len(wanted)
    for place, offset, base in zip(order, offsets, bases, strict=True):
        centres[place] = round(max(min(base, high - used), low) + offset, 1)
    return tuple(centres)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def path(positions: Iterable[Position]) -> str:
    """An SVG path through the positions."""
    return "M" + " L".join(f"{x:g} {y:g}" for x, y in positions)


CORNERS = {
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "triangle": ((0, -1.2), (1.1, 0.85), (-1.1, 0.85)),
    "down": ((0, 1.2), (1.1, -0.85), (-1.1, -0.85)),
    "diamond": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
}


def mark(shape: str, x: float, y: float, radius: float) -> str:
    """An SVG path of a mark about its centre; shapes look equally heavy."""
    if shape == "circle":
        r = f"{radius:g} {radius:g} 0 1 0"
        return f"M{x - radius:g} {y:g}a{r} {2 * radius:g} 0a{r} {-2 * radius:g} 0z"
    dx, dy, rest = _outline(shape, radius)
    return f"M{x + dx:g} {y + dy:g}{rest}"


@functools.cache
def _outline(shape: str, radius: float) -> tuple[float, float, str]:
    """The first corner from the centre, and the way from there."""
    corners = [
        (round(dx * radius, 1), round(dy * radius, 1)) for dx, dy in CORNERS[shape]
    ]
    steps = (
        f"l{after[0] - before[0]:g} {after[1] - before[1]:g}"
        for before, after in itertools.pairwise(corners)
    )
    return *corners[0], "".join(steps) + "z"


def half_mark(shape: str, x: float, y: float, radius: float) -> str:
    """The left half of a circle or a square of that radius."""
    if shape == "circle":
        r = f"{radius:g} {radius:g}"
        return f"M{x:g} {y - radius:g}a{r} 0 0 0 0 {2 * radius:g}z"
    side = round(0.9 * radius, 1)
    left, top, bottom = (round(one, 1) for one in (x - side, y - side, y + side))
    return path([(x, top), (left, top), (left, bottom), (x, bottom)]) + "z"


def cross(x: float, y: float, radius: float) -> str:
    """An SVG path of a cross about its centre; it has no inside to fill."""
    r = radius * 0.85
    falling = path(
        [(round(x - r, 1), round(y - r, 1)), (round(x + r, 1), round(y + r, 1))]
    )
    rising = path(
        [(round(x - r, 1), round(y + r, 1)), (round(x + r, 1), round(y - r, 1))]
    )
    return falling + rising
