"""A mark for each person of a group, in rows of twenty: how many went which way. Pure.

Of more than two hundred people a mark stands for several, and the sheet says so.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from outcomes.dashboards.charts import parts
from outcomes.dashboards.charts.parts import Part

A_ROW, MOST = 20, 200
PITCH, RADIUS = 22.0, 7.0
# What is hoped for stands first, and with the same mark as what is feared.
ORDER = (Part.IMPROVED, Part.UNCHANGED, Part.WORSENED, Part.UNANSWERED)
# Fill and line on white paper; the shape says the same.
FILLED, EMPTY, WORSE = "#0b6b74", "#ffffff", "#b4551d"
COLOURS: Mapping[Part, tuple[str, str]] = {
    Part.IMPROVED: (FILLED, FILLED),
    Part.UNCHANGED: (EMPTY, FILLED),
    Part.WORSENED: (WORSE, WORSE),
    Part.UNANSWERED: ("none", "#55636d"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    part: Part
    path: str
    fill: str
    stroke: str


@dataclass(frozen=True, slots=True)
class People:
    """`each` is how many people a mark stands for."""

    each: int
    marks: Sequence[Mark]
    width: float
    height: float


def people(counts: Mapping[Part, int]) -> People:
    asked = sum(counts.values())
    each = max(math.ceil(asked / MOST), 1)
    shown = [part for part in ORDER for _ in range(_marks_of(counts[part], each))]
    rows = max(math.ceil(len(shown) / A_ROW), 1)
    return People(
        each=each,
        marks=[_mark(part, *divmod(at, A_ROW)) for at, part in enumerate(shown)],
        width=A_ROW * PITCH,
        height=rows * PITCH,
    )


def _marks_of(n: int, each: int) -> int:
    """Somebody is never nobody."""
    return max(round(n / each), 1) if n else 0


def _mark(part: Part, row: int, column: int) -> Mark:
    x, y = (column + 0.5) * PITCH, (row + 0.5) * PITCH
    return Mark(part, parts.mark(part, x, y, RADIUS), *COLOURS[part])


def key_mark(part: Part) -> Mark:
    """The mark that stands before its words."""
    return _mark(part, 0, 0)
