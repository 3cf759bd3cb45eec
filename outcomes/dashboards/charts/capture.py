"""Who answered: a rate against its target, and what each step of the ladder added."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from outcomes.dashboards.capture.counts import Counts
from outcomes.dashboards.charts import geometry
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.geometry import STYLES, Position, Scale, Style, Tick
from outcomes.dashboards.charts.inline import percent

BEFORE = "before"
# By the way that a step goes; the shape tells them apart without colour.
MARKS = {"email": 0, "sms": 1, "letter": 2, "call": 3, BEFORE: 4}
INSET = 8


@dataclass(frozen=True, slots=True)
class CaptureBar:
    """The rate with its interval and bounds, and the clinic's target as a mark."""

    template_name: ClassVar[str] = "outcomes/charts/capture_bar.svg"
    height: ClassVar[int] = 24

    counts: Counts
    width: int
    description: str
    ends: tuple[float, float]
    target: float
    at: float
    interval: tuple[float, float]
    bounds: tuple[float, float]


def capture_bar(
    counts: Counts, *, label: str, target: int, width: int = 200
) -> CaptureBar | None:
    """None where people are too few for a rate."""
    rate, ci, bounds = counts.rate, counts.ci, counts.bounds
    if rate is None or ci is None or bounds is None or counts.is_too_few:
        return None
    scale = Scale(0, 1, start=INSET, end=width - INSET)
    return CaptureBar(
        counts=counts,
        width=width,
        description=(
            f"{label}: {counts.answered} of {counts.eligible} answered, "
            f"{percent(rate)}, 95 % interval {percent(ci[0])} to {percent(ci[1])}, "
            f"{percent(bounds[1])} with late and partial ones; target {target} %"
        ),
        ends=(scale(0), scale(1)),
        target=scale(target / 100),
        at=scale(rate),
        interval=_span(ci, scale),
        bounds=_span(bounds, scale),
    )


def _span(pair: tuple[float, float], scale: Scale) -> tuple[float, float]:
    """Start and length, as an SVG rectangle wants them."""
    start, end = scale(pair[0]), scale(pair[1])
    return start, round(end - start, 1)


@dataclass(frozen=True, slots=True)
class LiftRow:
    """One step: who had answered when the next one went, of all that are eligible."""

    label: str
    note: str
    channel: str
    answered: int
    cumulative: int
    eligible: int

    @property
    def share(self) -> float:
        return self.cumulative / self.eligible

    @property
    def share_before(self) -> float:
        return (self.cumulative - self.answered) / self.eligible

    @property
    def words(self) -> str:
        return f"{percent(self.share)} (+{self.answered})"


@dataclass(frozen=True, slots=True)
class PlottedStep:
    row: LiftRow
    style: Style
    label: str
    label_at: Position
    note: str
    note_at: Position
    line: str
    # Down to the next step.
    riser: str
    mark: str
    at: Position
    words_at: Position
    anchor: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes of one variant, in chart units; labels stand beside or above the steps."""

    variant: str
    width: int
    left: float
    right: float
    row: float
    text_size: float
    radius: float
    has_side_labels: bool


WIDE = Layout("wide", 900, 290, 800, 44, 14, 6, True)
COMPACT = Layout("compact", 360, 12, 340, 64, 14, 6, False)
LAYOUTS = (WIDE, COMPACT)
TOP = 26


@dataclass(frozen=True, slots=True)
class LiftView:
    layout: Layout
    height: float
    top: float
    bottom: float
    ticks: tuple[Tick, ...]
    ticks_y: float
    target: float
    steps: tuple[PlottedStep, ...]


@dataclass(frozen=True, slots=True)
class LiftChart:
    template_name: ClassVar[str] = "outcomes/charts/lift.html"

    chart_id: str
    title: str
    description: str
    notes: tuple[str, ...]
    target: int
    views: tuple[LiftView, ...]


def lift_chart(rows: Sequence[LiftRow], *, chart_id: str, target: int) -> LiftChart:
    """The steps from the top down, each from where the one before it ended."""
    return LiftChart(
        chart_id=chart_id,
        title="Answered after each step",
        description="; ".join(f"{row.label}: {row.words}" for row in rows),
        notes=("share of the eligible who had answered", "in brackets what it added"),
        target=target,
        views=tuple(_view(layout, rows, target) for layout in LAYOUTS) if rows else (),
    )


def _view(layout: Layout, rows: Sequence[LiftRow], target: int) -> LiftView:
    scale = Scale(0, 1, start=layout.left, end=layout.right)
    bottom = TOP + layout.row * len(rows)
    ticks_y = bottom + layout.text_size + 6
    return LiftView(
        layout=layout,
        height=round(ticks_y + 8, 1),
        top=TOP - 8,
        bottom=bottom,
        ticks=tuple(
            Tick(scale(share), percent(share)) for share in (0, 0.25, 0.5, 0.75, 1)
        ),
        ticks_y=ticks_y,
        target=scale(target / 100),
        steps=tuple(
            _plotted(layout, place, row, scale, is_last=place == len(rows) - 1)
            for place, row in enumerate(rows)
        ),
    )


def _plotted(
    layout: Layout, place: int, row: LiftRow, scale: Scale, *, is_last: bool
) -> PlottedStep:
    y = _middle(layout, place)
    before, x = scale(row.share_before), scale(row.share)
    style = STYLES[MARKS[row.channel]]
    room = layout.left - 24 if layout.has_side_labels else layout.width - 120
    return PlottedStep(
        row=row,
        style=style,
        label=chart_text.shorten(row.label, room, layout.text_size),
        label_at=_label_at(layout, y),
        note=chart_text.shorten(row.note, room, 13),
        note_at=_note_at(layout, y),
        line=geometry.path([(before, y), (x, y)]),
        riser=""
        if is_last
        else geometry.path([(x, y), (x, _middle(layout, place + 1))]),
        mark=geometry.mark(style.shape, x, y, layout.radius),
        at=(x, y),
        words_at=(x + 12, y) if layout.has_side_labels else (layout.right, y - 30),
        anchor="start" if layout.has_side_labels else "end",
    )


def _middle(layout: Layout, place: int) -> float:
    middle = TOP + layout.row * (place + 0.5)
    return round(middle if layout.has_side_labels else middle + 14, 1)


def _label_at(layout: Layout, y: float) -> Position:
    if layout.has_side_labels:
        return layout.left - 16, y - 8
    return layout.left, y - 30


def _note_at(layout: Layout, y: float) -> Position:
    if layout.has_side_labels:
        return layout.left - 16, y + 9
    return layout.left, y - 14
