"""The taps after a block as a curve: numbers for the SVG, and rows for its table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from clinic.templatetags import moments
from outcomes.dashboards.charts import geometry
from outcomes.dashboards.charts.geometry import Position, Scale, Tick
from outcomes.in_clinic import diary_curve
from outcomes.in_clinic.diary_curve import Tap

HOURS = 8
WORST = 10


@dataclass(frozen=True, slots=True)
class Layout:
    """In chart units; the narrow one is for phones."""

    variant: str
    width: int
    height: int
    left: int
    hours: int

    @property
    def right(self) -> int:
        return self.width - 16

    @property
    def bottom(self) -> int:
        return self.height - 30

    @property
    def tick_y(self) -> int:
        return self.height - 10


LAYOUTS = (Layout("wide", 840, 260, 56, 1), Layout("compact", 400, 240, 50, 2))
TOP = 22


@dataclass(frozen=True, slots=True)
class Mark:
    """A tap; hollow where the place felt numb or weak."""

    path: str
    words: str
    is_numb: bool


@dataclass(frozen=True, slots=True)
class View:
    layout: Layout
    line: str
    marks: Sequence[Mark]
    hours: Sequence[Tick]
    levels: Sequence[Tick]
    cut_offs: Sequence[Tick]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table."""

    after: str
    value: int
    percent: int | None
    is_numb: bool


@dataclass(frozen=True, slots=True)
class BlockChart:
    chart_id: str
    title: str
    description: str
    is_relief: bool
    views: Sequence[View]
    lines: Sequence[Line]


def drawn(chart_id: str, before: int | None, taps: Sequence[Tap]) -> BlockChart:
    """Percent relief where there was pain before; the pain itself where not known."""
    is_relief = before is not None and before > 0
    lines = [
        Line(
            moments.lasted(timedelta(minutes=tap.minutes)),
            tap.value,
            tap.percent(before),
            tap.is_numb,
        )
        for tap in taps
    ]
    known = before if is_relief else None
    title = "Percent of the pain before that is gone" if is_relief else "Pain, 0 to 10"
    return BlockChart(
        chart_id=chart_id,
        title=title,
        description=f"{title}, over {HOURS} hours. {len(taps)} taps; see the table.",
        is_relief=is_relief,
        views=[_view(layout, known, taps) for layout in LAYOUTS],
        lines=lines,
    )


def _view(layout: Layout, before: int | None, taps: Sequence[Tap]) -> View:
    across = Scale(0, HOURS * 60, start=layout.left, end=layout.right)
    top, levels = (WORST, (0, 5, WORST)) if before is None else (100, (0, 50, 100))
    # More relief and less pain both lie higher: as a curve it reads the same way.
    ends = (TOP, layout.bottom) if before is None else (layout.bottom, TOP)
    up = Scale(0, top, start=ends[0], end=ends[1])
    places = [_place(tap, before, across, up) for tap in taps]
    unit = "" if before is None else " %"
    return View(
        layout=layout,
        line=geometry.path(places) if len(places) > 1 else "",
        marks=[
            Mark(
                geometry.mark("circle", x, y, 5),
                _words(tap, before),
                tap.is_numb,
            )
            for (x, y), tap in zip(places, taps, strict=True)
        ],
        hours=[
            Tick(across(hour * 60), f"{hour} h")
            for hour in range(0, HOURS + 1, layout.hours)
        ],
        levels=[Tick(up(level), f"{level}{unit}") for level in levels],
        cut_offs=[]
        if before is None
        else [Tick(up(level), f"{level} %") for level in diary_curve.CUT_OFFS],
    )


def _place(tap: Tap, before: int | None, across: Scale, up: Scale) -> Position:
    """Worse than before lies at the foot of the curve; the table says how much."""
    shown = tap.value if before is None else max(tap.percent(before) or 0, 0)
    return across(min(tap.minutes, HOURS * 60)), up(shown)


def _words(tap: Tap, before: int | None) -> str:
    after = moments.lasted(timedelta(minutes=tap.minutes))
    gone = "" if before is None else f", {tap.percent(before)} % gone"
    numb = ", numb or weak" if tap.is_numb else ""
    return f"{after}: pain {tap.value}{gone}{numb}"
