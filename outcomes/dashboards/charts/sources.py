"""How many complaints came from each source: a dot on a line for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from outcomes.dashboards.charts import geometry
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.geometry import STYLES, Position, Scale, Style, Tick

HOLLOW = "open"
MARKS = {"back": 0, "limb": 1, "body": 2, HOLLOW: 3}


@dataclass(frozen=True, slots=True)
class SourceCount:
    """kind says which mark it gets; one of MARKS."""

    label: str
    kind: str
    n: int


@dataclass(frozen=True, slots=True)
class PlottedCount:
    count: SourceCount
    style: Style
    label: str
    label_at: Position
    line: str
    mark: str
    at: Position
    n_x: float

    @property
    def is_hollow(self) -> bool:
        return self.count.kind == HOLLOW


@dataclass(frozen=True, slots=True)
class Key:
    """What a mark stands for."""

    style: Style
    label: str
    mark: str
    text_x: float
    y: float
    is_hollow: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes of one variant, in chart units; labels stand beside or above the lines."""

    variant: str
    width: int
    left: float
    right: float
    row: float
    key_row: float
    text_size: float
    radius: float
    has_side_labels: bool


WIDE = Layout("wide", 900, 230, 820, 28, 24, 14, 5.5, True)
COMPACT = Layout("compact", 360, 10, 316, 44, 22, 14, 5.5, False)
LAYOUTS = (WIDE, COMPACT)
TOP = 12


@dataclass(frozen=True, slots=True)
class SourcesView:
    layout: Layout
    height: float
    top: float
    bottom: float
    ticks: tuple[Tick, ...]
    ticks_y: float
    counts: tuple[PlottedCount, ...]
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class SourcesChart:
    template_name: ClassVar[str] = "outcomes/charts/sources.html"

    chart_id: str
    title: str
    description: str
    notes: tuple[str, ...]
    views: tuple[SourcesView, ...]


def sources_chart(
    counts: Sequence[SourceCount],
    *,
    chart_id: str,
    title: str,
    keys: Sequence[tuple[str, str]],
) -> SourcesChart:
    """keys are (kind, words) of the marks; those that do not occur are left out."""
    total = sum(count.n for count in counts)
    used = [(kind, words) for kind, words in keys if kind in {c.kind for c in counts}]
    return SourcesChart(
        chart_id=chart_id,
        title=title,
        description=", ".join(f"{c.label}: {c.n} of {total}" for c in counts),
        notes=(f"n = {total} complaints", "each dot is labelled with its n"),
        views=tuple(_view(layout, counts, used) for layout in LAYOUTS)
        if counts
        else (),
    )


def _view(
    layout: Layout, counts: Sequence[SourceCount], keys: Sequence[tuple[str, str]]
) -> SourcesView:
    values = _ticks(max(count.n for count in counts))
    scale = Scale(0, values[-1], start=layout.left, end=layout.right)
    bottom = TOP + layout.row * len(counts)
    ticks_y = bottom + layout.text_size + 6
    plotted = [_plotted(layout, p, count, scale) for p, count in enumerate(counts)]
    first_key = ticks_y + layout.key_row + 6
    return SourcesView(
        layout=layout,
        height=round(first_key + layout.key_row * (len(keys) - 1) + 10, 1),
        top=TOP,
        bottom=bottom,
        ticks=tuple(Tick(scale(one), chart_text.number(one)) for one in values),
        ticks_y=ticks_y,
        counts=tuple(plotted),
        keys=tuple(
            _key(layout, kind, words, first_key + layout.key_row * place)
            for place, (kind, words) in enumerate(keys)
        ),
    )


def _ticks(most: int) -> tuple[float, ...]:
    """Whole numbers: there is no half complaint."""
    return tuple(t for t in geometry.even_ticks(0, max(most, 5)) if t == int(t))


def _plotted(
    layout: Layout, place: int, count: SourceCount, scale: Scale
) -> PlottedCount:
    middle = TOP + layout.row * (place + 0.5)
    y = round(middle if layout.has_side_labels else middle + 8, 1)
    x = scale(count.n)
    style = STYLES[MARKS[count.kind]]
    room = layout.left - 20 if layout.has_side_labels else layout.width - 20
    label_at = (
        (layout.left - 12, y) if layout.has_side_labels else (layout.left, y - 16)
    )
    return PlottedCount(
        count=count,
        style=style,
        label=chart_text.shorten(count.label, room, layout.text_size),
        label_at=label_at,
        line=geometry.path([(layout.left, y), (x, y)]),
        mark=geometry.mark(style.shape, x, y, layout.radius),
        at=(x, y),
        n_x=round(x + layout.radius + 7, 1),
    )


def _key(layout: Layout, kind: str, words: str, y: float) -> Key:
    style = STYLES[MARKS[kind]]
    x = layout.left if layout.has_side_labels else layout.left + 6
    return Key(
        style=style,
        label=words,
        mark=geometry.mark(style.shape, x, y - layout.text_size * 0.35, 5),
        text_x=x + 14,
        y=round(y, 1),
        is_hollow=kind == HOLLOW,
    )
