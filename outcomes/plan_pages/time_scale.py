"""Days to places on an axis that gives the first weeks more room than later years."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.geometry import TIME_TICKS

SHORTEST = 42
# What lies longer before the start would squeeze the course: it stands at the edge.
LONGEST_BEFORE = 60


@dataclass(frozen=True, slots=True)
class DayTick:
    at: float
    label: str
    day: str


@dataclass(frozen=True, slots=True)
class TimeScale:
    """By the square root of the days from the origin, to both sides."""

    origin: date
    low: int
    high: int
    start: float
    end: float

    def __call__(self, day: date) -> float:
        return self.place((day - self.origin).days)

    def place(self, days: int) -> float:
        within = min(max(days, self.low), self.high)
        low, high = _root(self.low), _root(self.high)
        share = (_root(within) - low) / (high - low)
        return round(self.start + share * (self.end - self.start), 1)

    def is_before(self, day: date) -> bool:
        return (day - self.origin).days < self.low

    def holds(self, day: date) -> bool:
        return self.low <= (day - self.origin).days <= self.high

    def ticks(self, gap: float) -> tuple[DayTick, ...]:
        """Round distances from the origin with their days, at least a gap apart."""
        placed: dict[int, float] = {}
        for days in TIME_TICKS:
            at = self.place(days)
            is_free = all(abs(at - other) >= gap for other in placed.values())
            if self.low <= days <= self.high and is_free:
                placed[days] = at
        return tuple(self._tick(days, placed[days]) for days in sorted(placed))

    def _tick(self, days: int, at: float) -> DayTick:
        day = self.origin + timedelta(days=days)
        is_near = day.year == self.origin.year
        words = f"{day.day} {day:%b}" if is_near else f"{day:%b %Y}"
        return DayTick(at, chart_text.day_tick(days), words)


def scale(origin: date, days: Iterable[date], *, start: float, end: float) -> TimeScale:
    """An axis from the first to the last of the days, and never a very short one."""
    offsets: Sequence[int] = [(day - origin).days for day in days]
    near = [each for each in offsets if each >= -LONGEST_BEFORE]
    low = min([0, *near])
    high = max([SHORTEST, *offsets])
    return TimeScale(origin, low, high, start, end)


def _root(days: int) -> float:
    return math.copysign(math.sqrt(abs(days)), days)
