"""Rows on one scale: the name of each beside it, or above it on a phone."""

from collections.abc import Sequence
from dataclasses import dataclass

from outcomes.dashboards.charts import geometry
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.geometry import Scale, Tick
from outcomes.dashboards.charts.groups import names
from outcomes.dashboards.charts.groups.names import Name


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes of one variant, in chart units; `words_x` is the end of the last column."""

    variant: str
    width: int
    left: float
    right: float
    words_x: float
    row: float
    text_size: float
    note_size: float
    radius: float
    has_side_labels: bool


WIDE = Layout("wide", 840, 264, 640, 838, 42, 14.5, 13, 5.5, True)
COMPACT = Layout("compact", 360, 40, 320, 359, 34, 14.5, 13, 5.5, False)
LAYOUTS = (WIDE, COMPACT)


@dataclass(frozen=True, slots=True)
class Axis:
    scale: Scale
    ticks: tuple[Tick, ...]
    top: float
    bottom: float

    @property
    def ticks_y(self) -> float:
        return round(self.bottom + 19, 1)


def axis(
    layout: Layout, values: Sequence[float], top: float, bottom: float, *, unit: str
) -> Axis:
    """An axis whose ticks are the values; unit is "" or "%", then they are shares."""
    scale = Scale(values[0], values[-1], start=layout.left, end=layout.right)
    ticks = (Tick(scale(value), _label(value, unit)) for value in values)
    return Axis(scale, tuple(ticks), round(top, 1), round(bottom, 1))


def ticks_of(
    seen: Sequence[float], low: float | None, high: float | None
) -> tuple[float, ...]:
    """Round values which hold all that are seen, and low and high where given."""
    ends = [*seen, *(one for one in (low, high) if one is not None)] or [0, 1]
    start, end = min(ends), max(ends)
    if end - start < 1e-9:
        start, end = start - max(abs(start) / 10, 0.5), end + max(abs(end) / 10, 0.5)
    return geometry.even_ticks(start, end)


def _label(value: float, unit: str) -> str:
    return value_text(value, unit) if unit else chart_text.number(value)


def value_text(value: float | None, unit: str) -> str:
    """At a mark: means with one decimal, shares as whole percent."""
    if value is None:
        return chart_text.UNDEFINED
    if unit == "%":
        return f"{round(100 * value)} %"
    return f"{value:.1f}".replace("-", "\N{MINUS SIGN}")


def exact_text(value: float | None, unit: str) -> str:
    """In a table: one decimal more."""
    if value is None:
        return chart_text.UNDEFINED
    if unit == "%":
        return f"{100 * value:.1f} %"
    return chart_text.two_decimals(value)


def named(
    layout: Layout, name: str, told: Sequence[str], top: float
) -> tuple[Name, float]:
    """The name of a row that starts at top, and the middle of what is drawn in it."""
    if layout.has_side_labels:
        beside = names.beside(
            name,
            told,
            top=top,
            least=layout.row,
            room=layout.left - 44,
            size=layout.text_size,
            note_size=layout.note_size,
        )
        return beside, beside.middle
    above = names.above(
        name,
        told,
        x=0,
        top=top + 4,
        room=layout.width,
        size=layout.text_size,
        note_size=layout.note_size,
    )
    return above, round(above.bottom + 18, 1)


def foot(layout: Layout, name: Name, middle: float) -> float:
    """Where the next row may start."""
    least = layout.row / 2 if layout.has_side_labels else 16
    return max(name.bottom + names.PADDING, middle + least)
