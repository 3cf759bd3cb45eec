"""Rates against n with the limits of chance: never a ranking (FUNNEL2005)."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from outcomes.dashboards.charts import geometry, tables
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.geometry import Position, Scale, Tick
from outcomes.dashboards.charts.groups import funnel_rows
from outcomes.dashboards.charts.groups.funnel_rows import (
    FunnelLimit,
    FunnelPoint,
    FunnelRow,
    Place,
)
from outcomes.dashboards.charts.inline import percent
from outcomes.dashboards.charts.tables import Column, Table
from outcomes.dashboards.statistics import Interval

SHAPES = {Place.INSIDE: "circle", Place.OUTSIDE: "square", Place.FAR: "diamond"}
# Steps of the limits that are finer than this, in chart units, cannot be seen.
FINEST = 0.7


@dataclass(frozen=True, slots=True)
class Label:
    x: float
    y: float
    anchor: str
    text: str
    leader: str


@dataclass(frozen=True, slots=True)
class PlottedPoint:
    row: FunnelRow
    x: float
    y: float
    mark: str
    label: Label | None


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes of one variant, in chart units."""

    variant: str
    width: int
    left: float
    right: float
    plot_height: float
    text_size: float
    note_size: float
    radius: float
    label_room: float


WIDE = Layout("wide", 840, 52, 722, 330, 14, 13, 5.5, 220)
COMPACT = Layout("compact", 360, 44, 290, 260, 13.5, 13, 5, 180)
LAYOUTS = (WIDE, COMPACT)
TOP = 14.0
# How far a name may go up or down for a place of its own.
MOST_SHIFT = 130
# Left, top, right and bottom.
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class FunnelView:
    layout: Layout
    height: float
    top: float
    bottom: float
    values: tuple[Tick, ...]
    counts: tuple[Tick, ...]
    counts_y: float
    axis_y: float
    centre: float
    # Within the 99.8 % limits, and within the 95 % ones.
    regions: tuple[str, str]
    ends: tuple[Tick, ...]
    points: tuple[PlottedPoint, ...]


@dataclass(frozen=True, slots=True)
class FunnelChart:
    """Both variants and the rows which they plot."""

    template_name: ClassVar[str] = "outcomes/charts/funnel.html"
    table_template_name: ClassVar[str] = "outcomes/charts/table.html"

    chart_id: str
    title: str
    description: str
    notes: tuple[str, ...]
    rows: tuple[FunnelRow, ...]
    who: str
    centre: float
    views: tuple[FunnelView, ...]

    @property
    def empty(self) -> str:
        """Why nothing is drawn."""
        if self.rows:
            return f"All are {tables.HIDDEN_WORDS}."
        return "Nobody in this selection has answered yet."

    @property
    def table(self) -> Table:
        return tables.table(
            self.title,
            [
                Column(self.who, is_number=False),
                Column("n"),
                Column("Rate"),
                Column("95 % limits"),
                Column("99.8 % limits"),
                Column("Where", is_number=False),
            ],
            [funnel_rows.table_row(row) for row in self.rows],
        )


def funnel_chart(
    points: Sequence[FunnelPoint],
    limits: Sequence[FunnelLimit],
    *,
    centre: float,
    chart_id: str,
    title: str,
    who: str = "Provider",
    notes: Sequence[str] = (),
) -> FunnelChart:
    """A point a provider; centre is the share (0 to 1) of all of them together.

    Limits are drawn as steps, so give one for each n up to the largest, or at least
    for each n that a point has: ValueError where a point's is missing.
    """
    by_n = {limit.n: limit for limit in sorted(limits, key=lambda limit: limit.n)}
    rows = funnel_rows.rows_of(points, by_n)
    is_drawn = any(row.limit for row in rows)
    return FunnelChart(
        chart_id=chart_id,
        title=title,
        description=_description(rows, centre, who),
        notes=(
            "curves: what chance alone gives at each n",
            "named where outside them",
            "not a ranking",
            *notes,
        ),
        rows=rows,
        who=who,
        centre=centre,
        views=tuple(
            _view(layout, rows, tuple(by_n.values()), centre) for layout in LAYOUTS
        )
        if is_drawn
        else (),
    )


def _description(rows: Sequence[FunnelRow], centre: float, who: str) -> str:
    shown = sum(row.place != Place.HIDDEN for row in rows)
    all_of = f"all together {percent(centre)}"
    points = "1 point" if shown == 1 else f"{shown} points"
    said = [f"{points}, one for each {who.lower()}; {all_of}."]
    outside = [row for row in rows if row.place in (Place.OUTSIDE, Place.FAR)]
    said += [f"{row.spoken}." for row in outside]
    if not outside:
        said.append("All lie within the 95 % limits.")
    return " ".join(said)


def _view(
    layout: Layout,
    rows: Sequence[FunnelRow],
    limits: Sequence[FunnelLimit],
    centre: float,
) -> FunnelView:
    bottom = TOP + layout.plot_height
    most = max(row.point.n or 0 for row in rows)
    people = Scale(0, most * 1.06, start=layout.left, end=layout.right)
    drawn = _thinned([limit for limit in limits if limit.n <= most], people)
    values = _values(rows, drawn[0], centre)
    share = Scale(values[0], values[-1], start=bottom, end=TOP)
    return FunnelView(
        layout=layout,
        height=round(bottom + 50, 1),
        top=TOP,
        bottom=bottom,
        values=tuple(Tick(share(one), percent(one)) for one in values),
        counts=_counts(layout, people),
        counts_y=bottom + 19,
        axis_y=bottom + 40,
        centre=share(centre),
        regions=(
            _region(drawn, [one.outer for one in drawn], people, share),
            _region(drawn, [one.inner for one in drawn], people, share),
        ),
        ends=_ends(layout, share, drawn[-1], centre),
        points=_points(layout, rows, people, share),
    )


def _values(
    rows: Sequence[FunnelRow], first: FunnelLimit, centre: float
) -> tuple[float, ...]:
    """An axis that holds all points and the limits where they are widest."""
    seen = [centre, *first.outer]
    seen += [row.point.rate for row in rows if row.point.rate is not None]
    # Where everybody improved there is still an axis.
    low, high = min(max(min(seen), 0.0), 0.9), min(max(seen), 1.0)
    ticks = geometry.even_ticks(low, max(high, low + 0.1))
    return tuple(tick for tick in ticks if -1e-9 <= tick <= 1 + 1e-9)


def _counts(layout: Layout, people: Scale) -> tuple[Tick, ...]:
    ticks = geometry.even_ticks(0, people.high)
    room = layout.right + 4
    return tuple(
        Tick(people(one), chart_text.number(one))
        for one in ticks
        if one == int(one) and people(one) <= room
    )


def _thinned(limits: Sequence[FunnelLimit], people: Scale) -> tuple[FunnelLimit, ...]:
    kept: list[FunnelLimit] = []
    for limit in limits:
        if not kept or people(limit.n) - people(kept[-1].n) >= FINEST:
            kept.append(limit)
    if kept[-1] != limits[-1]:
        kept.append(limits[-1])
    return tuple(kept)


def _region(
    limits: Sequence[FunnelLimit],
    bounds: Sequence[Interval],
    people: Scale,
    share: Scale,
) -> str:
    """Between lower and upper limits, as steps: each holds half way to the next n."""
    edges = [(a.n + b.n) / 2 for a, b in itertools.pairwise(limits)]
    starts = [float(limits[0].n), *edges]
    stops = [*edges, people.high]
    upper: list[Position] = []
    lower: list[Position] = []
    for start, stop, (low, high) in zip(starts, stops, bounds, strict=True):
        for at in (start, stop):
            lower.append((people(at), share(max(low, share.low))))
            upper.append((people(at), share(min(high, share.high))))
    return geometry.path([*upper, *reversed(lower)]) + "z"


def _ends(
    layout: Layout, share: Scale, last: FunnelLimit, centre: float
) -> tuple[Tick, ...]:
    """Names of the limits at their right ends, apart from each other."""
    wanted = {
        f"all: {percent(centre)}": share(centre),
        "95 %": share(last.inner[1]),
        "99.8 %": share(last.outer[1]),
    }
    places = geometry.spread(
        list(wanted.values()),
        [layout.note_size * 1.25] * len(wanted),
        TOP - 6,
        TOP + layout.plot_height,
    )
    return tuple(Tick(y, label) for y, label in zip(places, wanted, strict=True))


def _points(
    layout: Layout, rows: Sequence[FunnelRow], people: Scale, share: Scale
) -> tuple[PlottedPoint, ...]:
    """From the left to the right, as the arrow keys go through them."""
    placed = sorted(
        [
            (row, people(row.point.n), share(row.point.rate))
            for row in rows
            if row.point.n is not None and row.point.rate is not None
        ],
        key=lambda one: one[1],
    )
    named = [one for one in placed if one[0].is_named]
    labels = dict(_labels(layout, named, [(x, y) for _, x, y in placed]))
    return tuple(
        PlottedPoint(
            row=row,
            x=x,
            y=y,
            mark=geometry.mark(SHAPES[row.place], x, y, layout.radius),
            label=labels.get(row.point.key),
        )
        for row, x, y in placed
    )


Named = tuple[FunnelRow, float, float]


def _labels(
    layout: Layout, named: Sequence[Named], marks: Sequence[Position]
) -> Iterator[tuple[str, Label]]:
    """Names beside their marks, clear of other marks and of each other."""
    taken: list[Box] = [
        (x - layout.radius, y - layout.radius, x + layout.radius, y + layout.radius)
        for x, y in marks
    ]
    for row, x, y in sorted(named, key=lambda one: one[2]):
        label, box = _label(layout, row.point.label, (x, y), taken)
        taken.append(box)
        yield row.point.key, label


def _label(
    layout: Layout, name: str, at: Position, taken: Sequence[Box]
) -> tuple[Label, Box]:
    """The nearest place that is free; where none is, the one beside the mark."""
    beside = next(_places(layout, name, at, 0))
    if not _is_taken(beside[1], taken):
        return beside
    near = (
        one
        for shift in range(0, MOST_SHIFT, 4)
        for sign in (1, -1)
        for one in _places(layout, name, at, sign * shift)
    )
    return next((one for one in near if not _is_taken(one[1], taken)), beside)


def _is_taken(place: Box, taken: Sequence[Box]) -> bool:
    return any(_overlap(place, box) for box in taken)


def _places(
    layout: Layout, name: str, at: Position, shift: float
) -> Iterator[tuple[Label, Box]]:
    """On the right and on the left, where there is room for so much of a name."""
    x, y = at
    away, half = layout.radius + 6, layout.note_size * 0.62
    height = round(min(max(y + shift, TOP), TOP + layout.plot_height), 1)
    rooms = {True: layout.right - x - away, False: x - away - layout.left}
    whole = chart_text.width(name, layout.note_size)
    wanted = min(whole, layout.label_room, max(rooms.values()))
    for is_right, room in rooms.items():
        if room < wanted:
            continue
        text = chart_text.shorten(name, min(room, layout.label_room), layout.note_size)
        width = chart_text.width(text, layout.note_size)
        edge = round(x + away if is_right else x - away, 1)
        start = edge if is_right else edge - width
        leader = geometry.path([at, (edge, height)]) if abs(shift) > half else ""
        label = Label(edge, height, "start" if is_right else "end", text, leader)
        yield label, (start, height - half, start + width, height + half)


def _overlap(one: Box, other: Box) -> bool:
    return (
        one[0] < other[2]
        and other[0] < one[2]
        and one[1] < other[3]
        and other[1] < one[3]
    )
