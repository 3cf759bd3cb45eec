"""A series of sessions as a bracket over its days, in lanes under the labels."""

from collections.abc import Sequence
from dataclasses import dataclass

from outcomes.dashboards.charts import geometry
from outcomes.dashboards.charts.course.event_labels import EventLabel
from outcomes.dashboards.charts.geometry import Scale

LANE, TICK = 10.0, 4.0
# Between two brackets of one lane.
CLEAR = 6.0


@dataclass(frozen=True, slots=True)
class Bracket:
    """From the first day to the last; lane 0 is the highest."""

    start: float
    end: float
    lane: int
    sessions: tuple[float, ...]

    def path(self, y: float) -> str:
        """A line with an upright at both ends and a shorter one at each session."""
        ends = [(self.start, TICK), (self.end, TICK)]
        inner = [(x, TICK / 2) for x in self.sessions]
        uprights = "".join(
            geometry.path([(x, y - half), (x, y + half)]) for x, half in [*ends, *inner]
        )
        return geometry.path([(self.start, y), (self.end, y)]) + uprights


def brackets_of(
    time: Scale, labels: Sequence[EventLabel]
) -> tuple[Bracket | None, ...]:
    """One for each label of a series, in the labels' order, which is that of days."""
    lanes: list[float] = []
    return tuple(_bracket(time, label, lanes) for label in labels)


def _bracket(time: Scale, label: EventLabel, lanes: list[float]) -> Bracket | None:
    """In the highest lane that is free; lanes hold where the last one there ends."""
    event = label.event
    if not event.is_series or event.last_day < time.low:
        return None
    end = max(time(event.last_day), label.x)
    lane = next(
        (place for place, taken in enumerate(lanes) if taken + CLEAR <= label.x),
        len(lanes),
    )
    lanes[lane : lane + 1] = [end]
    inside = (time(day) for day in sorted(set(event.days)) if day >= time.low)
    sessions = tuple(x for x in inside if label.x < x < end)
    return Bracket(start=label.x, end=end, lane=lane, sessions=sessions)


def height(brackets: Sequence[Bracket | None]) -> float:
    """Of all lanes together."""
    return LANE * max((one.lane + 1 for one in brackets if one), default=0)
