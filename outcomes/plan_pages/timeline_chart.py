"""The time axis of a plan as a drawing: lanes for a wide page, a middle, a phone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from outcomes.dashboards.charts import geometry
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.geometry import STYLES, Style
from outcomes.plan_pages import packing, time_scale, timeline
from outcomes.plan_pages.packing import Extent, Packed, Side
from outcomes.plan_pages.time_scale import DayTick, TimeScale
from outcomes.plan_pages.timeline import Entry, Kind, Lane, Look, TableRow

BAR = 10.0
LABEL_GAP = 6.0
SHORTEST_BAR = 8.0
WORD_GAP = 5.0


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes of one variant, in chart units; without a gutter titles stand above."""

    variant: str
    width: int
    gutter: float
    right: float
    text_size: float
    row: float
    radius: float
    tick_gap: float
    label_room: float
    most_rows: int


FULL = Layout("full", 1160, 192, 1144, 13.5, 21, 5.5, 62, 190, 6)
MIDDLE = Layout("wide", 760, 8, 750, 13.5, 21, 5.5, 62, 170, 6)
PHONE = Layout("compact", 360, 6, 352, 13.5, 22, 5.5, 58, 130, 4)
LAYOUTS = (FULL, MIDDLE, PHONE)
HAS_GUTTER = frozenset({FULL.variant})


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry where it lies; `line` is a bar's outline or empty for a mark."""

    entry: Entry
    x: float
    y: float
    width: float
    mark: str
    strike: str
    due: str
    label: str
    label_x: float
    label_anchor: str = "start"


@dataclass(frozen=True, slots=True)
class TitleLine:
    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class PlacedLane:
    lane: Lane
    style: Style
    title: tuple[TitleLine, ...]
    top: float
    bottom: float
    placed: tuple[Placed, ...]
    line: str
    level_y: float | None


@dataclass(frozen=True, slots=True)
class DayLine:
    """A day that counts, across all lanes, with its word below them."""

    x: float
    word: str
    y: float
    anchor: str

    @property
    def word_x(self) -> float:
        return self.x + (-WORD_GAP if self.anchor == "end" else WORD_GAP)


@dataclass(frozen=True, slots=True)
class TimelineView:
    layout: Layout
    height: float
    axis_y: float
    ticks: tuple[DayTick, ...]
    lanes: tuple[PlacedLane, ...]
    today: DayLine | None
    day_0: DayLine | None


@dataclass(frozen=True, slots=True)
class TimelineChart:
    template_name: ClassVar[str] = "outcomes/plan/timeline.html"

    chart_id: str
    title: str
    description: str
    rows: Sequence[TableRow]
    views: tuple[TimelineView, ...]


def timeline_chart(
    lanes: Sequence[Lane],
    *,
    origin: date,
    today: date,
    anchor_on: date | None,
    chart_id: str,
    title: str,
) -> TimelineChart:
    """Lanes without entries are left out; chart_id must be unique in its page."""
    filled = [lane for lane in lanes if lane.entries]
    return TimelineChart(
        chart_id=chart_id,
        title=title,
        description=timeline.description(filled),
        rows=timeline.table_rows(filled),
        views=tuple(
            _view(layout, filled, origin, today, anchor_on) for layout in LAYOUTS
        ),
    )


def _view(
    layout: Layout,
    lanes: Sequence[Lane],
    origin: date,
    today: date,
    anchor_on: date | None,
) -> TimelineView:
    days = [day for lane in lanes for each in lane.entries for day in _days(each)]
    scale = time_scale.scale(
        origin, days, start=layout.gutter + 14, end=layout.right - 14
    )
    axis_y = layout.text_size + 4
    y = 2 * layout.text_size + 16
    placed = []
    for lane in lanes:
        one = _lane(layout, scale, lane, y)
        placed.append(one)
        y = one.bottom + 8
    named = {"today": today, "day 0": anchor_on}
    words = _day_lines(layout, scale, named, y + layout.text_size)
    bottom = max([y + layout.text_size, *(word.y for word in words.values())])
    return TimelineView(
        layout=layout,
        height=round(bottom + 6, 1),
        axis_y=axis_y,
        ticks=scale.ticks(layout.tick_gap),
        lanes=tuple(placed),
        today=words.get("today"),
        day_0=words.get("day 0"),
    )


def _day_lines(
    layout: Layout, scale: TimeScale, days: Mapping[str, date | None], y: float
) -> dict[str, DayLine]:
    """Those on the axis; a word that has no room beside the others goes below them."""
    found: dict[str, DayLine] = {}
    taken: list[tuple[float, float]] = []
    for word, day in days.items():
        if day is None or not scale.holds(day):
            continue
        x = scale(day)
        sides = _sides(layout, word, x)
        free = [anchor for anchor, span in sides.items() if _is_clear(span, taken)]
        anchor = next(iter([*free, *sides]))
        line = y if free else y + layout.text_size * 1.25
        found[word] = DayLine(x, word, round(line, 1), anchor)
        taken.append(sides[anchor])
    return found


def _sides(layout: Layout, word: str, x: float) -> dict[str, tuple[float, float]]:
    """From where to where a word beside a line reaches, on the sides with room."""
    width = chart_text.width(word, layout.text_size, bold=True)
    right, left = x + WORD_GAP, x - WORD_GAP
    sides = {"start": (right, right + width), "end": (left - width, left)}
    if right + width > layout.right + 8:
        del sides["start"]
    elif left - width < 0:
        del sides["end"]
    return sides


def _is_clear(span: tuple[float, float], taken: list[tuple[float, float]]) -> bool:
    return all(span[1] < start or span[0] > end for start, end in taken)


def _days(entry: Entry) -> tuple[date, ...]:
    return entry.on, entry.last


def _lane(layout: Layout, scale: TimeScale, lane: Lane, y: float) -> PlacedLane:
    title = _title(layout, lane, y)
    top = y if layout.variant in HAS_GUTTER else y + layout.text_size + 8
    if lane.kind == Kind.VALUES:
        bottom, placed, level_y = _values(layout, scale, lane, top)
    else:
        bottom, placed = _rows(layout, scale, lane, top)
        level_y = None
    return PlacedLane(
        lane=lane,
        style=STYLES[lane.style],
        title=title,
        top=round(top, 1),
        bottom=round(max(bottom, title[-1].y + 6), 1),
        placed=placed,
        line=_line(placed) if lane.kind == Kind.VALUES else "",
        level_y=level_y,
    )


def _title(layout: Layout, lane: Lane, y: float) -> tuple[TitleLine, ...]:
    """In the gutter on up to two lines, else above the lane on one."""
    size, has_gutter = layout.text_size, layout.variant in HAS_GUTTER
    x = 0 if has_gutter else layout.gutter
    room = layout.gutter - 12 if has_gutter else layout.width - 12
    texts = chart_text.wrap(lane.title, room, size, 2 if has_gutter else 1, bold=True)
    return tuple(
        TitleLine(x, round(y + size + place * size * 1.25, 1), text)
        for place, text in enumerate(texts)
    )


def _rows(
    layout: Layout, scale: TimeScale, lane: Lane, top: float
) -> tuple[float, tuple[Placed, ...]]:
    entries = sorted(lane.entries, key=lambda each: (each.on, each.counts_on))
    labels = [_label(layout, scale, each) for each in entries]
    extents = [
        Extent(*_ends(layout, scale, each), label=_label_width(layout, label))
        for each, label in zip(entries, labels, strict=True)
    ]
    packed = packing.pack(
        extents,
        gap=5,
        start=layout.gutter,
        edge=layout.right + 8,
        most_rows=layout.most_rows,
    )
    placed = tuple(
        _place(layout, scale, lane, each, label, extent, where, top)
        for each, label, extent, where in zip(
            entries, labels, extents, packed, strict=True
        )
    )
    rows = max((where.row for where in packed), default=0) + 1
    return top + rows * layout.row, placed


def _label(layout: Layout, scale: TimeScale, entry: Entry) -> str:
    text = entry.short
    if scale.is_before(entry.last):
        text = f"‹ {entry.when_words}, {text}"
    return chart_text.shorten(text, layout.label_room, layout.text_size)


def _label_width(layout: Layout, label: str) -> float:
    return LABEL_GAP + chart_text.width(label, layout.text_size) if label else 0


def _ends(layout: Layout, scale: TimeScale, entry: Entry) -> tuple[float, float]:
    if entry.until is None:
        x = scale(entry.on)
        return x - layout.radius, x + layout.radius
    start = scale(entry.on)
    return start, max(scale(entry.until), start + SHORTEST_BAR)


def _place(
    layout: Layout,
    scale: TimeScale,
    lane: Lane,
    entry: Entry,
    label: str,
    extent: Extent,
    where: Packed,
    top: float,
) -> Placed:
    y = round(top + where.row * layout.row + layout.row / 2, 1)
    is_bar = entry.until is not None
    x = extent.start if is_bar else scale(entry.on)
    due = scale(entry.due) if entry.due is not None else None
    style = STYLES[lane.style]
    is_left = where.side == Side.LEFT
    label_x = extent.start - LABEL_GAP if is_left else extent.end + LABEL_GAP
    return Placed(
        entry=entry,
        x=x,
        y=y,
        width=round(extent.end - extent.start, 1) if is_bar else 0,
        mark="" if is_bar else _mark(style, x, y, layout.radius),
        strike=_strike(extent, y) if entry.look == Look.STRUCK else "",
        due="" if due is None else f"M{due} {y - BAR / 2 - 3}v{BAR + 6}",
        label=label if where.has_label else "",
        label_x=round(label_x, 1),
        label_anchor="end" if is_left else "start",
    )


def _mark(style: Style, x: float, y: float, radius: float) -> str:
    return geometry.mark(style.shape, x, y, radius)


def _strike(extent: Extent, y: float) -> str:
    reach = 3
    start, end = extent.start - reach, extent.end + reach
    return f"M{start:g} {y + 5:g}L{end:g} {y - 5:g}"


VALUES_HEIGHT = 62.0


def _values(
    layout: Layout, scale: TimeScale, lane: Lane, top: float
) -> tuple[float, tuple[Placed, ...], float | None]:
    """A course of values over its own range, the number beside each where it fits."""
    known = [each.value for each in lane.entries if each.value is not None]
    bounds = [*known, *([lane.level] if lane.level is not None else [])]
    low, high = _padded(bounds)
    bottom = top + VALUES_HEIGHT
    height = geometry.Scale(low, high, start=bottom - 8, end=top + 20)
    entries = sorted(lane.entries, key=lambda each: each.on)
    places = [scale(each.on) for each in entries]
    followed = [*places[1:], layout.right + 30]
    placed = tuple(
        _value(layout, lane, each, x, height(float(each.value or 0)), after)
        for each, x, after in zip(entries, places, followed, strict=True)
    )
    level_y = None if lane.level is None else height(float(lane.level))
    return bottom, placed, level_y


def _value(
    layout: Layout, lane: Lane, entry: Entry, x: float, y: float, after: float
) -> Placed:
    text = entry.value_text
    has_room = after - x > chart_text.width(text, layout.text_size) + 4
    return Placed(
        entry=entry,
        x=x,
        y=y,
        width=0,
        mark=_mark(STYLES[lane.style], x, y, layout.radius - 1),
        strike="",
        due="",
        label=text if has_room else "",
        label_x=x,
    )


def _padded(values: Sequence[Decimal]) -> tuple[float, float]:
    low, high = float(min(values)), float(max(values))
    return (low, high) if high > low else (low - 1, high + 1)


def _line(placed: Sequence[Placed]) -> str:
    if len(placed) < 2:
        return ""
    return geometry.path((each.x, each.y) for each in placed)
