"""Labels of the interventions above a patient's course, in rows without clashes."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.course import rows as chart_rows
from outcomes.dashboards.charts.course.rows import CourseEvent
from outcomes.dashboards.charts.geometry import Scale

# From a line to its own label, and from a label to the line of another: where there
# is no place with that, they may touch.
GAP, CLEAR, TOUCHING = 5.0, 4.0, 0.0
# Of a label that finds no place as it is.
SHORTER = (1, 0.7, 0.4, 0.2)


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes of one variant, in chart units."""

    variant: str
    width: int
    left: float
    right: float
    plot_height: float
    title_size: float
    text_size: float
    last_size: float
    radius: float
    tick_gap: float
    event_rows: int
    event_room: float
    has_side_labels: bool
    heading_x: float


WIDE = Layout("wide", 840, 40, 728, 132, 17, 14, 20, 5, 52, 8, 240, True, 40)
COMPACT = Layout("compact", 360, 28, 358, 116, 16, 13.5, 19, 5, 46, 8, 116, False, 0)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a label lies; its line runs down from its row at x."""

    x: float
    row: int
    start: float
    end: float

    def clashes(self, other: "Place", clear: float) -> bool:
        """Whether labels overlap or the line of one runs through the other's label."""
        if self.row == other.row and self.start < other.end and other.start < self.end:
            return True
        upper, lower = (self, other) if self.row <= other.row else (other, self)
        is_crossed = lower.start - clear < upper.x < lower.end + clear
        if is_crossed or self.row != other.row:
            return is_crossed
        return upper.start - clear < lower.x < upper.end + clear


@dataclass(frozen=True, slots=True)
class EventLabel:
    """Where an intervention and its name stand; without room the name is empty."""

    event: CourseEvent
    x: float
    text_x: float
    row: int
    anchor: str
    text: str
    spoken: str


def row_height(layout: Layout) -> float:
    return layout.text_size + 4


def labels_of(
    layout: Layout, time: Scale, events: Sequence[CourseEvent]
) -> tuple[EventLabel, ...]:
    """Labels in the events' order, which is that of their days."""
    texts = [_text(layout, time, event) for event in events]
    return tuple(
        _label(event, x, text, place)
        for event, (x, _), (text, place) in zip(
            events, texts, _placed(layout, texts), strict=True
        )
    )


def _text(layout: Layout, time: Scale, event: CourseEvent) -> tuple[float, str]:
    is_before = event.day < time.low
    text = f"‹ {event.label}" if is_before else event.label
    x = layout.left if is_before else time(event.day)
    return x, chart_text.shorten(text, layout.event_room, layout.text_size)


Placed = tuple[str, Place | None]


def _placed(layout: Layout, texts: Sequence[tuple[float, str]]) -> tuple[Placed, ...]:
    """Those near the right edge choose first, from the edge inwards."""
    found: dict[int, Placed] = {}
    at_edge = [one for one, text in enumerate(texts) if not _fits(layout, *text)]
    inner = [one for one in range(len(texts)) if one not in at_edge]
    for one in [*reversed(at_edge), *inner]:
        taken = [place for _, place in found.values() if place]
        found[one] = _shortened(layout, *texts[one], taken)
    return tuple(found[one] for one in range(len(texts)))


def _shortened(layout: Layout, x: float, text: str, taken: Sequence[Place]) -> Placed:
    """As much of the text as finds a place."""
    whole = chart_text.width(text, layout.text_size)
    for clear, share in itertools.product((CLEAR, TOUCHING), SHORTER):
        short = chart_text.shorten(text, whole * share, layout.text_size)
        place = _free_place(layout, x, short, taken, clear)
        if place:
            return short, place
    return "", None


def _fits(layout: Layout, x: float, text: str) -> bool:
    return x + GAP + chart_text.width(text, layout.text_size) <= layout.width


def _free_place(
    layout: Layout, x: float, text: str, taken: Sequence[Place], clear: float
) -> Place | None:
    room = chart_text.width(text, layout.text_size)
    sides = [(x - GAP - room, x - GAP)]
    if _fits(layout, x, text):
        sides.insert(0, (x + GAP, x + GAP + room))
    for start, end in sides:
        for row in range(layout.event_rows):
            place = Place(x, row, start, end)
            if start >= 0 and not any(place.clashes(other, clear) for other in taken):
                return place
    return None


def _label(event: CourseEvent, x: float, text: str, place: Place | None) -> EventLabel:
    is_left = place is not None and place.end < x
    return EventLabel(
        event=event,
        x=x,
        text_x=round(x - GAP if is_left else x + GAP, 1),
        row=place.row if place else 0,
        anchor="end" if is_left else "start",
        text=text,
        spoken=chart_rows.event_words(event),
    )
