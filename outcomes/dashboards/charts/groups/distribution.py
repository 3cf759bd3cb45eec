"""How many people changed by how much: bars a group, all on one scale.

Means hide that some got worse while most got better; here both sides are drawn.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.utils.safestring import SafeString

from outcomes.dashboards.charts import geometry, parts, svg, tables
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.geometry import Scale, Tick
from outcomes.dashboards.charts.groups import names, steps
from outcomes.dashboards.charts.groups.names import Name
from outcomes.dashboards.charts.groups.steps import DistributionGroup, StepRow
from outcomes.dashboards.charts.inline import percent
from outcomes.dashboards.charts.parts import Part
from outcomes.dashboards.charts.tables import Column, Table
from outcomes.dashboards.statistics import Direction, Number

GroupRows = tuple[DistributionGroup, tuple[StepRow, ...]]


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


WIDE = Layout("wide", 840, 2, 47, 30, 112, 14.5, 13)
COMPACT = Layout("compact", 360, 1, 46, 0, 104, 14.5, 13)
LAYOUTS = (WIDE, COMPACT)
# Of one person where people are too few for bars.
RADIUS = 4.8
# From the foot of a panel to the name of the one under it.
BETWEEN = 26.0


@dataclass(frozen=True, slots=True)
class DistributionView:
    layout: Layout
    height: float
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class DistributionChart:
    """Both variants and the rows which they plot."""

    template_name: ClassVar[str] = "outcomes/charts/distribution.html"
    table_template_name: ClassVar[str] = "outcomes/charts/table.html"

    chart_id: str
    title: str
    description: str
    notes: tuple[str, ...]
    rows: tuple[StepRow, ...]
    views: tuple[DistributionView, ...]

    @property
    def table(self) -> Table:
        return tables.table(
            self.title,
            [
                Column("Group", is_number=False),
                Column("Change", is_number=False),
                Column("People"),
                Column("Share"),
            ],
            [steps.table_row(row) for row in self.rows],
        )


@dataclass(frozen=True, slots=True)
class Scales:
    """What all panels have in common: points of change, and shares of a group."""

    low: float
    high: float
    unit: float
    shares: tuple[float, ...]
    thresholds: tuple[float, ...]
    better_is: Direction


def distribution_chart(
    groups: Sequence[DistributionGroup],
    *,
    chart_id: str,
    title: str,
    better_is: Direction,
    meaningful: Number | None = None,
) -> DistributionChart:
    """Small multiples, a panel a group in the order given, shares on one scale.

    `meaningful` is the meaningful change in points, above nought; choose steps that
    end on it (see `steps`). ValueError where a step ends before it starts.
    """
    needed = None if meaningful is None else float(meaningful)
    for group in groups:
        _check(group)
    per_group = [(one, steps.rows_of(one, needed, better_is)) for one in groups]
    rows = tuple(row for _, some in per_group for row in some)
    scales = _scales(rows, needed, better_is) if rows else None
    return DistributionChart(
        chart_id=chart_id,
        title=title,
        description=" ".join(_sentence(*one) for one in per_group),
        notes=tuple(_notes(per_group, needed)),
        rows=rows,
        views=tuple(_view(layout, per_group, scales) for layout in LAYOUTS)
        if scales
        else (),
    )


def _check(group: DistributionGroup) -> None:
    for low, high, n in group.steps:
        if low > high or (n is not None and n < 0):
            raise ValueError(
                f"{group.label}: a step of {n} people from {low} to {high} cannot be"
            )


def _notes(per_group: Sequence[GroupRows], needed: float | None) -> Iterator[str]:
    yield "bars: share of a group"
    if needed is not None:
        points = f"{chart_text.number(needed)} point{'' if needed == 1 else 's'}"
        yield f"dashed: the meaningful change, {points}"
    if any(group.is_few for group, _ in per_group):
        yield "fewer than 10 people: a mark each"


def counts_of(rows: Sequence[StepRow]) -> dict[Part, int]:
    """People by how it went; all of them nought where the counts are hidden."""
    return {
        part: sum(row.n or 0 for row in rows if row.part == part)
        for part in parts.ANSWERED
    }


def _phrase(group: DistributionGroup, part: Part, n: int) -> str:
    rate = "" if group.n < 10 else f" ({percent(n / group.n)})"
    return f"{parts.ENGLISH.of_part(part)} {n}{rate}"


def _sentence(group: DistributionGroup, rows: Sequence[StepRow]) -> str:
    if group.is_hidden:
        return f"{group.label}: {tables.HIDDEN_WORDS}."
    if not group.n:
        return f"{group.label}: nobody answered."
    told = ", ".join(_phrase(group, part, n) for part, n in counts_of(rows).items())
    few = ", too few for a rate" if group.is_few else ""
    return f"{group.label}: {told}, of {group.n}{few}."


def _scales(
    rows: Sequence[StepRow], needed: float | None, better_is: Direction
) -> Scales:
    unit = _unit([row.low for row in rows if row.low == row.high])
    thresholds: tuple[float, ...] = ()
    if needed:
        # Between two single values the line stands half way, clear of both bars.
        inner = needed - unit / 2 if unit else needed
        thresholds = (-inner, inner)
    low = min(*(row.low for row in rows), *thresholds, 0) - unit / 2
    high = max(*(row.high for row in rows), *thresholds, 0) + unit / 2
    if low == high:
        low, high = -1.0, 1.0
    most = max((row.share or 0 for row in rows), default=0)
    shares = geometry.even_ticks(0, most) if most else ()
    return Scales(low, high, unit, _every_other(shares), thresholds, better_is)


def _every_other(ticks: tuple[float, ...]) -> tuple[float, ...]:
    """At most four lines, from nought: bars need little to be read by."""
    if len(ticks) < 5:
        return ticks
    if len(ticks) % 2:
        return ticks[::2]
    past = 2 * ticks[-1] - ticks[-2]
    return (*ticks[::2], past) if past <= 1 else (0, 0.5, 1)


def _unit(values: Sequence[float]) -> float:
    """The least gap between single values; 0 where steps have a width of their own."""
    ordered = sorted(set(values))
    if not ordered:
        return 0.0
    return min((b - a for a, b in itertools.pairwise(ordered)), default=1.0)


def _view(
    layout: Layout, per_group: Sequence[GroupRows], scales: Scales
) -> DistributionView:
    columns = min(layout.columns, len(per_group))
    width = (layout.width - layout.gap * (columns - 1)) / columns
    panels: list[Panel] = []
    top = 0.0
    for first in range(0, len(per_group), columns):
        line = per_group[first : first + columns]
        placed = [
            _name(layout, group, rows, place * (width + layout.gap), top, width)
            for place, (group, rows) in enumerate(line)
        ]
        plot_top = max(name.bottom for name in placed) + layout.note_size + 22
        for name, (group, rows) in zip(placed, line, strict=True):
            panels.append(_panel(layout, scales, group, rows, name, plot_top, width))
        top = panels[-1].ticks_y + BETWEEN
    return DistributionView(layout, round(top - BETWEEN + 8, 1), tuple(panels))


def _name(
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
    unchanged = _phrase(group, Part.UNCHANGED, counts_of(rows)[Part.UNCHANGED])
    few = ", too few for a rate" if group.is_few else ""
    return f"n = {group.n}{few} · {unchanged}"


def _panel(
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
    y = round(top - 10, 1)
    return (
        Side(
            left,
            round(ends[0], 1),
            y,
            "start",
            f"\N{LEFTWARDS ARROW} {_phrase(group, left, counts[left])}",
        ),
        Side(
            right,
            round(ends[1], 1),
            y,
            "end",
            f"{_phrase(group, right, counts[right])} \N{RIGHTWARDS ARROW}",
        ),
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
