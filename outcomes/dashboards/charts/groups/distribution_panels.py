"""A panel of a distribution: its bars or people, its scale and its sides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from outcomes.dashboards.charts import geometry, parts, svg, tables
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.geometry import Scale, Tick
from outcomes.dashboards.charts.groups import names
from outcomes.dashboards.charts.groups.names import Name
from outcomes.dashboards.charts.groups.steps import DistributionGroup, StepRow
from outcomes.dashboards.charts.inline import percent
from outcomes.dashboards.charts.parts import Part
from outcomes.dashboards.statistics import Direction


@dataclass(frozen=True, slots=True)
class Bar:
    """A step's people as a bar or, of few, as a mark a person."""

    row: StepRow
    x: float
    y: float
    width: float
    height: float
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """How many got better or worse, over their side of nought."""

    part: Part
    x: float
    y: float
    anchor: str
    label: str


@dataclass(frozen=True, slots=True)
class Panel:
    key: str
    name: Name
    left: float
    right: float
    top: float
    bottom: float
    zero: float
    lines: tuple[float, ...]
    levels: tuple[Tick, ...]
    ticks: tuple[Tick, ...]
    ticks_y: float
    bars: tuple[Bar, ...]
    sides: tuple[Side, ...]
    words: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes of one variant, in chart units."""

    variant: str
    width: int
    columns: int
    margin: float
    gap: float
    plot_height: float
    text_size: float
    note_size: float


# Of one person where people are too few for bars.
RADIUS = 4.8


@dataclass(frozen=True, slots=True)
class Scales:
    """What all panels have in common: points of change, and shares of a group."""

    low: float
    high: float
    unit: float
    shares: tuple[float, ...]
    thresholds: tuple[float, ...]
    better_is: Direction


def counts_of(rows: Sequence[StepRow]) -> dict[Part, int]:
    """People by how it went; all of them nought where the counts are hidden."""
    return {
        part: sum(row.n or 0 for row in rows if row.part == part)
        for part in parts.ANSWERED
    }


def phrase(group: DistributionGroup, part: Part, n: int) -> str:
    rate = "" if group.n < 10 else f" ({percent(n / group.n)})"
    return f"{parts.ENGLISH.of_part(part)} {n}{rate}"


def name_of(
    layout: Layout,
    group: DistributionGroup,
    rows: Sequence[StepRow],
    x: float,
    top: float,
    room: float,
) -> Name:
    return names.above(
        group.label,
        [_note(group, rows)],
        x=round(x, 1),
        top=top,
        room=room,
        size=layout.text_size,
        note_size=layout.note_size,
    )


def _note(group: DistributionGroup, rows: Sequence[StepRow]) -> str:
    if group.is_hidden or not group.n:
        return ""
    unchanged = phrase(group, Part.UNCHANGED, counts_of(rows)[Part.UNCHANGED])
    few = ", too few for a rate" if group.is_few else ""
    return f"n = {group.n}{few} · {unchanged}"


def panel(
    layout: Layout,
    scales: Scales,
    group: DistributionGroup,
    rows: Sequence[StepRow],
    name: Name,
    top: float,
    width: float,
) -> Panel:
    left, right = name.x + layout.margin, name.x + width - 10
    bottom = round(top + layout.plot_height, 1)
    change = Scale(scales.low, scales.high, start=left, end=right)
    ends = scales.shares or (0, 1)
    share = Scale(ends[0], ends[-1], start=bottom, end=top)
    has_any = not group.is_hidden and group.n > 0
    has_bars = has_any and not group.is_few
    return Panel(
        key=group.key,
        name=name,
        left=round(left, 1),
        right=round(right, 1),
        top=round(top, 1),
        bottom=bottom,
        zero=change(0),
        lines=tuple(change(one) for one in scales.thresholds) if has_any else (),
        levels=tuple(Tick(share(one), percent(one)) for one in scales.shares)
        if has_bars
        else (),
        ticks=_ticks(layout, scales, change),
        ticks_y=bottom + layout.note_size + 6,
        bars=tuple(_bars(scales, rows, change, share, bottom, group)),
        sides=_sides(layout, scales, group, rows, (left, right), top),
        words=_words(layout, group, right - left, (top + bottom) / 2),
    )


def _words(
    layout: Layout, group: DistributionGroup, room: float, middle: float
) -> tuple[Tick, ...]:
    """Why a panel is empty."""
    if group.n and not group.is_hidden:
        return ()
    said = tables.HIDDEN_WORDS if group.is_hidden else "nobody answered"
    lines = chart_text.wrap(said, room - 12, layout.note_size, 3)
    first = middle - (len(lines) - 1) * layout.note_size * 0.65
    return tuple(
        Tick(round(first + place * layout.note_size * 1.3, 1), line)
        for place, line in enumerate(lines)
    )


def _ticks(layout: Layout, scales: Scales, change: Scale) -> tuple[Tick, ...]:
    """Round changes with their sign, as many as have room."""
    values = geometry.even_ticks(scales.low, scales.high)
    kept: list[Tick] = []
    for value in sorted(values, key=abs):
        tick = Tick(change(value), chart_text.signed(value))
        room = chart_text.width(tick.label, layout.note_size) / 2 + 12
        is_inside = scales.low - 1e-9 <= value <= scales.high + 1e-9
        if is_inside and all(abs(tick.at - other.at) >= 2 * room for other in kept):
            kept.append(tick)
    return tuple(sorted(kept, key=lambda tick: tick.at))


def _bars(
    scales: Scales,
    rows: Sequence[StepRow],
    change: Scale,
    share: Scale,
    bottom: float,
    group: DistributionGroup,
) -> Iterator[Bar]:
    for row in rows:
        if not row.n:
            continue
        half = scales.unit / 2 if row.low == row.high else 0
        start, end = change(row.low - half), change(row.high + half)
        room = max(round(end - start - 1.5, 1), 1.5)
        x = round((start + end - room) / 2, 1)
        if row.share is None:
            marks = tuple(_marks(row, (start + end) / 2, bottom))
            height = 2 * RADIUS * row.n + 4
            yield Bar(row, x, round(bottom - height, 1), room, round(height, 1), marks)
        else:
            y = min(share(row.share), bottom - 1.5)
            yield Bar(row, x, y, room, round(bottom - y, 1), ())


def _marks(row: StepRow, x: float, bottom: float) -> Iterator[str]:
    for place in range(row.n or 0):
        y = bottom - 2 - RADIUS * (2 * place + 1) - place
        yield parts.mark(row.part, round(x, 1), round(y, 1), RADIUS)


def _sides(
    layout: Layout,
    scales: Scales,
    group: DistributionGroup,
    rows: Sequence[StepRow],
    ends: tuple[float, float],
    top: float,
) -> tuple[Side, ...]:
    if group.is_hidden or not group.n:
        return ()
    counts = counts_of(rows)
    left, right = Part.IMPROVED, Part.WORSENED
    if scales.better_is == "higher":
        left, right = right, left
    words = (
        f"\N{LEFTWARDS ARROW} {phrase(group, left, counts[left])}",
        f"{phrase(group, right, counts[right])} \N{RIGHTWARDS ARROW}",
    )
    taken = sum(chart_text.width(one, layout.note_size) for one in words)
    start, end = ends
    if taken + 12 > end - start:
        # Both need more than the plot: the left one begins where the values do.
        start -= layout.margin
    y = round(top - 10, 1)
    return (
        Side(left, round(start, 1), y, "start", words[0]),
        Side(right, round(end, 1), y, "end", words[1]),
    )


def bars(panel: Panel, drawing: str) -> SafeString:
    """drawing is the id of the one that holds the pattern of worsened bars."""
    return svg.join(
        svg.point(
            bar.row.data,
            bar.row.spoken,
            _shapes(bar, drawing) + svg.hit(bar.x, bar.y, bar.width, bar.height),
        )
        for bar in panel.bars
    )


def _shapes(bar: Bar, drawing: str) -> str:
    if bar.marks:
        return "".join(parts.person(bar.row.part, mark) for mark in bar.marks)
    return (
        f'<rect x="{bar.x}" y="{bar.y}" width="{bar.width}" height="{bar.height}" '
        f"{parts.fill(bar.row.part, drawing)}/>"
    )
